#pragma once
// Which units go together: inside the law layer only. Kind::null stands for what only evaluation knows.

#include "law/expression_tree.hpp"

namespace landglass::law {

inline bool is_number(Kind kind) { return kind == Kind::integer || kind == Kind::ratio; }
inline bool is_amount(Kind kind) { return kind == Kind::money || kind == Kind::area; }
inline bool is_countable(Kind kind) { return is_number(kind) || is_amount(kind) || kind == Kind::days; }
inline bool is_ordered(Kind kind) { return kind >= Kind::integer && kind <= Kind::text; }
inline bool is_day(Kind kind) { return kind == Kind::date || kind == Kind::time; }
inline bool may_be(Kind kind, Kind wanted) { return kind == wanted || kind == Kind::null; }

// The kind of `a op b` of known kinds, or nothing where the units do not go together; one table for types known and values
// met.
std::optional<Kind> kind_of(Op op, Kind a, Kind b);
// Two kinds of days never meet; of one not yet known, evaluation tells.
inline bool days_apart(const Type& a, const Type& b) { return a.day_kind && b.day_kind && *a.day_kind != *b.day_kind; }
inline bool days_apart(const Value& a, const Value& b) {
  return a.kind == Kind::days && b.kind == Kind::days && a.day_kind != b.day_kind;
}
inline Type element_of(const Type& list) { return list.element ? *list.element : Type{}; }

// One type for branches and elements; what only evaluation knows stays open, a null literal takes the others' type.
base::Result<Type> joined(const std::vector<NodePtr>& nodes);

BuiltIn built_in_named(std::string_view name);  // BuiltIn::none where there is none
// Of a built-in function whose arguments are checked. Refuses LAW-03.
base::Result<Type> type_of_call(const Expression::Node& node);

base::Refusal units_apart(const base::Text& left, const base::Text& right, int column);  // LAW-03
base::Refusal unfit(const Expression::Node& node, const Type& wanted);                   // LAW-03
base::Status takes(const Expression::Node& call, std::size_t count);                     // LAW-03

}  // namespace landglass::law
