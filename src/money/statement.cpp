#include "money/statement.hpp"

#include <array>
#include <optional>

#include "base/csv.hpp"
#include "base/json.hpp"
#include "money/camt.hpp"
#include "money/statement_lines.hpp"

namespace landglass::money {
namespace {

using base::CsvField;
using base::CsvRecord;
using base::Money;
using base::refuse;
using base::Status;

enum Column {
  record,
  account,
  booking_date,
  value_time,
  amount,
  currency,
  payer_name,
  payer_account,
  reference,
  bank_reference
};
constexpr std::array<std::string_view, 10> k_columns = {"record",    "account",       "booking_date", "value_time",
                                                        "amount",    "currency",      "payer_name",   "payer_account",
                                                        "reference", "bank_reference"};
class Parser {
 public:
  Parser(std::string_view name, std::string_view bytes) : name_(name), reader_(name, bytes) {}

  base::Result<Statement> run() {
    LG_CHECK(header());
    while (true) {
      LG_TRY(const auto row, reader_.next());
      if (row.line == 0) break;
      LG_CHECK(take(row));
    }
    if (!opened_ || !closed_) {
      return refuse("STM-08", "缺少期初或期末余额", "no opening or no closing balance", std::string(name_));
    }
    LG_CHECK(balances(statement_, std::string(name_)));
    return std::move(statement_);
  }

 private:
  base::Refusal wrong(const char* code, const CsvField& field, std::size_t column, const char* zh, const char* en) {
    auto no = refuse(code, zh, en, base::csv_where(name_, field.line, field.column));
    no.detail = base::alike(std::string(k_columns[column]) + ": " + field.text.substr(0, 80));
    return no;
  }
  Status header() {
    LG_TRY(const auto row, reader_.next());
    for (std::size_t i = 0; i < k_columns.size(); ++i) {
      if (i < row.fields.size() && row.fields[i].text == k_columns[i]) continue;
      if (i < row.fields.size())
        return wrong("STM-01", row.fields[i], i, "表头不符", "the header is not that of the format");
      return refuse("STM-01", "表头不全", "the header is incomplete", base::csv_where(name_, row.line ? row.line : 1, 1));
    }
    if (row.fields.size() != k_columns.size()) {
      return refuse("STM-01", "表头有多余的列", "the header has more columns than the format",
                    base::csv_where(name_, row.fields[k_columns.size()].line, row.fields[k_columns.size()].column));
    }
    return base::Done{};
  }

  Status take(const CsvRecord& row) {
    if (row.fields.size() != k_columns.size()) {
      return refuse("STM-01", "列数不符", "another number of columns than the header", base::csv_where(name_, row.line, 1));
    }
    const auto& field = row.fields;
    for (std::size_t i = 0; i < field.size(); ++i) {
      if (field[i].text.size() > 400) return wrong("STM-02", field[i], i, "字段过长", "longer than 400 bytes");
      if (!base::is_nfc(field[i].text)) return wrong("STM-02", field[i], i, "文本不是 NFC 形式", "text is not in NFC");
    }
    if (!fit_number(field[account].text))
      return wrong("STM-02", field[account], account, "账号不合规", "not an account number");
    const auto booked = base::parse_date(field[booking_date].text);
    if (!booked) return wrong("STM-02", field[booking_date], booking_date, "日期应为 2026-11-23 的形式", "not a date");
    auto text = std::string_view(field[amount].text);
    const auto sum = base::parse_money(text);
    // One amount has one form: "-0" and "1.5" are refused, so that two systems never read a cell differently.
    if (!sum || base::money_text(*sum) != text) {
      return wrong("STM-02", field[amount], amount, "金额应为两位小数的元", "not an amount in yuan with two decimals");
    }
    if (field[currency].text != "CNY")
      return wrong("STM-03", field[currency], currency, "只接受人民币", "only CNY is taken");
    const auto& kind = field[record].text;
    if (kind == "line") return line(row, *booked, *sum);
    if (kind == "opening" || kind == "closing") return balance(row, *booked, *sum, kind == "opening");
    return wrong("STM-01", field[record], record, "记录种类应为 opening、line 或 closing",
                 "a record is opening, line or closing");
  }

  Status balance(const CsvRecord& row, base::Date date, Money sum, bool opening) {
    const auto& field = row.fields;
    if (closed_ || opened_ == opening) {
      return wrong("STM-08", field[record], record, "期初、期末余额各一条，期初在前、期末在后",
                   "one opening record first, one closing last");
    }
    for (const auto column : {value_time, payer_name, payer_account, reference, bank_reference}) {
      if (!field[column].text.empty())
        return wrong("STM-01", field[column], column, "余额记录此列应为空", "empty in a balance record");
    }
    if (opening) {
      opened_ = true;
      statement_.account = field[account].text;
      statement_.opening = sum;
      statement_.from = date;
      return base::Done{};
    }
    if (field[account].text != statement_.account) {
      return wrong("STM-01", field[account], account, "期末与期初账号不同", "closing and opening are of two accounts");
    }
    if (date < statement_.from)
      return wrong("STM-06", field[booking_date], booking_date, "期末早于期初", "closes before it opens");
    for (const auto& line : statement_.lines) {
      if (line.booked > date) {
        return refuse("STM-06", "记账日期晚于期末", "booked after the statement closes",
                      base::csv_where(name_, line.line, 1));
      }
    }
    closed_ = true;
    statement_.closing = sum;
    statement_.to = date;
    return base::Done{};
  }

