#include "verify/tender.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "law/auction_draw.hpp"
#include "law/auction_rules.hpp"
#include "law/locked.hpp"
#include "law/tender_committee.hpp"
#include "law/tender_value.hpp"
#include "log/act.hpp"

namespace landglass::verify {
namespace {

using base::Json;
using base::JsonObject;

constexpr std::string_view k_opened = "opened-tender/";

std::int64_t number(const Json& value) {
  const auto* found = value.if_int();
  return found == nullptr ? 0 : *found;
}

// A leaf's changes, its own and those of its effects.
template <class Each>
void each_change(const log::Leaf& leaf, const Each& each) {
  each(leaf.change);
  for (const auto& effect : leaf.effects) each(effect);
}

struct Laid {  // a tender as the deadline showed it
  std::string commitment;
  std::string record;  // as opened
  std::string key;
  bool opened = false;
  bool valid = false;
  base::Money price;
};

class TenderRun {
 public:
  TenderRun(std::string_view tender, std::span<const log::Leaf> leaves,
            const std::function<std::optional<base::Hash>(std::uint64_t)>& root_at)
      : tender_(tender), leaves_(leaves), root_at_(root_at) {}

  TenderReport all() {
    const log::Leaf* before = nullptr;
    for (const auto& leaf : leaves_) {
      if (report_.misfit) break;
      if (before != nullptr && (leaf.seq <= before->seq || leaf.time < before->time))
        misfit(leaf.seq, "AV-02", "日志叶次序有误", "leaves out of order", std::to_string(before->seq));
      before = &leaf;
      each_change(leaf, [&](const log::Change& change) {
        if (report_.misfit) return;
        if (change.record == tender_) {
          one(leaf, change);
        } else if (!lot_.empty() && change.record == lot_) {
          lot(leaf, change);
        } else if (change.record.starts_with(k_opened)) {
          opened(leaf, change);
        } else if (change.institution == "post-key" && change.version == 1) {
          keys_.emplace(change.set.text("person"), change.set.text("key"));
        }
      });
    }
    return std::move(report_);
  }

 private:
  void misfit(std::uint64_t seq, std::string code, std::string zh, std::string en, std::string detail) {
    if (!report_.misfit)
      report_.misfit = AuctionMisfit{seq, std::move(code), {std::move(zh), std::move(en)}, std::move(detail)};
  }
  void compare(const log::Leaf& leaf, std::string_view what, const Json& said, const Json& found) {
    if (base::canonical(said) == base::canonical(found)) return;
    misfit(leaf.seq, "AV-04", "叶所载结果与重算不符", "the outcome is not the one worked out",
           std::string(what) + ": " + base::canonical(said) + " ≠ " + base::canonical(found));
  }

  // The announcement of the lot holds the rule sheet; its leaf may stand before any of the tender's that is looked at, as
  // the draft names the lot.
  void lot(const log::Leaf& leaf, const log::Change& change) {
    if (change.action == "award" && report_.stage == "awarded") {
      compare(leaf, "winner_plate", change.set.at("winner_plate"),
              Json(static_cast<std::int64_t>(report_.winner.value_or(0))));
      compare(leaf, "deal_price", change.set.at("deal_price"), base::money_text(price_));
    }
    const auto* json = change.set.find("rule_sheet");
    if (json == nullptr) return;
    auto sheet = law::parse_rule_sheet(*json);
    if (!sheet || !sheet->tender)
      return misfit(leaf.seq, "AV-01", "没有招标的规则表", "there is no rule sheet of a tender", "");
    const auto hash = law::rule_sheet_hash(*sheet);
    if (change.outcome.text("rule_sheet") != base::to_hex(hash))
      return misfit(leaf.seq, "AV-01", "规则表与其哈希不符", "the rule sheet is not that of its hash", base::to_hex(hash));
    if (!report_.stage.empty() && report_.stage != "announced")
      return misfit(leaf.seq, "AV-01", "截止后更换规则表", "the rule sheet was changed after the deadline",
                    base::to_hex(hash));
    report_.rule_sheet = hash;
    sheet_ = std::move(*sheet);
  }

