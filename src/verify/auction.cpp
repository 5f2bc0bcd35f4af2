#include "verify/auction.hpp"

#include <algorithm>

#include "law/auction_bid.hpp"
#include "law/auction_event.hpp"

namespace landglass::verify {
namespace {

using base::Json;

constexpr std::int64_t k_late_ms = 500;  // a tick may come so much later than its interval

// The lot's change within a leaf, and how its committed fields are called there.
struct Part {
  const log::Change* change = nullptr;
  std::string prefix;
};
Part part_of(const log::Leaf& leaf, std::string_view lot) {
  if (leaf.change.record == lot) return {&leaf.change, ""};
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    if (leaf.effects[i].record == lot) return {&leaf.effects[i], "effects/" + std::to_string(i) + "/"};
  }
  return {};
}

// An event of the sealed tree, as the leaf that ends its phase reveals it.
struct Revealed {
  std::uint64_t seq = 0;
  std::uint64_t after = 0;  // the lot's leaf that stood last when it was taken: of one instant, time tells no order
  law::sale::Event event;
};

class Run {
 public:
  Run(std::string_view lot, std::span<const log::Leaf> leaves, const AuctionOpenings& openings,
      const std::function<std::optional<base::Hash>(std::uint64_t)>& root_at)
      : lot_(lot), leaves_(leaves), openings_(openings), root_at_(root_at) {}

  AuctionReport all() {
    check_order();
    look_ahead();
    for (const auto& leaf : leaves_) {
      if (report_.misfit) break;
      const auto part = part_of(leaf, lot_);
      if (!part.change) continue;
      one(leaf, part);
      last_time_ = leaf.time;
    }
    if (ladder_) report_.head = ladder_->head();
    return std::move(report_);
  }

 private:
  void misfit(std::uint64_t seq, std::string code, std::string zh, std::string en, std::string detail) {
    if (!report_.misfit)
      report_.misfit = AuctionMisfit{seq, std::move(code), {std::move(zh), std::move(en)}, std::move(detail)};
  }
  void misfit(std::uint64_t seq, std::string code, const base::Trouble& trouble) {
    const auto* refusal = std::get_if<base::Refusal>(&trouble);
    misfit(seq, std::move(code), refusal ? refusal->say.zh : "失败", refusal ? refusal->say.en : "failure",
           base::explain(trouble));
  }

  // The committed value under a path, checked; null where it is not open; nothing where there is a misfit.
  std::optional<Json> opened(const log::Leaf& leaf, const Part& part, std::string_view name) {
    const auto* committed = part.change->commit.find(name);
    if (!committed || !committed->is_string()) {
      misfit(leaf.seq, "AV-10", "缺少承诺值", "a commitment is missing", std::string(name));
      return std::nullopt;
    }
    const auto path = part.prefix + std::string(name);
    const auto found = openings_.find(std::pair(leaf.seq, path));
    if (found == openings_.end()) return Json();
    const auto worked_out =
        base::to_hex(log::commitment(found->second.salt, leaf.origin, leaf.command, path, found->second.value));
    if (worked_out != committed->as_string()) {
      misfit(leaf.seq, "AV-05", "公开的内容与承诺不符", "an opening does not fit its commitment",
             path + ": " + committed->as_string() + " ≠ " + worked_out);
      return std::nullopt;
    }
    return found->second.value;
  }

  void check_order() {
    for (std::size_t i = 1; i < leaves_.size(); ++i) {
      const auto& before = leaves_[i - 1];
      const auto& leaf = leaves_[i];
      if (leaf.seq > before.seq && leaf.time >= before.time && leaf.origin == before.origin) continue;
      return misfit(leaf.seq, "AV-02", "日志叶次序有误", "leaves out of order",
                    std::to_string(before.seq) + " " + base::format_utc(before.time) + " > " + std::to_string(leaf.seq) +
                        " " + base::format_utc(leaf.time));
    }
  }

  // Missing openings make the whole run blind; wishes and joining offers are put where their times want them.
  void look_ahead() {
    for (const auto& leaf : leaves_) {
      const auto part = part_of(leaf, lot_);
      if (!part.change) continue;
      const auto secret = law::sale_secret(said_event(*part.change).first);
      for (const auto name : {secret, std::string_view("wishes"), std::string_view("joined")}) {
        if (name.empty() || !part.change->commit.find(name)) continue;
        if (openings_.find(std::pair(leaf.seq, part.prefix + std::string(name))) == openings_.end())
          ++report_.unopened;
        else if (name != secret)
          reveal(leaf, part, name);
      }
    }
    std::stable_sort(revealed_.begin(), revealed_.end(), [](const auto& a, const auto& b) { return a.after < b.after; });
  }

