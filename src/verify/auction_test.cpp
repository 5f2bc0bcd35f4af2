#include "verify/auction.hpp"

#include <gtest/gtest.h>

#include "law/auction_bid.hpp"
#include "law/auction_draw.hpp"
#include "law/auction_event.hpp"
#include "law/auction_test_vectors.hpp"

namespace landglass::verify {
namespace {

using base::Json;
using base::k_hour;
using base::k_minute;
using base::k_second;
using base::Time;
namespace sale = law::sale;

constexpr auto k_lot = "land-listing/350100-2026-000012";
const Time k_opens = *base::parse_time("2026-12-01T01:00:00.000Z");
const Time k_closes = *base::parse_time("2026-12-15T07:00:00.000Z");

law::RuleSheet fujian() {
  law::RuleSheet sheet;
  sheet.opens = k_opens;
  sheet.closes = k_closes;
  sheet.start_price = {1'000'000'000};
  sheet.increments = {{std::nullopt, {}, {10'000'000}}};
  law::apply_fujian(sheet);
  return sheet;
}

// A log of one lot as the server would write it.
class Sale {
 public:
  explicit Sale(law::RuleSheet sheet)
      : hash_(law::rule_sheet_hash(sheet)), ladder_(*law::Ladder::open(std::make_shared<const law::RuleSheet>(sheet))) {
    auto& leaf = add(k_opens + -30 * base::k_day, "announce");
    leaf.change.set["rule_sheet"] = law::to_json(sheet);
    leaf.change.outcome["rule_sheet"] = base::to_hex(hash_);
  }

  log::Leaf& event(const sale::Event& event) {
    const auto steps = ladder_.apply(event);
    if (!steps) ADD_FAILURE() << base::explain(steps.trouble());
    auto& leaf = add(sale::time_of(event), std::string(law::sale_action(event)));
    leaf.change.set = law::sale_set(event);
    if (steps) leaf.change.outcome = law::auction_outcome(ladder_, *steps);
    return leaf;
  }
  log::Leaf& offer(Time time, std::uint32_t plate, std::int64_t wan) {
    sale::Offer one{time, plate, {wan * 1'000'000}, ++counters_[plate]};
    const auto value = bidding(one);
    auto& leaf = event(one);
    secret(leaf, "bidder", value);
    return leaf;
  }
  Json bidding(const sale::Offer& one) {
    const law::Bid bid{k_origin, k_lot, hash_, one.plate, one.counter, one.price, one.other, one.confirmed};
    const auto& key = keys_.try_emplace(one.plate, base::P256Key::generate()).first->second;
    return law::to_json(
        law::Bidding{one.plate, one.counter, key.public_key(), key.sign(base::as_bytes(law::bid_bytes(bid)))});
  }
  void sealed(const sale::Event& event) { ASSERT_TRUE(ladder_.apply(event)); }
  void ticks(Time from, Time to) {
    for (auto time = from; time < to; time = time + k_second) event(sale::Tick{time});
  }
  void secret(log::Leaf& leaf, const std::string& path, const Json& value) {
    const auto salt = random_->bytes32();
    leaf.change.commit[path] = base::to_hex(log::commitment(salt, leaf.origin, leaf.command, path, value));
    openings[{leaf.seq, path}] = {{salt.begin(), salt.end()}, value};
  }
  law::Ladder& ladder() { return ladder_; }
  AuctionReport report() const { return verify_auction(k_lot, leaves, openings); }
  AuctionReport blind() const { return verify_auction(k_lot, leaves, {}); }

  std::vector<log::Leaf> leaves;
  AuctionOpenings openings;

 private:
  static constexpr auto k_origin = "landglass.example/350100/2026";
  log::Leaf& add(Time time, std::string action) {
    log::Leaf leaf;
    leaf.origin = k_origin;
    leaf.seq = 100 + 3 * leaves.size();  // other records' leaves stand in between
    leaf.time = leaf.as_of = time;
    const auto id = random_->bytes32();
    leaf.command = base::to_hex({id.data(), 16});
    leaf.change.institution = "land-listing";
    leaf.change.record = k_lot;
    leaf.change.action = std::move(action);
    leaf.change.version = leaves.size() + 1;
    return leaves.emplace_back(std::move(leaf));
  }
  std::unique_ptr<base::Random> random_ = std::make_unique<base::SeededRandom>(7);
  base::Hash hash_;
  law::Ladder ladder_;
  std::map<std::uint32_t, base::P256Key> keys_;
  std::map<std::uint32_t, std::uint64_t> counters_;
};

Sale timed_sale() {
  Sale sale(fujian());
  sale.offer(k_opens + k_hour, 11, 1000);
  sale.offer(k_closes + -30 * k_minute, 12, 1010);
  sale.offer(k_closes + -20 * k_minute, 11, 1020);
  sale.event(sale::Tick{k_closes});
  const auto timed = k_closes + 15 * k_minute;
  sale.ticks(timed, timed + 10 * k_second);
  sale.offer(timed + 10 * k_second, 12, 1030);
  sale.ticks(timed + 11 * k_second, timed + 5 * k_minute + 11 * k_second);
  EXPECT_EQ(sale.ladder().phase(), law::Phase::sold);
  return sale;
}

std::string code_of(const AuctionReport& report) { return report.misfit ? report.misfit->code : ""; }

TEST(Auction, FitsFromTheAnnouncementToTheWinner) {
  const auto report = timed_sale().report();
  EXPECT_TRUE(report.fits()) << describe(report, false);
  EXPECT_EQ(Json(report.head).at("winner"), Json(12));
  EXPECT_EQ(Json(report.head).text("top"), "10300000.00");
  EXPECT_EQ(report.offers, 4u);
  EXPECT_EQ(report.extensions, 1u);
  EXPECT_EQ(report.signatures, 4u);
  EXPECT_EQ(report.longest_silence_ms, 1000);
  EXPECT_EQ(report.unopened, 0u);
}
TEST(Auction, BeforeTheOpeningsItIsCheckedBlind) {
  const auto report = timed_sale().blind();
  EXPECT_TRUE(report.fits()) << describe(report, false);
  EXPECT_EQ(report.unopened, 4u);
  EXPECT_EQ(Json(report.head).text("phase"), "sold");
}
TEST(Auction, NamesTheLeafWhosePriceWasChanged) {
  auto sale = timed_sale();
  sale.leaves[2].change.set["price"] = "10200000.00";
  EXPECT_EQ(code_of(sale.report()), "AV-06");
  EXPECT_EQ(sale.report().misfit->seq, sale.leaves[2].seq);
  EXPECT_EQ(code_of(sale.blind()), "AV-04");
}
TEST(Auction, NamesARaiseThatTheRulesRefuse) {
  auto sale = timed_sale();
  sale.leaves[2].change.set["price"] = "10000000.01";
  EXPECT_EQ(code_of(sale.blind()), "AV-03");
}
TEST(Auction, NamesAWinnerWhoDidNotWin) {
  auto sale = timed_sale();
  sale.leaves.back().change.outcome["ladder"].as_object()["winner"] = 11;
  EXPECT_EQ(code_of(sale.report()), "AV-04");
  EXPECT_EQ(sale.report().misfit->seq, sale.leaves.back().seq);
}
TEST(Auction, NamesAWindowThatWasClosedTooEarlyOrHeldOpen) {
  for (const auto* due : {"2026-12-15T07:19:00.000Z", "2026-12-15T07:40:00.000Z"}) {
    auto sale = timed_sale();
    for (auto& leaf : sale.leaves) {
      if (leaf.time == k_closes + 15 * k_minute) leaf.change.outcome["ladder"].as_object()["due"] = due;
    }
    EXPECT_EQ(code_of(sale.report()), "AV-04");
    EXPECT_EQ(code_of(sale.blind()), "AV-04");
  }
}
TEST(Auction, NamesSilenceThatNoLeafShows) {
  auto sale = timed_sale();
  sale.leaves.erase(sale.leaves.begin() + 30, sale.leaves.begin() + 32);
  EXPECT_EQ(code_of(sale.report()), "AV-08");
}
TEST(Auction, NamesADroppedOffer) {
  auto sale = timed_sale();
  sale.leaves.erase(sale.leaves.begin() + 2);  // 12 in the last hour: without him there was only one bidder
  EXPECT_EQ(code_of(sale.report()), "AV-04");
}
TEST(Auction, NamesASheetThatIsNotTheAnnouncedOne) {
  auto sale = timed_sale();
  sale.leaves[0].change.set["rule_sheet"].as_object()["min_bidders"] = 2;
  EXPECT_EQ(code_of(sale.report()), "AV-01");
  sale.leaves.erase(sale.leaves.begin());
  EXPECT_EQ(code_of(sale.report()), "AV-01");
}
TEST(Auction, NamesASheetThatWasChangedAfterTheOpening) {
  auto sale = timed_sale();
  auto second = sale.leaves[0];
  second.seq = sale.leaves[1].seq + 1;
  second.time = sale.leaves[1].time;
  sale.leaves.insert(sale.leaves.begin() + 2, second);
  EXPECT_EQ(code_of(sale.report()), "AV-01");
}
TEST(Auction, NamesAnOpeningThatIsNotTheCommittedOne) {
  auto sale = timed_sale();
  auto& opening = sale.openings.at({sale.leaves[1].seq, "bidder"});
  opening.value.as_object()["plate"] = 13;
  EXPECT_EQ(code_of(sale.report()), "AV-05");
}
TEST(Auction, NamesASignatureOfAnotherKeyAndAPlateWithTwo) {
  auto sale = timed_sale();
  const auto other = base::P256Key::generate();
  auto value = sale.openings.at({sale.leaves[3].seq, "bidder"}).value;
  value.as_object()["key"] = base::to_base64url(other.public_key());
  sale.secret(sale.leaves[3], "bidder", value);
  EXPECT_EQ(code_of(sale.report()), "AV-06");
  const law::Bid bid{sale.leaves[3].origin, k_lot, law::rule_sheet_hash(fujian()), 11, 2, {1'020'000'000}};
  value.as_object()["sig"] = base::to_base64url(other.sign(base::as_bytes(law::bid_bytes(bid))));
  sale.secret(sale.leaves[3], "bidder", value);
  EXPECT_EQ(code_of(sale.report()), "AV-07");
}
TEST(Auction, NamesLeavesOutOfOrder) {
  auto sale = timed_sale();
  std::swap(sale.leaves[1], sale.leaves[2]);
  EXPECT_EQ(code_of(sale.report()), "AV-02");
}
TEST(Auction, FindsTheLotAmongEffectsOfOtherRecords) {
  Sale sale(fujian());
  sale.offer(k_opens, 11, 1000);
  auto& leaf = sale.event(sale::Freeze{k_opens + k_hour});
  leaf.effects.push_back(leaf.change);
  leaf.change = {};
  leaf.change.record = "stop-order/1";
  sale.event(sale::Resume{k_opens + 90 * k_minute, k_opens + 90 * k_minute, 0});
  EXPECT_TRUE(sale.report().fits()) << describe(sale.report(), false);
  EXPECT_EQ(Json(sale.report().head).text("closes"), base::format_utc(k_closes + 30 * k_minute));
}

TEST(Auction, PlaysWishesOfTheSealedTreeWhereTheirTimesWantThem) {
  auto sheet = fujian();
  sheet.timed->inquiry_ms = 4 * k_minute;
  sheet.timed->join = law::TimedRules::Join::wished;
  Sale sale(sheet);
  sale.offer(k_closes + -30 * k_minute, 12, 1000);
  sale.offer(k_closes + -20 * k_minute, 11, 1010);
  const auto asked = sale.event(sale::Tick{k_closes}).seq;
  sale.sealed(sale::Wish{k_closes + k_minute, 12});
  sale.event(sale::Tick{k_closes + 2 * k_minute});
  auto& ends = sale.event(sale::Tick{k_closes + 4 * k_minute});
  EXPECT_EQ(sale.ladder().phase(), law::Phase::prep);
  sale.secret(
      ends, "wishes",
      base::JsonArray{base::JsonObject{{"time", base::format_utc(k_closes + k_minute)}, {"plate", 12}, {"after", asked}}});
  EXPECT_TRUE(sale.report().fits()) << describe(sale.report(), false);
  EXPECT_TRUE(sale.blind().fits()) << describe(sale.blind(), false);
  sale.secret(ends, "wishes", base::JsonArray{});
  EXPECT_EQ(code_of(sale.report()), "AV-04");
}

TEST(Auction, RepeatsTheDrawAtTheCeiling) {
  const base::Bytes salt(32, 7);
  auto sheet = fujian();
  sheet.ceiling = law::CeilingRules{
      law::CeilingRules::Mode::stop_and_lot, {1'200'000'000}, 10 * k_minute, std::nullopt, law::draw_salt_hash(salt)};
  Sale sale(sheet);
  const auto reached = sale.offer(k_opens, 11, 1200).seq;
  const sale::Offer joins{k_opens + k_hour, 12, {1'200'000'000}, 1};
  auto row = sale.bidding(joins);
  row.as_object()["time"] = base::format_utc(joins.time);
  row.as_object()["after"] = reached;
  sale.sealed(joins);
  auto& ends = sale.event(sale::Tick{k_closes});
  sale.secret(ends, "joined", base::JsonArray{row});
  EXPECT_EQ(sale.ladder().phase(), law::Phase::drawing);
  const auto root = base::sha256(base::as_bytes("root"));
  const auto size = ends.seq + 1;
  sale.event(sale::Draw{k_closes + k_hour, root, salt, size});
  EXPECT_EQ(sale.ladder().phase(), law::Phase::sold);
  EXPECT_TRUE(sale.report().fits()) << describe(sale.report(), false);
  EXPECT_EQ(sale.report().signatures, 2u);
  const auto with_root = [&](const base::Hash& hash) {
    return verify_auction(k_lot, sale.leaves, sale.openings, [&](std::uint64_t) { return std::optional(hash); });
  };
  EXPECT_TRUE(with_root(root).fits());
  EXPECT_EQ(code_of(with_root(base::sha256(salt))), "AV-09");
  sale.leaves.back().change.set["root_size"] = size - 1;
  EXPECT_EQ(code_of(sale.report()), "AV-09");
}

// The sales of docs/formats/auction.md, as a second implementation reads them.
log::Leaf leaf_of(const Json& json) {
  auto leaf = log::decode(base::canonical(json));
  LG_ASSERT(bool(leaf), "a vector's leaf does not decode");
  return *std::move(leaf);
}

// Puts a value where a path of member names leads.
void put(Json& json, const base::JsonArray& path, const Json& value) {
  Json* at = &json;
  for (const auto& name : path) at = &at->as_object()[name.as_string()];
  *at = value;
}

TEST(AuctionVectors, EverySaleOfTheDocumentFitsOrItsLeafIsNamed) {
  const Json sales = law::test::vectors(LG_SOURCE_DIR, "auction", "sales");
  for (const auto& one : sales.at("checks").as_array()) {
    std::vector<log::Leaf> leaves;
    AuctionOpenings openings;
    for (const auto& row : sales.at("leaves").as_array()) {
      Json json = row;
      bool dropped = false;
      if (one.at("drop").is_array()) {
        for (const auto& seq : one.at("drop").as_array()) dropped |= seq == row.at("seq");
      }
      if (dropped) continue;
      if (one.at("put").is_array()) {
        for (const auto& change : one.at("put").as_array()) {
          if (change.at("seq") == row.at("seq")) put(json, change.at("path").as_array(), change.at("value"));
        }
      }
      leaves.push_back(leaf_of(json));
    }
    if (one.at("openings").as_bool()) {
      for (const auto& row : sales.at("openings").as_array()) {
        openings[{static_cast<std::uint64_t>(row.at("seq").as_int()), std::string(row.text("path"))}] = {
            *base::from_hex(row.text("salt")), row.at("value")};
      }
    }
    const auto report = verify_auction(sales.text("lot"), leaves, openings);
    EXPECT_EQ(code_of(report), one.text("code")) << one.text("name") << ": " << describe(report, false);
    if (report.misfit) {
      EXPECT_EQ(static_cast<std::int64_t>(report.misfit->seq), one.at("seq").as_int()) << one.text("name");
      continue;
    }
    const Json figures = base::JsonObject{{"head", report.head},
                                          {"offers", report.offers},
                                          {"extensions", report.extensions},
                                          {"signatures", report.signatures},
                                          {"longest_silence_ms", report.longest_silence_ms},
                                          {"unopened", report.unopened}};
    EXPECT_EQ(base::canonical(figures), base::canonical(one.at("report"))) << one.text("name");
  }
}

}  // namespace
}  // namespace landglass::verify
