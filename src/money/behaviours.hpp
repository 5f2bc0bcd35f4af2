#pragma once
// What the institutions of money name as their behaviour. docs/formats/custody.md and docs/formats/office-account.md are the
// contracts of fields and outcomes.
//
//   books@1        of a custody account: its ledger; takes statements, posts entries
//   statement@1    of a statement that was taken: hands its lines on, a page at a time
//   bank-line@1    of one line: whose money it is, by src/money's rule and nothing else
//   instalments@1  of a contract: what is paid, what is late and what lateness costs
//
//   office-books@1      of an office's account: the same, and orders that are reserved, settled or released
//   office-statement@1  of its statements
//   account-line@1      of their lines: which order the bank carried out
//   balances@1          of a sheet of what a custody account owes: its Merkle sum (docs/formats/sum-tree.md)

#include <memory>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "institution/behaviour.hpp"
#include "institution/record.hpp"

namespace landglass::money {

std::shared_ptr<institution::Behaviour> books();
std::shared_ptr<institution::Behaviour> statements();
std::shared_ptr<institution::Behaviour> bank_lines();
std::shared_ptr<institution::Behaviour> instalments();
std::shared_ptr<institution::Behaviour> office_books();
std::shared_ptr<institution::Behaviour> office_statements();
std::shared_ptr<institution::Behaviour> account_lines();
std::shared_ptr<institution::Behaviour> balances();

inline std::vector<std::shared_ptr<institution::Behaviour>> behaviours() {
  return {books(),        statements(),        bank_lines(),    instalments(),
          office_books(), office_statements(), account_lines(), balances()};
}

// An amount that stands in a field; none where it does not read.
inline base::Money money_of(const institution::Record& record, std::string_view field) {
  return base::parse_money(record.fields.text(field)).value_or(base::Money{});
}

}  // namespace landglass::money
