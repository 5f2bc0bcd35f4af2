#include "law/expression_evaluate.hpp"

namespace landglass::law {
namespace {

base::Refusal here(base::Refusal refusal, const Expression::Node& node) {
  refusal.where = at_column(node.column);
  return refusal;
}

base::Result<Value> checked(base::Result<Value> result, const Expression::Node& node) {
  if (result && !fits(*result, node.type)) return here(wrong_kind(*result, node.type), node);
  return result;
}

// A side of a comparison: a value, or an amount × or ÷ a number left unrounded.
struct Side {
  Value value;
  std::optional<Fraction> fraction;
};

bool scales(const Expression::Node& node) {
  return (node.op == Op::multiply || node.op == Op::divide) &&
         (node.type.kind == Kind::money || node.type.kind == Kind::area || node.type.kind == Kind::null);
}

base::Result<Side> side_of(const Expression::Node& node, Evaluation& evaluation, const Scope& scope) {
  if (!scales(node)) {
    LG_TRY(auto value, evaluation.evaluate(node));
    return Side{std::move(value), std::nullopt};
  }
  LG_TRY(auto left, evaluation.evaluate(*node.kids[0]));
  LG_TRY(auto right, evaluation.evaluate(*node.kids[1]));
  if (left.is_null() || right.is_null()) return Side{};
  const auto kind = kind_of(node.op, left.kind, right.kind);
  if (kind != Kind::money && kind != Kind::area) {
    LG_TRY(auto value, placed(calculate(node.op, left, right, scope.calendar()), node));
    return Side{std::move(value), std::nullopt};
  }
  const auto fraction = exact(node.op, left, right);
  if (!fraction) return here(base::refuse("LAW-05", "除数为零", "division by zero"), node);
  Side side{is_amount(left.kind) ? std::move(left) : std::move(right), fraction};
  return side;
}

bool holds(Op op, int order) {
  switch (op) {
    case Op::equal: return order == 0;
    case Op::unequal: return order != 0;
    case Op::less: return order < 0;
    case Op::at_most: return order <= 0;
    case Op::more: return order > 0;
    default: return order >= 0;
  }
}

}  // namespace

base::Result<Value> placed(base::Result<Value> result, const Expression::Node& node) {
  if (!result.refused()) return result;
  return here(result.refusal(), node);
}

base::Result<Value> Evaluation::evaluate(const Node& node) {
  switch (node.op) {
    case Op::literal: return node.literal;
    case Op::name: return read(node);
    case Op::local: return checked(locals_[node.slot], node);
    case Op::member: return member(node);
    case Op::index: return index(node);
    case Op::list: return list(node);
    case Op::negate: return negate(node);
    case Op::invert:
    case Op::either:
    case Op::both: return connect(node);
    case Op::choose: {
      LG_TRY(const bool chosen, condition(*node.kids[0]));
      return evaluate(*node.kids[chosen ? 1 : 2]);
    }
    case Op::within: return within(node);
    case Op::call: return call(node);
    case Op::all:
    case Op::exists:
    case Op::filter:
    case Op::map: return walk(node);
    default: return is_comparison(node.op) ? compare(node) : calculate(node);
  }
}

base::Result<Value> Evaluation::read(const Node& node) { return checked(scope_.name(node.name), node); }

base::Result<Value> Evaluation::member(const Node& node) {
  LG_TRY(const auto owner, evaluate(*node.kids[0]));
  if (owner.is_null()) return Value::null();
  if (owner.kind != Kind::record) return here(wrong_kind(owner, Type::of(Kind::record)), node);
  const auto* found = owner.member(node.name);
  if (!found) return Value::null();
  return checked(*found, node);
}

base::Result<Value> Evaluation::index(const Node& node) {
  LG_TRY(const auto list, evaluate(*node.kids[0]));
  LG_TRY(const auto place, evaluate(*node.kids[1]));
  if (list.is_null() || place.is_null()) return Value::null();
  if (list.kind != Kind::list) return here(wrong_kind(list, Type::of(Kind::list)), node);
  if (place.kind != Kind::integer) return here(wrong_kind(place, Type::of(Kind::integer)), node);
  if (place.number < 0 || static_cast<std::uint64_t>(place.number) >= list.items->size()) return Value::null();
  return checked((*list.items)[static_cast<std::size_t>(place.number)], node);
}

base::Result<Value> Evaluation::list(const Node& node) {
  List items;
  items.reserve(node.kids.size());
  for (const auto& kid : node.kids) {
    LG_TRY(auto item, evaluate(*kid));
    if (item.kind == Kind::list) return here(units_apart(name_of(item), name_of(item), 0), *kid);
    items.push_back(std::move(item));
  }
  return Value::list(std::move(items));
}

base::Result<Value> Evaluation::negate(const Node& node) {
  LG_TRY(const auto value, evaluate(*node.kids[0]));
  if (value.is_null()) return value;
  if (!is_countable(value.kind)) return here(wrong_kind(value, Type::of(Kind::integer)), node);
  return placed(negative(value), node);
}

// Null is neither true nor denied: it fails here, and invert() looks for itself.
base::Result<bool> Evaluation::condition(const Node& node) {
  LG_TRY(const auto value, evaluate(node));
  if (!value.is_null() && value.kind != Kind::boolean) return here(wrong_kind(value, Type::of(Kind::boolean)), node);
  return value.is_true();
}

base::Result<Value> Evaluation::connect(const Node& node) {
  if (node.op == Op::invert) {
    LG_TRY(const auto value, evaluate(*node.kids[0]));
    if (value.is_null()) return Value::boolean(false);
    if (value.kind != Kind::boolean) return here(wrong_kind(value, Type::of(Kind::boolean)), node);
    return Value::boolean(!value.is_true());
  }
  LG_TRY(const bool left, condition(*node.kids[0]));
  if (left == (node.op == Op::either)) return Value::boolean(left);
  LG_TRY(const bool right, condition(*node.kids[1]));
  return Value::boolean(right);
}

base::Result<Value> Evaluation::compare(const Node& node) {
  LG_TRY(const auto left, side_of(*node.kids[0], *this, scope_));
  LG_TRY(const auto right, side_of(*node.kids[1], *this, scope_));
  const auto& a = left.value;
  const auto& b = right.value;
  if (a.is_null() || b.is_null()) {
    if (is_ordering(node.op)) return Value::boolean(false);
    return Value::boolean((a.is_null() && b.is_null()) == (node.op == Op::equal));
  }
  if (days_apart(a, b) || !kind_of(node.op, a.kind, b.kind)) return units_apart(name_of(a), name_of(b), node.column);
  if (left.fraction || right.fraction) {
    const auto fraction = [](const Side& side) { return side.fraction.value_or(Fraction{side.value.number, 1}); };
    return Value::boolean(holds(node.op, order(fraction(left), fraction(right))));
  }
  if (is_ordering(node.op)) return Value::boolean(holds(node.op, order(a, b)));
  if (a.kind == Kind::list) LG_CHECK(charge(node, std::min(a.items->size(), b.items->size())));
  return Value::boolean(equal(a, b) == (node.op == Op::equal));
}

base::Result<Value> Evaluation::within(const Node& node) {
  LG_TRY(const auto item, evaluate(*node.kids[0]));
  LG_TRY(const auto list, evaluate(*node.kids[1]));
  if (item.is_null() || list.is_null()) return Value::boolean(false);
  if (!kind_of(node.op, item.kind, list.kind)) return units_apart(name_of(item), name_of(list), node.column);
  LG_CHECK(charge(node, list.items->size()));
  for (const auto& one : *list.items) {
    if (equal(item, one)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

base::Result<Value> Evaluation::calculate(const Node& node) {
  LG_TRY(const auto left, evaluate(*node.kids[0]));
  LG_TRY(const auto right, evaluate(*node.kids[1]));
  if (left.is_null() || right.is_null()) return Value::null();
  return placed(law::calculate(node.op, left, right, scope_.calendar()), node);
}

base::Status Evaluation::charge(const Node& node, std::size_t elements) {
  left_ -= static_cast<std::int64_t>(elements);
  if (left_ >= 0) return base::Done{};
  return base::refuse("LAW-07", "一次判断走过的列表项超过 10,000", "more than 10,000 list elements in one evaluation",
                      at_column(node.column));
}

base::Result<Value> Evaluation::walk(const Node& node) {
  LG_TRY(const auto list, evaluate(*node.kids[0]));
  const bool condition_walk = node.op == Op::all || node.op == Op::exists;
  if (list.is_null()) return condition_walk ? Value::boolean(false) : Value::null();
  if (list.kind != Kind::list) return here(wrong_kind(list, Type::of(Kind::list)), node);
  LG_CHECK(charge(node, list.items->size()));
  List kept;
  for (const auto& item : *list.items) {
    enter(item);
    auto found = evaluate(*node.kids[1]);
    leave();
    if (!found) return found;
    if (node.op == Op::map) {
      if (found->kind == Kind::list) return units_apart(name_of(*found), name_of(list), node.column);
      kept.push_back(*std::move(found));
      continue;
    }
    if (!found->is_null() && found->kind != Kind::boolean) return here(wrong_kind(*found, Type::of(Kind::boolean)), node);
    if (node.op == Op::filter) {
      if (found->is_true()) kept.push_back(item);
    } else if (found->is_true() == (node.op == Op::exists)) {
      return Value::boolean(node.op == Op::exists);
    }
  }
  if (condition_walk) return Value::boolean(node.op == Op::all);
  return Value::list(std::move(kept));
}

}  // namespace landglass::law