  void one(const log::Leaf& leaf, const log::Change& change) {
    const auto& action = change.action;
    const auto& set = change.set;
    if (change.version == 1) {
      lot_ = set.text("lot");
      salt_hash_ = set.text("draw_salt_hash");
      return;
    }
    if (action == "announce" || action == "postpone") {
      // The rule sheet stands in the very same leaf, on the lot.
      if (const auto hash = set.text("rule_sheet_hash");
          !hash.empty() && report_.rule_sheet && hash != base::to_hex(*report_.rule_sheet))
        return misfit(leaf.seq, "AV-01", "招标的规则表不是公告的", "the tender has another rule sheet than the announcement",
                      std::string(hash));
      if (!report_.rule_sheet) return misfit(leaf.seq, "AV-01", "没有规则表", "there is no rule sheet", "");
      report_.stage = "announced";
    }
    if (action == "begin-opening") begin(leaf, change);
    if (action == "open-reserve" && set.find("reserve_price") != nullptr) reserve(leaf, set);
    if (action == "close-opening" && set.find("tenders") != nullptr) close(leaf, set);
    if (action == "draw" && set.find("draw_root") != nullptr) draw(leaf, set);
    if (action == "reveal") reveal(leaf, change);
    if (action == "award") {
      if (report_.stage != "ranked")
        return misfit(leaf.seq, "AV-03", "未排名即定标", "awarded without a ranking", report_.stage);
      report_.stage = "awarded";
    }
  }

  void begin(const log::Leaf& leaf, const log::Change& change) {
    if (!report_.rule_sheet) return misfit(leaf.seq, "AV-01", "没有规则表", "there is no rule sheet", "");
    if (leaf.time < *sheet_.closes)
      return misfit(leaf.seq, "AV-03", "截止前开标", "opened before the deadline", base::format_utc(leaf.time));
    report_.received = static_cast<std::uint64_t>(number(change.set.at("received_count")));
    const bool enough = static_cast<std::int64_t>(report_.received) >= sheet_.min_bidders;
    if ((change.state == "opening") != enough)
      return misfit(leaf.seq, "AV-04", "投标人数与去向不符", "what follows is not as many tenders ask",
                    std::to_string(report_.received) + " → " + change.state);
    report_.stage = enough ? "opening" : "failed";
    if (!enough) return;
    pool_closed_ = leaf.seq;
    const auto* rows = change.set.at("tenders").if_array();
    const auto* pool = change.set.at("pool_experts").if_array();
    if (rows == nullptr || pool == nullptr || rows->size() != report_.received)
      return misfit(leaf.seq, "AV-10", "开标的叶缺少投标或专家库", "the leaf of the opening lacks tenders or pool", "");
    std::string last;
    for (const auto& row : *rows) {
      const auto plate = static_cast<std::uint32_t>(number(row.at("plate")));
      const std::string received(row.text("received"));
      if (received < last ||
          !laid_.emplace(plate, Laid{std::string(row.text("commitment")), {}, {}, false, false, {}}).second)
        return misfit(leaf.seq, "AV-10", "投标未按收到次序或号牌重复",
                      "tenders not in the order of receipt, or a plate twice", std::to_string(plate));
      last = received;
      order_.push_back(plate);
    }
    for (const auto& one : *pool) pool_.push_back(one.is_string() ? one.as_string() : std::string());
    if (!std::is_sorted(pool_.begin(), pool_.end()) || std::adjacent_find(pool_.begin(), pool_.end()) != pool_.end())
      misfit(leaf.seq, "AV-10", "专家库未排序或有重复", "the pool is not sorted, or one stands twice", "");
  }

