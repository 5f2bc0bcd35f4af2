// The golden vectors of docs/formats/auction.md, read out of the document.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "law/auction_draw.hpp"
#include "law/auction_ladder.hpp"
#include "law/auction_test_events.hpp"

namespace landglass::law {
namespace {

using base::Json;

// The member `name` of the one json block of the document that has it.
const Json& vectors(std::string_view name) {
  static const auto blocks = [] {
    std::ifstream in(std::string(LG_SOURCE_DIR) + "/docs/formats/auction.md");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::map<std::string, Json, std::less<>> found;
    for (std::size_t at = text.find("```json\n"); at != std::string::npos; at = text.find("```json\n", at)) {
      at += 8;
      auto block = base::parse_json(std::string_view(text).substr(at, text.find("\n```", at) - at), base::Profile::any);
      EXPECT_TRUE(block) << base::explain(block.trouble());
      for (const auto& [key, value] : block->as_object()) found.emplace(key, value);
    }
    return found;
  }();
  const auto at = blocks.find(name);
  LG_ASSERT(at != blocks.end(), "the document has no such vectors");
  return at->second;
}

std::shared_ptr<const RuleSheet> sheet_of(const Json& one) {
  Json sheet = vectors("sheets").at(one.text("sheet"));
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
  const auto& cases = vectors("cases").as_array();
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
  for (const auto& [name, json] : vectors("sheets").as_object()) {
    const auto sheet = parse_rule_sheet(json);
    ASSERT_TRUE(sheet) << name << base::explain(sheet.trouble());
    EXPECT_EQ(base::canonical(to_json(*sheet)), base::canonical(json)) << name;
    EXPECT_EQ(rule_sheet_hash(*sheet), base::sha256(base::as_bytes(base::canonical(json)))) << name;
  }
}

TEST(AuctionVectors, ThePresetsAreTheSheetsOfTheDocument) {
  auto fujian = *parse_rule_sheet(vectors("sheets").at("plain"));
  apply_fujian(fujian);
  EXPECT_EQ(fujian, *parse_rule_sheet(vectors("sheets").at("fj")));
  auto park = *parse_rule_sheet(vectors("sheets").at("plain"));
  park.reserve = parse_rule_sheet(vectors("sheets").at("sip"))->reserve;
  apply_suzhou_park(park);
  EXPECT_EQ(park, *parse_rule_sheet(vectors("sheets").at("sip")));
}

TEST(AuctionVectors, DrawsAreThoseThatPythonWorkedOut) {
  for (const auto& one : vectors("draws").as_array()) {
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
  for (const auto& one : vectors("tenders").as_array()) {
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

}  // namespace
}  // namespace landglass::law
