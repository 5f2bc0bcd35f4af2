#include "web/arrivals.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

namespace landglass::web {
namespace {

struct Order {
  std::vector<int> went;
  auto note(int who) {
    return [this, who] { went.push_back(who); };
  }
};

TEST(Arrivals, WhoCameFirstGoesFirstThoughHeIsReadyLast) {
  Arrivals arrivals;
  Order order;
  auto first = arrivals.draw("lot/1");
  auto second = arrivals.draw("lot/1");
  auto third = arrivals.draw("lot/1");
  third.pass(order.note(3));
  second.pass(order.note(2));
  EXPECT_TRUE(order.went.empty()) << "the first has not gone yet";
  first.pass(order.note(1));
  EXPECT_EQ(order.went, (std::vector{1, 2, 3}));
  EXPECT_EQ(arrivals.queues(), 0U);
}

TEST(Arrivals, WhoseSignatureIsFalseHoldsUpNobody) {
  Arrivals arrivals;
  Order order;
  std::optional<Arrivals::Ticket> forger(arrivals.draw("lot/1"));
  auto honest = arrivals.draw("lot/1");
  honest.pass(order.note(2));
  EXPECT_TRUE(order.went.empty());
  forger.reset();
  EXPECT_EQ(order.went, std::vector{2});
  { const auto given_up = arrivals.draw("lot/1"); }
  EXPECT_EQ(arrivals.queues(), 0U) << "an abandoned queue is not kept";
}

TEST(Arrivals, LotsDoNotWaitForEachOther) {
  Arrivals arrivals;
  Order order;
  auto slow = arrivals.draw("lot/1");
  auto other = arrivals.draw("lot/2");
  other.pass(order.note(2));
  EXPECT_EQ(order.went, std::vector{2});
  slow.pass(order.note(1));
  EXPECT_EQ(order.went, (std::vector{2, 1}));
}

TEST(Arrivals, ManyThreadsThatTakeTheirTimeKeepTheOrder) {
  Arrivals arrivals;
  Order order;
  constexpr int k_all = 400;
  std::vector<std::optional<Arrivals::Ticket>> tickets;
  for (int i = 0; i < k_all; ++i) tickets.emplace_back(arrivals.draw("lot/1"));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      // Backwards, so that nearly everybody is ready before those who came before him.
      for (int i = k_all - 1 - t; i >= 0; i -= 4) {
        if (i % 7 == 0) {
          tickets[static_cast<std::size_t>(i)].reset();
        } else {
          tickets[static_cast<std::size_t>(i)]->pass(order.note(i));
        }
        if (i % 50 == 0) std::this_thread::sleep_for(std::chrono::microseconds(300));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<int> wanted;
  for (int i = 0; i < k_all; ++i) {
    if (i % 7 != 0) wanted.push_back(i);
  }
  EXPECT_EQ(order.went, wanted);
}

}  // namespace
}  // namespace landglass::web