  void reveal(const log::Leaf& leaf, const Part& part, std::string_view name) {
    const auto value = opened(leaf, part, name);
    if (!value) return;
    const auto* rows = value->if_array();
    if (!rows) return misfit(leaf.seq, "AV-10", "公开的内容有误", "an opening is malformed", std::string(name));
    for (const auto& row : *rows) {
      const auto time = base::parse_time(row.text("time"));
      const auto* standing = row.at("after").if_int();
      if (!time || standing == nullptr || *standing < 0)
        return misfit(leaf.seq, "AV-10", "公开的内容有误", "an opening is malformed", std::string(name));
      const auto after = static_cast<std::uint64_t>(*standing);
      if (name == "wishes") {
        auto wish = law::sale_event("wish", row.as_object(), Json(), *time);
        if (!wish) return misfit(leaf.seq, "AV-10", wish.trouble());
        revealed_.push_back({leaf.seq, after, *std::move(wish)});
        continue;
      }
      const auto bidding = law::parse_bidding(row);
      if (!bidding) return misfit(leaf.seq, "AV-10", bidding.trouble());
      law::sale::Offer offer;
      offer.time = *time;
      offer.plate = bidding->plate;
      offer.counter = bidding->counter;
      revealed_.push_back({leaf.seq, after, offer});
      joining_.emplace(std::pair(offer.plate, offer.counter), *bidding);
    }
  }

  // What the change is to the ladder: an official's act says it in the ladder's own words beside the institution's.
  static std::pair<std::string, base::JsonObject> said_event(const log::Change& change) {
    const auto* event = change.outcome.find("event");
    if (event == nullptr || !event->is_object()) return {change.action, change.set};
    auto set = event->as_object();
    const std::string action(event->text("do"));
    set.erase("do");
    return {action, std::move(set)};
  }

  void one(const log::Leaf& leaf, const Part& part) {
    if (part.change->outcome.find("rule_sheet")) return read_sheet(leaf, *part.change);
    if (!law::is_sale_action(said_event(*part.change).first)) {
      if (part.change->outcome.find("ladder"))
        misfit(leaf.seq, "AV-10", "未知的交易事件", "an unknown event of the sale", part.change->action);
      return;
    }
    // Before the announcement, an action of that name belongs to the institution's own statechart.
    if (!ladder_) {
      if (part.change->outcome.find("ladder"))
        misfit(leaf.seq, "AV-01", "此前没有规则表", "no rule sheet stands before it", part.change->action);
      return;
    }
    before(leaf);
    if (!report_.misfit) event(leaf, part);
  }

  void read_sheet(const log::Leaf& leaf, const log::Change& change) {
    const auto* json = change.set.find("rule_sheet");
    // A correction that leaves the sheet as it was says its hash alone.
    const bool stays =
        !json && report_.rule_sheet && Json(change.outcome).text("rule_sheet") == base::to_hex(*report_.rule_sheet);
    if (stays && ladder_ && ladder_->phase() == law::Phase::waiting && leaf.time < ladder_->sheet().opens) return;
    if (!json) return misfit(leaf.seq, "AV-01", "没有规则表", "there is no rule sheet", "");
    auto sheet = law::parse_rule_sheet(*json);
    if (!sheet) return misfit(leaf.seq, "AV-01", sheet.trouble());
    const auto hash = law::rule_sheet_hash(*sheet);
    const std::string said(Json(change.outcome).text("rule_sheet"));
    if (said != base::to_hex(hash)) {
      return misfit(leaf.seq, "AV-01", "规则表与其哈希不符", "the rule sheet is not that of its hash",
                    said + " ≠ " + base::to_hex(hash));
    }
    const bool begun = ladder_ && (ladder_->phase() != law::Phase::waiting || leaf.time >= ladder_->sheet().opens);
    if (begun)
      return misfit(leaf.seq, "AV-01", "开始后更换规则表", "the rule sheet was changed after the beginning",
                    base::to_hex(hash));
    report_.rule_sheet = hash;
    if (sheet->mode == law::SaleMode::tender) return;  // no ladder
    ladder_ = *law::Ladder::open(std::make_shared<const law::RuleSheet>(*std::move(sheet)));
    if (report_.unopened != 0) ladder_->go_blind();
  }