  void opened(const log::Leaf& leaf, const log::Change& change) {
    const auto& set = change.set;
    if (change.version == 1) {
      if (set.text("tender") != tender_) return;
      const auto found = laid_.find(static_cast<std::uint32_t>(number(set.at("plate"))));
      if (found == laid_.end() || !found->second.record.empty() || set.text("commitment") != found->second.commitment)
        return misfit(leaf.seq, "AV-05", "提交开标的不是截止时收到的投标", "what is laid out is no tender of the deadline",
                      std::string(set.text("commitment")));
      found->second.record = change.record;
      found->second.key = set.text("bid_key");
      return;
    }
    const auto mine =
        std::find_if(laid_.begin(), laid_.end(), [&](const auto& one) { return one.second.record == change.record; });
    if (mine == laid_.end()) return;
    auto& [plate, laid] = *mine;
    if (change.action == "set-aside" && change.state == "set_aside") laid.opened = true;
    if (change.action != "open") return;
    const auto salt = base::from_hex(set.text("salt"));
    const std::string text(set.text("value"));
    if (!salt || salt->size() != 32 || law::lock_commitment(*salt, base::as_bytes(text)) != laid.commitment)
      return misfit(leaf.seq, "AV-05", "开启的内容与承诺不符", "what was opened is not what was committed", laid.commitment);
    laid.opened = true;
    ++report_.opened;
    const auto value = law::parse_tender_value(text);
    const auto key = base::from_base64url(laid.key);
    laid.valid = value && key && value->lot == lot_ && value->plate == plate &&
                 value->rule_sheet == base::to_hex(*report_.rule_sheet) && law::check_tender_signature(*value, *key);
    if (laid.valid && value->origin != leaf.origin)
      return misfit(leaf.seq, "AV-06", "投标签名属于另一日志", "the tender was signed for another log", value->origin);
    compare(leaf, "valid", set.at("valid"), laid.valid);
    if (!laid.valid) return;
    ++report_.valid;
    laid.price = value->price;
    compare(leaf, "price", set.at("price"), base::money_text(laid.price));
  }

  void reserve(const log::Leaf& leaf, const JsonObject& set) {
    const auto price = base::parse_money(set.text("reserve_price"));
    const auto salt = base::from_hex(set.text("reserve_salt"));
    const bool fits = sheet_.reserve && sheet_.reserve->commitment && price && salt && salt->size() == 32 &&
                      law::reserve_commitment(*salt, *price) == *sheet_.reserve->commitment;
    if (!fits)
      return misfit(leaf.seq, "AV-05", "标底与公告的承诺不符", "the reserve is not the one committed",
                    std::string(set.text("reserve_price")));
    reserve_ = *price;
  }

  void close(const log::Leaf& leaf, const JsonObject& set) {
    const auto* rows = set.at("tenders").if_array();
    if (rows == nullptr || rows->size() != order_.size())
      return misfit(leaf.seq, "AV-04", "唱标的投标与截止时不同", "other tenders were read out than were received", "");
    for (std::size_t i = 0; i < rows->size(); ++i) {
      const auto& row = (*rows)[i];
      const auto& laid = laid_.at(order_[i]);
      if (number(row.at("plate")) != order_[i] || row.text("record") != laid.record || !laid.opened)
        return misfit(leaf.seq, "AV-04", "唱标的投标与截止时不同", "other tenders were read out than were received",
                      std::to_string(order_[i]));
      compare(leaf, "valid", row.at("valid"), laid.valid);
      if (laid.valid) compare(leaf, "price", row.at("price"), base::money_text(laid.price));
      tenders_.push_back({order_[i], laid.price, laid.valid});
    }
    if (sheet_.reserve && !reserve_)
      return misfit(leaf.seq, "AV-03", "标底未开启即结束开标", "closed before the reserve was opened", "");
    report_.stage = "forming";
  }

