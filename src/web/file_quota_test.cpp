#include "web/file_quota.hpp"

#include <gtest/gtest.h>

namespace landglass::web {
namespace {

TEST(FileQuota, AnAccountFillsSoMuchADayAndNoOtherAccountFeelsIt) {
  FileQuota quota(100);
  const auto now = *base::parse_time("2026-03-02T01:00:00.000Z");
  EXPECT_TRUE(quota.draw("zhao", 60, now));
  const auto more = quota.draw("zhao", 41, now);
  ASSERT_TRUE(more.refused());
  EXPECT_EQ(more.refusal().code, "FILE-QUOTA");
  EXPECT_EQ(more.refusal().detail.zh, "101 > 100");
  EXPECT_TRUE(quota.draw("zhao", 40, now)) << "what was refused is not counted";
  EXPECT_TRUE(quota.draw("liu", 100, now));
  EXPECT_FALSE(quota.draw("zhao", 1, now + 14 * base::k_hour)) << "22:59 in Shanghai";
  EXPECT_TRUE(quota.draw("zhao", 100, now + 15 * base::k_hour)) << "the next day there";
}

}  // namespace
}  // namespace landglass::web
