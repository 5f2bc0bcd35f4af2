#include "web/ready.hpp"

#include <gtest/gtest.h>

namespace landglass::web {
namespace {

Request get(std::string path) {
  Request request;
  request.path = std::move(path);
  return request;
}

struct ReadyAnswers : testing::Test {
  Ready ready{4'096};
  int made = 0;
  Ready::Make says(std::string body, int status = 200) {
    return [this, body, status](const Request&) {
      ++made;
      return text(status, body);
    };
  }
};

TEST_F(ReadyAnswers, AreMadeOnceForEachPathUnderOneMark) {
  const Ready::Mark first = std::make_shared<int>(1);
  EXPECT_EQ(*ready.answer(get("/a"), first, says("a")).body, "a");
  EXPECT_EQ(*ready.answer(get("/a"), first, says("other")).body, "a");
  EXPECT_EQ(*ready.answer(get("/b"), first, says("b")).body, "b");
  EXPECT_EQ(made, 2);
  const Ready::Mark second = std::make_shared<int>(2);
  EXPECT_EQ(*ready.answer(get("/a"), second, says("newer")).body, "newer") << "the log has grown";
  EXPECT_EQ(made, 3);
}
TEST_F(ReadyAnswers, ARefusalAQueryAndAConditionAreMadeEachTime) {
  for (int i = 0; i < 2; ++i) ready.answer(get("/none"), nullptr, says("no", 404));
  EXPECT_EQ(made, 2);
  auto asked = get("/a");
  asked.query.add("level", "logged");
  for (int i = 0; i < 2; ++i) ready.answer(asked, nullptr, says("a"));
  EXPECT_EQ(made, 4);
  auto conditional = get("/a");
  conditional.headers.add("if-none-match", "\"x\"");
  for (int i = 0; i < 2; ++i) ready.answer(conditional, nullptr, says("a"));
  EXPECT_EQ(made, 6);
}
TEST_F(ReadyAnswers, PastTheirBoundAreForgotten) {
  for (int i = 0; i < 20; ++i) ready.answer(get("/" + std::to_string(i)), nullptr, says(std::string(500, 'x')));
  ready.answer(get("/0"), nullptr, says("again"));
  EXPECT_EQ(made, 21);
  ready.answer(get("/large"), nullptr, says(std::string(5'000, 'x')));
  EXPECT_EQ(ready.answer(get("/large"), nullptr, says("l")).body->size(), 1U) << "what is larger than the bound is not kept";
}

}  // namespace
}  // namespace landglass::web
