#pragma once
// Operators and built-in functions on values: inside the law layer only. Refusals have no column yet: evaluation adds it.

#include <vector>

#include "law/expression_units.hpp"

namespace landglass::law {

__extension__ typedef __int128 Wide;

// A side of a comparison before any rounding: 20% × 10,000,000.05 元 is num / den fen. |num| < 2^127, 0 < den <= 2^63.
struct Fraction {
  Wide num = 0;
  Wide den = 1;
};
std::optional<Fraction> exact(Op op, const Value& left,
                              const Value& right);  // of amount × or ÷ number; nothing where den is 0
int order(Fraction left, Fraction right);

// Of values whose kinds go together. Text is in the order of its UTF-8 bytes, which is that of code points.
int order(const Value& left, const Value& right);
// null equals null only; integer and ratio by number; lists element by element; other kinds never equal.
bool equal(const Value& left, const Value& right);

// + - * / % of values that are there. Refuses LAW-03, LAW-04, LAW-05, LAW-07.
base::Result<Value> calculate(Op op, const Value& left, const Value& right, const Calendar& calendar);
base::Result<Value> negative(const Value& value);

base::Result<Value> add_days(const Value& date, const Value& days, const Calendar& calendar);
base::Result<base::Date> day_of(const Value& date_or_time);
std::string key_of(const Value& value);  // equal values have equal keys

base::Refusal overflow();
base::Refusal wrong_kind(const Value& found, const Type& wanted);  // LAW-06

}  // namespace landglass::law
