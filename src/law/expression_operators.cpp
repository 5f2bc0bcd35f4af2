#include "law/expression_operators.hpp"

#include <limits>

namespace landglass::law {
namespace {

constexpr std::int64_t k_most_days = 36'525;  // in one addition: a hundred years

Wide size_of(Wide value) { return value < 0 ? -value : value; }

std::optional<base::Ratio> reduced(Wide num, Wide den) {
  if (den < 0) {
    num = -num;
    den = -den;
  }
  Wide a = size_of(num);
  for (Wide b = den; b != 0;) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  num /= a;
  den /= a;
  constexpr Wide most = std::numeric_limits<std::int64_t>::max();
  if (size_of(num) > most || den > most) return std::nullopt;
  return base::Ratio{static_cast<std::int64_t>(num), static_cast<std::int64_t>(den)};
}

base::Refusal division_by_zero() { return base::refuse("LAW-05", "除数为零", "division by zero"); }

Value amount_of(Kind kind, std::int64_t number) {
  return kind == Kind::money ? Value::money({number}) : Value::area({number});
}

base::Result<Value> ratio_of(Wide num, Wide den) {
  if (den == 0) return division_by_zero();
  const auto ratio = reduced(num, den);
  if (!ratio) return overflow();
  return Value::ratio(*ratio);
}

// Of an integer, a ratio, and the two together, which are ratios.
base::Result<Value> of_numbers(Op op, const Value& left, const Value& right) {
  const Wide a = left.number;
  const Wide b = right.number;
  const Wide c = left.denominator;
  const Wide d = right.denominator;
  if (op == Op::divide) return ratio_of(a * d, c * b);
  if (left.kind == Kind::integer && right.kind == Kind::integer) {
    if (op == Op::remainder) {
      if (b == 0) return division_by_zero();
      return Value::integer(static_cast<std::int64_t>(a % b));
    }
    const auto whole = op == Op::add        ? base::add(left.number, right.number)
                       : op == Op::subtract ? base::subtract(left.number, right.number)
                                            : base::multiply(left.number, right.number);
    if (!whole) return overflow();
    return Value::integer(*whole);
  }
  if (op == Op::multiply) return ratio_of(a * b, c * d);
  return ratio_of(op == Op::add ? a * d + b * c : a * d - b * c, c * d);
}

base::Result<Value> scaled(Op op, const Value& left, const Value& right) {
  const auto fraction = exact(op, left, right);
  if (!fraction) return division_by_zero();
  // Half away from zero.
  const Wide size = size_of(fraction->num);
  const Wide rest = size % fraction->den;
  Wide rounded = size / fraction->den + (rest >= fraction->den - rest ? 1 : 0);
  if (fraction->num < 0) rounded = -rounded;
  if (rounded > std::numeric_limits<std::int64_t>::max() || rounded < std::numeric_limits<std::int64_t>::min())
    return overflow();
  return amount_of(is_amount(left.kind) ? left.kind : right.kind, static_cast<std::int64_t>(rounded));
}

// A time keeps its hour on the day that many days away.
base::Result<Value> shifted(const Value& from, const Value& days, const Calendar& calendar) {
  LG_TRY(auto moved, add_days(from, days, calendar));
  if (from.kind == Kind::date) return moved;
  const auto hour = base::Time{from.number} - base::start_of(base::date_of({from.number}));
  return Value::time(base::start_of({static_cast<std::int32_t>(moved.number)}) + hour);
}

base::Result<Value> of_days(Op op, const Value& left, const Value& right) {
  if (op == Op::multiply) {
    const auto count = base::multiply(left.number, right.number);
    if (!count) return overflow();
    return Value::days(*count, left.kind == Kind::days ? left.day_kind : right.day_kind);
  }
  if (days_apart(left, right)) return units_apart(name_of(left), name_of(right), 0);
  const auto count = op == Op::add ? base::add(left.number, right.number) : base::subtract(left.number, right.number);
  if (!count) return overflow();
  return Value::days(*count, left.day_kind);
}

}  // namespace

base::Refusal overflow() {
  return base::refuse("LAW-04", "数值超出范围，拒绝计算", "a number out of range: refused rather than wrapped");
}
base::Refusal wrong_kind(const Value& found, const Type& wanted) {
  const auto is = name_of(found);
  const auto need = name_of(wanted);
  return base::refuse("LAW-06", "此值应为" + need.zh + "，实为" + is.zh, need.en + " was declared, " + is.en + " was found");
}

std::optional<Fraction> exact(Op op, const Value& left, const Value& right) {
  if (op == Op::multiply) {
    return Fraction{Wide{left.number} * right.number, Wide{left.denominator} * right.denominator};
  }
  if (right.number == 0) return std::nullopt;
  const Wide num = Wide{left.number} * right.denominator;
  return right.number < 0 ? Fraction{-num, -Wide{right.number}} : Fraction{num, right.number};
}

// Two continued fractions, term by term: exact, with no product that could overflow.
int order(Fraction left, Fraction right) {
  const auto floor = [](const Fraction& f) { return f.num / f.den - (f.num % f.den < 0 ? 1 : 0); };
  while (true) {
    const Wide a = floor(left);
    const Wide b = floor(right);
    if (a != b) return a < b ? -1 : 1;
    const Wide left_rest = left.num - a * left.den;
    const Wide right_rest = right.num - b * right.den;
    if (left_rest == 0 || right_rest == 0) return left_rest == right_rest ? 0 : left_rest == 0 ? -1 : 1;
    const Fraction turned{right.den, right_rest};
    right = {left.den, left_rest};
    left = turned;
  }
}

int order(const Value& left, const Value& right) {
  if (left.kind == Kind::text) {
    const int found = left.text_value.compare(right.text_value);
    return found < 0 ? -1 : found > 0 ? 1 : 0;
  }
  const Wide a = Wide{left.number} * right.denominator;
  const Wide b = Wide{right.number} * left.denominator;
  return a < b ? -1 : a > b ? 1 : 0;
}

bool equal(const Value& left, const Value& right) {
  if (is_number(left.kind) && is_number(right.kind)) return order(left, right) == 0;
  if (left.kind != Kind::list || right.kind != Kind::list) return left == right;
  if (left.items->size() != right.items->size()) return false;
  for (std::size_t i = 0; i < left.items->size(); ++i) {
    if (!equal((*left.items)[i], (*right.items)[i])) return false;
  }
  return true;
}

base::Result<Value> calculate(Op op, const Value& left, const Value& right, const Calendar& calendar) {
  const auto kind = kind_of(op, left.kind, right.kind);
  if (!kind) return units_apart(name_of(left), name_of(right), 0);
  switch (*kind) {
    case Kind::integer: return of_numbers(op, left, right);
    case Kind::ratio:
      if (is_number(left.kind)) return of_numbers(op, left, right);
      return ratio_of(left.number, right.number);
    case Kind::money:
    case Kind::area: {
      if (op == Op::multiply || op == Op::divide) return scaled(op, left, right);
      const auto sum = op == Op::add ? base::add(left.number, right.number) : base::subtract(left.number, right.number);
      if (!sum) return overflow();
      return amount_of(*kind, *sum);
    }
    case Kind::days:
      if (left.kind == Kind::date) return Value::days(left.number - right.number, DayKind::calendar);
      return of_days(op, left, right);
    case Kind::date:
    case Kind::time: {
      if (op == Op::add) return shifted(left, right, calendar);
      LG_TRY(auto back, negative(right));
      return shifted(left, back, calendar);
    }
    default: break;
  }
  if (left.text_value.size() + right.text_value.size() > k_longest_text) {
    return base::refuse("LAW-07", "文本超过 65,535 字节", "a text longer than 65,535 bytes");
  }
  return Value::text(left.text_value + right.text_value);
}

base::Result<Value> negative(const Value& value) {
  const auto number = base::subtract(0, value.number);
  if (!number) return overflow();
  auto turned = value;
  turned.number = *number;
  return turned;
}

base::Result<base::Date> day_of(const Value& value) {
  if (value.kind == Kind::date) return base::Date{static_cast<std::int32_t>(value.number)};
  if (value.kind == Kind::time) return base::date_of({value.number});
  return wrong_kind(value, Type::of(Kind::date));
}

base::Result<Value> add_days(const Value& date, const Value& days, const Calendar& calendar) {
  LG_TRY(const auto from, day_of(date));
  if (days.kind != Kind::days) return wrong_kind(days, Type::of(Kind::days));
  if (days.number > k_most_days || days.number < -k_most_days) return overflow();
  const auto last = calendar.last_day(from, days.number, days.day_kind);
  const auto year = base::to_civil(last).year;
  if (year < 1 || year > 9999) return overflow();
  return Value::date(last);
}

std::string key_of(const Value& value) {
  const auto number = value.kind == Kind::ratio && value.denominator == 1 ? Kind::integer : value.kind;
  std::string key(1, static_cast<char>('a' + static_cast<int>(number)));
  if (value.kind == Kind::days) key += value.day_kind == DayKind::working ? 'w' : 'c';
  if (value.kind == Kind::text) return key + value.text_value;
  return key + std::to_string(value.number) + "/" + std::to_string(value.denominator);
}

}  // namespace landglass::law
