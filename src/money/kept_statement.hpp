#pragma once
// Statements as the vault keeps them, read once and held for a while: a statement of 10,000 lines is handed on in hundreds
// of steps. A file is named by its hash, so what is held can never be stale.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "institution/behaviour.hpp"
#include "institution/record.hpp"
#include "money/statement.hpp"

namespace landglass::money {

struct BookedLine {
  const institution::Record* taken = nullptr;  // the statement's record
  std::shared_ptr<const Statement> statement;
  std::size_t index = 0;

  const StatementLine& line() const { return statement->lines[index]; }
};

class KeptStatements {
 public:
  // The line that a record is made of: its `statement` and `line` say which. Fails where there is no such statement or line.
  base::Result<BookedLine> line_of(const institution::Record& made, institution::Look& look);
  // Refuses what read_statement refuses, and STORE-05 a file that is not kept. On the sequencer's thread only.
  base::Result<std::shared_ptr<const Statement>> read(std::string_view hash, institution::Look& look);

 private:
  static constexpr std::size_t k_most = 4;
  std::deque<std::pair<std::string, std::shared_ptr<const Statement>>> held_;
};

// The command's id by which a line is booked, hence its record "bank-line/<id>": one line of one account, once for ever.
std::string line_id(std::string_view account, std::string_view bank_reference);

}  // namespace landglass::money
