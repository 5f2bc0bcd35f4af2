#include "money/statement_lines.hpp"

namespace landglass::money {

using base::refuse;

bool fit_number(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && c != '-' && c != '_' && c != '/' && c != '.') return false;
  }
  return true;
}

base::Status StatementLines::add(Statement& statement, StatementLine line, const std::string& where) {
  const auto [known, fresh] = by_reference_.emplace(line.bank_reference, statement.lines.size());
  if (!fresh) {
    if (statement.lines[known->second] == line) {
      ++statement.repeated;
      return base::Done{};
    }
    auto no = refuse("STM-04", "同一流水号两条内容不同", "one bank reference, two contents", where);
    no.detail = base::alike(line.bank_reference + " (line " + std::to_string(statement.lines[known->second].line) + ")");
    return no;
  }
  if (statement.lines.size() >= k_most_lines) return refuse("STM-07", "明细过多", "past 100,000 lines", where);
  statement.lines.push_back(std::move(line));
  return base::Done{};
}

base::Status balances(const Statement& statement, const std::string& where) {
  base::Money sum = statement.opening;
  for (const auto& line : statement.lines) {
    const auto next = base::add(sum.fen, line.amount.fen);
    if (!next) return refuse("STM-02", "金额合计过大", "the sum of the amounts does not fit", where);
    sum.fen = *next;
  }
  if (sum == statement.closing) return base::Done{};
  auto no = refuse("STM-05", "期初余额加本期发生额不等于期末余额",
                   "opening balance and lines do not make the closing balance", where);
  no.detail = base::alike(base::money_yuan(sum) + " ≠ " + base::money_yuan(statement.closing));
  return no;
}

}  // namespace landglass::money