  // Events of the sealed tree that came before this leaf. They never move the ladder: the leaf of what was due stands before
  // them.
  void before(const log::Leaf& leaf) {
    while (!ladder_->blind() && next_ < revealed_.size() && revealed_[next_].after < leaf.seq) {
      auto& [seq, after, event] = revealed_[next_++];
      if (auto* offer = std::get_if<law::sale::Offer>(&event)) {
        offer->price = ladder_->top();
        offer->other = ladder_->top_other();
        if (!signed_by(seq, leaf.origin, *offer, joining_.at(std::pair(offer->plate, offer->counter)))) return;
      }
      const auto steps = ladder_->apply(event);
      if (!steps) return misfit(seq, "AV-03", steps.trouble());
      if (!steps->empty())
        return misfit(seq, "AV-04", "封存事件之前缺少到期的叶", "the leaf of what was due is missing before a sealed event",
                      "");
    }
  }

  void event(const log::Leaf& leaf, const Part& part) {
    const auto& change = *part.change;
    const auto [action, set] = said_event(change);
    Json secret;
    if (const auto name = law::sale_secret(action); !name.empty()) {
      auto value = opened(leaf, part, name);
      if (!value) return;
      secret = *std::move(value);
    }
    auto event = law::sale_event(action, set, ladder_->blind() && action == "offer" ? Json() : secret, leaf.time);
    if (!event) return misfit(leaf.seq, "AV-10", event.trouble());
    if (const auto* offer = std::get_if<law::sale::Offer>(&*event); offer && !secret.is_null()) {
      const auto bidding = law::parse_bidding(secret);
      if (!bidding) return misfit(leaf.seq, "AV-10", bidding.trouble());
      if (!signed_by(leaf.seq, leaf.origin, *offer, *bidding)) return;
    }
    if (const auto* draw = std::get_if<law::sale::Draw>(&*event); draw && !root_is_right(leaf, *draw)) return;
    if (ladder_->blind()) ladder_->claim(claimed(change));
    const auto phase = ladder_->phase();
    const auto due = ladder_->due();
    const auto steps = ladder_->apply(*event);
    if (!steps) return misfit(leaf.seq, "AV-03", steps.trouble());
    if (std::holds_alternative<law::sale::Offer>(*event)) {
      ++report_.offers;
      report_.extensions += phase == law::Phase::timed && ladder_->phase() == law::Phase::timed && ladder_->due() != due;
    }
    for (const auto& step : *steps) {
      if (step.to == law::Phase::drawing) pool_closed_ = leaf.seq;
    }
    compare(leaf, change, *steps);
    check_silence(leaf, phase, *steps);
  }

  void compare(const log::Leaf& leaf, const log::Change& change, const law::PhaseSteps& steps) {
    auto worked_out = law::auction_outcome(*ladder_, steps);
    base::JsonObject said;
    for (const auto* name : {"ladder", "steps"}) {
      if (const auto* value = change.outcome.find(name)) said[name] = *value;
    }
    // Blind, who won is not worked out.
    if (ladder_->blind() && said["ladder"].is_object()) said["ladder"].as_object().erase("winner");
    const auto left = base::canonical(said);
    const auto right = base::canonical(worked_out);
    if (left != right)
      misfit(leaf.seq, "AV-04", "叶所载结果与重算不符", "the outcome is not the one worked out", left + " ≠ " + right);
  }

  static std::vector<law::PhaseStep> claimed(const log::Change& change) {
    std::vector<law::PhaseStep> steps;
    const auto* list = change.outcome.find("steps");
    if (!list || !list->is_array()) return steps;
    for (const auto& row : list->as_array()) {
      const auto phase = law::phase_named(row.text("phase"));
      const auto at = base::parse_time(row.text("at"));
      if (phase && at) steps.push_back({*phase, *at});
    }
    return steps;
  }

  // `was`: the phase before this leaf. In timed bidding the time since the leaf before, or since the window began, is
  // silence.
  void check_silence(const log::Leaf& leaf, law::Phase was, const law::PhaseSteps& steps) {
    bool counts = was == law::Phase::timed;
    auto since = last_time_;
    for (const auto& step : steps) {
      if (step.to == law::Phase::timed) {
        counts = true;
        since = step.at;
      }
      if (step.to == law::Phase::frozen && step.at < leaf.time)
        return;  // by the sheet's own rule, and worked out with the rest
    }
    if (!counts) return;
    const auto gap = leaf.time - since;
    report_.longest_silence_ms = std::max(report_.longest_silence_ms, gap);
    const auto& rules = ladder_->sheet().silence;
    const auto most = rules.max_gap_ms != 0 ? rules.max_gap_ms : rules.tick_ms + k_late_ms;
    if (gap <= most) return;
    misfit(leaf.seq, "AV-08", "限时竞价中的静默没有叶可证", "silence in timed bidding that no leaf shows",
           std::to_string(gap) + " ms > " + std::to_string(most) + " ms");
  }

