// How the ladder judges an offer: the hot path of a sale.
#include <algorithm>
#include <utility>

#include "base/number.hpp"
#include "law/auction_ladder.hpp"

namespace landglass::law {
namespace {

constexpr auto k_raise_law = "苏州工业园区规则 art. 18 (L-20)";

std::string yuan(base::Money money) { return base::money_yuan(money); }

}  // namespace

base::Result<PhaseSteps> Ladder::apply(const sale::Offer& offer) {
  Steps steps;
  if (offer.time < now_)
    return no("AU-10", "事件时间早于阶梯", "earlier than the ladder", "",
              base::format_utc(offer.time) + " < " + base::format_utc(now_));
  if (moves_by(offer.time)) {
    Ladder next = *this;
    next.advance(offer.time, steps);
    LG_CHECK(next.take(offer, steps));
    *this = std::move(next);
  } else {
    LG_CHECK(take(offer, steps));  // changes nothing before it has said yes
  }
  now_ = offer.time;
  if (blind_) claims_.clear();
  return steps;
}

base::Status Ladder::take(const sale::Offer& offer, Steps& steps) {
  LG_CHECK(check_offer(offer, find(offer.plate)));
  if (phase_ == Phase::ceiling) {
    auto& joining = bidder(offer.plate);
    joining.counter = offer.counter;
    joining.offered = joining.pooled = true;
    return base::Done{};
  }
  if (!blind_) {
    auto& bidding = bidder(offer.plate);
    bidding.counter = offer.counter;
    bidding.last = offer.time;
    bidding.offered = true;
  }
  top_ = offer.price;
  top_other_ = offer.other;
  top_plate_ = offer.plate;
  if (phase_ == Phase::calling) {
    calls_ = 0;
    called_at_ = offer.time;
  } else if (phase_ == Phase::timed && until_ - offer.time <= sheet_->timed->restart_within_ms) {
    until_ = offer.time + sheet_->timed->window_ms;
  }
  if (sheet_->ceiling && top_ >= sheet_->ceiling->price) {
    capped_ = true;
    if (at_cap()) {
      until_ = offer.time + sheet_->ceiling->join_ms;
      // Who applies before the listing ends may accept the ceiling until then.
      if (phase_ == Phase::listing) until_ = std::max(until_, closes_);
      if (!blind_) bidder(offer.plate).pooled = true;
      enter(Phase::ceiling, offer.time, steps);
    }
  }
  return base::Done{};
}

// Nothing can be raised any more: the ceiling ends the raising, or the other quantity is at its own end.
bool Ladder::at_cap() const {
  if (!sheet_->ceiling || top_ < sheet_->ceiling->price) return false;
  const auto& rules = *sheet_->ceiling;
  if (rules.mode == CeilingRules::Mode::stop_and_lot) return true;
  return rules.mode == CeilingRules::Mode::compete_other && rules.other->max != 0 && top_other_ >= rules.other->max;
}

base::Status Ladder::check_offer(const sale::Offer& offer, const Bidder* known) const {
  if ((offer.plate == 0) != blind_) return no("AU-29", "号牌无效", "no such plate", "", std::to_string(offer.plate));
  if (offer.price.fen <= 0 || offer.other < 0 || offer.counter > std::uint64_t{base::k_safe_integer} ||
      (offer.counter == 0 && !blind_)) {
    return no("AU-29", "数值超出范围", "a figure is out of range", "", yuan(offer.price));
  }
  if (known && known->offered && offer.counter <= known->counter) {
    return no("AU-16", "此次报价已收到", "this counter was seen already", "",
              std::to_string(offer.counter) + " ≤ " + std::to_string(known->counter));
  }
  if (phase_ == Phase::ceiling) {
    if (offer.price != sheet_->ceiling->price || offer.other != top_other_) {
      return no("AU-17", "只接受最高限价", "only the ceiling itself is accepted now", "",
                yuan(offer.price) + " ≠ " + yuan(sheet_->ceiling->price));
    }
    if (known && known->pooled)
      return no("AU-16", "已参加摇号", "this plate takes part already", "", std::to_string(offer.plate));
    return base::Done{};
  }
  if (phase_ != Phase::listing && phase_ != Phase::timed && phase_ != Phase::calling) {
    return no("AU-11", "现在不接受报价", "offers are not taken now", "国土资源部令第39号 art. 18, 19",
              base::format_utc(offer.time));
  }
  if (phase_ == Phase::timed && !blind_) {
    const auto join = sheet_->timed->join;
    const bool admitted = join == TimedRules::Join::qualified ||
                          (join == TimedRules::Join::offered && known && known->offered) ||
                          (join == TimedRules::Join::wished && known && known->wished);
    if (!admitted)
      return no("AU-20", "未取得限时竞价资格", "not admitted to the timed part", "", std::to_string(offer.plate));
  }
  if (!sheet_->own_raise && !blind_ && offer.plate == top_plate_) {
    return no("AU-15", "当前最高报价人不得自行加价", "the leader may not raise himself", "", std::to_string(offer.plate));
  }
  return check_price(offer);
}

base::Status Ladder::check_price(const sale::Offer& offer) const {
  const auto price = offer.price;
  const auto& ceiling = sheet_->ceiling;
  const bool ends_at_ceiling = ceiling && ceiling->mode != CeilingRules::Mode::notify_only;
  if (sheet_->guard.max_price && price > *sheet_->guard.max_price) {
    return no("AU-18", "超过可报的最高金额", "above the greatest price", "",
              yuan(price) + " > " + yuan(*sheet_->guard.max_price));
  }
  if (ends_at_ceiling && price > ceiling->price) {
    return no("AU-17", "超过最高限价", "above the ceiling", "", yuan(price) + " > " + yuan(ceiling->price));
  }
  if (ends_at_ceiling && has_top() && top_ == ceiling->price) return check_other(offer);
  if (offer.other != 0)
    return no("AU-21", "未到最高限价，不竞争其他指标", "the ceiling is not reached: only the price counts", "",
              std::to_string(offer.other));
  if (!has_top() && price < sheet_->start_price) {
    return no("AU-12", "首次报价低于起始价", "the first offer is below the start price", k_raise_law,
              yuan(price) + " < " + yuan(sheet_->start_price));
  }
  const auto from = has_top() ? top_ : sheet_->start_price;
  const auto step = step_at(offer.time, from);
  // The ceiling itself may always be offered, though the last raise is then shorter than a step.
  const bool to_ceiling = ends_at_ceiling && price == ceiling->price && (!has_top() || price > top_);
  const auto raise = price.fen - from.fen;
  if (has_top() && raise < step.fen && !to_ceiling) {
    return no("AU-13", raise == 0 ? "同价时先报者为准" : "加价低于增价幅度",
              raise == 0 ? "of equal offers the earlier stands" : "the raise is below the increment",
              raise == 0 ? "国土资源部令第39号 art. 19 (L-17)" : k_raise_law,
              yuan(price) + " < " + yuan(from) + " + " + yuan(step));
  }
  if (sheet_->multiple && raise % step.fen != 0 && !to_ceiling) {
    return no("AU-14", "加价不是增价幅度的整倍数", "the raise is no whole number of increments", "(L-19)",
              yuan({raise}) + " ∤ " + yuan(step));
  }
  const auto factor = sheet_->guard.factor;
  if (factor != 0 && !offer.confirmed && base::compare_scaled(price.fen, from.fen, {factor, 1}) > 0) {
    return no("AU-19", "报价远高于当前价，请确认", "far above the price that stands: say that it is meant", "",
              yuan(price) + " > " + std::to_string(factor) + " × " + yuan(from));
  }
  return base::Done{};
}

base::Status Ladder::check_other(const sale::Offer& offer) const {
  const auto& rules = *sheet_->ceiling->other;
  const auto least = top_other_ == 0 ? rules.start : base::add(top_other_, rules.step).value_or(INT64_MAX);
  // The end of the quantity may always be offered, as the ceiling may.
  const bool to_end = rules.max != 0 && offer.other == rules.max && offer.other > top_other_;
  std::string sides;
  if (offer.price != sheet_->ceiling->price)
    sides = yuan(offer.price) + " ≠ " + yuan(sheet_->ceiling->price);
  else if (offer.other < least && !to_end)
    sides = std::to_string(offer.other) + " < " + std::to_string(least);
  else if (rules.max != 0 && offer.other > rules.max)
    sides = std::to_string(offer.other) + " > " + std::to_string(rules.max);
  else if (sheet_->multiple && (offer.other - least) % rules.step != 0 && !to_end) {
    sides = std::to_string(offer.other - least) + " ∤ " + std::to_string(rules.step);
  }
  if (sides.empty()) return base::Done{};
  return no("AU-21", "已到最高限价，其他指标的报价不合规则",
            "the ceiling is reached: the other quantity is not offered by the rules", "", sides);
}

// The last row that has begun and whose price is reached: groups rise by date, rows within by price, each group from 0.
base::Money Ladder::step_at(base::Time time, base::Money price) const {
  for (auto row = increments_.rbegin(); row != increments_.rend(); ++row) {
    if ((!row->since || *row->since <= time) && row->price <= price) return row->step;
  }
  return increments_.front().step;
}

base::Money Ladder::least() const {
  base::Money next = sheet_->start_price;
  if (has_top()) next.fen = base::add(top_.fen, step_at(now_, top_).fen).value_or(INT64_MAX);
  const bool ends = sheet_->ceiling && sheet_->ceiling->mode != CeilingRules::Mode::notify_only;
  return ends ? std::min(next, sheet_->ceiling->price) : next;
}

const Ladder::Bidder* Ladder::find(std::uint32_t plate) const {
  const auto at = std::lower_bound(bidders_.begin(), bidders_.end(), plate,
                                   [](const Bidder& one, std::uint32_t wanted) { return one.plate < wanted; });
  return at != bidders_.end() && at->plate == plate ? &*at : nullptr;
}
Ladder::Bidder& Ladder::bidder(std::uint32_t plate) {
  const auto at = std::lower_bound(bidders_.begin(), bidders_.end(), plate,
                                   [](const Bidder& one, std::uint32_t wanted) { return one.plate < wanted; });
  if (at != bidders_.end() && at->plate == plate) return *at;
  return *bidders_.insert(at, Bidder{plate, 0, {}, false, false, false});
}

std::int64_t Ladder::bidders() const {
  return std::count_if(bidders_.begin(), bidders_.end(), [](const Bidder& one) { return one.offered; });
}

std::vector<std::uint32_t> Ladder::pool() const {
  std::vector<std::uint32_t> plates;
  for (const auto& one : bidders_)
    if (one.pooled) plates.push_back(one.plate);
  return plates;
}

base::Refusal Ladder::no(std::string code, std::string zh, std::string en, std::string law, std::string sides) const {
  auto refusal = base::refuse(std::move(code), std::move(zh), std::move(en), base::canonical(head()), std::move(law));
  refusal.detail = base::alike(sides);
  return refusal;
}
base::Refusal Ladder::misplaced(std::string zh, std::string en) const {
  return no("AU-22", std::move(zh), std::move(en), "", std::string(name_of(phase_)));
}

}  // namespace landglass::law
