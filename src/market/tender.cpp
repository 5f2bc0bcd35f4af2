#include "market/tender.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "institution/registry.hpp"
#include "law/auction_draw.hpp"
#include "law/auction_rules.hpp"
#include "law/tender_committee.hpp"

namespace landglass::market {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using institution::Behaviour;
using institution::BehaviourOutcome;
using institution::Command;
using institution::FollowUp;
using institution::Look;
using institution::Record;

constexpr const char* k_tender_law = "国土资源部令第39号 art. 13";

std::int64_t number(const Json& value) {
  const auto* found = value.if_int();
  return found == nullptr ? 0 : *found;
}

// A copy each: looking further may let a clean record go.
Result<std::vector<Record>> records_of(const Record& record, std::string_view fact, Look& look) {
  LG_TRY(const auto ids, look.listed(record, fact));
  std::vector<Record> list;
  for (const auto& id : ids) {
    LG_TRY(const auto* one, look.record(id));
    if (one != nullptr) list.push_back(*one);
  }
  return list;
}

Result<law::RuleSheet> lot_sheet(const Record& record, Look& look) {
  LG_TRY(const auto* lot, look.record(record.fields.text("lot")));
  if (lot == nullptr) return base::fail("a tender without its lot: " + record.id);
  return law::parse_rule_sheet(lot->fields.at("rule_sheet"));
}

std::vector<law::OpenedTender> opened_of(const Json& rows) {
  std::vector<law::OpenedTender> list;
  const auto* all = rows.if_array();
  for (std::size_t i = 0; all != nullptr && i < all->size(); ++i) {
    const auto& row = (*all)[i];
    list.push_back({static_cast<std::uint32_t>(number(row.at("plate"))),
                    base::parse_money(row.text("price")).value_or(base::Money{}),
                    row.at("valid").is_bool() && row.at("valid").as_bool()});
  }
  return list;
}

// At the deadline: what was handed in is laid out in the order of receipt, or, of too few, given back unopened. The pool of
// experts is closed by the same leaf, before anybody can know the root that the draw will use.
Result<BehaviourOutcome> begin_opening(const Record& record, Look& look) {
  LG_TRY(auto tenders, records_of(record, "handed_in", look));
  std::sort(tenders.begin(), tenders.end(), [](const Record& a, const Record& b) {
    const auto left = a.fields.text("received");
    const auto right = b.fields.text("received");
    return left != right ? left < right : a.last_leaf < b.last_leaf;
  });
  BehaviourOutcome out;
  out.set["received_count"] = static_cast<std::int64_t>(tenders.size());
  const bool opens = record.state == "opening";
  JsonArray rows;
  for (const auto& one : tenders) {
    out.follow.push_back({one.id, opens ? "lay-out" : "give-back", {}, "", "", ""});
    if (!opens) continue;
    LG_TRY(const auto* application, look.record(one.fields.text("application")));
    if (application == nullptr) return base::fail("a tender without its application: " + one.id);
    const auto& of = application->fields;
    rows.push_back(JsonObject{{"plate", number(of.at("plate"))},
                              {"received", one.fields.at("received")},
                              {"commitment", one.fields.at("commitment")}});
    JsonObject fields{
        {"tender", record.id},         {"lot", record.fields.at("lot")},        {"region", record.fields.at("region")},
        {"plate", of.at("plate")},     {"tenderer", of.at("applicant")},        {"tenderer_name", of.at("applicant_name")},
        {"bid_key", of.at("bid_key")}, {"received", one.fields.at("received")}, {"document", one.fields.at("document")}};
    out.follow.push_back({"", "", std::move(fields), "opened-tender", "", ""});
  }
  if (!opens) return out;
  out.set["tenders"] = std::move(rows);
  LG_TRY(auto pool, look.listed(record, "pool_members"));
  std::sort(pool.begin(), pool.end());
  out.set["pool_experts"] = JsonArray(pool.begin(), pool.end());
  return out;
}

// What was read out, beside what was committed.
Result<BehaviourOutcome> close_opening(const Record& record, Look& look) {
  LG_TRY(const auto opened, records_of(record, "opened", look));
  BehaviourOutcome out;
  auto rows = record.fields.at("tenders");
  if (!rows.is_array()) return base::fail("an opening without tenders: " + record.id);
  for (auto& row : rows.as_array()) {
    for (const auto& one : opened) {
      if (one.fields.at("plate") != row.at("plate")) continue;
      auto& made = row.as_object();
      made["record"] = one.id;
      made["valid"] = one.fields.at("valid").is_bool() && one.fields.at("valid").as_bool();
      const bool valid = made.at("valid").as_bool();
      if (valid) made["price"] = one.fields.at("price");
      const auto price = base::parse_money(one.fields.text("price"));
      made["said"] = valid && price ? base::money_yuan(*price) : std::string("无效");
    }
  }
  out.set["tenders"] = std::move(rows);
  return out;
}

Result<BehaviourOutcome> open_reserve(const Record& record, Look& look) {
  LG_TRY(const auto sheet, lot_sheet(record, look));
  const auto price = base::parse_money(record.fields.text("reserve_price"));
  const auto salt = base::from_hex(record.fields.text("reserve_salt"));
  const bool fits = sheet.reserve && sheet.reserve->commitment && price && salt && salt->size() == 32 &&
                    law::reserve_commitment(*salt, *price) == *sheet.reserve->commitment;
  if (!fits)
    return base::refuse("AU-25", "底价与事先的承诺不符", "the reserve is not the one committed", "reserve_price",
                        "国土资源部令第39号 art. 10 (L-09)");
  return BehaviourOutcome{};
}

// Each member of the committee gets a sheet with the rows that he is to fill.
FollowUp sheet_for(const Record& record, const law::RuleSheet& sheet, std::int64_t seat, std::string_view kind,
                   std::string_view member, std::string_view expert) {
  JsonArray rows;
  for (const auto& tender : opened_of(record.fields.at("tenders"))) {
    if (!tender.valid) continue;
    for (const auto& criterion : sheet.tender->criteria)
      rows.push_back(JsonObject{{"plate", static_cast<std::int64_t>(tender.plate)}, {"criterion", criterion.id}});
  }
  JsonObject fields{{"tender", record.id},
                    {"lot", record.fields.at("lot")},
                    {"region", record.fields.at("region")},
                    {"seat", seat},
                    {"kind", kind},
                    {"member", member},
                    {"scores", std::move(rows)}};
  if (!expert.empty()) fields["expert"] = expert;
  return {"", "", std::move(fields), "score-sheet", "", ""};
}

// The draw goes on from place to place of one permutation, so that who follows whom was fixed before anybody knew it.
class Drawn {
 public:
  static Result<Drawn> of(const Record& record, Look& look) {
    Drawn made;
    const auto& fields = record.fields;
    const auto salt = base::from_hex(fields.text("draw_salt"));
    const auto root = base::from_hex(fields.text("draw_root"));
    if (!salt || salt->size() != 32 || base::to_hex(law::draw_salt_hash(*salt)) != fields.text("draw_salt_hash"))
      return base::refuse("AU-28", "抽取盐值与公告的摘要不符", "the salt is not the one committed", "draw_salt",
                          k_tender_law);
    if (!root || root->size() != 32)
      return base::refuse("AU-29", "日志根无法读取", "the root does not read", "draw_root", k_tender_law);
    base::Hash hash{};
    std::copy(root->begin(), root->end(), hash.begin());
    const auto* pool = fields.at("pool_experts").if_array();
    const auto count = pool == nullptr ? std::size_t{0} : pool->size();
    for (const auto place : law::draw(law::draw_seed(hash, *salt), count, count))
      made.order_.push_back((*pool)[place].as_string());
    LG_TRY(const auto opened, records_of(record, "opened", look));
    for (const auto& one : opened) made.tenderers_.insert(std::string(one.fields.text("tenderer")));
    const auto& seats = fields.at("seats");
    made.next_ = static_cast<std::size_t>(number(seats.at("next")));
    if (seats.at("passed").is_array()) made.passed_ = seats.at("passed").as_array();
    return made;
  }

