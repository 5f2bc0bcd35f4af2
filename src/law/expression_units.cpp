#include "law/expression_units.hpp"

namespace landglass::law {
namespace {

std::optional<Kind> sum_of(Op op, Kind a, Kind b) {
  if (is_number(a) && is_number(b)) return a == b ? a : Kind::ratio;
  if (a == b && (is_amount(a) || a == Kind::days)) return a;
  if ((a == Kind::date || a == Kind::time) && b == Kind::days) return a;
  if (a == Kind::date && b == Kind::date && op == Op::subtract) return Kind::days;
  if (a == Kind::text && b == Kind::text && op == Op::add) return a;
  return std::nullopt;
}

std::optional<Kind> product_of(Kind a, Kind b) {
  if (is_number(a) && is_number(b)) return a == b ? a : Kind::ratio;
  if (is_amount(a) && is_number(b)) return a;
  if (is_number(a) && is_amount(b)) return b;
  if ((a == Kind::days && b == Kind::integer) || (a == Kind::integer && b == Kind::days)) return Kind::days;
  return std::nullopt;
}

std::optional<Kind> quotient_of(Kind a, Kind b) {
  if ((is_number(a) && is_number(b)) || (a == b && is_amount(a))) return Kind::ratio;
  if (is_amount(a) && is_number(b)) return a;
  return std::nullopt;
}

}  // namespace

std::optional<Kind> kind_of(Op op, Kind a, Kind b) {
  switch (op) {
    case Op::add:
    case Op::subtract: return sum_of(op, a, b);
    case Op::multiply: return product_of(a, b);
    case Op::divide: return quotient_of(a, b);
    case Op::remainder:
      if (a == Kind::integer && b == Kind::integer) return Kind::integer;
      return std::nullopt;
    case Op::within:
      if (b == Kind::list && a != Kind::list && a != Kind::record) return Kind::boolean;
      return std::nullopt;
    default: break;
  }
  if (is_ordering(op) && !is_ordered(a)) return std::nullopt;
  if (a == Kind::record || (a != b && !(is_number(a) && is_number(b)))) return std::nullopt;
  return Kind::boolean;
}

base::Refusal units_apart(const base::Text& left, const base::Text& right, int column) {
  return base::refuse("LAW-03", left.zh + "与" + right.zh + "不能这样运算",
                      left.en + " and " + right.en + " do not go together here", at_column(column));
}

// One type for branches and elements; what only evaluation knows stays open, a null literal takes the others' type.
base::Result<Type> joined(const std::vector<NodePtr>& nodes) {
  const Expression::Node* first = nullptr;
  for (const auto& node : nodes) {
    if (node->op == Op::literal && node->literal.is_null()) continue;
    if (node->type.kind == Kind::null) return Type{};
    if (!first) {
      first = node.get();
    } else if (first->type.kind != node->type.kind || days_apart(first->type, node->type) ||
               (first->type.kind == Kind::list && element_of(first->type).kind != element_of(node->type).kind)) {
      return units_apart(name_of(first->type), name_of(node->type), node->column);
    }
  }
  if (!first) return Type{};
  auto type = first->type;
  for (const auto& node : nodes) {
    if (node->op == Op::literal && node->literal.is_null()) continue;
    if (node->type.members != type.members) type.members = nullptr;
    if (!node->type.day_kind) type.day_kind.reset();
  }
  return type;
}

base::Refusal unfit(const Expression::Node& node, const Type& wanted) {
  const auto found = name_of(node.type);
  const auto need = name_of(wanted);
  return base::refuse("LAW-03", "此处须是" + need.zh + "，实为" + found.zh, need.en + " is needed here, not " + found.en,
                      at_column(node.column));
}

base::Status takes(const Expression::Node& node, std::size_t count) {
  if (node.kids.size() == count) return base::Done{};
  const auto wanted = std::to_string(count);
  return base::refuse("LAW-03", node.name + " 要 " + wanted + " 个参数", node.name + " takes " + wanted + " arguments",
                      at_column(node.column));
}

}  // namespace landglass::law
