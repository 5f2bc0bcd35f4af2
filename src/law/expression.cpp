// Evaluation: total, exact, and lazy in what it asks the Scope for.
#include "law/expression.hpp"

#include <algorithm>

#include "law/expression_tree.hpp"

namespace landglass::law {
namespace {

using base::Result;
using base::Status;

base::Refusal overflow(int column) { return base::refuse("LAW-04", "数值超出范围", "a figure does not fit", at_column(column)); }

Value with_number(Value value, std::int64_t number) {
  value.number = number;
  return value;
}

base::Date day_of(const Value& value) {
  return value.kind == Kind::time ? base::date_of({value.number}) : base::Date{static_cast<std::int32_t>(value.number)};
}

class Evaluator {
 public:
  explicit Evaluator(const Scope& scope) : scope_(scope) {}

  Result<Value> run(const Expression::Node& node) {
    switch (node.op) {
      case Op::literal: return node.literal;
      case Op::name: {
        LG_TRY(auto value, scope_.name(node.name));
        if (!fits(value, node.type)) return unlike(node, value);
        return value;
      }
      case Op::local: return locals_[node.slot];
      case Op::member: {
        LG_TRY(auto of, run(*node.kids[0]));
        if (of.is_null()) return Value::null();
        const auto* found = of.member(node.name);
        return found == nullptr ? Value::null() : *found;
      }
      case Op::index: {
        LG_TRY(auto list, run(*node.kids[0]));
        LG_TRY(auto place, run(*node.kids[1]));
        if (list.is_null() || place.is_null() || !list.items) return Value::null();
        if (place.number < 0 || place.number >= static_cast<std::int64_t>(list.items->size())) return Value::null();
        return (*list.items)[static_cast<std::size_t>(place.number)];
      }
      case Op::list: {
        List items;
        for (const auto& kid : node.kids) {
          LG_TRY(auto value, run(*kid));
          items.push_back(std::move(value));
        }
        return Value::list(std::move(items));
      }
      case Op::negate: {
        LG_TRY(auto value, run(*node.kids[0]));
        const auto negative = base::subtract(0, value.number);
        if (!negative) return overflow(node.column);
        return with_number(std::move(value), *negative);
      }
      case Op::invert: {
        LG_TRY(auto value, run(*node.kids[0]));
        return Value::boolean(!value.is_true());
      }
      case Op::both:
      case Op::either: {
        LG_TRY(auto left, run(*node.kids[0]));
        if (left.is_true() == (node.op == Op::either)) return Value::boolean(left.is_true());
        LG_TRY(auto right, run(*node.kids[1]));
        return Value::boolean(right.is_true());
      }
      case Op::choose: {
        LG_TRY(auto condition, run(*node.kids[0]));
        return run(*node.kids[condition.is_true() ? 1 : 2]);
      }
      case Op::call: return call(node);
      case Op::all:
      case Op::exists:
      case Op::filter:
      case Op::map: return walk(node);
      default: break;
    }
    if (is_ordering(node.op)) return ordering(node);
    LG_TRY(auto left, run(*node.kids[0]));
    LG_TRY(auto right, run(*node.kids[1]));
    if (node.op == Op::equal) return Value::boolean(left == right);
    if (node.op == Op::unequal) return Value::boolean(!(left == right));
    if (node.op == Op::within) {
      if (!right.items) return Value::boolean(false);
      return Value::boolean(std::find(right.items->begin(), right.items->end(), left) != right.items->end());
    }
    return arithmetic(node, left, right);
  }

 private:
  static base::Refusal unlike(const Expression::Node& node, const Value& value) {
    const auto wanted = name_of(node.type);
    const auto met = name_of(value);
    return base::refuse("LAW-06", node.name + " 应为" + wanted.zh + "，实为" + met.zh, node.name + " should be " + wanted.en + ", is " + met.en,
                        at_column(node.column));
  }

