#pragma once
// Values of the expression language, each with its unit: no floats, and nothing converts by itself.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace landglass::law {

enum class Kind : std::uint8_t { null, boolean, integer, money, area, ratio, date, time, days, text, list, record };
enum class DayKind : std::uint8_t { calendar, working };

struct Value;
using List = std::vector<Value>;
using Members = std::vector<std::pair<std::string, Value>>;

struct Value {
  Kind kind = Kind::null;
  DayKind day_kind = DayKind::calendar;  // of Kind::days
  std::int64_t number = 0;               // bool, int, fen, 0.01 m², ratio's numerator, days since 1970, ms, count of days
  std::int64_t denominator = 1;          // of a ratio
  std::string text_value;
  std::shared_ptr<const List> items;
  std::shared_ptr<const Members> members;

  static Value null() { return {}; }
  static Value boolean(bool value);
  static Value integer(std::int64_t value);
  static Value money(base::Money value);
  static Value area(base::Area value);
  static Value ratio(base::Ratio value);
  static Value date(base::Date value);
  static Value time(base::Time value);
  static Value days(std::int64_t count, DayKind kind);
  static Value text(std::string value);
  static Value list(List value);
  static Value record(Members value);

  bool is_null() const { return kind == Kind::null; }
  bool is_true() const { return kind == Kind::boolean && number != 0; }
  const Value* member(std::string_view name) const;  // of a record; nullptr where absent
};
bool operator==(const Value& a, const Value& b);

// As a refusal prints it: 1,800,000.00 元 · 20% · 2012-02-08 · 20 日 · 10 个工作日.
base::Text show(const Value& value);

// What a name may hold. A record's members are typed; a list has one element type.
struct Type {
  Kind kind = Kind::null;
  std::shared_ptr<const Type> element;                                       // of a list
  std::shared_ptr<const std::vector<std::pair<std::string, Type>>> members;  // of a record; nullptr: any member, any type
  std::optional<DayKind> day_kind = std::nullopt;                            // of days; nullopt: either, told at evaluation
  static Type of(Kind kind) { return Type{kind, nullptr, nullptr}; }         // Kind::null: any value, told at evaluation
  static Type days(DayKind kind) { return Type{Kind::days, nullptr, nullptr, kind}; }
  static Type list(Type element) { return Type{Kind::list, std::make_shared<const Type>(std::move(element)), nullptr}; }
  static Type record(std::vector<std::pair<std::string, Type>> members);
};

// "金额" / "money"; days say which: "工作日" / "working days".
base::Text name_of(const Type& type);
base::Text name_of(const Value& value);

// A JSON field of a leaf or command as a Value of the given type: money and area from text, dates and times from text.
// A null is a null of any type; where the type is Kind::null, a bool, integer, text, array or object reads as what it is.
// Refuses LAW-10 a value that does not read as that type, naming both.
base::Result<Value> from_json(const base::Json& json, const Type& type);
base::Json to_json(const Value& value);

}  // namespace landglass::law
