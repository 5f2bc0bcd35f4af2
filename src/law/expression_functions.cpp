// The built-in functions. An argument that is null makes null, but has() is false and count() is 0 of it; a list's null
// elements are left out.

#include <unordered_set>

#include "law/expression_evaluate.hpp"

namespace landglass::law {
namespace {

std::int64_t code_points(std::string_view text) {
  std::int64_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

base::Result<Value> days_between(const Value& from, const Value& to, DayKind kind, const Calendar& calendar) {
  LG_TRY(const auto first, day_of(from));
  LG_TRY(const auto last, day_of(to));
  return Value::days(kind == DayKind::working ? calendar.working_days_between(first, last) : last - first, kind);
}

// What an empty sum is: nothing, of the declared kind.
Value zero_of(const Type& type) {
  Value zero = Value::integer(0);
  if (type.kind != Kind::null) zero.kind = type.kind;
  if (type.day_kind) zero.day_kind = *type.day_kind;
  return zero;
}

}  // namespace

base::Result<Value> Evaluation::call(const Node& node) {
  std::vector<Value> arguments;
  arguments.reserve(node.kids.size());
  for (const auto& kid : node.kids) {
    LG_TRY(auto argument, evaluate(*kid));
    arguments.push_back(std::move(argument));
  }
  if (node.built_in == BuiltIn::none) return ask(node, arguments);
  if (node.built_in == BuiltIn::has) return Value::boolean(!arguments[0].is_null());
  if (node.built_in == BuiltIn::count && arguments[0].is_null()) return Value::integer(0);
  for (const auto& argument : arguments) {
    if (argument.is_null()) return Value::null();
  }
  return placed(built_in(node, arguments), node);
}

base::Result<Value> Evaluation::ask(const Node& node, const std::vector<Value>& arguments) {
  auto answer = scope_.call(node.name, arguments);
  if (answer && !fits(*answer, node.type)) return placed(wrong_kind(*answer, node.type), node);
  return answer;
}

base::Result<Value> Evaluation::built_in(const Node& node, const std::vector<Value>& arguments) {
  const auto& first = arguments[0];
  switch (node.built_in) {
    case BuiltIn::days: return days_between(first, arguments[1], DayKind::calendar, scope_.calendar());
    case BuiltIn::working_days: return days_between(first, arguments[1], DayKind::working, scope_.calendar());
    case BuiltIn::add: return add_days(first, arguments[1], scope_.calendar());
    case BuiltIn::add_months: {
      LG_TRY(const auto date, day_of(first));
      if (arguments[1].kind != Kind::integer) return wrong_kind(arguments[1], Type::of(Kind::integer));
      const auto months = arguments[1].number;
      if (months < -12'000 || months > 12'000) return base::refuse("LAW-04", "月数过大", "too many months");
      return Value::date(base::add_months(date, static_cast<int>(months)));
    }
    case BuiltIn::date: {
      LG_TRY(const auto date, day_of(first));
      return Value::date(date);
    }
    case BuiltIn::year: {
      LG_TRY(const auto date, day_of(first));
      return Value::integer(base::to_civil(date).year);
    }
    case BuiltIn::size:
      if (first.kind == Kind::text) return Value::integer(code_points(first.text_value));
      if (first.kind != Kind::list) return wrong_kind(first, Type::of(Kind::list));
      return Value::integer(static_cast<std::int64_t>(first.items->size()));
    case BuiltIn::abs:
      if (!is_countable(first.kind)) return wrong_kind(first, Type::of(Kind::integer));
      return first.number < 0 ? negative(first) : base::Result<Value>(first);
    case BuiltIn::starts_with:
      for (const auto& argument : arguments) {
        if (argument.kind != Kind::text) return wrong_kind(argument, Type::of(Kind::text));
      }
      return Value::boolean(first.text_value.starts_with(arguments[1].text_value));
    case BuiltIn::min:
    case BuiltIn::max: return extreme(node, arguments);
    default: return over_list(node, first);
  }
}

base::Result<Value> Evaluation::extreme(const Node& node, const std::vector<Value>& arguments) {
  const auto* among = &arguments;
  if (arguments.size() == 1) {
    if (arguments[0].kind != Kind::list) return wrong_kind(arguments[0], Type::of(Kind::list));
    among = arguments[0].items.get();
    LG_CHECK(charge(node, among->size()));
  }
  Value best;
  for (const auto& one : *among) {
    if (one.is_null()) continue;
    if (!is_ordered(one.kind)) return wrong_kind(one, Type::of(Kind::integer));
    if (!best.is_null()) {
      if (days_apart(one, best) || !kind_of(Op::less, best.kind, one.kind))
        return units_apart(name_of(best), name_of(one), 0);
      const int found = order(one, best);
      if (node.built_in == BuiltIn::min ? found >= 0 : found <= 0) continue;
    }
    best = one;
  }
  return best;
}

base::Result<Value> Evaluation::over_list(const Node& node, const Value& list) {
  if (list.kind != Kind::list) return wrong_kind(list, Type::of(Kind::list));
  LG_CHECK(charge(node, list.items->size()));
  if (node.built_in == BuiltIn::sum) {
    Value total;
    for (const auto& one : *list.items) {
      if (one.is_null()) continue;
      if (!is_countable(one.kind)) return wrong_kind(one, Type::of(Kind::money));
      if (total.is_null()) {
        total = one;
      } else {
        LG_TRY(total, law::calculate(Op::add, total, one, scope_.calendar()));
      }
    }
    return total.is_null() ? zero_of(node.type) : total;
  }
  std::int64_t present = 0;
  List distinct;
  std::unordered_set<std::string> seen;
  for (const auto& one : *list.items) {
    if (one.is_null()) continue;
    ++present;
    if (node.built_in == BuiltIn::count) continue;
    if (one.kind == Kind::record || one.kind == Kind::list) return wrong_kind(one, Type::of(Kind::text));
    if (seen.insert(key_of(one)).second) distinct.push_back(one);
  }
  if (node.built_in == BuiltIn::count) return Value::integer(present);
  if (node.built_in == BuiltIn::distinct) return Value::list(std::move(distinct));
  return Value::boolean(static_cast<std::int64_t>(distinct.size()) == present);
}

}  // namespace landglass::law