  bool signed_by(std::uint64_t seq, const std::string& origin, const law::sale::Offer& offer, const law::Bidding& bidding) {
    law::Bid bid{origin,          std::string(lot_), *report_.rule_sheet, bidding.plate,
                 bidding.counter, offer.price,       offer.other,         offer.confirmed};
    const auto bytes = law::bid_bytes(bid);
    const auto key = base::P256PublicKey::parse(bidding.key);
    if (!key || !key->verify(base::as_bytes(bytes), bidding.signature)) {
      misfit(seq, "AV-06", "报价签名无效", "a signature is not the bidder's", bytes);
      return false;
    }
    ++report_.signatures;
    const auto [known, fresh] = keys_.emplace(bidding.plate, bidding.key);
    if (!fresh && known->second != bidding.key) {
      misfit(seq, "AV-07", "同一号牌有两把密钥", "a plate with two keys", std::to_string(bidding.plate));
      return false;
    }
    return true;
  }

  bool root_is_right(const log::Leaf& leaf, const law::sale::Draw& draw) {
    if (draw.root_size <= pool_closed_ || draw.root_size > leaf.seq) {
      misfit(leaf.seq, "AV-09", "摇号所据检查点不在截止与摇号之间",
             "the draw's checkpoint is not between the cut-off and the draw",
             std::to_string(pool_closed_) + " < " + std::to_string(draw.root_size) + " ≤ " + std::to_string(leaf.seq));
      return false;
    }
    const auto root = root_at_ ? root_at_(draw.root_size) : std::nullopt;
    if (root && *root != draw.root) {
      misfit(leaf.seq, "AV-09", "摇号所据根与日志不符", "the draw's root is not the log's",
             base::to_hex(draw.root) + " ≠ " + base::to_hex(*root));
      return false;
    }
    return true;
  }

  std::string_view lot_;
  std::span<const log::Leaf> leaves_;
  const AuctionOpenings& openings_;
  const std::function<std::optional<base::Hash>(std::uint64_t)>& root_at_;
  AuctionReport report_;
  std::optional<law::Ladder> ladder_;
  std::vector<Revealed> revealed_;
  std::size_t next_ = 0;
  std::map<std::pair<std::uint32_t, std::uint64_t>, law::Bidding> joining_;
  std::map<std::uint32_t, base::Bytes> keys_;
  std::uint64_t pool_closed_ = 0;  // index of the leaf that entered `drawing`
  base::Time last_time_;
};

}  // namespace

AuctionReport verify_auction(std::string_view lot, std::span<const log::Leaf> leaves, const AuctionOpenings& openings,
                             const std::function<std::optional<base::Hash>(std::uint64_t)>& root_at) {
  return Run(lot, leaves, openings, root_at).all();
}

std::string describe(const AuctionReport& report, bool chinese) {
  std::string out;
  const auto line = [&out, chinese](std::string_view zh, std::string_view en, const std::string& value) {
    out += std::string(chinese ? zh : en) + (chinese ? "：" : ": ") + value + "\n";
  };
  if (report.rule_sheet) line("规则表", "rule sheet", base::to_hex(*report.rule_sheet));
  if (!report.head.empty()) line("阶梯头", "ladder", base::canonical(Json(report.head)));
  line("报价", "offers", std::to_string(report.offers));
  line("延时", "extensions", std::to_string(report.extensions));
  line("已验签名", "signatures checked", std::to_string(report.signatures));
  line("最长静默（毫秒）", "longest silence (ms)", std::to_string(report.longest_silence_ms));
  if (report.unopened != 0)
    line("未公开的承诺值（未验竞买人）", "values not opened (bidders not checked)", std::to_string(report.unopened));
  if (!report.misfit) return out + (chinese ? "相符\n" : "it fits\n");
  line("不符的叶", "does not fit",
       std::to_string(report.misfit->seq) + " " + report.misfit->code + " " +
           (chinese ? report.misfit->why.zh : report.misfit->why.en) + " (" + report.misfit->detail + ")");
  return out;
}

}  // namespace landglass::verify
