// Types before anything runs: which names are read, and whether their units go together.
#include <algorithm>
#include <array>

#include "law/expression_tree.hpp"

namespace landglass::law {
namespace {

using base::Status;

struct Spelled {
  Op op;
  std::string_view ascii;
  std::string_view zh;
};
constexpr std::array k_spelled = {
    Spelled{Op::equal, "==", "="},   Spelled{Op::unequal, "!=", "≠"}, Spelled{Op::less, "<", "<"},     Spelled{Op::at_most, "<=", "≤"},
    Spelled{Op::more, ">", ">"},     Spelled{Op::at_least, ">=", "≥"}, Spelled{Op::within, "in", "属于"}, Spelled{Op::add, "+", "+"},
    Spelled{Op::subtract, "-", "-"}, Spelled{Op::multiply, "*", "×"}, Spelled{Op::divide, "/", "÷"},   Spelled{Op::remainder, "%", "mod"},
    Spelled{Op::either, "||", "或"}, Spelled{Op::both, "&&", "且"},   Spelled{Op::invert, "!", "非"},
};

struct Known {
  std::string_view name;
  BuiltIn what;
  std::size_t least;
  std::size_t most;
};
constexpr std::array k_known = {
    Known{"days", BuiltIn::days, 2, 2},         Known{"working_days", BuiltIn::working_days, 2, 2},
    Known{"add", BuiltIn::add, 2, 2},           Known{"date", BuiltIn::date, 1, 1},
    Known{"year", BuiltIn::year, 1, 1},         Known{"size", BuiltIn::size, 1, 1},
    Known{"min", BuiltIn::min, 1, 2},           Known{"max", BuiltIn::max, 1, 2},
    Known{"abs", BuiltIn::abs, 1, 1},           Known{"has", BuiltIn::has, 1, 1},
    Known{"count", BuiltIn::count, 1, 1},       Known{"sum", BuiltIn::sum, 1, 1},
    Known{"distinct", BuiltIn::distinct, 1, 1}, Known{"all_distinct", BuiltIn::all_distinct, 1, 1},
    Known{"starts_with", BuiltIn::starts_with, 2, 2},
};

bool open(const Type& type) { return type.kind == Kind::null; }
bool counts(Kind kind) {
  return kind == Kind::integer || kind == Kind::money || kind == Kind::area || kind == Kind::ratio || kind == Kind::days;
}
bool is_day(Kind kind) { return kind == Kind::date || kind == Kind::time; }
bool same_unit(const Type& a, const Type& b) {
  if (a.kind != b.kind) return false;
  return a.kind != Kind::days || !a.day_kind || !b.day_kind || *a.day_kind == *b.day_kind;
}

class Checker {
 public:
  Checker(const Schema& schema, std::set<std::string>& reads) : schema_(schema), reads_(reads) {}