  // `x >= ratio * y` is compared as fractions, before any rounding.
  Result<Value> ordering(const Expression::Node& node) {
    const auto& a = *node.kids[0];
    const auto& b = *node.kids[1];
    LG_TRY(auto left, run(a));
    std::optional<int> order;
    if (b.op == Op::multiply) {
      LG_TRY(auto x, run(*b.kids[0]));
      LG_TRY(auto y, run(*b.kids[1]));
      if (left.is_null() || x.is_null() || y.is_null()) return Value::boolean(false);
      if (x.kind != Kind::ratio) std::swap(x, y);
      if (x.kind == Kind::ratio && y.kind != Kind::ratio && left.kind == y.kind) {
        order = base::compare_scaled(left.number, y.number, {x.number, x.denominator});
      }
    }
    if (!order) {
      LG_TRY(auto right, run(b));
      if (left.is_null() || right.is_null()) return Value::boolean(false);
      if (left.kind != right.kind) return unlike(a, left);
      if (left.kind == Kind::text) {
        order = left.text_value.compare(right.text_value);
      } else if (left.kind == Kind::ratio) {
        order = base::compare_scaled(left.number, right.number, {left.denominator, right.denominator});
      } else {
        order = left.number < right.number ? -1 : left.number > right.number ? 1 : 0;
      }
    }
    switch (node.op) {
      case Op::less: return Value::boolean(*order < 0);
      case Op::at_most: return Value::boolean(*order <= 0);
      case Op::more: return Value::boolean(*order > 0);
      default: return Value::boolean(*order >= 0);
    }
  }

  Result<Value> arithmetic(const Expression::Node& node, const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return Value::null();
    if (!type_of(node.op, type_of(a), type_of(b))) return unlike(*node.kids[0], a);
    const auto whole = [&](std::optional<std::int64_t> number, const Value& as) -> Result<Value> {
      if (!number) return overflow(node.column);
      return with_number(as, *number);
    };
    const auto fraction = [&](std::optional<std::int64_t> num, std::optional<std::int64_t> den) -> Result<Value> {
      const auto ratio = num && den ? base::make_ratio(*num, *den) : std::nullopt;
      if (!ratio) return overflow(node.column);
      return Value::ratio(*ratio);
    };
    const bool ratios = a.kind == Kind::ratio && b.kind == Kind::ratio;
    const std::int64_t sign = node.op == Op::subtract ? -1 : 1;
    switch (node.op) {
      case Op::add:
      case Op::subtract:
        if (a.kind == Kind::text) {
          if (a.text_value.size() + b.text_value.size() > k_longest_text) return overflow(node.column);
          return Value::text(a.text_value + b.text_value);
        }
        if (ratios) {
          const auto left = base::multiply(a.number, b.denominator);
          const auto right = base::multiply(b.number, a.denominator);
          if (!left || !right) return overflow(node.column);
          return fraction(sign > 0 ? base::add(*left, *right) : base::subtract(*left, *right), base::multiply(a.denominator, b.denominator));
        }
        if (a.kind == Kind::date && b.kind == Kind::date) return Value::days(a.number - b.number, DayKind::calendar);
        if (b.kind == Kind::days && (a.kind == Kind::date || a.kind == Kind::time)) {
          const auto count = base::multiply(b.number, sign);
          if (!count) return overflow(node.column);
          if (a.kind == Kind::date) {
            if (b.day_kind == DayKind::working) return Value::date(scope_.calendar().last_day(day_of(a), *count, DayKind::working));
            return whole(base::add(a.number, *count), a);
          }
          const auto ms = base::multiply(*count, base::k_day);
          return ms ? whole(base::add(a.number, *ms), a) : Result<Value>(overflow(node.column));
        }
        return whole(sign > 0 ? base::add(a.number, b.number) : base::subtract(a.number, b.number), a);
      case Op::multiply:
        if (ratios) return fraction(base::multiply(a.number, b.number), base::multiply(a.denominator, b.denominator));
        if (a.kind == Kind::ratio || b.kind == Kind::ratio) {
          const auto& ratio = a.kind == Kind::ratio ? a : b;
          const auto& base_value = a.kind == Kind::ratio ? b : a;
          if (base_value.kind == Kind::integer) return fraction(base::multiply(ratio.number, base_value.number), ratio.denominator);
          return whole(base::scale(base_value.number, {ratio.number, ratio.denominator}), base_value);
        }
        return whole(base::multiply(a.number, b.number), a.kind == Kind::integer ? b : a);
      case Op::divide:
        if (b.number == 0) return base::refuse("LAW-05", "除数为零", "division by zero", at_column(node.column));
        if (ratios) return fraction(base::multiply(a.number, b.denominator), base::multiply(a.denominator, b.number));
        if (a.kind == b.kind) return fraction(a.number, b.number);
        if (a.kind == Kind::ratio) return fraction(a.number, base::multiply(a.denominator, b.number));
        return whole(base::scale(a.number, base::make_ratio(1, b.number).value_or(base::Ratio{0, 1})), a);
      default:
        if (b.number == 0) return base::refuse("LAW-05", "除数为零", "division by zero", at_column(node.column));
        return with_number(a, b.number == -1 ? 0 : a.number % b.number);
    }
  }