  void draw(const log::Leaf& leaf, const JsonObject& set) {
    const auto root = base::from_hex(set.text("draw_root"));
    const auto size = static_cast<std::uint64_t>(number(set.at("draw_root_size")));
    if (!root || root->size() != root_.size())
      return misfit(leaf.seq, "AV-10", "日志根无法读取", "the root does not read", "");
    std::copy(root->begin(), root->end(), root_.begin());
    if (size <= pool_closed_ || size > leaf.seq)
      return misfit(leaf.seq, "AV-09", "抽取所据检查点不在关闭专家库与抽取之间",
                    "the draw's checkpoint is not between the closing of the pool and the draw",
                    std::to_string(pool_closed_) + " < " + std::to_string(size) + " ≤ " + std::to_string(leaf.seq));
    if (const auto known = root_at_ ? root_at_(size) : std::nullopt; known && *known != root_)
      return misfit(leaf.seq, "AV-09", "抽取所据根与日志不符", "the draw's root is not the log's",
                    base::to_hex(root_) + " ≠ " + base::to_hex(*known));
    report_.stage = "evaluating";
  }

  // Whoever the draw gave must sit there or have stood down, in the order of the draw: nobody was left out between.
  void check_seats(const log::Leaf& leaf, const JsonObject& set) {
    const auto salt = base::from_hex(set.text("salt_shown"));
    if (!salt || salt->size() != 32 || base::to_hex(law::draw_salt_hash(*salt)) != salt_hash_)
      return misfit(leaf.seq, "AV-05", "抽取盐值与公告的摘要不符", "the salt is not the one committed",
                    std::string(set.text("salt_shown")));
    std::set<std::string> known;
    const auto* passed = set.at("passed_over").if_array();
    for (std::size_t i = 0; passed != nullptr && i < passed->size(); ++i)
      known.insert((*passed)[i].is_string() ? (*passed)[i].as_string() : std::string());
    std::vector<std::pair<std::int64_t, std::string>> scored;
    std::int64_t members = 0;
    for (const auto& row : set.at("evaluation").as_array()) {
      const auto seat = number(row.at("seat"));
      const bool expert = row.text("kind") == "expert";
      if (expert == (seat > sheet_.tender->experts))
        return misfit(leaf.seq, "AV-04", "席位的类别不符", "a seat of another kind", std::to_string(seat));
      if (expert && !known.insert(std::string(row.text("expert"))).second)
        return misfit(leaf.seq, "AV-04", "同一专家出现两次", "an expert twice", std::string(row.text("expert")));
      if (row.text("state") == "scored") ++members;
    }
    const auto order = law::draw(law::draw_seed(root_, *salt), pool_.size(), pool_.size());
    std::set<std::string> first;
    for (std::size_t i = 0; i < known.size() && i < order.size(); ++i) first.insert(pool_[order[i]]);
    if (first != known) {
      std::string list;
      for (const auto& one : first) list += one + " ";
      return misfit(leaf.seq, "AV-04", "评标专家不是抽取所得", "the experts are not those of the draw", list);
    }
    if (members != sheet_.tender->committee)
      return misfit(leaf.seq, "AV-04", "评分人数与规则表不符", "other members scored than the rule sheet asks",
                    std::to_string(members));
    report_.drawn = first.size();
  }

  // What a member signed says nothing else than what is shown.
  bool check_signature(const log::Leaf& leaf, const Json& row) {
    const auto& held = row.at("signed_act");
    if (held.is_null()) return true;
    auto said = held.at("act");
    const auto wrong = [&](const char* en) {
      misfit(leaf.seq, "AV-06", "评分签名不符", en, std::string(row.text("member")));
      return false;
    };
    if (!said.is_object()) return wrong("a signature of a member is malformed");
    JsonObject fields;
    for (const auto* name : {"scores", "rejected"}) {
      if (!row.at(name).is_null()) fields[name] = row.at(name);
    }
    said.as_object()["fields"] = std::move(fields);
    const auto act = log::read_act(said);
    if (!act) return wrong("a signature of a member is malformed");
    if (!keys_.contains({std::string(row.text("member")), std::string(held.text("key"))}))
      return wrong("signed with a key that the log does not know as the member's");
    if (act->action != "score" || act->record != row.text("sheet")) return wrong("a signature is of another act");
    if (!log::verify(*act, {std::string(held.text("alg")), std::string(held.text("key")), std::string(held.text("sig"))}))
      return wrong("a signature is not the member's");
    ++report_.signatures;
    return true;
  }

