// The ladder as JSON: what a leaf says of it, and the whole of it for the store.
#include <utility>

#include "base/json_text.hpp"
#include "base/number.hpp"
#include "law/auction_json.hpp"
#include "law/auction_ladder.hpp"

namespace landglass::law {
namespace {

constexpr std::string_view k_saved_format = "landglass/ladder/2";
constexpr int k_offered = 1, k_wished = 2, k_pooled = 4;  // of a bidder, as saved

base::Json text_of(Phase phase) { return base::Json(name_of(phase)); }

}  // namespace

base::JsonObject Ladder::head() const {  // in the order of the names, and moved: every bid's leaf holds one
  base::JsonObject head;
  head.reserve(8);
  if (phase_ == Phase::calling) head.insert("calls", calls_);
  if (capped_) head.insert("capped", true);
  if (sheet_->mode == SaleMode::listing) head.insert("closes", base::format_utc(closes_));
  head.insert("due", time_or_null(due()));
  if (phase_ == Phase::frozen) head.insert("frozen", text_of(frozen_phase_));
  if (!closed()) head.insert("least", base::money_text(least()));
  if (top_other_ != 0) head.insert("other", top_other_);
  head.insert("phase", text_of(phase_));
  if (!reason_.empty()) head.insert("reason", reason_);
  head.insert("top", has_top() ? base::Json(base::money_text(top_)) : base::Json());
  if (phase_ == Phase::sold && !blind_) head.insert("winner", std::int64_t{top_plate_});
  return head;
}

base::JsonObject auction_outcome(const Ladder& ladder, const PhaseSteps& steps) {
  base::JsonObject outcome;
  outcome.reserve(4);  // the institution adds its own
  outcome.insert("ladder", ladder.head());
  if (steps.empty()) return outcome;
  base::JsonArray list;
  for (const auto& step : steps)
    list.push_back(base::JsonObject{{"phase", text_of(step.to)}, {"at", base::format_utc(step.at)}});
  outcome["steps"] = std::move(list);
  return outcome;
}

// A bidder is four numbers, so that a hundred of them are a few kilobytes.
void Ladder::save_to(std::string& out) const {
  base::ObjectText saved(out);
  if (asked_at_.ms != 0) saved.time("asked_at", asked_at_);  // a ladder without an inquiry has none
  base::ArrayText bidders(saved.member("bidders"));
  for (const auto& one : bidders_) {
    base::ArrayText bidder(bidders.next());
    base::ObjectText::append_integer(bidder.next(), std::int64_t{one.plate});
    base::ObjectText::append_integer(bidder.next(), static_cast<std::int64_t>(one.counter));
    base::ObjectText::append_integer(bidder.next(), one.last.ms);
    const auto marks = (one.offered ? k_offered : 0) | (one.wished ? k_wished : 0) | (one.pooled ? k_pooled : 0);
    base::ObjectText::append_integer(bidder.next(), marks);
    bidder.end();
  }
  bidders.end();
  saved.truth("blind", blind_);
  saved.time("called_at", called_at_);
  saved.integer("calls", calls_);
  saved.truth("capped", capped_);
  saved.time("closes", closes_);
  saved.integer("extra_ms", extra_ms_);
  saved.text("format", k_saved_format);
  saved.time("frozen_at", frozen_at_);
  saved.text("frozen_phase", name_of(frozen_phase_));
  saved.value("increments", to_json(increments_));
  saved.time("now", now_);
  saved.time("opens", opens_);
  saved.truth("paused", paused_);
  saved.text("phase", name_of(phase_));
  saved.text("reason", reason_);
  if (reserve_) {
    saved.text("reserve", base::to_hex(*reserve_));
  } else {
    saved.null("reserve");
  }
  if (resumes_) {
    saved.time("resumes", *resumes_);
  } else {
    saved.null("resumes");
  }
  saved.text("top", base::money_text(top_));
  saved.integer("top_other", top_other_);
  saved.integer("top_plate", std::int64_t{top_plate_});
  saved.time("until", until_);
  saved.end();
}

base::Json Ladder::save() const {
  std::string text;
  save_to(text);
  return base::read_own(text);
}

base::Result<Ladder> Ladder::load(std::shared_ptr<const RuleSheet> sheet, const base::Json& saved) {
  LG_TRY(Ladder ladder, open(std::move(sheet)));
  SheetReader in(saved, "");
  const auto phase = [&in](std::string_view name) {
    const auto found = phase_named(in.text(name));
    if (!found) in.wrong(name, "未知阶段", "an unknown phase");
    return found.value_or(Phase::waiting);
  };
  if (in.text("format") != k_saved_format) in.wrong("format", "应为 landglass/ladder/2", "landglass/ladder/2 is wanted");
  ladder.phase_ = phase("phase");
  ladder.frozen_phase_ = phase("frozen_phase");
  ladder.now_ = in.time("now");
  ladder.opens_ = in.time("opens");
  ladder.closes_ = in.time("closes");
  ladder.until_ = in.time("until");
  if (saved.at("asked_at").is_string()) ladder.asked_at_ = in.time("asked_at");
  ladder.frozen_at_ = in.time("frozen_at");
  if (in.present("resumes")) ladder.resumes_ = in.time("resumes");
  ladder.extra_ms_ = in.span("extra_ms");
  ladder.paused_ = in.boolean("paused");
  ladder.capped_ = in.boolean("capped");
  ladder.top_ = in.money("top");
  ladder.top_other_ = in.integer("top_other", 0, base::k_safe_integer);
  ladder.top_plate_ = static_cast<std::uint32_t>(in.integer("top_plate", 0, UINT32_MAX));
  ladder.calls_ = in.integer("calls", 0, 9);
  ladder.called_at_ = in.time("called_at");
  if (auto tiers = parse_increments(in.take("increments")))
    ladder.increments_ = *std::move(tiers);
  else
    in.wrong(tiers.trouble());
  ladder.reserve_.reset();
  if (in.present("reserve")) ladder.reserve_ = in.hash("reserve");
  if (const auto* reason = in.take("reason").if_string()) ladder.reason_ = *reason;
  if (const auto* rows = in.take("bidders").if_array()) {
    for (const auto& row : *rows) {
      const auto* figures = row.if_array();
      const auto figure = [&](std::size_t at, std::int64_t least, std::int64_t most) {
        const auto* value = figures != nullptr && figures->size() == 4 ? (*figures)[at].if_int() : nullptr;
        if (value == nullptr || *value < least || *value > most) {
          in.wrong("bidders", "应为号牌、序号、时刻、标志四个整数", "four integers are wanted: plate, counter, time, flags");
          return least;
        }
        return *value;
      };
      Bidder one;
      one.plate = static_cast<std::uint32_t>(figure(0, 1, UINT32_MAX));
      one.counter = static_cast<std::uint64_t>(figure(1, 0, base::k_safe_integer));
      one.last = base::Time{figure(2, -base::k_safe_integer, base::k_safe_integer)};
      const auto flags = figure(3, 0, k_offered | k_wished | k_pooled);
      one.offered = (flags & k_offered) != 0;
      one.wished = (flags & k_wished) != 0;
      one.pooled = (flags & k_pooled) != 0;
      if (!ladder.bidders_.empty() && ladder.bidders_.back().plate >= one.plate)
        in.wrong("bidders", "未按号牌排列", "they are not in order of plate");
      ladder.bidders_.push_back(one);
    }
  } else {
    in.wrong("bidders", "应为数组", "an array is wanted");
  }
  ladder.blind_ = in.boolean("blind");
  // What a phase needs of the sheet must be there.
  const auto& rules = *ladder.sheet_;
  for (const auto one : {ladder.phase_, ladder.frozen_phase_}) {
    const bool timed = one == Phase::inquiry || one == Phase::prep || one == Phase::timed;
    const bool capped = one == Phase::ceiling || one == Phase::drawing;
    if ((timed && !rules.timed) || (capped && !(rules.ceiling && rules.ceiling->salt_hash)) ||
        (one == Phase::calling && !rules.calls) || (one == Phase::opening && !ladder.reserve_)) {
      in.wrong("phase", "与规则表不符", "it does not go with the rule sheet");
    }
  }
  if (auto ended = in.end(); !ended) {
    auto refusal = std::get<base::Refusal>(ended.trouble());
    refusal.code = "AU-03";
    refusal.say = {"不是已存的竞价阶梯", "no saved ladder"};
    return refusal;
  }
  return ladder;
}

bool Ladder::operator==(const Ladder& other) const { return *sheet_ == *other.sheet_ && save() == other.save(); }

}  // namespace landglass::law
