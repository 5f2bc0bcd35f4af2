// What holds for every sale, whatever the sheet and whatever happens: rapidcheck plays random ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "law/auction_draw.hpp"
#include "law/auction_event.hpp"
#include "law/auction_ladder.hpp"
#include "law/auction_test_vectors.hpp"

namespace landglass::law {
namespace {

using base::Json;

// One of the sheets of the document, brought near so that a few dozen events reach every phase.
RuleSheet any_sheet() {
  static const Json sheets = test::vectors(LG_SOURCE_DIR, "auction", "sheets");
  const auto name = *rc::gen::element<std::string>("plain", "fj", "sip", "host", "english");
  auto sheet = *parse_rule_sheet(sheets.at(name));
  if (sheet.closes) sheet.closes = sheet.opens + 2 * base::k_hour;
  sheet.multiple = *rc::gen::arbitrary<bool>();
  sheet.own_raise = *rc::gen::arbitrary<bool>();
  sheet.silence.max_gap_ms = *rc::gen::element<std::int64_t>(0, 5 * base::k_minute);
  if (*rc::gen::inRange(0, 3) == 0) {
    sheet.ceiling = CeilingRules{CeilingRules::Mode::stop_and_lot,
                                 {1'100'000'000},
                                 5 * base::k_minute,
                                 std::nullopt,
                                 draw_salt_hash(base::Bytes(32, 7))};
  }
  return sheet;
}

sale::Offer any_offer(const Ladder& ladder, base::Time time, std::uint64_t counter) {
  sale::Offer offer{time, *rc::gen::inRange<std::uint32_t>(1, 5), ladder.least(), counter};
  offer.price.fen += *rc::gen::element<std::int64_t>(0, 0, 0, -1, 1, 10'000'000, 250'000'000);
  return offer;
}

sale::Event any_event(const Ladder& ladder, base::Time time, std::uint64_t counter) {
  switch (*rc::gen::weightedElement<int>({{24, 0}, {8, 1}, {2, 2}, {3, 3}, {1, 4}, {3, 5}, {2, 6}, {6, 7}, {1, 8}})) {
    case 1: return sale::Tick{time};
    case 2: return sale::Wish{time, *rc::gen::inRange<std::uint32_t>(1, 5)};
    case 3: return sale::Begin{time, *rc::gen::inRange<std::int64_t>(2, 5)};
    case 4: return sale::Freeze{time};
    case 5: return sale::Resume{time, time + *rc::gen::element<std::int64_t>(0, base::k_minute, 2 * base::k_day), 0};
    case 6: return sale::Fall{time};
    case 7: return sale::Call{time, *rc::gen::inRange<std::int64_t>(1, 4)};
    case 8: return sale::OpenReserve{time, {1'050'000'000}, base::Bytes(32, 7)};
    default: return any_offer(ladder, time, counter);
  }
}

struct Played {
  std::shared_ptr<const RuleSheet> sheet;
  std::vector<sale::Event> taken;
  Ladder ladder;
};

// Plays up to 60 random events, and looks after each of them.
template <class Look>
Played play(const Look& look) {
  auto sheet = std::make_shared<const RuleSheet>(any_sheet());
  Played played{sheet, {}, *Ladder::open(sheet)};
  auto time = sheet->opens;
  const auto count = *rc::gen::inRange(1, 60);
  for (int i = 0; i < count; ++i) {
    time =
        time + *rc::gen::element<std::int64_t>(0, 1, 1000, 6000, base::k_minute, 10 * base::k_minute, 40 * base::k_minute);
    const auto event = any_event(played.ladder, time, static_cast<std::uint64_t>(i) + 1);
    const auto before = played.ladder;
    const auto steps = played.ladder.apply(event);
    if (steps) played.taken.push_back(event);
    look(before, event, steps, played.ladder);
  }
  return played;
}

RC_GTEST_PROP(AuctionProperties, ThePriceNeverFallsAndARaiseIsAtLeastAStep, ()) {
  (void)play([](const Ladder& before, const sale::Event& event, const base::Result<PhaseSteps>& steps, const Ladder& after) {
    RC_ASSERT(after.top() >= before.top());
    if (after.top() > before.top()) {
      const auto& offer = std::get<sale::Offer>(event);
      RC_ASSERT(bool(steps) && offer.price == after.top() && after.leader() == offer.plate);
      RC_ASSERT(after.top() >= before.least());
    }
  });
}

RC_GTEST_PROP(AuctionProperties, TheWinnerHoldsTheTopPrice, ()) {
  const auto played = play([](const auto&, const auto&, const auto&, const auto&) {});
  if (played.ladder.phase() != Phase::sold) return;
  std::uint32_t holder = 0;
  base::Money top;
  for (const auto& event : played.taken) {
    const auto* offer = std::get_if<sale::Offer>(&event);
    if (!offer || offer->price <= top) continue;
    top = offer->price;
    holder = offer->plate;
  }
  RC_ASSERT(played.ladder.top() == top);
  RC_ASSERT(played.ladder.leader() == holder);
}

RC_GTEST_PROP(AuctionProperties, ARefusalLeavesNoTraceAndSavingLosesNothing, ()) {
  (void)play([](const Ladder& before, const sale::Event&, const base::Result<PhaseSteps>& steps, const Ladder& after) {
    if (!steps) RC_ASSERT(after == before);
    const auto again = Ladder::load(std::make_shared<RuleSheet>(after.sheet()), after.save());
    RC_ASSERT(bool(again));
    RC_ASSERT(*again == after);
  });
}

RC_GTEST_PROP(AuctionProperties, TheSameEventsGiveTheSameLadderWhereverATickStands, ()) {
  const auto played = play([](const auto&, const auto&, const auto&, const auto&) {});
  auto again = *Ladder::open(played.sheet);
  auto ticking = *Ladder::open(played.sheet);
  const bool gaps = played.sheet->silence.max_gap_ms != 0;  // there a tick is a sign of life, and does count
  for (const auto& event : played.taken) {
    RC_ASSERT(bool(again.apply(event)));
    if (!gaps) RC_ASSERT(bool(ticking.apply(sale::Tick{sale::time_of(event)})));
    RC_ASSERT(bool(ticking.apply(event)));
  }
  RC_ASSERT(again == played.ladder);
  RC_ASSERT(ticking == played.ladder);
}

// The same sale with extra ticks at random instants and the offer at or past the due close: it never wins.
RC_GTEST_PROP(AuctionProperties, AnOfferAtOrAfterTheDueCloseIsRefusedWhateverTicksRan, ()) {
  const auto played = play([](const auto&, const auto&, const auto&, const auto&) {});
  auto ladder = played.ladder;
  const auto phase = ladder.phase();
  if ((phase != Phase::timed && phase != Phase::listing) || !ladder.due()) return;
  // Offers are taken again only where the listing runs on past a rest that was not needed, or turns straight into a window.
  auto close = *ladder.due();
  auto later = ladder;
  RC_ASSERT(bool(later.apply(sale::Tick{close})));
  if (later.phase() == Phase::listing || later.phase() == Phase::timed) return;
  const auto time = close + *rc::gen::inRange<std::int64_t>(0, base::k_hour);
  const auto ticks = *rc::gen::inRange(0, 4);
  for (int i = 0; i < ticks; ++i) {
    const auto last = base::parse_time(ladder.save().text("now")).value();
    if (time <= last) break;
    (void)bool(ladder.apply(sale::Tick{last + *rc::gen::inRange<std::int64_t>(0, time - last)}));
  }
  auto offer = any_offer(ladder, time, 1'000);
  auto fresh = ladder;
  const auto steps = fresh.apply(offer);
  if (!steps) return;
  // Taken only in a window that began at or after that close (after a preparation), never before it.
  RC_ASSERT(fresh.phase() == Phase::timed);
  RC_ASSERT(phase == Phase::listing);
}

RC_GTEST_PROP(AuctionProperties, EventsReadBackFromTheirLeavesAreTheSame, ()) {
  const auto played = play([](const auto&, const auto&, const auto&, const auto&) {});
  auto again = *Ladder::open(played.sheet);
  for (const auto& event : played.taken) {
    Json secret;
    if (const auto* offer = std::get_if<sale::Offer>(&event))
      secret = base::JsonObject{{"plate", std::int64_t{offer->plate}}, {"counter", offer->counter}};
    if (const auto* begin = std::get_if<sale::Begin>(&event)) secret = begin->bidders;
    const auto read = sale_event(sale_action(event), sale_set(event), secret, sale::time_of(event));
    RC_ASSERT(bool(read));
    RC_ASSERT(bool(again.apply(*read)));
  }
  RC_ASSERT(again == played.ladder);
}

RC_GTEST_PROP(AuctionProperties, ADrawIsAPermutationsBeginning, ()) {
  const auto of = *rc::gen::inRange<std::size_t>(1, 200);
  const auto count = *rc::gen::inRange<std::size_t>(0, of + 1);
  const auto seed = base::sha256(base::as_bytes(*rc::gen::arbitrary<std::string>()));
  const auto drawn = draw(seed, count, of);
  RC_ASSERT(drawn.size() == count);
  RC_ASSERT(std::set<std::size_t>(drawn.begin(), drawn.end()).size() == count);
  for (const auto one : drawn) RC_ASSERT(one < of);
}

}  // namespace
}  // namespace landglass::law
