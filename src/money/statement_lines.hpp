#pragma once
// What holds for the lines of a statement in whichever form it comes: one bank reference says one thing, dates lie within,
// opening balance and lines make the closing one.

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "money/statement.hpp"

namespace landglass::money {

inline constexpr std::size_t k_most_lines = 100'000;
inline constexpr std::size_t k_most_statement_bytes = std::size_t{32} * 1024 * 1024;

// [0-9A-Za-z._/-]{1,64}: numbers of accounts, references of banks.
bool fit_number(std::string_view text);

class StatementLines {
 public:
  // STM-04 one bank reference with two contents, STM-07 past the bound. A line repeated word for word is counted only.
  base::Status add(Statement& statement, StatementLine line, const std::string& where);

 private:
  std::map<std::string, std::size_t> by_reference_;
};

// STM-05, STM-02 a sum that does not fit.
base::Status balances(const Statement& statement, const std::string& where);

}  // namespace landglass::money
