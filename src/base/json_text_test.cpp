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

TEST(JsonText, EscapesEveryCharacterWhereverItStands) {
  for (int character = 0; character < 256; ++character) {
    const auto c = static_cast<char>(character);
    std::string escaped(1, c);
    if (c == '"' || c == '\\') escaped = std::string("\\") + c;
    if (character < 0x20) {
      constexpr std::string_view k_short = "\bb\ff\nn\rr\tt";
      const auto place = k_short.find(c);
      constexpr std::string_view k_hex = "0123456789abcdef";
      escaped = place != std::string_view::npos ? std::string("\\") + k_short[place + 1]
                                                : std::string("\\u00") + k_hex[character >> 4] + k_hex[character & 15];
    }
    for (std::size_t size = 1; size < 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, '~');
        text[at] = c;
        std::string out;
        append_json_string(out, text);
        EXPECT_EQ(out, '"' + std::string(at, '~') + escaped + std::string(size - at - 1, '~') + '"');
      }
    }
  }
}

}  // namespace
}  // namespace landglass::base
