#pragma once
// A small total language for checks: CEL's grammar, exact values with units, no loops, no floats; overflow refuses.
// docs/formats/expression.md is the contract; the browser's verifier implements the same and runs the same vectors.
//
//   literals    42  20%  1‰  'text'  true false null  [a, b]  元: 100万元 50000元   area: 35公顷 10亩 500㎡   days: 20日
//   10工作日
//               date '2012-02-08' is date("2012-02-08")
//   operators   || && ! == != < <= > >= + - * / % in ?: .member [index] f(x)
//   functions   days(a, b)  working_days(a, b)  add(date, days)  date(time)  year(date)  size(list|text)  min max abs
//               has(x) (not null)  count(list)  sum(list)  distinct(list)  all_distinct(list)  starts_with(text, text)
//               matches is absent on purpose
//   null        a comparison with null other than == and != is false; has(x) says whether it is there
//
// Money / Money is a Ratio; Money * Ratio is Money (rounded half away from zero); Area * integer is Area; Date - Date is
// Days.

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "law/calendar.hpp"
#include "law/value.hpp"

namespace landglass::law {

// Names and functions an expression may use, with their types; what is not declared does not load.
struct Schema {
  std::vector<std::pair<std::string, Type>> names;
  struct Function {
    std::string name;
    std::vector<Type> takes;
    Type gives;
  };
  std::vector<Function> functions;  // beyond the built-in ones, answered by Scope::call
  const Type* find(std::string_view name) const;
};

// Where values come from at evaluation. Lookups are lazy: only what is read is asked for.
class Scope {
 public:
  virtual ~Scope() = default;
  virtual base::Result<Value> name(std::string_view name) const = 0;
  virtual base::Result<Value> call(std::string_view function, const std::vector<Value>& arguments) const = 0;
  virtual const Calendar& calendar() const = 0;
};

// What is read is called where a refusal says why: names by dotted path, and values that stand under one (a state, a code, a
// count with its unit). Empty: the path itself, the value as it is shown.
class Words {
 public:
  virtual ~Words() = default;
  virtual base::Text name(std::string_view path) const = 0;
  virtual base::Text value(std::string_view, const Value&) const { return {}; }
  // Of a function that the schema declares: what its call is, `held` or not; `arguments` are named by `name` already.
  virtual base::Text call(std::string_view, const std::vector<base::Text>& /*arguments*/, bool /*held*/) const { return {}; }
};

class Expression {
 public:
  // Refuses LAW-01 a syntax error, LAW-02 an unknown name or function, LAW-03 operands whose units do not go together,
  // each with the column in `where`.
  static base::Result<Expression> compile(std::string_view source, const Schema& schema);

  // Refuses LAW-04 overflow, LAW-05 division by zero, LAW-06 a value of another kind than its schema says.
  base::Result<Value> evaluate(const Scope& scope) const;
  // Evaluates a condition. Where it is false, `detail` of the refusal (code LAW-00) prints both sides of the failing
  // comparison: "保证金 1,800,000.00 元 < 20% × 10,000,000.00 元", and `that` is the source.
  base::Status require(const Scope& scope, const Words& words) const;
  // As a sentence, of no record yet: "保证金 ≥ 保证金比例 × 起始价". To be read; what counts is the source.
  base::Text in_words(const Words& words) const;

  const Type& type() const;
  const std::string& source() const;
  const std::set<std::string>& reads() const;  // dotted paths read: "scheme.state", "deposit"

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
  std::string source_;
  Type type_;
  std::set<std::string> reads_;
};

}  // namespace landglass::law
