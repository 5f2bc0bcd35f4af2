#include "money/bank_simulator.hpp"

#include <algorithm>

namespace landglass::money {

using base::Date;
using base::Money;
using base::Time;

std::string_view name_of(PayerError error) {
  static constexpr std::string_view k_names[] = {"none",           "late",      "wrong_payer",    "split",     "overpaid",
                                                 "reference_typo", "two_codes", "duplicate_line", "never_pays"};
  return k_names[static_cast<std::size_t>(error)];
}

BankSimulator::BankSimulator(std::string account, Money opening, Date start, std::uint64_t seed, BankErrors errors)
    : account_(std::move(account)),
      balance_(opening),
      from_(start),
      since_(base::start_of(start)),
      random_(seed),
      errors_(errors) {}

std::string BankSimulator::next_reference(Date day) {
  auto digits = base::format_date(day);
  std::erase(digits, '-');
  return "DEMO" + digits + std::to_string(1'000'000 + ++serial_).substr(1);
}

StatementLine BankSimulator::incoming(const Expected& expected, Money amount, Time time) {
  const auto day = base::date_of(time);
  // One account per payer, the same each time: refunds must find their way back to it.
  std::uint64_t number = 0;
  for (const char c : expected.key.bidder.value) number = number * 131 + static_cast<unsigned char>(c);
  return {expected.sub_account.empty() ? account_ : expected.sub_account,
          day,
          time,
          amount,
          expected.payers.front(),
          "DEMO" + std::to_string(1'000'000'000 + number % 1'000'000'000),
          (expected.code.starts_with("PC") ? "演示 出让价款 " : "演示 竞买保证金 ") + expected.code,
          next_reference(day),
          0};
}

void BankSimulator::pay(const Expected& expected, const Expected* other, Time until) {
  const struct {
    int share;
    PayerError error;
  } odds[] = {{errors_.late, PayerError::late},
              {errors_.wrong_payer, PayerError::wrong_payer},
              {errors_.split, PayerError::split},
              {errors_.overpaid, PayerError::overpaid},
              {errors_.reference_typo, PayerError::reference_typo},
              {errors_.two_codes, PayerError::two_codes},
              {errors_.duplicate_line, PayerError::duplicate_line},
              {errors_.never_pays, PayerError::never_pays}};
  auto error = PayerError::none;
  for (int roll = percent(); const auto& one : odds) {
    if (roll < one.share) {
      error = one.error;
      break;
    }
    roll -= one.share;
  }
  // Where an error could have no effect, the payer pays as told.
  if (error == PayerError::split && expected.required.fen < 2) error = PayerError::none;
  if (error == PayerError::two_codes && !other) error = PayerError::none;
  truth_.push_back({expected.key, error});
  if (error == PayerError::never_pays) return;

  const auto last = std::min(until, expected.deadline);
  const auto first = std::min(since_, last);
  const auto moment = [&] {
    const auto seconds = static_cast<std::uint64_t>((last - first) / base::k_second) + 1;
    return first + static_cast<std::int64_t>(random_.below(seconds)) * base::k_second;
  };
  auto line = incoming(expected, expected.required, moment());
  switch (error) {
    case PayerError::late: {
      line.value_time = expected.deadline + static_cast<std::int64_t>(1 + random_.below(86'400)) * base::k_second;
      line.booked = base::date_of(line.value_time);
      later_.push_back(line);
      return;
    }
    case PayerError::wrong_payer: line.payer_name = "演示关联公司（" + line.payer_name + "）"; break;
    case PayerError::split: {
      auto rest = incoming(expected, {}, moment());
      line.amount.fen = 1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(expected.required.fen - 1)));
      rest.amount.fen = expected.required.fen - line.amount.fen;
      now_.push_back(rest);
      break;
    }
    case PayerError::overpaid: line.amount.fen += 1 + static_cast<std::int64_t>(random_.below(10'000'000)); break;
    case PayerError::reference_typo:
      line.account = account_;  // to the main account, with a code that nobody has
      line.reference = "演示 竞买保证金 " + expected.code + "X";
      break;
    case PayerError::two_codes: line.reference += "、" + other->code; break;
    default: break;
  }
  now_.push_back(line);
  if (error == PayerError::duplicate_line) now_.push_back(line);
}

void BankSimulator::answer(const Refund& refund, Time until) {
  const auto to = base::date_of(until);
  const auto time = std::min(base::start_of(to) + 10 * base::k_hour, until);
  StatementLine out{account_,
                    to,
                    time,
                    Money{-refund.amount.fen},
                    refund.payee_name,
                    refund.payee_account,
                    "演示 退款 " + refund.id,
                    next_reference(to),
                    0};
  now_.push_back(out);
  if (percent() >= errors_.refund_returned) return;
  auto back = out;  // 账户已销户: the same sum comes back, citing the order
  back.amount = refund.amount;
  back.value_time = std::min(time + base::k_hour, until);
  back.reference = "演示 退汇（账户已销户） " + refund.id;
  back.bank_reference = next_reference(to);
  now_.push_back(back);
}

std::string BankSimulator::statement(const std::vector<Expected>& to_pay, const std::vector<Refund>& refunds, Date to) {
  auto made = make(to_pay, refunds, base::end_of(to) + -1);
  from_ = to + 1;
  since_ = base::start_of(from_);
  return made;
}
std::string BankSimulator::statement_until(const std::vector<Expected>& to_pay, const std::vector<Refund>& refunds,
                                           Time until) {
  auto made = make(to_pay, refunds, until);
  from_ = base::date_of(until);
  since_ = until;
  return made;
}

std::string BankSimulator::make(const std::vector<Expected>& to_pay, const std::vector<Refund>& refunds, Time until) {
  const auto to = base::date_of(until);
  now_.clear();
  const auto due = std::partition(later_.begin(), later_.end(), [&](const StatementLine& line) { return line.booked > to; });
  now_.assign(due, later_.end());
  later_.erase(due, later_.end());
  for (std::size_t i = 0; i < to_pay.size(); ++i) {
    pay(to_pay[i], to_pay.size() > 1 ? &to_pay[(i + 1) % to_pay.size()] : nullptr, until);
  }
  for (const auto& refund : refunds) answer(refund, until);
  for (auto& line : now_) line.booked = std::clamp(line.booked, from_, to);
  std::stable_sort(now_.begin(), now_.end(), [](const auto& a, const auto& b) { return a.value_time < b.value_time; });

  Statement statement{account_, from_, to, balance_, balance_, now_, 0};
  const StatementLine* last = nullptr;
  for (const auto& line : now_) {
    const bool again = last && *last == line;  // a duplicate is the bank's slip on paper: the money came once
    if (!again) statement.closing.fen += line.amount.fen;
    last = &line;
  }
  balance_ = statement.closing;
  return format_statement(statement);
}

}  // namespace landglass::money
