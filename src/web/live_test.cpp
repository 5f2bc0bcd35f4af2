#include "web/live.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

using namespace landglass::web;
using std::chrono::milliseconds;

namespace {

using Sent = std::vector<std::shared_ptr<const std::string>>;

// What comes within the time, or until `count` events are there.
Sent gather(Feed& feed, std::size_t count, int ms = 2'000) {
  Sent out;
  for (int i = 0; i < ms && out.size() < count; ++i) {
    if (!feed.take(out)) break;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return out;
}
std::string id_of(const std::string& event) { return event.substr(4, event.find('\n') - 4); }
std::string after_id(const std::string& event) { return event.substr(event.find('\n') + 1); }

}  // namespace

TEST(Live, SendsAtMostFiveStatesASecondAndAlwaysTheLast) {
  Live live;
  auto feed = *live.follow("lot/G-7");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 300; ++i) {
    live.state("lot/G-7", std::to_string(i));
    std::this_thread::sleep_for(milliseconds(2));
  }
  const auto spent = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin).count();
  Sent events = gather(*feed, 1'000, 400);
  ASSERT_GE(events.size(), 3u);
  EXPECT_LE(events.size(), static_cast<std::size_t>(spent / 200 + 2));
  EXPECT_EQ(after_id(*events.back()), "event: state\ndata: 299\n\n");
}

TEST(Live, SharesOneBufferAndNeverCoalescesEvents) {
  Live live;
  auto first = *live.follow("lot");
  auto second = *live.follow("lot");
  auto other = *live.follow("another");
  live.state("lot", "{\"price\":1}");
  live.event("lot", "frozen", "line 1\nline 2");
  live.event("lot", "resumed", "{}");
  const auto a = gather(*first, 3);
  const auto b = gather(*second, 3);
  ASSERT_EQ(a.size(), 3u);
  ASSERT_EQ(b.size(), 3u);
  EXPECT_EQ(after_id(*a[0]), "event: state\ndata: {\"price\":1}\n\n");
  EXPECT_EQ(after_id(*a[1]), "event: frozen\ndata: line 1\ndata: line 2\n\n");
  EXPECT_EQ(after_id(*a[2]), "event: resumed\ndata: {}\n\n");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(a[i].get(), b[i].get());
  EXPECT_TRUE(gather(*other, 1, 20).empty());
}

TEST(Live, ResumesAfterTheLastEventSeenAndElseBeginsWithTheState) {
  LiveOptions options;
  options.ring = 4;
  Live live(options);
  auto feed = *live.follow("lot");
  live.state("lot", "s1");
  for (int i = 1; i <= 3; ++i) live.event("lot", "e", std::to_string(i));
  const auto seen = gather(*feed, 4);
  ASSERT_EQ(seen.size(), 4u);
  const auto resumed = gather(**live.follow("lot", id_of(*seen[1])), 2);
  ASSERT_EQ(resumed.size(), 2u);
  EXPECT_EQ(resumed[0].get(), seen[2].get());
  EXPECT_TRUE(gather(**live.follow("lot", id_of(*seen[3])), 1, 20).empty());
  for (const std::string stale : {"", "00000000-3", "nonsense", "99999999999"}) {
    const auto fresh = gather(**live.follow("lot", stale), 1);
    ASSERT_EQ(fresh.size(), 1u) << stale;
    EXPECT_EQ(fresh[0].get(), seen[0].get());
  }
  for (int i = 4; i <= 9; ++i) live.event("lot", "e", std::to_string(i));
  ASSERT_EQ(gather(*feed, 6).size(), 6u);
  const auto too_late = gather(**live.follow("lot", id_of(*seen[1])), 1);
  ASSERT_EQ(too_late.size(), 1u) << "what came since is no longer known: the state again";
  EXPECT_EQ(too_late[0].get(), seen[0].get());
}

TEST(Live, DropsAReaderWhoDoesNotRead) {
  LiveOptions options;
  options.lag = 8;
  Live live(options);
  auto slow = *live.follow("lot");
  auto quick = *live.follow("lot");
  std::size_t received = 0;
  for (int i = 0; i < 20; ++i) {
    live.event("lot", "e", "x");
    received += gather(*quick, 1).size();
  }
  EXPECT_EQ(received, 20u);
  Sent none;
  EXPECT_FALSE(slow->take(none));
  EXPECT_TRUE(none.empty());
}

TEST(Live, BoundsFollowersAndEndsATopic) {
  LiveOptions options;
  options.followers = 2;
  Live live(options);
  auto first = *live.follow("lot");
  auto second = *live.follow("lot");
  const auto third = live.follow("lot");
  ASSERT_TRUE(third.refused());
  EXPECT_EQ(third.refusal().code, "HTTP-LIVE-FULL");
  second.reset();
  EXPECT_TRUE(live.follow("lot"));
  live.state("lot", "last");
  live.end("lot");
  Sent events;
  bool open = true;
  for (int i = 0; i < 1'000 && open; ++i) {
    open = first->take(events);
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_FALSE(open);
  ASSERT_EQ(events.size(), 1u);
}
