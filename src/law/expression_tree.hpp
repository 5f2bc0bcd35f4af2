#pragma once
// The syntax tree of an expression: inside the law layer only. The parser makes it, the type check fills in types, paths and
// functions, evaluation and explanation walk it.

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "law/expression.hpp"

namespace landglass::law {

enum class Op : std::uint8_t {
  literal,
  name,
  local,
  member,
  index,
  list,
  negate,
  invert,
  choose,
  either,
  both,
  equal,
  unequal,
  less,
  at_most,
  more,
  at_least,
  within,
  add,
  subtract,
  multiply,
  divide,
  remainder,
  call,
  all,
  exists,
  filter,
  map,
};

enum class BuiltIn : std::uint8_t {
  none,  // a function of the schema, answered by Scope::call
  days,
  working_days,
  add,
  add_months,
  date,
  year,
  size,
  min,
  max,
  abs,
  has,
  count,
  sum,
  distinct,
  all_distinct,
  starts_with,
};

using NodePtr = std::shared_ptr<Expression::Node>;

struct Expression::Node {
  Op op = Op::literal;
  int column = 1;  // of the operator or first character, in code points from 1
  int height = 1;  // of the tree below, parentheses counted
  Value literal;
  std::string name;           // of a name, member, function, or a walk's variable
  std::vector<NodePtr> kids;  // operands; of a walk: the list, then its body
  Type type;                  // Kind::null: told at evaluation
  std::string path;           // dotted path read here, empty where there is none
  BuiltIn built_in = BuiltIn::none;
  std::size_t slot = 0;  // of a local, and of a walk's variable
};

inline constexpr std::size_t k_longest_source = 2'000;  // bytes
inline constexpr int k_deepest_expression = 32;
inline constexpr std::int64_t k_most_elements = 10'000;  // walked in one evaluation
inline constexpr std::size_t k_longest_text = 65'535;    // bytes, of a text put together with +

inline bool is_ordering(Op op) { return op >= Op::less && op <= Op::at_least; }
inline bool is_comparison(Op op) { return op >= Op::equal && op <= Op::at_least; }
inline std::string at_column(int column) { return "column " + std::to_string(column); }

base::Result<NodePtr> parse(std::string_view source);
// Sets type, path, built_in and slot below `root`, and collects the paths read.
base::Status check_types(const NodePtr& root, const Schema& schema, std::set<std::string>& reads);

// A value's outermost layer against what was declared; null fits every type.
inline bool fits(const Value& value, const Type& type) {
  return value.is_null() || type.kind == Kind::null ||
         (value.kind == type.kind && (!type.day_kind || value.day_kind == *type.day_kind));
}

}  // namespace landglass::law
