#pragma once
// A bank's statement of one account, the only door through which money enters the books. docs/formats/bank-statement.md is
// the contract. A statement is taken whole or not at all: what cannot be read to the last fen is refused with
// file:line:column.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace landglass::money {

struct StatementLine {
  std::string account;         // ours, or the sub-account under it to which the payer was told to pay
  base::Date booked;           // 记账日期
  base::Time value_time;       // when the money was there: what a deadline is judged by
  base::Money amount;          // > 0 came in, < 0 went out
  std::string payer_name;      // 对方户名, as the bank writes it
  std::string payer_account;   // 对方账号
  std::string reference;       // 附言
  std::string bank_reference;  // 流水号: unique at the bank, for ever
  std::size_t line = 0;        // of the file; 0 where the line comes from elsewhere. No part of what makes two lines equal.
};
bool operator==(const StatementLine& a, const StatementLine& b);

struct Statement {
  std::string account;
  base::Date from, to;
  base::Money opening, closing;
  std::vector<StatementLine> lines;  // in the bank's order; a line repeated word for word stands once
  std::size_t repeated = 0;          // how many such repetitions the file held
};

// STM-01 header or record not as the format says, STM-02 a field that does not read, STM-03 another currency than CNY,
// STM-04 one bank reference with two contents, STM-05 opening + lines ≠ closing, STM-06 a date outside the statement, STM-07
// past 100,000 lines or 32 MiB, STM-08 opening or closing record missing or twice; CSV-01 … CSV-05.
base::Result<Statement> parse_statement(std::string_view name, std::string_view bytes);
// Of either form: CSV, or ISO 20022 camt.053 (camt.hpp) where it begins as XML does.
base::Result<Statement> read_statement(std::string_view name, std::string_view bytes);
std::string format_statement(const Statement& statement);

// What is new in a statement that follows another: STM-09 where its opening balance is not the last closing balance, STM-10
// where it is of another account, STM-11 where it starts before the last one ended.
base::Status follows(const Statement& last, const Statement& next);

}  // namespace landglass::money