  Status check(Expression::Node& node, bool counted = true) {
    switch (node.op) {
      case Op::literal: node.type = type_of(node.literal); return base::Done{};
      case Op::name: return name(node, counted);
      case Op::local: return base::Done{};
      case Op::member: return member(node, counted);
      case Op::all:
      case Op::exists:
      case Op::filter:
      case Op::map: return walk(node);
      case Op::call: return call(node);
      default: break;
    }
    for (auto& kid : node.kids) LG_CHECK(check(*kid));
    switch (node.op) {
      case Op::index:
        if (!open(node.kids[0]->type) && node.kids[0]->type.kind != Kind::list) return wrong(node, node.kids[0]->type);
        if (node.kids[0]->type.element) node.type = *node.kids[0]->type.element;
        return wants(*node.kids[1], Kind::integer);
      case Op::list: {
        Type element;
        for (const auto& kid : node.kids) {
          if (open(element)) element = kid->type;
          if (!open(kid->type) && !same_unit(element, kid->type)) return apart(node, element, kid->type);
        }
        node.type = Type::list(element);
        return base::Done{};
      }
      case Op::negate:
        if (!open(node.kids[0]->type) && !counts(node.kids[0]->type.kind)) return wrong(node, node.kids[0]->type);
        node.type = node.kids[0]->type;
        return base::Done{};
      case Op::invert: node.type = Type::of(Kind::boolean); return wants(*node.kids[0], Kind::boolean);
      case Op::either:
      case Op::both:
        node.type = Type::of(Kind::boolean);
        LG_CHECK(wants(*node.kids[0], Kind::boolean));
        return wants(*node.kids[1], Kind::boolean);
      case Op::choose: {
        LG_CHECK(wants(*node.kids[0], Kind::boolean));
        const auto& a = node.kids[1]->type;
        const auto& b = node.kids[2]->type;
        if (!open(a) && !open(b) && !same_unit(a, b)) return apart(node, a, b);
        node.type = open(a) ? b : a;
        return base::Done{};
      }
      default: {
        const auto type = type_of(node.op, node.kids[0]->type, node.kids[1]->type);
        if (!type) return apart(node, node.kids[0]->type, node.kids[1]->type);
        node.type = *type;
        return base::Done{};
      }
    }
  }

