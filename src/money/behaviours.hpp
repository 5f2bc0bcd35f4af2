#pragma once
// What the institutions of money name as their behaviour. docs/formats/custody.md is the contract of fields and outcomes.
//
//   books@1        of a custody account: its ledger; takes statements, posts entries
//   statement@1    of a statement that was taken: hands its lines on, a page at a time
//   bank-line@1    of one line: whose money it is, by src/money's rule and nothing else
//   instalments@1  of a contract: what is paid, what is late and what lateness costs

#include <memory>
#include <vector>

#include "institution/behaviour.hpp"

namespace landglass::money {

std::shared_ptr<institution::Behaviour> books();
std::shared_ptr<institution::Behaviour> statements();
std::shared_ptr<institution::Behaviour> bank_lines();
std::shared_ptr<institution::Behaviour> instalments();

inline std::vector<std::shared_ptr<institution::Behaviour>> behaviours() {
  return {books(), statements(), bank_lines(), instalments()};
}

}  // namespace landglass::money
