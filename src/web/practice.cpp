#include "web/practice.hpp"

#include <algorithm>
#include <array>

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::uint32_t k_own_plate = 88;
constexpr std::array<std::uint32_t, 2> k_rival_plates{17, 36};
constexpr base::Money k_start{1'000'000'000};  // 1000 万元
constexpr base::Money k_step{10'000'000};      // 10 万元

law::RuleSheet practice_sheet(base::Time now) {
  law::RuleSheet sheet;
  sheet.opens = now + -base::k_minute;
  sheet.closes = now + 90 * base::k_second;
  sheet.start_price = k_start;
  sheet.increments = {{std::nullopt, {0}, k_step}};
  sheet.multiple = true;
  sheet.guard.factor = 3;
  law::TimedRules timed;
  timed.trigger_bidders = 1;  // whoever bids alone still sees the timed part
  timed.prep_ms = 8 * base::k_second;
  timed.window_ms = 30 * base::k_second;
  timed.restart_within_ms = timed.window_ms;
  sheet.timed = timed;
  return sheet;
}

}  // namespace

Practice::Practice(base::Clock& clock, std::string origin, std::function<void(const std::string&, const Json&)> publish)
    : clock_(clock), origin_(std::move(origin) + "/practice"), publish_(std::move(publish)), thread_([this] { loop(); }) {}

Practice::~Practice() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Practice::Lot Practice::fresh() {
  const auto now = clock_.now();
  Lot lot;
  std::array<std::uint8_t, 12> name{};
  random_.fill(name.data(), name.size());
  lot.id = "practice/" + base::to_hex(name);
  lot.sheet = std::make_shared<const law::RuleSheet>(practice_sheet(now));
  auto ladder = law::Ladder::open(lot.sheet);
  LG_ASSERT(ladder, "the practice lot's own rule sheet opens no ladder");
  lot.ladder = std::move(*ladder);
  lot.touched = now;
  lot.next_rival = now + 5 * base::k_second;
  lot.rivals_left = 7;
  const auto begun = lot.ladder->apply(law::sale::Event(law::sale::Tick{now}));
  LG_ASSERT(begun, "a fresh practice lot does not begin");
  return lot;
}

Practice::Lot& Practice::lot_of(std::string_view who) {
  auto found = lots_.find(who);
  if (found == lots_.end()) {
    if (lots_.size() >= k_most) {
      lots_.erase(std::min_element(lots_.begin(), lots_.end(),
                                   [](const auto& a, const auto& b) { return a.second.touched < b.second.touched; }));
    }
    found = lots_.emplace(std::string(who), fresh()).first;
    wake_.notify_one();
  }
  found->second.touched = clock_.now();
  return found->second;
}

Json Practice::doc_of(const Lot& lot) const {
  JsonArray offers;
  for (const auto& offer : lot.offers)
    offers.push_back(JsonObject{{"price", base::money_text(offer.price)}, {"time", base::format_utc(offer.time)}});
  JsonObject fields{{"location", "练习标的"},
                    {"start_price", base::money_text(k_start)},
                    {"increment", base::money_text(k_step)},
                    {"opens", base::format_utc(lot.sheet->opens)},
                    {"rule_sheet_hash", base::to_hex(law::rule_sheet_hash(*lot.sheet))}};
  if (lot.ladder->phase() == law::Phase::sold) fields["winner_plate"] = std::int64_t{lot.ladder->leader()};
  return JsonObject{{"id", lot.id},
                    {"fields", std::move(fields)},
                    {"behaviour", JsonObject{{"head", lot.ladder->head()}, {"offers", std::move(offers)}}}};
}

Practice::Seen Practice::open(std::string_view who) {
  const std::lock_guard lock(mutex_);
  auto& lot = lot_of(who);
  move(lot, clock_.now());
  Seen seen{doc_of(lot), k_own_plate, 0, lot.key, {}};
  if (!lot.answered.empty()) seen.counter = static_cast<std::int64_t>(lot.answered.rbegin()->first);
  for (const auto& offer : lot.offers) {
    if (offer.plate != k_own_plate) continue;
    seen.offers.push_back(JsonObject{
        {"price", base::money_text(offer.price)}, {"time", base::format_utc(offer.time)}, {"counter", offer.counter}});
  }
  return seen;
}