  Status line(const CsvRecord& row, base::Date booked, Money sum) {
    const auto& field = row.fields;
    if (!opened_ || closed_) {
      return wrong("STM-08", field[record], record, "明细应在期初与期末余额之间", "lines stand between opening and closing");
    }
    if (booked < statement_.from)
      return wrong("STM-06", field[booking_date], booking_date, "记账日期早于期初", "booked before it opens");
    // The account, or a sub-account under it: its number begins with the account's.
    if (!field[account].text.starts_with(statement_.account)) {
      return wrong("STM-01", field[account], account, "不是本账户或其子账户",
                   "neither this account nor a sub-account of it");
    }
    if (sum.fen == 0) return wrong("STM-02", field[amount], amount, "发生额不能为零", "a line of nothing");
    const auto time = base::parse_time(field[value_time].text);
    if (!time) {
      return wrong("STM-02", field[value_time], value_time, "时间应为 2026-11-23T09:30:00+08:00 的形式", "not an instant");
    }
    if (field[payer_name].text.empty()) return wrong("STM-02", field[payer_name], payer_name, "缺对方户名", "no payer name");
    if (!fit_number(field[payer_account].text)) {
      return wrong("STM-02", field[payer_account], payer_account, "对方账号不合规", "not an account number");
    }
    if (!fit_number(field[bank_reference].text)) {
      return wrong("STM-02", field[bank_reference], bank_reference, "流水号不合规", "not a bank reference");
    }
    StatementLine line{field[account].text,
                       booked,
                       *time,
                       sum,
                       field[payer_name].text,
                       field[payer_account].text,
                       field[reference].text,
                       field[bank_reference].text,
                       row.line};
    const auto& last = field[bank_reference];
    return lines_.add(statement_, std::move(line), base::csv_where(name_, last.line, last.column));
  }

  std::string_view name_;
  base::CsvReader reader_;
  Statement statement_;
  StatementLines lines_;
  bool opened_ = false, closed_ = false;
};

std::string local_time(base::Time time) {
  auto text = base::format_local(time);
  text[10] = 'T';
  const auto ms = ((time.ms % 1'000) + 1'000) % 1'000;
  if (ms != 0) text += "." + std::to_string(1'000 + ms).substr(1);
  return text + "+08:00";
}

}  // namespace

bool operator==(const StatementLine& a, const StatementLine& b) {
  return a.account == b.account && a.booked == b.booked && a.value_time == b.value_time && a.amount == b.amount &&
         a.payer_name == b.payer_name && a.payer_account == b.payer_account && a.reference == b.reference &&
         a.bank_reference == b.bank_reference;
}

base::Result<Statement> parse_statement(std::string_view name, std::string_view bytes) {
  if (bytes.size() > k_most_statement_bytes)
    return refuse("STM-07", "对账单过大", "a statement past 32 MiB", std::string(name));
  return Parser(name, bytes).run();
}

base::Result<Statement> read_statement(std::string_view name, std::string_view bytes) {
  auto begin = bytes;
  if (begin.starts_with("\xef\xbb\xbf")) begin.remove_prefix(3);
  const auto first = begin.find_first_not_of(" \t\r\n");
  const bool xml = first != std::string_view::npos && begin[first] == '<';
  return xml ? parse_camt053(name, bytes) : parse_statement(name, bytes);
}

std::string format_statement(const Statement& statement) {
  std::string out;
  for (std::size_t i = 0; i < k_columns.size(); ++i) out += (i ? "," : "") + std::string(k_columns[i]);
  out += "\n";
  const auto balance = [&](const char* kind, base::Date date, Money money) {
    out += std::string(kind) + "," + statement.account + "," + base::format_date(date) + ",," + base::money_text(money) +
           ",CNY,,,,\n";
  };
  balance("opening", statement.from, statement.opening);
  for (const auto& line : statement.lines) {
    out += "line," + line.account + "," + base::format_date(line.booked) + "," + local_time(line.value_time) + "," +
           base::money_text(line.amount) + ",CNY," + base::csv_quoted(line.payer_name) + "," + line.payer_account + "," +
           base::csv_quoted(line.reference) + "," + line.bank_reference + "\n";
  }
  balance("closing", statement.to, statement.closing);
  return out;
}

Status follows(const Statement& last, const Statement& next) {
  if (last.account != next.account)
    return refuse("STM-10", "不是同一账户的对账单", "a statement of another account", next.account);
  if (next.from < last.to) {
    auto no = refuse("STM-11", "与上一期对账单重叠", "starts before the last statement ended", next.account);
    no.detail = base::alike(base::format_date(next.from) + " < " + base::format_date(last.to));
    return no;
  }
  if (last.closing != next.opening) {
    auto no =
        refuse("STM-09", "期初余额不等于上期期末余额", "the opening balance is not the last closing balance", next.account);
    no.detail = base::alike(base::money_yuan(next.opening) + " ≠ " + base::money_yuan(last.closing));
    return no;
  }
  return base::Done{};
}

}  // namespace landglass::money
