#pragma once
// A simulated bank (演示), for tests and the demonstration: it writes statements of the same form as a real one and errs as
// payers and banks do. Everything it writes carries 演示 or DEMO. The same seed gives the same statements, byte for byte.

#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/time.hpp"
#include "money/deposits.hpp"
#include "money/statement.hpp"

namespace landglass::money {

enum class PayerError : std::uint8_t {
  none,
  late,
  wrong_payer,
  split,
  overpaid,
  reference_typo,
  two_codes,
  duplicate_line,
  never_pays
};
inline constexpr std::size_t k_payer_errors = 9;
std::string_view name_of(PayerError error);

// How often, in a hundred; what is left pays as told.
struct BankErrors {
  int late = 4, wrong_payer = 4, split = 8, overpaid = 4, reference_typo = 4, two_codes = 2, duplicate_line = 4,
      never_pays = 2;
  int refund_returned = 10;  // of refunds: the account was closed
};

// What the bank really did: the truth against which the books are held.
struct PayerTruth {
  DepositKey key;
  PayerError error = PayerError::none;
};

class BankSimulator {
 public:
  BankSimulator(std::string account, base::Money opening, base::Date start, std::uint64_t seed, BankErrors errors = {});

  // A statement that runs to the end of `to`: deposits are paid within the days since the last statement (late ones after
  // their deadline, in a later statement), refunds are paid, or paid and returned.
  std::string statement(const std::vector<Expected>& to_pay, const std::vector<Refund>& refunds, base::Date to);
  // The same within a day: up to this instant, and the next statement begins on the same day.
  std::string statement_until(const std::vector<Expected>& to_pay, const std::vector<Refund>& refunds, base::Time until);

  const std::vector<PayerTruth>& truth() const { return truth_; }
  std::size_t waiting() const { return later_.size(); }  // late payments not yet in a statement

 private:
  std::string next_reference(base::Date day);
  StatementLine incoming(const Expected& expected, base::Money amount, base::Time time);
  std::string make(const std::vector<Expected>& to_pay, const std::vector<Refund>& refunds, base::Time until);
  void pay(const Expected& expected, const Expected* other, base::Time until);
  void answer(const Refund& refund, base::Time until);
  int percent() { return static_cast<int>(random_.below(100)); }

  std::string account_;
  base::Money balance_;
  base::Date from_;
  base::Time since_;  // up to which instant of that day statements were made
  base::SeededRandom random_;
  BankErrors errors_;
  std::uint64_t serial_ = 0;
  std::vector<StatementLine> now_, later_;
  std::vector<PayerTruth> truth_;
};

}  // namespace landglass::money
