// What the built-in functions take and give.

#include <algorithm>
#include <array>

#include "law/expression_units.hpp"

namespace landglass::law {
namespace {

constexpr std::array<std::pair<std::string_view, BuiltIn>, 16> k_built_in = {{
    {"days", BuiltIn::days},
    {"working_days", BuiltIn::working_days},
    {"add", BuiltIn::add},
    {"add_months", BuiltIn::add_months},
    {"date", BuiltIn::date},
    {"year", BuiltIn::year},
    {"size", BuiltIn::size},
    {"min", BuiltIn::min},
    {"max", BuiltIn::max},
    {"abs", BuiltIn::abs},
    {"has", BuiltIn::has},
    {"count", BuiltIn::count},
    {"sum", BuiltIn::sum},
    {"distinct", BuiltIn::distinct},
    {"all_distinct", BuiltIn::all_distinct},
    {"starts_with", BuiltIn::starts_with},
}};

bool may_be_day(Kind kind) { return is_day(kind) || kind == Kind::null; }

base::Result<Type> extreme(const Expression::Node& node) {
  const bool list = node.kids.size() == 1;
  if (list && !may_be(node.kids[0]->type.kind, Kind::list)) return unfit(*node.kids[0], Type::of(Kind::list));
  auto type = element_of(node.kids[0]->type);
  if (!list) {
    LG_TRY(type, joined(node.kids));
  }
  if (type.kind != Kind::null && !is_ordered(type.kind)) return unfit(*node.kids[0], Type::of(Kind::integer));
  return type;
}

base::Result<Type> over_list(const Expression::Node& node) {
  const auto& list = *node.kids[0];
  if (!may_be(list.type.kind, Kind::list)) return unfit(list, Type::of(Kind::list));
  const auto element = element_of(list.type);
  if (node.built_in == BuiltIn::count) return Type::of(Kind::integer);
  if (node.built_in == BuiltIn::sum) {
    if (element.kind != Kind::null && !is_countable(element.kind)) return unfit(list, Type::of(Kind::money));
    return element;
  }
  if (element.kind == Kind::record) return unfit(list, Type::of(Kind::text));
  return node.built_in == BuiltIn::distinct ? list.type : Type::of(Kind::boolean);
}

}  // namespace

BuiltIn built_in_named(std::string_view name) {
  const auto found = std::find_if(k_built_in.begin(), k_built_in.end(), [&](const auto& one) { return one.first == name; });
  return found == k_built_in.end() ? BuiltIn::none : found->second;
}

base::Result<Type> type_of_call(const Expression::Node& node) {
  const auto kind = [&](std::size_t i) { return node.kids[i]->type.kind; };
  const bool variadic = node.built_in == BuiltIn::min || node.built_in == BuiltIn::max;
  const bool two = node.built_in <= BuiltIn::add_months || node.built_in == BuiltIn::starts_with;
  if (!variadic) LG_CHECK(takes(node, two ? 2 : 1));
  if (node.kids.empty()) return takes(node, 1).trouble();
  switch (node.built_in) {
    case BuiltIn::days:
    case BuiltIn::working_days:
      for (const auto& kid : node.kids) {
        if (!may_be_day(kid->type.kind)) return unfit(*kid, Type::of(Kind::date));
      }
      return Type::days(node.built_in == BuiltIn::days ? DayKind::calendar : DayKind::working);
    case BuiltIn::add:
      if (!may_be_day(kind(0))) return unfit(*node.kids[0], Type::of(Kind::date));
      if (!may_be(kind(1), Kind::days)) return unfit(*node.kids[1], Type::of(Kind::days));
      return Type::of(Kind::date);
    case BuiltIn::add_months:
      if (!may_be_day(kind(0))) return unfit(*node.kids[0], Type::of(Kind::date));
      if (!may_be(kind(1), Kind::integer)) return unfit(*node.kids[1], Type::of(Kind::integer));
      return Type::of(Kind::date);
    case BuiltIn::date:
    case BuiltIn::year:
      if (!may_be_day(kind(0))) return unfit(*node.kids[0], Type::of(Kind::date));
      return Type::of(node.built_in == BuiltIn::date ? Kind::date : Kind::integer);
    case BuiltIn::size:
      if (!may_be(kind(0), Kind::list) && kind(0) != Kind::text) return unfit(*node.kids[0], Type::of(Kind::list));
      return Type::of(Kind::integer);
    case BuiltIn::abs:
      if (kind(0) != Kind::null && !is_countable(kind(0))) return unfit(*node.kids[0], Type::of(Kind::integer));
      return node.kids[0]->type;
    case BuiltIn::has: return Type::of(Kind::boolean);
    case BuiltIn::starts_with:
      for (const auto& kid : node.kids) {
        if (!may_be(kid->type.kind, Kind::text)) return unfit(*kid, Type::of(Kind::text));
      }
      return Type::of(Kind::boolean);
    case BuiltIn::min:
    case BuiltIn::max: return extreme(node);
    default: return over_list(node);
  }
}

}  // namespace landglass::law
