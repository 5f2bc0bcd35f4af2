// The golden vectors of docs/formats/auction.md, read out of the document.
#include <gtest/gtest.h>

#include "law/auction_bid.hpp"
#include "law/auction_draw.hpp"
#include "law/auction_ladder.hpp"
#include "law/auction_test_vectors.hpp"

namespace landglass::law {
namespace {

using base::Json;

Json auction_vectors(std::string_view name) { return test::vectors(LG_SOURCE_DIR, "auction", name); }

const Json& sheets() {
  static const Json all = auction_vectors("sheets");
  return all;
}

std::shared_ptr<const RuleSheet> sheet_of(const Json& one) {
  Json sheet = sheets().at(one.text("sheet"));
  if (one.at("with").is_object())
    for (const auto& [key, value] : one.at("with").as_object()) sheet.as_object()[key] = value;
  auto parsed = parse_rule_sheet(sheet);
  if (!parsed) ADD_FAILURE() << one.text("name") << ": " << base::explain(parsed.trouble());
  return parsed ? std::make_shared<const RuleSheet>(*std::move(parsed)) : nullptr;
}

void check_event(Ladder& ladder, const Json& row, const std::string& where) {
  const auto before = ladder.save();
  auto event = test::event_from(row);
  const auto steps = ladder.apply(event);
  if (!row.text("refused").empty()) {
    ASSERT_TRUE(steps.refused()) << where;
    EXPECT_EQ(steps.refusal().code, row.text("refused")) << where << base::explain(steps.trouble());
    EXPECT_FALSE(steps.refusal().say.zh.empty() || steps.refusal().say.en.empty());
    EXPECT_EQ(ladder.save(), before) << where << ": a refusal left a trace";
    return;
  }
  ASSERT_TRUE(steps) << where << base::explain(steps.trouble());
  const auto outcome = Json(auction_outcome(ladder, *steps));
  if (row.at("is").is_object()) {
    for (const auto& [key, value] : row.at("is").as_object()) {
      EXPECT_EQ(base::canonical(outcome.at("ladder").at(key)), base::canonical(value)) << where << " " << key;
    }
  }
  if (row.at("steps").is_array()) {
    EXPECT_EQ(base::canonical(outcome.at("steps")), base::canonical(row.at("steps"))) << where;
  }
  const auto again = Ladder::load(std::make_shared<RuleSheet>(ladder.sheet()), ladder.save());
  ASSERT_TRUE(again) << where << base::explain(again.trouble());
  EXPECT_EQ(*again, ladder) << where;
}

TEST(AuctionVectors, EveryCaseOfTheDocumentGivesWhatItPromises) {
  const Json all = auction_vectors("cases");
  const auto& cases = all.as_array();
  EXPECT_GE(cases.size(), 40u);
  for (const auto& one : cases) {
    const auto sheet = sheet_of(one);
    if (!sheet) continue;
    auto ladder = Ladder::open(sheet);
    ASSERT_TRUE(ladder);
    std::size_t number = 0;
    for (const auto& row : one.at("events").as_array()) {
      check_event(*ladder, row, std::string(one.text("name")) + ", event " + std::to_string(number++) + ": ");
    }
  }
}

TEST(AuctionVectors, EverySheetKeepsItsFormAndItsHash) {
  for (const auto& [name, json] : sheets().as_object()) {
    const auto sheet = parse_rule_sheet(json);
    ASSERT_TRUE(sheet) << name << base::explain(sheet.trouble());
    EXPECT_EQ(base::canonical(to_json(*sheet)), base::canonical(json)) << name;
    EXPECT_EQ(rule_sheet_hash(*sheet), base::sha256(base::as_bytes(base::canonical(json)))) << name;
  }
}

TEST(AuctionVectors, ThePresetsAreTheSheetsOfTheDocument) {
  auto fujian = *parse_rule_sheet(sheets().at("plain"));
  apply_fujian(fujian);
  EXPECT_EQ(fujian, *parse_rule_sheet(sheets().at("fj")));
  auto park = *parse_rule_sheet(sheets().at("plain"));
  park.reserve = parse_rule_sheet(sheets().at("sip"))->reserve;
  apply_suzhou_park(park);
  EXPECT_EQ(park, *parse_rule_sheet(sheets().at("sip")));
}

TEST(AuctionVectors, DrawsAreThoseThatPythonWorkedOut) {
  const Json draws = auction_vectors("draws");
  for (const auto& one : draws.as_array()) {
    const auto root = test::hash_from(one.text("root"));
    const auto salt = *base::from_hex(one.text("salt"));
    EXPECT_EQ(base::to_hex(draw_salt_hash(salt)), one.text("salt_hash"));
    EXPECT_EQ(base::to_hex(draw_seed(root, salt)), one.text("seed"));
    base::JsonArray drawn;
    for (const auto index : draw(draw_seed(root, salt), static_cast<std::size_t>(one.at("count").as_int()),
                                 static_cast<std::size_t>(one.at("of").as_int()))) {
      drawn.emplace_back(static_cast<std::int64_t>(index));
    }
    EXPECT_EQ(Json(drawn), one.at("drawn"));
  }
}

TEST(AuctionVectors, TendersAreRankedAsExactFractionsSay) {
  const Json all = auction_vectors("tenders");
  for (const auto& one : all.as_array()) {
    const auto rules = parse_tender_rules(one.at("rules"));
    ASSERT_TRUE(rules) << one.text("name") << base::explain(rules.trouble());
    std::vector<Tender> tenders;
    for (const auto& row : one.at("tenders").as_array()) tenders.push_back(test::tender_from(row));
    std::optional<base::Money> reserve;
    if (one.at("reserve").is_string()) reserve = base::parse_money(one.text("reserve"));
    const auto result = rank_tenders(*rules, one.at("min_bidders").as_int(), reserve, tenders);
    if (!one.text("refused").empty()) {
      ASSERT_TRUE(result.refused()) << one.text("name");
      EXPECT_EQ(result.refusal().code, one.text("refused")) << one.text("name");
      continue;
    }
    ASSERT_TRUE(result) << one.text("name") << base::explain(result.trouble());
    EXPECT_EQ(base::canonical(test::json_of(*result)), base::canonical(one.at("result"))) << one.text("name");
  }
}

TEST(RuleSheetVectors, EverySheetOfTheDocumentHasItsHashOrIsRefused) {
  const Json all = test::vectors(LG_SOURCE_DIR, "rule-sheet", "rules");
  for (const auto& one : all.as_array()) {
    const auto sheet = parse_rule_sheet(one.at("sheet"));
    if (one.at("refused").is_string()) {
      ASSERT_TRUE(sheet.refused()) << one.text("name");
      EXPECT_EQ(sheet.refusal().code, "AU-01");
      EXPECT_EQ(sheet.refusal().where, one.text("refused")) << one.text("name");
      continue;
    }
    ASSERT_TRUE(sheet) << one.text("name") << base::explain(sheet.trouble());
    EXPECT_EQ(base::to_hex(rule_sheet_hash(*sheet)), one.text("hash")) << one.text("name");
    EXPECT_EQ(*parse_rule_sheet(to_json(*sheet)), *sheet);
  }
}

TEST(BidVectors, BytesAreThoseThatOpensslSigned) {
  const Json all = test::vectors(LG_SOURCE_DIR, "bid", "bids");
  std::string last_bytes;
  for (const auto& one : all.as_array()) {
    const auto& said = one.at("bid");
    const Bid bid{std::string(said.text("origin")),
                  std::string(said.text("lot")),
                  test::hash_from(said.text("rule_sheet")),
                  static_cast<std::uint32_t>(said.at("plate").as_int()),
                  static_cast<std::uint64_t>(said.at("counter").as_int()),
                  test::money_of(said, "price"),
                  test::int_of(said, "other"),
                  said.at("confirmed").is_bool()};
    const auto bytes = bid_bytes(bid);
    EXPECT_EQ(bytes, one.text("bytes")) << one.text("name");
    const Bidding bidding{bid.plate, bid.counter, *base::from_base64url(one.text("key")),
                          *base::from_base64url(one.text("sig"))};
    const auto again = parse_bidding(to_json(bidding));
    ASSERT_TRUE(again) << base::explain(again.trouble());
    const auto key = base::P256PublicKey::parse(again->key);
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->verify(base::as_bytes(bytes), again->signature)) << one.text("name");
    EXPECT_FALSE(key->verify(base::as_bytes(last_bytes), again->signature)) << one.text("name");
    last_bytes = bytes;
  }
}

}  // namespace
}  // namespace landglass::law