  Result<Value> walk(const Expression::Node& node) {
    LG_TRY(auto list, run(*node.kids[0]));
    List kept;
    bool verdict = node.op == Op::all;
    if (list.items) {
      if (locals_.size() <= node.slot) locals_.resize(node.slot + 1);
      for (const auto& item : *list.items) {
        if (++walked_ > k_most_elements) return base::refuse("LAW-07", "列表过长", "more than 10,000 elements", at_column(node.column));
        locals_[node.slot] = item;
        LG_TRY(auto value, run(*node.kids[1]));
        if (node.op == Op::map) {
          kept.push_back(std::move(value));
        } else if (node.op == Op::filter) {
          if (value.is_true()) kept.push_back(item);
        } else if (value.is_true() != verdict) {
          return Value::boolean(!verdict);
        }
      }
    }
    if (node.op == Op::map || node.op == Op::filter) return Value::list(std::move(kept));
    return Value::boolean(verdict);
  }

  Result<Value> call(const Expression::Node& node) {
    std::vector<Value> given;
    for (const auto& kid : node.kids) {
      LG_TRY(auto value, run(*kid));
      given.push_back(std::move(value));
    }
    if (node.built_in == BuiltIn::none) return scope_.call(node.name, given);
    const auto& first = given[0];
    if (node.built_in == BuiltIn::has) return Value::boolean(!first.is_null());
    if (first.is_null()) {
      if (node.built_in == BuiltIn::count || node.built_in == BuiltIn::size) return Value::integer(0);
      if (node.built_in == BuiltIn::starts_with || node.built_in == BuiltIn::all_distinct) return Value::boolean(false);
      return Value::null();
    }
    switch (node.built_in) {
      case BuiltIn::days:
        if (given[1].is_null()) return Value::null();
        return Value::days(day_of(given[1]) - day_of(first), DayKind::calendar);
      case BuiltIn::working_days:
        if (given[1].is_null()) return Value::null();
        return Value::days(scope_.calendar().working_days_between(day_of(first), day_of(given[1])), DayKind::working);
      case BuiltIn::add:
        if (given[1].is_null()) return Value::null();
        return Value::date(scope_.calendar().last_day(day_of(first), given[1].number, given[1].day_kind));
      case BuiltIn::date: {
        if (first.kind != Kind::text) return Value::date(day_of(first));
        const auto date = base::parse_date(first.text_value);
        return date ? Value::date(*date) : Value::null();
      }
      case BuiltIn::year: return Value::integer(base::to_civil(day_of(first)).year);
      case BuiltIn::size: {
        if (first.items) return Value::integer(static_cast<std::int64_t>(first.items->size()));
        const auto& text = first.text_value;
        return Value::integer(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
      }
      case BuiltIn::count: return Value::integer(first.items ? static_cast<std::int64_t>(first.items->size()) : 0);
      case BuiltIn::abs: {
        const auto positive = first.number < 0 ? base::subtract(0, first.number) : std::optional(first.number);
        if (!positive) return overflow(node.column);
        return with_number(first, *positive);
      }
      case BuiltIn::min:
      case BuiltIn::max: {
        List both;
        const List* items = first.items.get();
        if (given.size() == 2) {
          both = given;
          items = &both;
        }
        Value best;
        for (const auto& item : *items) {
          if (item.is_null()) continue;
          if (best.is_null() || (node.built_in == BuiltIn::min ? lower(item, best) : lower(best, item))) best = item;
        }
        return best;
      }
      case BuiltIn::sum: {
        Value total = with_number(Value(), 0);
        total.kind = node.type.kind == Kind::null ? Kind::integer : node.type.kind;
        for (const auto& item : *first.items) {
          if (item.is_null()) continue;
          if (total.kind != item.kind) total = with_number(item, 0);
          const auto next = base::add(total.number, item.number);
          if (!next || item.kind == Kind::ratio) return overflow(node.column);
          total.number = *next;
        }
        return total;
      }
      case BuiltIn::distinct:
      case BuiltIn::all_distinct: {
        List seen;
        for (const auto& item : *first.items) {
          if (++walked_ > k_most_elements) return base::refuse("LAW-07", "列表过长", "more than 10,000 elements", at_column(node.column));
          if (std::find(seen.begin(), seen.end(), item) == seen.end()) {
            seen.push_back(item);
          } else if (node.built_in == BuiltIn::all_distinct) {
            return Value::boolean(false);
          }
        }
        return node.built_in == BuiltIn::distinct ? Value::list(std::move(seen)) : Value::boolean(true);
      }
      case BuiltIn::starts_with:
        return Value::boolean(!given[1].is_null() && first.text_value.starts_with(given[1].text_value));
      default: return base::fail("a built-in function without its code");
    }
  }

  static bool lower(const Value& a, const Value& b) {
    if (a.kind == Kind::text) return a.text_value < b.text_value;
    if (a.kind == Kind::ratio) return base::compare_scaled(a.number, b.number, {a.denominator, b.denominator}) < 0;
    return a.number < b.number;
  }

  const Scope& scope_;
  std::vector<Value> locals_;
  std::int64_t walked_ = 0;
};

// One side of a comparison as a person reads it: its name or figure, and what it came to.
base::Text side(const Expression::Node& node, const Value& value, Evaluator& evaluator,
                const std::function<std::string(std::string_view)>& labels) {
  if (!node.path.empty()) {
    const auto name = labels ? labels(node.path) : node.path;
    const auto figure = show(value);
    return {name + " " + figure.zh, node.path + " " + figure.en};
  }
  if (node.op == Op::multiply) {
    const auto left = evaluator.run(*node.kids[0]);
    const auto right = evaluator.run(*node.kids[1]);
    if (left && right) return {show(*left).zh + " × " + show(*right).zh, show(*left).en + " × " + show(*right).en};
  }
  return show(value);
}

// The innermost comparison that makes the condition false.
const Expression::Node* failing(const Expression::Node& node, Evaluator& evaluator) {
  if (node.op == Op::both || node.op == Op::either) {
    for (const auto& kid : node.kids) {
      const auto value = evaluator.run(*kid);
      if (value && !value->is_true()) return failing(*kid, evaluator);
    }
  }
  return &node;
}

}  // namespace

Result<Expression> Expression::compile(std::string_view source, const Schema& schema) {
  LG_TRY(auto root, parse(source));
  Expression made;
  LG_CHECK(check_types(root, schema, made.reads_));
  made.type_ = root->type;
  made.root_ = std::move(root);
  made.source_ = source;
  return made;
}

Result<Value> Expression::evaluate(const Scope& scope) const { return Evaluator(scope).run(*root_); }

Status Expression::require(const Scope& scope, const std::function<std::string(std::string_view)>& labels) const {
  Evaluator evaluator(scope);
  LG_TRY(auto value, evaluator.run(*root_));
  if (value.is_true()) return base::Done{};
  auto refusal = base::refuse("LAW-00", "条件不成立", "the condition does not hold");
  const auto* node = failing(*root_, evaluator);
  if (is_comparison(node->op) || node->op == Op::within) {
    const auto left = evaluator.run(*node->kids[0]);
    const auto right = evaluator.run(*node->kids[1]);
    if (left && right) {
      const auto a = side(*node->kids[0], *left, evaluator, labels);
      const auto b = side(*node->kids[1], *right, evaluator, labels);
      // What stands is the opposite of what was asked.
      std::string_view sign = symbol_zh(node->op);
      if (!left->is_null() && !right->is_null()) {
        switch (node->op) {
          case Op::at_least: sign = "<"; break;
          case Op::more: sign = "≤"; break;
          case Op::at_most: sign = ">"; break;
          case Op::less: sign = "≥"; break;
          case Op::equal: sign = "≠"; break;
          case Op::unequal: sign = "="; break;
          case Op::within: sign = "不属于"; break;
          default: break;
        }
      }
      refusal.detail = a.zh + " " + std::string(sign) + " " + b.zh;
      return refusal;
    }
  }
  refusal.detail = source_;
  return refusal;
}

const Type& Expression::type() const { return type_; }
const std::string& Expression::source() const { return source_; }
const std::set<std::string>& Expression::reads() const { return reads_; }

}  // namespace landglass::law
