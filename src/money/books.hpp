#pragma once
// The books of one custody account: a handful of control accounts, whose single sums stand in the records of lines,
// deposits, contracts and refunds. So the ledger stays small however many bidders there are, and each kind of money can be
// added up a second time from the records.

#include <memory>
#include <string_view>

#include "institution/record.hpp"
#include "money/ledger.hpp"

namespace landglass::money {

class Books final : public institution::BehaviourState {
 public:
  Ledger ledger;

  base::Json save() const override { return to_json(ledger); }
  base::Json publish() const override { return {}; }
  std::unique_ptr<BehaviourState> copy() const override { return std::make_unique<Books>(*this); }

  base::Money of(AccountKind kind) const;  // balance of a control account; nothing where it was never used
};

// The books of a record of a custody account; empty ones before its first statement.
const Books& books_of(const institution::Record& account);

}  // namespace landglass::money
