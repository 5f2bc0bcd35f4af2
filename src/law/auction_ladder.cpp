// How the ladder moves: by itself when something is due, and by events other than offers.
#include "law/auction_ladder.hpp"

#include <algorithm>
#include <utility>

#include "law/auction_draw.hpp"

namespace landglass::law {
namespace {

constexpr std::array<std::string_view, 13> k_phases{"waiting", "listing", "inquiry",  "prep",    "timed",
                                                    "calling", "ceiling", "drawing",  "opening", "sold",
                                                    "failed",  "frozen",  "withdrawn"};
constexpr auto k_freeze_law = "福建省网上交易规则 art. 54-58 (domain 1.1)";

}  // namespace

std::string_view name_of(Phase phase) { return k_phases[static_cast<std::size_t>(phase)]; }
std::optional<Phase> phase_named(std::string_view name) {
  const auto found = std::find(k_phases.begin(), k_phases.end(), name);
  if (found == k_phases.end()) return std::nullopt;
  return static_cast<Phase>(found - k_phases.begin());
}

base::Time sale::time_of(const Event& event) {
  return std::visit([](const auto& one) { return one.time; }, event);
}

base::Result<Ladder> Ladder::open(std::shared_ptr<const RuleSheet> sheet) {
  if (sheet->mode == SaleMode::tender) return base::refuse("AU-02", "招标没有竞价阶梯", "a tender has no ladder", "mode");
  Ladder ladder;
  ladder.opens_ = sheet->opens;
  ladder.closes_ = sheet->closes.value_or(base::Time{});
  ladder.increments_ = sheet->increments;
  if (sheet->reserve) ladder.reserve_ = sheet->reserve->commitment;
  ladder.sheet_ = std::move(sheet);
  return ladder;
}

base::Result<PhaseSteps> Ladder::apply(const sale::Event& event) {
  if (const auto* offer = std::get_if<sale::Offer>(&event)) return apply(*offer);
  const auto time = sale::time_of(event);
  // Worked out on a copy, so that a refusal leaves no trace.
  Ladder next = *this;
  Steps steps;
  next.advance(time, steps);
  if (time < now_)
    return next.no("AU-10", "事件时间早于阶梯", "earlier than the ladder", "",
                   base::format_utc(time) + " < " + base::format_utc(now_));
  LG_CHECK(std::visit([&](const auto& one) { return next.take(one, steps); }, event));
  next.now_ = std::max(next.now_, time);
  next.claims_.clear();
  *this = std::move(next);
  return steps;
}

std::optional<base::Time> Ladder::due() const {
  switch (phase_) {
    case Phase::waiting:
      if (sheet_->mode == SaleMode::listing) return opens_;
      return std::nullopt;
    case Phase::listing:
      if (sheet_->timed && sheet_->timed->pause_ms != 0 && !paused_) return closes_ + -sheet_->timed->pause_ms;
      return closes_;
    case Phase::inquiry:
    case Phase::prep:
    case Phase::timed:
    case Phase::ceiling: return until_;
    case Phase::frozen: return resumes_;
    default: return std::nullopt;
  }
}

bool Ladder::moves_by(base::Time time) const {
  const auto next = due();
  if (next && *next <= time) return true;
  const auto gap = sheet_->silence.max_gap_ms;
  return phase_ == Phase::timed && gap != 0 && time - now_ > gap;
}

void Ladder::advance(base::Time time, Steps& steps) {
  while (moves_by(time)) {
    const auto gap = sheet_->silence.max_gap_ms;
    if (phase_ == Phase::timed && gap != 0 && time - now_ > gap) {
      // Nobody can show that the bidders were heard in between: the sale stands still from the last sign of life on.
      frozen_phase_ = phase_;
      frozen_at_ = now_;
      reason_ = "outage";
      enter(Phase::frozen, now_, steps);
      continue;
    }
    const auto at = std::max(*due(), now_);
    fire(at, steps);
    now_ = at;
  }
}

void Ladder::fire(base::Time at, Steps& steps) {
  switch (phase_) {
    case Phase::waiting: return enter(Phase::listing, at, steps);
    case Phase::listing:
      if (at < closes_) {
        paused_ = true;
        if (decide(triggered(), {Phase::prep}, at, steps)) rest(at, std::max(closes_, at + sheet_->timed->prep_ms), steps);
        return;
      }
      return end_listing(at, steps);
    case Phase::inquiry: {
      std::int64_t wishes = 0;
      for (const auto& one : bidders_) wishes += one.wished && one.plate != top_plate_;
      if (decide(wishes >= sheet_->timed->inquiry_wishes, {Phase::prep, Phase::timed}, at, steps)) {
        if (!blind_) bidder(top_plate_).wished = true;  // who leads need not say so to stay in
        return begin_timed_part(at, steps);
      }
      return conclude(at, steps);
    }
    case Phase::prep: until_ = at + sheet_->timed->window_ms; return enter(Phase::timed, at, steps);
    case Phase::timed: return conclude(at, steps);
    case Phase::ceiling:
      if (decide(pool().size() > 1, {Phase::drawing}, at, steps)) return enter(Phase::drawing, at, steps);
      return conclude(at, steps);
    case Phase::frozen: return finish_freeze(at, steps);
    default: LG_ASSERT(false, "this phase does not end by itself");
  }
}

void Ladder::enter(Phase phase, base::Time at, Steps& steps) {
  phase_ = phase;
  steps.add(phase, at);
}

bool Ladder::triggered() const {
  const auto from = closes_ + -sheet_->timed->trigger_last_ms;
  const bool all = sheet_->timed->trigger_last_ms == 0;
  std::int64_t count = 0;
  for (const auto& one : bidders_) count += one.offered && (all || one.last >= from);
  return count >= sheet_->timed->trigger_bidders;
}

// Blind, the leaf's own claim is followed: what the next change of phase is said to be.
bool Ladder::decide(bool computed, std::initializer_list<Phase> yes, base::Time at, const Steps& steps) const {
  if (!blind_) return computed;
  if (steps.size() >= claims_.size() || claims_[steps.size()].at != at) return false;
  return std::find(yes.begin(), yes.end(), claims_[steps.size()].to) != yes.end();
}

void Ladder::end_listing(base::Time at, Steps& steps) {
  if (has_top() && sheet_->timed && decide(triggered(), {Phase::inquiry, Phase::prep, Phase::timed}, at, steps)) {
    if (sheet_->timed->inquiry_ms == 0) return begin_timed_part(at, steps);
    asked_at_ = at;
    until_ = at + sheet_->timed->inquiry_ms;
    return enter(Phase::inquiry, at, steps);
  }
  conclude(at, steps);
}

void Ladder::begin_timed_part(base::Time at, Steps& steps) {
  if (sheet_->timed->prep_ms != 0) return rest(at, at + sheet_->timed->prep_ms, steps);
  until_ = at + sheet_->timed->window_ms;
  enter(Phase::timed, at, steps);
}

void Ladder::rest(base::Time at, base::Time until, Steps& steps) {
  until_ = until;
  enter(Phase::prep, at, steps);
}

void Ladder::conclude(base::Time at, Steps& steps) {
  if (!has_top()) {
    reason_ = "no_offer";
    return enter(Phase::failed, at, steps);
  }
  // An English auction counts who holds a plate when it begins, not who bids.
  const bool enough = sheet_->mode == SaleMode::english || bidders() >= sheet_->min_bidders;
  if (!decide(enough, {Phase::opening, Phase::sold}, at, steps)) {
    reason_ = "too_few_bidders";
    return enter(Phase::failed, at, steps);
  }
  enter(reserve_ ? Phase::opening : Phase::sold, at, steps);
}

// The instant of resumption has come: the clock of the sale goes on by the sheet's rules for a freeze.
void Ladder::finish_freeze(base::Time at, Steps& steps) {
  const auto& rules = sheet_->freeze;
  const auto frozen = at - frozen_at_;
  const auto extra = std::exchange(extra_ms_, 0);
  resumes_.reset();
  reason_.clear();
  if (frozen_phase_ == Phase::waiting || frozen_phase_ == Phase::listing) {
    const auto lost = sheet_->mode == SaleMode::english ? 0 : std::max<std::int64_t>(0, at - std::max(frozen_at_, opens_));
    const bool late = rules.last_ms != 0 && frozen_at_ >= closes_ + -rules.last_ms;
    if (frozen_phase_ == Phase::waiting && sheet_->mode == SaleMode::listing) opens_ = std::max(opens_, at);
    closes_ = closes_ + (lost + extra);
    if (late) closes_ = std::min(closes_, at + rules.last_cap_ms);
    for (auto& one : bidders_) one.last = one.last + lost;  // the last hour is an hour of bidding
    return enter(frozen_phase_, at, steps);
  }
  if (frozen_phase_ == Phase::ceiling) {
    until_ = until_ + (frozen + extra);
  } else if (frozen_phase_ == Phase::inquiry) {
    if (rules.restart_prep) {
      asked_at_ = at;
      for (auto& one : bidders_) one.wished = false;
    }
    until_ = rules.restart_prep ? at + sheet_->timed->inquiry_ms : until_ + (frozen + extra);
  } else if (frozen_phase_ == Phase::prep || frozen_phase_ == Phase::timed) {
    if (rules.restart_prep) return begin_timed_part(at, steps);
    until_ = until_ + (frozen + extra);
  } else if (frozen_phase_ == Phase::calling) {
    calls_ = 0;
    called_at_ = at;
  }
  enter(frozen_phase_, at, steps);
}

base::Status Ladder::take(const sale::Tick&, Steps&) { return base::Done{}; }

base::Status Ladder::take(const sale::Wish& wish, Steps&) {
  if (phase_ != Phase::inquiry) return misplaced("现在不是询问期", "nobody asks now");
  if (wish.plate == 0) return no("AU-29", "号牌无效", "no such plate", "", "0");
  bidder(wish.plate).wished = true;
  return base::Done{};
}

base::Status Ladder::take(const sale::Begin& begin, Steps& steps) {
  if (sheet_->mode != SaleMode::english || phase_ != Phase::waiting || begin.time < opens_) {
    return misplaced("尚不能开始拍卖", "the auction cannot begin");
  }
  called_at_ = begin.time;
  if (decide(begin.bidders >= sheet_->min_bidders, {Phase::calling}, begin.time, steps)) {
    enter(Phase::calling, begin.time, steps);
  } else {
    reason_ = "too_few_bidders";
    enter(Phase::failed, begin.time, steps);
  }
  return base::Done{};
}

base::Status Ladder::take(const sale::Call& call, Steps&) {
  if (phase_ != Phase::calling) return misplaced("现在不能报价声", "no calls now");
  const auto wanted = calls_ + 1;
  if (call.n != wanted || wanted > sheet_->calls->count) {
    return no("AU-23", "报价声数不连续", "a call out of turn", "拍卖规则 (L-15)",
              std::to_string(call.n) + " ≠ " + std::to_string(wanted));
  }
  if (call.time - called_at_ < sheet_->calls->gap_ms) {
    return no("AU-24", "报价声间隔过短", "the call comes too early", "拍卖规则 (L-15)",
              std::to_string(call.time - called_at_) + " ms < " + std::to_string(sheet_->calls->gap_ms) + " ms");
  }
  calls_ = call.n;
  called_at_ = call.time;
  return base::Done{};
}

base::Status Ladder::take(const sale::Fall& fall, Steps& steps) {
  if (phase_ != Phase::calling) return misplaced("现在不能落槌", "no hammer now");
  if (calls_ != sheet_->calls->count) {
    return no("AU-23", "未报足声数不得落槌", "the hammer before the last call", "拍卖规则 (L-15)",
              std::to_string(calls_) + " < " + std::to_string(sheet_->calls->count));
  }
  conclude(fall.time, steps);
  return base::Done{};
}

base::Status Ladder::take(const sale::Adjust& adjust, Steps&) {
  const bool bidding = phase_ == Phase::waiting || phase_ == Phase::listing || phase_ == Phase::calling;
  if (!bidding) return misplaced("现在不能调整增价幅度 (L-19)", "increments are not changed now (L-19)");
  LG_CHECK(parse_increments(to_json(adjust.increments)));
  increments_ = adjust.increments;
  return base::Done{};
}

base::Status Ladder::take(const sale::Freeze& freeze, Steps& steps) {
  if (closed()) return misplaced("交易已结束", "the sale is over");
  if (phase_ == Phase::frozen) {
    if (!resumes_) return misplaced("已冻结", "it is frozen already");
    resumes_.reset();  // called off before it came
    extra_ms_ = 0;
    return base::Done{};
  }
  frozen_phase_ = phase_;
  frozen_at_ = freeze.time;
  enter(Phase::frozen, freeze.time, steps);
  return base::Done{};
}

base::Status Ladder::take(const sale::Resume& resume, Steps& steps) {
  if (phase_ != Phase::frozen || resumes_) return misplaced("没有待恢复的冻结", "no freeze to resume from");
  if (resume.extra_ms < 0 || resume.extra_ms > 366 * base::k_day) {
    return no("AU-29", "延长时间无效", "the extra time is out of range", k_freeze_law,
              std::to_string(resume.extra_ms) + " ms");
  }
  const bool at_once = resume.time - frozen_at_ <= sheet_->freeze.short_ms;
  const auto earliest = at_once ? resume.time : resume.time + sheet_->freeze.notice_ms;
  if (resume.at < earliest || resume.at - resume.time > 366 * base::k_day) {
    return no("AU-26", "恢复时间早于应公告的期间", "the resumption is earlier than its notice allows", k_freeze_law,
              base::format_utc(resume.at) + " < " + base::format_utc(earliest));
  }
  resumes_ = resume.at;
  extra_ms_ = resume.extra_ms;
  advance(resume.time, steps);
  return base::Done{};
}

base::Status Ladder::take(const sale::Withdraw& withdraw, Steps& steps) {
  if (closed()) return misplaced("交易已结束", "the sale is over");
  enter(Phase::withdrawn, withdraw.time, steps);
  return base::Done{};
}

base::Status Ladder::take(const sale::CommitReserve& commit, Steps&) {
  const bool later = sheet_->reserve && !sheet_->reserve->commitment;
  const auto from = sheet_->reserve && sheet_->reserve->within_ms != 0 ? closes_ + -sheet_->reserve->within_ms : opens_;
  // In the pause before the close (SIP) the listing still runs.
  const bool running = phase_ == Phase::listing || (phase_ == Phase::prep && commit.time < closes_);
  if (!later || reserve_ || !running || commit.time < from) {
    return no("AU-27", "现在不能录入底价", "the reserve is not set now",
              "国土资源部令第39号 art. 10; 苏州工业园区规则 art. 19 (L-09)",
              base::format_utc(commit.time) + (commit.time < from ? " < " + base::format_utc(from) : ""));
  }
  reserve_ = commit.commitment;
  return base::Done{};
}

base::Status Ladder::take(const sale::OpenReserve& open, Steps& steps) {
  if (phase_ != Phase::opening) return misplaced("现在不能开启底价 (L-09)", "the reserve is not opened now (L-09)");
  const auto found = reserve_commitment(open.salt, open.price);
  if (open.salt.size() != 32 || found != *reserve_) {
    return no("AU-25", "底价与事先的承诺不符", "the reserve is not the one committed", "国土资源部令第39号 art. 10 (L-09)",
              base::to_hex(found) + " ≠ " + base::to_hex(*reserve_));
  }
  if (top_ < open.price) {
    reason_ = "below_reserve";
    enter(Phase::failed, open.time, steps);
  } else {
    enter(Phase::sold, open.time, steps);
  }
  return base::Done{};
}

base::Status Ladder::take(const sale::Draw& draw_event, Steps& steps) {
  if (phase_ != Phase::drawing) return misplaced("现在不摇号", "nothing is drawn now");
  const auto found = draw_salt_hash(draw_event.salt);
  if (draw_event.salt.size() != 32 || found != *sheet_->ceiling->salt_hash) {
    return no("AU-28", "摇号盐值与规则表不符", "the salt is not the one committed", "",
              base::to_hex(found) + " ≠ " + base::to_hex(*sheet_->ceiling->salt_hash));
  }
  if (!blind_) {
    const auto drawn = pool();
    top_plate_ = drawn[draw(draw_seed(draw_event.root, draw_event.salt), 1, drawn.size())[0]];
  }
  conclude(draw_event.time, steps);
  return base::Done{};
}

}  // namespace landglass::law