 private:
  Status name(Expression::Node& node, bool counted) {
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
      if (local->first != node.name) continue;
      node.op = Op::local;
      node.slot = static_cast<std::size_t>(locals_.rend() - local) - 1;
      node.type = local->second;
      return base::Done{};
    }
    const auto* type = schema_.find(node.name);
    if (type == nullptr) {
      return base::refuse("LAW-02", "没有这个名称：" + node.name, "no such name: " + node.name, at_column(node.column));
    }
    node.type = *type;
    node.path = node.name;
    if (counted) reads_.insert(node.path);
    return base::Done{};
  }
  Status member(Expression::Node& node, bool counted) {
    auto& of = *node.kids[0];
    LG_CHECK(check(of, false));
    if (open(of.type)) return base::Done{};
    if (of.type.kind != Kind::record) return wrong(node, of.type);
    if (!of.path.empty()) {
      node.path = of.path + "." + node.name;
      if (counted) reads_.insert(node.path);
    }
    if (!of.type.members) return base::Done{};
    for (const auto& [name, type] : *of.type.members) {
      if (name == node.name) {
        node.type = type;
        return base::Done{};
      }
    }
    return base::refuse("LAW-02", "没有这一项：" + node.name, "no such member: " + node.name, at_column(node.column));
  }
  Status walk(Expression::Node& node) {
    auto& list = *node.kids[0];
    LG_CHECK(check(list));
    if (!open(list.type) && list.type.kind != Kind::list) return wrong(node, list.type);
    node.slot = locals_.size();
    locals_.emplace_back(node.name, list.type.element ? *list.type.element : Type());
    auto status = check(*node.kids[1]);
    locals_.pop_back();
    LG_CHECK(status);
    const auto& body = node.kids[1]->type;
    if (node.op == Op::map) {
      node.type = Type::list(body);
      return base::Done{};
    }
    node.type = node.op == Op::filter ? list.type : Type::of(Kind::boolean);
    return wants(*node.kids[1], Kind::boolean);
  }
  Status call(Expression::Node& node) {
    for (auto& kid : node.kids) LG_CHECK(check(*kid));
    for (const auto& function : schema_.functions) {
      if (function.name != node.name) continue;
      if (function.takes.size() != node.kids.size()) return count(node, function.takes.size());
      for (std::size_t i = 0; i < node.kids.size(); ++i) {
        const auto& given = node.kids[i]->type;
        if (!open(given) && !open(function.takes[i]) && !same_unit(given, function.takes[i])) return apart(node, function.takes[i], given);
      }
      node.type = function.gives;
      return base::Done{};
    }
    const auto known = std::find_if(k_known.begin(), k_known.end(), [&](const Known& one) { return one.name == node.name; });
    if (known == k_known.end()) {
      return base::refuse("LAW-02", "没有这个函数：" + node.name, "no such function: " + node.name, at_column(node.column));
    }
    if (node.kids.size() < known->least || node.kids.size() > known->most) return count(node, known->least);
    node.built_in = known->what;
    return built_in(node);
  }
  Status built_in(Expression::Node& node) {
    const auto& first = node.kids[0]->type;
    const auto element = [&]() { return first.element ? *first.element : Type(); };
    const auto wants_list = [&]() -> Status {
      if (!open(first) && first.kind != Kind::list) return wrong(node, first);
      return base::Done{};
    };
    switch (node.built_in) {
      case BuiltIn::days:
      case BuiltIn::working_days:
        for (const auto& kid : node.kids) {
          if (!open(kid->type) && !is_day(kid->type.kind)) return wrong(node, kid->type);
        }
        node.type = Type::days(node.built_in == BuiltIn::days ? DayKind::calendar : DayKind::working);
        return base::Done{};
      case BuiltIn::add:
        if (!open(first) && !is_day(first.kind)) return wrong(node, first);
        node.type = Type::of(Kind::date);
        return wants(*node.kids[1], Kind::days);
      case BuiltIn::date:
        if (!open(first) && !is_day(first.kind) && first.kind != Kind::text) return wrong(node, first);
        node.type = Type::of(Kind::date);
        return base::Done{};
      case BuiltIn::year:
        if (!open(first) && !is_day(first.kind)) return wrong(node, first);
        node.type = Type::of(Kind::integer);
        return base::Done{};
      case BuiltIn::size:
        if (!open(first) && first.kind != Kind::list && first.kind != Kind::text) return wrong(node, first);
        node.type = Type::of(Kind::integer);
        return base::Done{};
      case BuiltIn::min:
      case BuiltIn::max:
        if (node.kids.size() == 1) {
          node.type = element();
          return wants_list();
        }
        if (!open(first) && !open(node.kids[1]->type) && !same_unit(first, node.kids[1]->type)) return apart(node, first, node.kids[1]->type);
        node.type = first;
        return base::Done{};
      case BuiltIn::abs:
        if (!open(first) && !counts(first.kind)) return wrong(node, first);
        node.type = first;
        return base::Done{};
      case BuiltIn::has: node.type = Type::of(Kind::boolean); return base::Done{};
      case BuiltIn::count: node.type = Type::of(Kind::integer); return wants_list();
      case BuiltIn::sum: node.type = element(); return wants_list();
      case BuiltIn::distinct: node.type = first; return wants_list();
      case BuiltIn::all_distinct: node.type = Type::of(Kind::boolean); return wants_list();
      case BuiltIn::starts_with:
        node.type = Type::of(Kind::boolean);
        LG_CHECK(wants(*node.kids[0], Kind::text));
        return wants(*node.kids[1], Kind::text);
      case BuiltIn::none: break;
    }
    return base::Done{};
  }

  static Status wants(const Expression::Node& node, Kind kind) {
    if (open(node.type) || node.type.kind == kind) return base::Done{};
    const auto wanted = name_of(Type::of(kind));
    const auto met = name_of(node.type);
    return base::refuse("LAW-03", "此处须为" + wanted.zh + "，而非" + met.zh, wanted.en + " is expected here, not " + met.en, at_column(node.column));
  }
  static base::Refusal wrong(const Expression::Node& node, const Type& type) {
    const auto met = name_of(type);
    return base::refuse("LAW-03", met.zh + "不能用于此处", met.en + " does not go here", at_column(node.column));
  }
  static base::Refusal apart(const Expression::Node& node, const Type& a, const Type& b) {
    const auto left = name_of(a);
    const auto right = name_of(b);
    return base::refuse("LAW-03", left.zh + "与" + right.zh + "单位不合", left.en + " and " + right.en + " do not go together", at_column(node.column));
  }
  static base::Refusal count(const Expression::Node& node, std::size_t wanted) {
    return base::refuse("LAW-03", node.name + " 须有 " + std::to_string(wanted) + " 个参数", node.name + " takes " + std::to_string(wanted), at_column(node.column));
  }

