// What the rules of a sale cost per offer, in law code alone: 200 bidders in one listing.
#include <chrono>
#include <cstdio>
#include <memory>

#include "law/auction_ladder.hpp"

using namespace landglass;

int main() {
  law::RuleSheet sheet;
  sheet.closes = base::Time{base::k_day};
  sheet.start_price = {100};
  sheet.increments = {{std::nullopt, {}, {1}}};
  sheet.guard.factor = 100;
  law::apply_fujian(sheet);
  auto ladder = *law::Ladder::open(std::make_shared<law::RuleSheet>(sheet));
  constexpr int k_offers = 5'000'000;
  int taken = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < k_offers; ++i) {
    law::sale::Offer offer{{i}, static_cast<std::uint32_t>(1 + i % 200), {100 + i}, static_cast<std::uint64_t>(1 + i)};
    taken += bool(ladder.apply(offer));
  }
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
  if (taken != k_offers) return 1;
  std::printf("{\"work\":\"an offer through the ladder\",\"value\":%.6g,\"unit\":\"ns\"}\n", spent.count() / k_offers);
  return 0;
}
