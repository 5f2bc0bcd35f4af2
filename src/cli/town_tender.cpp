// A lot by sealed tender in a town: what organiser, bidders, openers, host, notary, experts and director each do.
#include <algorithm>

#include "cli/town.hpp"
#include "engine/cache.hpp"
#include "law/auction_draw.hpp"
#include "law/tender_value.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

constexpr const char* k_openers[] = {"tender-opener1", "tender-opener2", "tender-opener3"};
constexpr std::size_t k_together = 2;

}  // namespace

std::vector<std::string> Town::ids_of(std::string_view record, std::string_view fact) {
  std::vector<std::string> ids;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    auto found = cache.find(record);
    if (!found || *found == nullptr) return;
    const institution::Record held = **found;
    if (auto list = registry.listed(held, fact, now())) ids = std::move(*list);
  });
  return ids;
}

Status Town::draft_tender(const std::string& lot, const std::string& region) {
  const auto salt = random_.bytes32();
  JsonArray openers;
  for (const auto* name : k_openers) {
    auto [place, fresh] = openers_.try_emplace(name);
    if (fresh) place->second = law::OpenerKey::generate();
    openers.push_back(
        JsonObject{{"post", who(std::string("post-") + name)}, {"key", base::to_base64url(place->second.public_key)}});
  }
  const auto criterion = [](const char* id, const char* title, int most, const char* weight) {
    return Json(JsonObject{{"id", id}, {"name", title}, {"max", most}, {"weight", weight}});
  };
  LG_TRY(const auto made, create("clerk", "land-tender",
                                 {{"lot", lot},
                                  {"region", region},
                                  {"award", "best_score"},
                                  {"criteria", JsonArray{criterion("plan", "规划设计方案", 100, "30%"),
                                                         criterion("finance", "资金和履约能力", 100, "20%"),
                                                         criterion("record", "同类开发业绩", 10, "10%")}},
                                  {"price_weight", "40%"},
                                  {"price_formula", "to_highest"},
                                  {"drop_extremes", true},
                                  {"decimals", 2},
                                  {"committee_size", 5},
                                  {"experts", 4},
                                  {"representatives", JsonArray{who("land-use")}},
                                  {"pool", institution::upper_division(region)},
                                  {"openers", std::move(openers)},
                                  {"together", static_cast<std::int64_t>(k_together)},
                                  {"draw_salt_hash", base::to_hex(law::draw_salt_hash(salt))}}));
  tenders_[lot] = {made.record, base::to_hex(salt)};
  return base::Done{};
}

Result<engine::Answer> Town::hand_in(const std::string& lot, const Entry& entry, base::Money price,
                                     const std::string& undertakings) {
  const auto& bidder = bidders_[entry.bidder];
  law::TenderValue value;
  value.origin = engine_.options().origin;
  value.lot = lot;
  value.rule_sheet = doc(lot).at("fields").text("rule_sheet_hash");
  value.plate = static_cast<std::uint32_t>(entry.plate);
  value.price = price;
  value.undertakings = undertakings;
  value.signature = bidder.key.sign(base::as_bytes(law::tender_bytes(value)));
  std::vector<base::Bytes> keys;
  for (const auto& [name, key] : openers_) keys.push_back(key.public_key);
  LG_TRY(const auto locked, law::lock(base::as_bytes(base::canonical(law::to_json(value))), k_together, std::move(keys)));
  return create(bidder.party, "tender",
                {{"lot", lot},
                 {"tender", tenders_.at(lot).first},
                 {"application", entry.application},
                 {"document", base::canonical(locked)}});
}

// Two of the three take the layers off; whose key stands first begins.
Status Town::open_tenders(const std::string& tender) {
  for (const auto& id : ids_of(tender, "opened")) {
    std::vector<std::string> order{k_openers[0], k_openers[2]};
    std::sort(order.begin(), order.end(),
              [&](const auto& a, const auto& b) { return openers_.at(a).public_key < openers_.at(b).public_key; });
    for (const auto& opener : order) {
      LG_TRY(const auto held, base::parse_json(doc(id).at("fields").text("document")));
      LG_TRY(const auto next, law::peel(held, openers_.at(opener)));
      LG_TRY(const auto found, law::unlocked(next));
      LG_TRY(const auto done,
             found ? act(opener, id, "open",
                         {{"salt", base::to_hex(found->salt)}, {"value", std::string(base::as_text(found->value))}})
                   : act(opener, id, "peel", {{"document", base::canonical(next)}}));
    }
  }
  return base::Done{};
}

Status Town::score(const std::string& tender) {
  for (const auto& id : ids_of(tender, "sheets")) {
    const auto fields = doc(id).at("fields").as_object();
    const std::string member(fields.text("member"));
    LG_TRY(const auto accepted, act(member, id, "accept"));
    auto rows = fields.at("scores");
    for (auto& row : rows.as_array()) {
      const bool record = row.text("criterion") == "record";
      row.as_object()["points"] = static_cast<std::int64_t>((record ? 5 : 60) + random_.below(record ? 6 : 41));
    }
    LG_TRY(const auto scored, act(member, id, "score", {{"scores", std::move(rows)}}));
  }
  return base::Done{};
}

Status Town::conduct_tender(const std::string& lot) {
  const auto& [tender, salt] = tenders_.at(lot);
  if (doc(tender).text("state") != "opening") return base::Done{};
  LG_CHECK(open_tenders(tender));
  for (const auto* opener : {"opener", "opener2"}) {
    LG_TRY(const auto opened, act(opener, tender, "open-reserve",
                                  {{"reserve_price", reserves_.at(lot).first}, {"reserve_salt", reserves_.at(lot).second}}));
  }
  for (const auto* official : {"clerk", "notary"}) {
    LG_TRY(const auto closed, act(official, tender, "close-opening"));
  }
  const auto head = engine_.head(log::Tree::open);
  for (const auto* official : {"host", "notary"}) {
    LG_TRY(const auto drawn,
           act(official, tender, "draw",
               {{"draw_salt", salt}, {"draw_root", base::to_hex(head->frontier.root())}, {"draw_root_size", head->size}}));
  }
  if (clock_ != nullptr) pass(now() + base::k_hour);
  LG_CHECK(score(tender));
  if (clock_ != nullptr) pass(now() + base::k_hour);
  if (doc(tender).text("state") != "ranked") return base::Done{};
  LG_TRY(const auto awarded, act("centre-director", tender, "award"));
  if (clock_ != nullptr) pass(now() + base::k_minute);
  return base::Done{};
}

}  // namespace landglass::cli
