#include "engine/watched_clock.hpp"

#include <gtest/gtest.h>

namespace landglass::engine {
namespace {

struct Clocks {
  base::VirtualClock wall{base::Time{1'795'397'229'000}};
  std::int64_t steady = 5'000;
  WatchedClock watched{wall, [this] { return steady; }};
  void pass(std::int64_t ms) {
    wall.advance(ms);
    steady += ms;
  }
};

TEST(WatchedClock, SaysWhatTheWallClockSaysWhileTheTwoAgree) {
  Clocks at;
  for (int i = 0; i < 1'000; ++i) {
    at.pass(37);
    EXPECT_EQ(at.watched.now(), at.wall.now());
  }
  EXPECT_EQ(at.watched.off_ms(), 0);
}

TEST(WatchedClock, DoesNotJumpWithTheWallClockAndSaysByHowMuchItDid) {
  for (const std::int64_t jump : {std::int64_t{501}, -base::k_hour, base::k_day}) {
    Clocks at;
    at.pass(10'000);
    const auto before = at.watched.now();
    at.wall.advance(jump);
    at.pass(20);
    EXPECT_EQ(at.watched.now() - before, 20);
    EXPECT_EQ(at.watched.off_ms(), jump);
    at.pass(5'000);
    EXPECT_EQ(at.watched.now() - before, 5'020);
    at.wall.advance(-jump);  // set right again
    EXPECT_EQ(at.watched.now() - before, 5'020);
    EXPECT_EQ(at.watched.off_ms(), 0);
  }
}

TEST(WatchedClock, FollowsWhatItsSourcesSlew) {
  Clocks at;
  for (int i = 0; i < 7'200; ++i) {  // two hours at 500 parts in a million: 3.6 s
    at.pass(1'000);
    if (i % 2 == 0) at.wall.advance(1);
    at.watched.now();
    ASSERT_EQ(at.watched.off_ms(), 0) << i;
  }
}

TEST(WatchedClock, AddsUpManySmallSteps) {
  Clocks at;
  for (int i = 0; i < 20 && at.watched.off_ms() == 0; ++i) {
    at.pass(200);
    at.wall.advance(100);
    at.watched.now();
  }
  EXPECT_GT(at.watched.off_ms(), 500);
}

}  // namespace
}  // namespace landglass::engine