  // The next expert of the draw who has declared no interest in a tenderer; empty where the pool is exhausted.
  Result<std::pair<std::string, std::string>> next(Look& look) {
    while (next_ < order_.size()) {
      const auto expert = order_[next_++];
      LG_TRY(const auto* record, look.record(expert));
      if (record == nullptr) return base::fail("an expert of the pool is not there: " + expert);
      const auto* interests = record->fields.at("interests").if_array();
      const bool interested =
          interests != nullptr && std::any_of(interests->begin(), interests->end(), [&](const Json& one) {
            return one.is_string() && tenderers_.contains(one.as_string());
          });
      if (!interested) return std::pair(expert, std::string(record->fields.text("person")));
      passed_.push_back(expert);
    }
    return std::pair<std::string, std::string>();
  }

  Json seats() const { return JsonObject{{"next", static_cast<std::int64_t>(next_)}, {"passed", passed_}}; }

 private:
  std::vector<std::string> order_;
  std::set<std::string> tenderers_;
  std::size_t next_ = 0;
  JsonArray passed_;
};

Result<BehaviourOutcome> draw_committee(const Record& record, Look& look) {
  LG_TRY(const auto sheet, lot_sheet(record, look));
  LG_TRY(auto drawn, Drawn::of(record, look));
  BehaviourOutcome out;
  std::int64_t seat = 0;
  for (; seat < sheet.tender->experts; ++seat) {
    LG_TRY(const auto expert, drawn.next(look));
    if (expert.first.empty())
      return base::refuse("AU-33", "专家库人数不足", "the pool has too few experts without an interest", "pool_experts",
                          k_tender_law);
    out.follow.push_back(sheet_for(record, sheet, seat + 1, "expert", expert.second, expert.first));
  }
  const auto* named = record.fields.at("representatives").if_array();
  for (std::size_t i = 0; named != nullptr && i < named->size(); ++i)
    out.follow.push_back(sheet_for(record, sheet, ++seat, "representative", (*named)[i].as_string(), ""));
  out.set["seats"] = drawn.seats();
  return out;
}

// A member stands down: the next of the draw takes the seat; for one of the seller, the director names another.
Result<BehaviourOutcome> replace(const Record& record, Look& look) {
  LG_TRY(const auto sheet, lot_sheet(record, look));
  BehaviourOutcome out;
  const auto seat = number(record.fields.at("seat"));
  const auto raise = [&](std::string detail) {
    out.outcome["raise"] = JsonArray{JsonObject{{"code", "AU-51"}, {"detail", std::move(detail)}}};
  };
  if (seat > sheet.tender->experts) {
    raise("招标人代表席位空缺，须另行指定");
    return out;
  }
  LG_TRY(auto drawn, Drawn::of(record, look));
  LG_TRY(const auto expert, drawn.next(look));
  out.set["seats"] = drawn.seats();
  if (expert.first.empty())
    raise("专家库已抽尽，评标委员会缺员");
  else
    out.follow.push_back(sheet_for(record, sheet, seat, "expert", expert.second, expert.first));
  return out;
}

Result<BehaviourOutcome> appoint(const Record& record, Look& look) {
  LG_TRY(const auto sheet, lot_sheet(record, look));
  const auto seat = number(record.fields.at("seat"));
  if (seat <= sheet.tender->experts || seat > sheet.tender->committee)
    return base::refuse("AU-35", "只有招标人代表的席位由负责人指定", "only seats of the seller are named", "seat",
                        k_tender_law);
  LG_TRY(const auto sheets, records_of(record, "sheets", look));
  for (const auto& one : sheets) {
    if (number(one.fields.at("seat")) == seat && one.state != "recused" && one.state != "dismissed")
      return base::refuse("AU-35", "该席位并未空缺", "that seat is taken", "seat", k_tender_law);
  }
  BehaviourOutcome out;
  out.follow.push_back(sheet_for(record, sheet, seat, "representative", record.fields.text("member"), ""));
  return out;
}

// For the report: what each tender got for each criterion, by seat; and who rejected it, and why.
JsonArray score_lines(const Record& record, const std::vector<law::ScoreSheet>& sheets) {
  JsonArray lines;
  const auto* criteria = record.fields.at("criteria").if_array();
  for (const auto& tender : opened_of(record.fields.at("tenders"))) {
    if (!tender.valid) continue;
    const auto plate = static_cast<std::int64_t>(tender.plate);
    const auto line = [&](std::string_view criterion, std::string points) {
      if (!points.empty())
        lines.push_back(JsonObject{{"plate", plate}, {"criterion", criterion}, {"points", std::move(points)}});
    };
    const auto each = [&](const auto& of, const auto& text) {
      std::string all;
      for (const auto& sheet : sheets) {
        const auto* rows = of(sheet).if_array();
        for (std::size_t i = 0; rows != nullptr && i < rows->size(); ++i) {
          if (number((*rows)[i].at("plate")) != plate) continue;
          const std::string said = text(sheet, (*rows)[i]);
          if (!said.empty()) all += (all.empty() ? "" : "、") + said;
        }
      }
      return all;
    };
    for (std::size_t c = 0; criteria != nullptr && c < criteria->size(); ++c) {
      const auto id = (*criteria)[c].text("id");
      const auto name = (*criteria)[c].text("name");
      line(name.empty() ? id : name, each([](const auto& sheet) -> const Json& { return sheet.scores; },
                                          [&](const auto&, const Json& row) {
                                            return row.text("criterion") == id ? std::to_string(number(row.at("points")))
                                                                               : std::string();
                                          }));
    }
    line("否决", each([](const auto& sheet) -> const Json& { return sheet.rejected; },
                      [](const auto& sheet, const Json& row) {
                        return "席位 " + std::to_string(sheet.seat) + "：" + std::string(row.text("why"));
                      }));
  }
  return lines;
}

// All sheets are in: they are shown, with the salt that lets everybody repeat the draw, and ranked.
Result<BehaviourOutcome> reveal(const Record& record, Look& look) {
  LG_TRY(const auto sheet, lot_sheet(record, look));
  LG_TRY(auto sheets, records_of(record, "sheets", look));
  std::stable_sort(sheets.begin(), sheets.end(), [](const Record& a, const Record& b) {
    return number(a.fields.at("seat")) < number(b.fields.at("seat"));
  });
  BehaviourOutcome out;
  JsonArray shown;
  std::vector<law::ScoreSheet> given;
  for (const auto& one : sheets) {
    JsonObject row;
    for (const auto* name : {"seat", "kind", "member", "expert"}) {
      if (const auto* value = one.fields.find(name)) row[name] = *value;
    }
    row["sheet"] = one.id;
    row["state"] = one.state;
    if (one.state == "scored") {
      for (const auto* name : {"scores", "rejected", "signed_act"}) {
        if (const auto* value = one.fields.find(name)) row[name] = *value;
      }
      given.push_back({number(one.fields.at("seat")), one.fields.at("scores"), one.fields.at("rejected")});
    }
    shown.push_back(std::move(row));
  }
  const auto reserve = base::parse_money(record.fields.text("reserve_price"));
  LG_TRY(const auto result,
         law::rank_by_sheets(*sheet.tender, sheet.min_bidders, reserve, opened_of(record.fields.at("tenders")), given));
  out.set["score_lines"] = score_lines(record, given);
  out.set["evaluation"] = std::move(shown);
  out.set["passed_over"] = record.fields.at("seats").at("passed");
  out.set["salt_shown"] = record.fields.at("draw_salt");
  out.set["ranking"] = law::ranking_rows(*sheet.tender, result);
  out.to = result.reason.empty() ? "ranked" : "failed";
  if (!result.reason.empty()) {
    out.set["fail_reason"] = result.reason;
    return out;
  }
  out.set["winner_plate"] = static_cast<std::int64_t>(result.ranking.front().plate);
  out.set["deal_price"] = base::money_text(result.ranking.front().price);
  return out;
}

class SealedTender final : public Behaviour {
 public:
  std::string_view name() const override { return "tender@1"; }