  void reveal(const log::Leaf& leaf, const log::Change& change) {
    const auto& set = change.set;
    if (report_.stage != "evaluating")
      return misfit(leaf.seq, "AV-03", "未抽取即排名", "ranked without a draw", report_.stage);
    if (!set.at("evaluation").is_array()) return misfit(leaf.seq, "AV-10", "缺少评分表", "the score sheets are missing", "");
    check_seats(leaf, set);
    if (report_.misfit) return;
    std::vector<law::ScoreSheet> sheets;
    for (const auto& row : set.at("evaluation").as_array()) {
      if (row.text("state") != "scored") continue;
      if (!check_signature(leaf, row)) return;
      sheets.push_back({number(row.at("seat")), row.at("scores"), row.at("rejected")});
    }
    report_.sheets = sheets.size();
    const auto result = law::rank_by_sheets(*sheet_.tender, sheet_.min_bidders, reserve_, tenders_, std::move(sheets));
    if (!result) {
      const auto trouble = result.trouble();
      const auto* refusal = std::get_if<base::Refusal>(&trouble);
      return misfit(leaf.seq, "AV-03", refusal ? refusal->say.zh : "失败", refusal ? refusal->say.en : "failure",
                    base::explain(trouble));
    }
    compare(leaf, "ranking", set.at("ranking"), law::ranking_rows(*sheet_.tender, *result));
    if (report_.misfit) return;
    if ((change.state == "ranked") != result->reason.empty())
      return misfit(leaf.seq, "AV-04", "排名后的去向不符", "what follows is not what the ranking gives", change.state);
    report_.stage = change.state;
    if (!result->reason.empty()) return;
    report_.winner = result->ranking.front().plate;
    price_ = result->ranking.front().price;
    compare(leaf, "winner_plate", set.at("winner_plate"), Json(static_cast<std::int64_t>(*report_.winner)));
    compare(leaf, "deal_price", set.at("deal_price"), base::money_text(price_));
  }

  std::string_view tender_;
  std::span<const log::Leaf> leaves_;
  const std::function<std::optional<base::Hash>(std::uint64_t)>& root_at_;
  TenderReport report_;
  std::string lot_, salt_hash_;
  law::RuleSheet sheet_;
  std::map<std::uint32_t, Laid> laid_;
  std::vector<std::uint32_t> order_;
  std::vector<std::string> pool_;
  std::uint64_t pool_closed_ = 0;
  std::vector<law::OpenedTender> tenders_;
  std::optional<base::Money> reserve_;
  std::set<std::pair<std::string, std::string>> keys_;  // (person, key) that the log knows
  base::Hash root_{};
  base::Money price_;
};

}  // namespace

std::optional<std::string> tender_of_lot(const log::Leaf& leaf, std::string_view lot) {
  std::optional<std::string> found;
  bool of_lot = false;
  each_change(leaf, [&](const log::Change& change) {
    of_lot = of_lot || change.record == lot;
    if (change.action == "announce" && change.institution == "land-tender") found = change.record;
  });
  return of_lot ? found : std::nullopt;
}

TenderReport verify_tender(std::string_view tender, std::span<const log::Leaf> leaves,
                           const std::function<std::optional<base::Hash>(std::uint64_t)>& root_at) {
  return TenderRun(tender, leaves, root_at).all();
}

}  // namespace landglass::verify
