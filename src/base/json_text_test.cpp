#include "base/json_text.hpp"

#include <gtest/gtest.h>

namespace landglass::base {
namespace {

TEST(JsonText, WritesWhatCanonicalWritesOfTheSameObject) {
  const JsonObject inner{{"\"quoted\"", "a\nb"}, {"n", std::int64_t{-7}}, {"名", JsonArray{true, nullptr, 1.5}}};
  std::string text;
  ObjectText object(text);
  ArrayText list(object.member("array"));
  ObjectText first(list.next());
  first.end();
  append_json_string(list.next(), "二\t");
  list.end();
  object.integer("integer", (std::int64_t{1} << 53) - 1);
  object.null("null");
  object.object("object", inner);
  object.object("objectless", {});
  object.text("text", "第\"一\"号\x01");
  object.time("time", Time{1'795'789'689'000});
  object.truth("truth", false);
  object.integer("unsigned", std::uint64_t{0});
  object.value("value", Json(inner));
  object.end();
  EXPECT_EQ(text, canonical(Json(JsonObject{{"array", JsonArray{JsonObject(), "二\t"}},
                                            {"integer", (std::int64_t{1} << 53) - 1},
                                            {"null", nullptr},
                                            {"object", inner},
                                            {"objectless", JsonObject()},
                                            {"text", "第\"一\"号\x01"},
                                            {"time", format_utc(Time{1'795'789'689'000})},
                                            {"truth", false},
                                            {"unsigned", std::int64_t{0}},
                                            {"value", inner}})));
}

}  // namespace
}  // namespace landglass::base