  Result<BehaviourOutcome> joins(const Record&, const Record& after, const Command& command, base::Time,
                                 Look& look) override {
    const auto& action = command.action;
    if (action == "begin-opening") return begin_opening(after, look);
    if (action == "open-reserve") return open_reserve(after, look);
    if (action == "close-opening") return close_opening(after, look);
    if (action == "draw") return draw_committee(after, look);
    if (action == "replace") return replace(after, look);
    if (action == "appoint") return appoint(after, look);
    if (action == "reveal") return reveal(after, look);
    return BehaviourOutcome{};
  }
};

}  // namespace

std::shared_ptr<Behaviour> tender() { return std::make_shared<SealedTender>(); }

Result<law::TenderRules> tender_rules_of(const JsonObject& fields) {
  const auto ratio = [](const Json& value) {
    const auto read = value.is_string() ? base::parse_ratio(value.as_string()) : std::nullopt;
    return read ? Json(base::ratio_text(*read)) : value;
  };
  JsonArray criteria;
  const auto* given = fields.at("criteria").if_array();
  for (std::size_t i = 0; given != nullptr && i < given->size(); ++i) {
    const auto& one = (*given)[i];
    criteria.push_back(JsonObject{{"id", one.at("id")}, {"max", one.at("max")}, {"weight", ratio(one.at("weight"))}});
  }
  return law::parse_tender_rules(
      JsonObject{{"award", fields.at("award")},
                 {"criteria", std::move(criteria)},
                 {"price_weight", ratio(fields.at("price_weight"))},
                 {"price_formula", fields.at("price_formula")},
                 {"drop_extremes", fields.at("drop_extremes").is_bool() && fields.at("drop_extremes").as_bool()},
                 {"decimals", fields.at("decimals")},
                 {"committee", fields.at("committee_size")},
                 {"experts", fields.at("experts")}});
}

}  // namespace landglass::market
