#pragma once
// The books of one bank account, of custody or of an office: a handful of control accounts, whose single sums stand in the
// records of lines, deposits, contracts, refunds and payments. So the ledger stays small however many bidders there are, and
// each kind of money can be added up a second time from the records.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "institution/record.hpp"
#include "money/ledger.hpp"

namespace landglass::money {

class Books final : public institution::BehaviourState {
 public:
  Ledger ledger;
  std::map<std::string, TransferId, std::less<>> reserved;  // by the order's number: what the bank has not paid yet

  base::Json save() const override;
  base::Json publish() const override { return {}; }
  std::unique_ptr<BehaviourState> copy() const override { return std::make_unique<Books>(*this); }

  base::Money of(AccountKind kind) const;  // balance of a control account; nothing where it was never used
};

// The books of a record of such an account; empty ones before its first statement.
const Books& books_of(const institution::Record& account);

}  // namespace landglass::money