void Practice::again(std::string_view who) {
  const std::lock_guard lock(mutex_);
  if (const auto found = lots_.find(who); found != lots_.end()) lots_.erase(found);
}

base::Status Practice::register_key(std::string_view who, std::string key) {
  const auto point = base::from_base64url(key);
  if (!point || !base::P256PublicKey::parse(*point))
    return base::refuse("AU-20", "不是 P-256 公钥", "not a P-256 public key", "key");
  const std::lock_guard lock(mutex_);
  lot_of(who).key = std::move(key);
  return base::Done{};
}

base::Result<std::int64_t> Practice::bid(std::string_view who, const Json& body) {
  const std::lock_guard lock(mutex_);
  auto& lot = lot_of(who);
  LG_TRY(auto sent, read_signed_bid(body, lot.id, origin_));
  if (sent.key != lot.key)
    return base::refuse("AU-20", "签名密钥不是在此登记的", "signed with another key than the one registered here", "key");
  const auto& bid = sent.bid;
  if (bid.rule_sheet != law::rule_sheet_hash(*lot.sheet) || bid.plate != k_own_plate)
    return base::refuse("AU-04", "不是此练习标的的报价", "not a bid for this practice lot", "rule_sheet");
  if (const auto before = lot.answered.find(bid.counter); before != lot.answered.end() && before->second == sent.bytes)
    return static_cast<std::int64_t>(bid.counter);
  const auto now = clock_.now();
  LG_TRY(auto steps, lot.ladder->apply(law::sale::Offer{now, bid.plate, bid.price, bid.counter, bid.other, bid.confirmed}));
  (void)steps;
  lot.offers.insert(lot.offers.begin(), Offer{now, bid.price, bid.plate, bid.counter});
  lot.answered[bid.counter] = sent.bytes;
  std::array<std::uint8_t, 1> dice{};
  random_.fill(dice.data(), dice.size());
  lot.next_rival = now + (3 + dice[0] % 6) * base::k_second;
  publish_(lot.id, doc_of(lot));
  return static_cast<std::int64_t>(bid.counter);
}

bool Practice::move(Lot& lot, base::Time now) {
  if (lot.ladder->closed()) return false;
  const auto before = lot.ladder->phase();
  const auto ticked = lot.ladder->apply(law::sale::Event(law::sale::Tick{now}));
  bool changed = ticked && lot.ladder->phase() != before;
  const bool takes = lot.ladder->phase() == law::Phase::listing || lot.ladder->phase() == law::Phase::timed;
  const bool his = lot.ladder->has_top() && lot.ladder->leader() == k_own_plate;
  // A rival answers the bidder, opens the sale where he waits, and gives up after a while.
  if (takes && now >= lot.next_rival && lot.rivals_left > 0 && (his || !lot.ladder->has_top())) {
    const auto plate = k_rival_plates[static_cast<std::size_t>(lot.rivals_left) % k_rival_plates.size()];
    const auto price = lot.ladder->least();
    if (lot.ladder->apply(law::sale::Offer{now, plate, price, ++lot.rival_counter, 0, true})) {
      lot.offers.insert(lot.offers.begin(), Offer{now, price, plate, lot.rival_counter});
      --lot.rivals_left;
      changed = true;
    }
  }
  return changed;
}

void Practice::loop() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (lots_.empty()) {
      wake_.wait(lock, [this] { return ending_ || !lots_.empty(); });
      continue;
    }
    const auto now = clock_.now();
    for (auto at = lots_.begin(); at != lots_.end();) {
      if (now - at->second.touched > k_idle_ms) {
        at = lots_.erase(at);
        continue;
      }
      if (move(at->second, now)) publish_(at->second.id, doc_of(at->second));
      ++at;
    }
    wake_.wait_for(lock, std::chrono::milliseconds(200));
  }
}

}  // namespace landglass::web