  const Schema& schema_;
  std::set<std::string>& reads_;
  std::vector<std::pair<std::string, Type>> locals_;
};

}  // namespace

std::string_view symbol(Op op) {
  for (const auto& one : k_spelled) {
    if (one.op == op) return one.ascii;
  }
  return "?";
}
std::string_view symbol_zh(Op op) {
  for (const auto& one : k_spelled) {
    if (one.op == op) return one.zh;
  }
  return "?";
}
bool is_ordering(Op op) { return op == Op::less || op == Op::at_most || op == Op::more || op == Op::at_least; }
bool is_comparison(Op op) { return is_ordering(op) || op == Op::equal || op == Op::unequal; }

std::optional<Type> type_of(Op op, const Type& a, const Type& b) {
  const auto yes = Type::of(Kind::boolean);
  if (op == Op::equal || op == Op::unequal) return open(a) || open(b) || same_unit(a, b) ? std::optional(yes) : std::nullopt;
  if (op == Op::within) {
    if (open(b)) return yes;
    if (b.kind != Kind::list) return std::nullopt;
    return open(a) || !b.element || open(*b.element) || same_unit(a, *b.element) ? std::optional(yes) : std::nullopt;
  }
  if (is_ordering(op)) {
    if (open(a) || open(b)) return yes;
    const bool ordered = counts(a.kind) || is_day(a.kind) || a.kind == Kind::text;
    return ordered && same_unit(a, b) ? std::optional(yes) : std::nullopt;
  }
  if (open(a) || open(b)) return Type();
  switch (op) {
    case Op::add:
      if (a.kind == Kind::text && b.kind == Kind::text) return a;
      if (is_day(a.kind) && b.kind == Kind::days) return a;
      return counts(a.kind) && same_unit(a, b) ? std::optional(a) : std::nullopt;
    case Op::subtract:
      if (a.kind == Kind::date && b.kind == Kind::date) return Type::days(DayKind::calendar);
      if (is_day(a.kind) && b.kind == Kind::days) return a;
      return counts(a.kind) && same_unit(a, b) ? std::optional(a) : std::nullopt;
    case Op::multiply:
      if (a.kind == Kind::integer && counts(b.kind)) return b;
      if (b.kind == Kind::integer && counts(a.kind)) return a;
      if (a.kind == Kind::ratio && (b.kind == Kind::money || b.kind == Kind::area || b.kind == Kind::ratio)) return b;
      if (b.kind == Kind::ratio && (a.kind == Kind::money || a.kind == Kind::area)) return a;
      return std::nullopt;
    case Op::divide:
      if (same_unit(a, b) && counts(a.kind) && a.kind != Kind::days) return Type::of(Kind::ratio);
      if ((a.kind == Kind::money || a.kind == Kind::area || a.kind == Kind::ratio) && b.kind == Kind::integer) return a;
      return std::nullopt;
    case Op::remainder: return a.kind == b.kind && (a.kind == Kind::integer || a.kind == Kind::money || a.kind == Kind::area) ? std::optional(a) : std::nullopt;
    default: return std::nullopt;
  }
}

bool fits(const Value& value, const Type& type) {
  if (value.is_null() || open(type)) return true;
  if (value.kind != type.kind) return false;
  return value.kind != Kind::days || !type.day_kind || *type.day_kind == value.day_kind;
}

Type type_of(const Value& value) {
  if (value.kind == Kind::days) return Type::days(value.day_kind);
  return Type::of(value.kind);
}

const Type* Schema::find(std::string_view name) const {
  for (const auto& [known, type] : names) {
    if (known == name) return &type;
  }
  return nullptr;
}

base::Status check_types(const NodePtr& root, const Schema& schema, std::set<std::string>& reads) {
  return Checker(schema, reads).check(*root);
}

}  // namespace landglass::law
