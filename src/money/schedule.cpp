#include "money/schedule.hpp"

#include <algorithm>

namespace landglass::money {

using base::Date;
using base::Money;
using base::refuse;

namespace {

base::Refusal too_large() { return refuse("PAY-05", "金额合计过大", "a sum that does not fit"); }

// What of a payment an instalment took, and when.
struct Share {
  Date received;
  Money amount;
};

}  // namespace

base::Result<Schedule> Schedule::make(Money price, std::vector<Instalment> instalments) {
  if (instalments.empty() || price.fen <= 0)
    return refuse("PAY-01", "合同价款须大于零且至少一期", "a price above zero in at least one instalment");
  Money sum;
  for (std::size_t i = 0; i < instalments.size(); ++i) {
    const auto where = "instalments/" + std::to_string(i);
    if (instalments[i].amount.fen <= 0) return refuse("PAY-01", "各期金额须大于零", "an instalment not above zero", where);
    if (i > 0 && instalments[i].due < instalments[i - 1].due) {
      return refuse("PAY-02", "各期到期日须依次", "due dates out of order", where);
    }
    const auto next = base::add(sum.fen, instalments[i].amount.fen);
    if (!next) return too_large();
    sum.fen = *next;
  }
  if (sum != price) {
    auto no = refuse("PAY-03", "各期之和不等于合同价款", "the instalments do not sum to the price", "instalments");
    no.detail = base::alike(base::money_yuan(sum) + " ≠ " + base::money_yuan(price));
    return no;
  }
  Schedule schedule;
  schedule.price_ = price;
  schedule.instalments_ = std::move(instalments);
  return schedule;
}

Money Schedule::due_by(Date day) const {
  Money sum;
  for (const auto& one : instalments_) {
    if (one.due <= day) sum.fen += one.amount.fen;
  }
  return sum;
}

base::Result<Money> price_paid_by(std::span<const Payment> payments, Date day) {
  Money sum;
  for (const auto& payment : payments) {
    if (payment.received > day || payment.purpose != Purpose::price) continue;
    const auto next = base::add(sum.fen, payment.amount.fen);
    if (!next) return too_large();
    sum.fen = *next;
  }
  return sum;
}

base::Result<Standing> Schedule::standing(std::span<const Payment> payments, Date day, base::Ratio late_fee_per_day) const {
  // fen × days takes 95 bits at most, so a numerator of 30 bits keeps the product within 128.
  if (late_fee_per_day.num > 1'000'000'000) return too_large();
  if (late_fee_per_day.num < 0 || late_fee_per_day.den <= 0)
    return refuse("PAY-06", "违约金比例不能为负", "a ratio below zero");
  std::vector<Share> price;
  Standing standing;
  for (const auto& payment : payments) {
    if (payment.amount.fen <= 0)
      return refuse("PAY-04", "付款金额须大于零", "a payment not above zero", payment.bank_reference);
    if (payment.received > day) continue;
    if (payment.purpose == Purpose::price) {
      price.push_back({payment.received, payment.amount});
      continue;
    }
    const auto next = base::add(standing.late_fee_paid.fen, payment.amount.fen);
    if (!next) return too_large();
    standing.late_fee_paid.fen = *next;
  }
  std::stable_sort(price.begin(), price.end(), [](const Share& a, const Share& b) { return a.received < b.received; });

  __extension__ typedef __int128 Wide;
  std::size_t next = 0;
  for (const auto& instalment : instalments_) {
    InstalmentStanding one{instalment, {}, instalment.amount, {}, 0};
    Wide fen_days = 0;
    const auto charge = [&](Money amount, Date until) {
      if (until <= instalment.due) return;
      fen_days += Wide{amount.fen} * (until - instalment.due);
      one.days_late = std::max(one.days_late, until - instalment.due);
    };
    while (one.outstanding.fen > 0 && next < price.size()) {
      auto& share = price[next];
      const Money taken = std::min(share.amount, one.outstanding);
      charge(taken, share.received);
      one.paid.fen += taken.fen;
      one.outstanding.fen -= taken.fen;
      share.amount.fen -= taken.fen;
      if (share.amount.fen == 0) ++next;
    }
    if (one.outstanding.fen > 0) charge(one.outstanding, day);
    const Wide product = fen_days * late_fee_per_day.num;
    const Wide fee = (product + late_fee_per_day.den / 2) / late_fee_per_day.den;
    const auto fee_sum = base::add(standing.late_fee.fen, fee > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(fee));
    if (fee > INT64_MAX || !fee_sum) return too_large();
    one.late_fee.fen = static_cast<std::int64_t>(fee);
    standing.late_fee.fen = *fee_sum;
    standing.paid.fen += one.paid.fen;
    standing.outstanding.fen += one.outstanding.fen;
    if (instalment.due < day) standing.overdue.fen += one.outstanding.fen;
    standing.instalments.push_back(one);
  }
  for (; next < price.size(); ++next) {
    const auto sum = base::add(standing.overpaid.fen, price[next].amount.fen);
    if (!sum) return too_large();
    standing.overpaid.fen = *sum;
  }
  standing.late_fee_outstanding.fen = std::max<std::int64_t>(0, standing.late_fee.fen - standing.late_fee_paid.fen);
  const auto over =
      base::add(standing.overpaid.fen, std::max<std::int64_t>(0, standing.late_fee_paid.fen - standing.late_fee.fen));
  if (!over) return too_large();
  standing.overpaid.fen = *over;
  standing.price_paid = standing.outstanding.fen == 0;
  return standing;
}

}  // namespace landglass::money
