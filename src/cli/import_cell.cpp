// One cell of a published table as a value. Refusals: IMP-10 not a number of the form wanted, IMP-11 finer than the smallest
// unit, IMP-12 too large, IMP-13 below zero, IMP-14 no date, IMP-15 no instant, IMP-16 no division code, IMP-17 not in the
// table of values, IMP-18 terms that do not read, IMP-19 instalments that do not read.
#include <limits>
#include <optional>

#include "cli/import_csv.hpp"

namespace landglass::cli {
namespace {

using base::refuse;
using base::Result;
using law::Value;

struct Decimal {
  std::int64_t digits = 0;
  std::int64_t scale = 1;  // 10^places
};

bool digit(char c) { return c >= '0' && c <= '9'; }

// -?[0-9]+(.[0-9]+)? without leading zeros; up to 18 digits in all.
Result<Decimal> decimal(std::string_view text) {
  const auto no = [&] { return refuse("IMP-10", "不是数", "not a number"); };
  auto rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const auto point = rest.find('.');
  const auto whole = rest.substr(0, point);
  const auto part = point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0') || (point != std::string_view::npos && part.empty()))
    return no();
  for (const auto digits : {whole, part}) {
    for (const char c : digits) {
      if (!digit(c)) return no();
    }
  }
  if (whole.size() + part.size() > 18) return refuse("IMP-12", "数字过长", "more than 18 digits");
  Decimal out;
  for (const auto digits : {whole, part}) {
    for (const char c : digits) out.digits = out.digits * 10 + (c - '0');
  }
  for (std::size_t i = 0; i < part.size(); ++i) out.scale *= 10;
  if (negative) out.digits = -out.digits;
  return out;
}

Result<Value> ratio(std::string_view text) {
  LG_TRY(const auto number, decimal(text));
  return Value::ratio(*base::make_ratio(number.digits, number.scale));
}

// Exact in fen or 0.01 m², or refused.
Result<std::int64_t> measure(std::string_view text, const Unit& unit) {
  LG_TRY(const auto number, decimal(text));
  if (number.digits < 0) return refuse("IMP-13", "不能为负", "below zero");
  __extension__ typedef __int128 Wide;
  const Wide product = Wide{number.digits} * unit.factor;
  if (product % number.scale != 0) return refuse("IMP-11", "小数位过多，无法精确换算", "finer than the smallest unit");
  const Wide whole = product / number.scale;
  if (whole > std::numeric_limits<std::int64_t>::max()) return refuse("IMP-12", "数字过大", "too large");
  return static_cast<std::int64_t>(whole);
}

Result<Value> date(std::string_view text) {
  const auto day = base::parse_date(text);
  if (!day) return refuse("IMP-14", "不是日期", "not a date");
  return Value::date(*day);
}

// 2019-08-26 or 2007年02月01日: both are how the tables print the day of an instalment.
Result<Value> printed_date(std::string_view text) {
  std::string plain(text);
  for (const auto& [from, to] : {std::pair{"年", "-"}, {"月", "-"}, {"日", ""}}) {
    if (const auto at = plain.find(from); at != std::string::npos) plain.replace(at, 3, to);
  }
  return date(plain);
}

std::vector<std::string_view> split(std::string_view text, std::string_view marks) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find_first_of(marks);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}
std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Value term(std::string_view use, Value years) {
  return Value::record({{"use", use.empty() ? Value::null() : Value::text(std::string(use))}, {"years", std::move(years)}});
}

// 70 · 40年 · 住宅70/商业40 · 高档住宅用地70年; 批发零售用地40年;
Result<Value> terms(std::string_view text) {
  const auto no = [] { return refuse("IMP-18", "出让年限读不出", "terms that do not read"); };
  law::List out;
  auto parts = split(text, "/;");
  if (parts.size() > 1 && text.ends_with(';')) parts.pop_back();
  for (auto part : parts) {
    part = trimmed(part);
    if (part.ends_with("年")) part.remove_suffix(3);
    auto start = part.size();
    while (start > 0 && (digit(part[start - 1]) || part[start - 1] == '.')) --start;
    const auto use = part.substr(0, start);
    // A use with digits or separators inside would be two terms run together.
    for (const char c : use) {
      if (digit(c)) return no();
    }
    if (use.empty() && parts.size() > 1) return no();
    if (use.find("，") != std::string_view::npos || use.find(' ') != std::string_view::npos) return no();
    auto years = ratio(part.substr(start));
    if (!years) return no();
    out.push_back(term(use, *std::move(years)));
  }
  return Value::list(std::move(out));
}

// 1670.0000; · 1/2019-08-26/76.9703 · 1/2007年02月01日/927.9200/note; several separated by ';'
Result<Value> instalments(std::string_view text, const Unit& unit) {
  const auto no = [](const char* zh, const char* en) { return refuse("IMP-19", zh, en); };
  law::List out;
  auto parts = split(text, ";");
  if (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  for (const auto part : parts) {
    const auto cells = split(part, "/");
    Value number, due, note;
    std::string_view amount = part;
    if (cells.size() > 1) {
      if (cells.size() < 3 || cells.size() > 4) return no("分期读不出", "instalments that do not read");
      const auto counted = decimal(cells[0]);
      if (!counted || counted->scale != 1) return no("期数读不出", "the number of an instalment does not read");
      number = Value::integer(counted->digits);
      auto day = printed_date(cells[1]);
      if (!day) return no("约定支付日期读不出", "the day of an instalment does not read");
      due = *std::move(day);
      amount = cells[2];
      if (cells.size() == 4) note = Value::text(std::string(cells[3]));
    }
    LG_TRY(const auto fen, measure(amount, unit));
    out.push_back(Value::record({{"number", number}, {"due", due}, {"amount", Value::money({fen})}, {"note", note}}));
  }
  return Value::list(std::move(out));
}

}  // namespace

Result<Value> read_cell(CellType type, const Unit& unit, const Column& column, std::string_view text) {
  switch (type) {
    case CellType::text: return Value::text(std::string(text));
    case CellType::division: {
      bool fit = text.size() == 6;
      for (const char c : text) fit = fit && digit(c);
      if (!fit) return refuse("IMP-16", "不是六位行政区划代码", "not a division code of six digits");
      return Value::text(std::string(text));
    }
    case CellType::integer: {
      LG_TRY(const auto number, decimal(text));
      if (number.scale != 1) return refuse("IMP-10", "不是整数", "not a whole number");
      return Value::integer(number.digits);
    }
    case CellType::decimal: return ratio(text);
    case CellType::bound: {
      const bool strict = text.starts_with('>') || text.starts_with('<');
      LG_TRY(auto value, ratio(strict ? text.substr(1) : text));
      return Value::record({{"value", std::move(value)}, {"strict", Value::boolean(strict)}});
    }
    case CellType::money: {
      LG_TRY(const auto fen, measure(text, unit));
      return Value::money({fen});
    }
    case CellType::area: {
      LG_TRY(const auto area, measure(text, unit));
      return Value::area({area});
    }
    case CellType::date: return date(text);
    // A year alone, as some tables print it: its last day, the latest that it may mean.
    case CellType::latest: return date(text.size() == 4 ? std::string(text) + "-12-31" : std::string(text));
    case CellType::time:
    case CellType::moment: {
      if (type == CellType::moment && text.size() == 10) return date(text);
      const auto time = base::parse_time(text);
      if (!time) return refuse("IMP-15", "不是时刻", "not an instant");
      return Value::time(*time);
    }
    case CellType::choice: {
      for (const auto& [from, to] : column.values) {
        if (from == text) return Value::text(to);
      }
      return refuse("IMP-17", "对照表中没有这个值", "not in the table of values");
    }
    case CellType::terms: return terms(text);
    case CellType::instalments: return instalments(text, unit);
  }
  return refuse("IMP-10", "未知的类型", "an unknown type");
}

}  // namespace landglass::cli
