#pragma once
// A contract's price in instalments, what was paid of it and what lateness costs, to the fen. Pure figures: which share is
// due by when (L-28, L-29) and whether a certificate may be issued (L-33) are checks of the pack over these.
//
// Payments of price go to the instalment due first. The late fee (违约金, L-31) is simple: for each instalment the sum over
// days of what was unpaid at the start of the day, from the day after it was due, times the daily ratio; rounded once per
// instalment, half up. A payment on day d is thus charged for d - due days. The ratio and the schedule are parameters; no
// number stands here.

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace landglass::money {

struct Instalment {
  base::Date due;
  base::Money amount;
  bool operator==(const Instalment&) const = default;
};
enum class Purpose : std::uint8_t { price, late_fee };
struct Payment {
  base::Date received;
  base::Money amount;
  Purpose purpose = Purpose::price;  // a late fee is paid apart: price and fee are two receipts of the treasury
  std::string bank_reference;
};

struct InstalmentStanding {
  Instalment instalment;
  base::Money paid;
  base::Money outstanding;
  base::Money late_fee;  // accrued to the day asked for
  int days_late = 0;     // since due, while something is outstanding or until the last of it was paid
};
struct Standing {
  std::vector<InstalmentStanding> instalments;
  base::Money paid;         // of the price
  base::Money outstanding;  // of the price
  base::Money overdue;      // of the price, past its day
  base::Money late_fee;     // accrued
  base::Money late_fee_paid;
  base::Money late_fee_outstanding;
  base::Money overpaid;     // of price and fee together, to be refunded
  bool price_paid = false;  // the whole of it: only then may a certificate be issued (第39号令 art. 23)
};

class Schedule {
 public:
  // PAY-01 no instalment or an amount not above zero, PAY-02 due dates that fall, PAY-03 instalments that do not sum to the
  // price.
  static base::Result<Schedule> make(base::Money price, std::vector<Instalment> instalments);

  base::Money price() const { return price_; }
  const std::vector<Instalment>& instalments() const { return instalments_; }
  base::Money due_by(base::Date day) const;  // falls due on or before that day

  // What stands at the end of `day`; payments after it are not yet looked at, in whatever order they are given. The earnest
  // that is offset is a payment on its own day. PAY-04 a payment not above zero, PAY-05 a sum that does not fit, PAY-06 a
  // ratio below zero.
  base::Result<Standing> standing(std::span<const Payment> payments, base::Date day, base::Ratio late_fee_per_day) const;

 private:
  base::Money price_;
  std::vector<Instalment> instalments_;
};

// Price paid on or before that day: what a check of the pack holds against 50% of the price.
base::Result<base::Money> price_paid_by(std::span<const Payment> payments, base::Date day);

}  // namespace landglass::money
