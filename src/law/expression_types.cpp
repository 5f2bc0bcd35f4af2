// The check of a whole tree before it may run: names, units, and the paths it reads.

#include <algorithm>

#include "law/expression_units.hpp"

namespace landglass::law {
namespace {

class Checker {
 public:
  Checker(const Schema& schema, std::set<std::string>& reads) : schema_(schema), reads_(reads) {}

  // `part`: a longer path follows, which is what is read.
  base::Status check(Expression::Node& node, bool part = false) {
    LG_CHECK(type(node));
    if (!part && !node.path.empty() && node.op != Op::index) reads_.insert(node.path);
    return base::Done{};
  }

 private:
  struct Local {
    std::string name;
    Type type;
    std::string path;
  };

  base::Status type(Expression::Node& node) {
    switch (node.op) {
      case Op::literal: return literal(node);
      case Op::name:
      case Op::local: return name(node);
      case Op::member: return member(node);
      case Op::index: return index(node);
      case Op::list: return list(node);
      case Op::negate: return negate(node);
      case Op::invert: return conditions(node, 1);
      case Op::either:
      case Op::both: return conditions(node, 2);
      case Op::choose: return choose(node);
      case Op::call: return call(node);
      case Op::all:
      case Op::exists:
      case Op::filter:
      case Op::map: return walk(node);
      default: return binary(node);
    }
  }

  static base::Status literal(Expression::Node& node) {
    node.type = node.literal.kind == Kind::days ? Type::days(node.literal.day_kind) : Type::of(node.literal.kind);
    return base::Done{};
  }

  base::Status name(Expression::Node& node) {
    for (std::size_t i = locals_.size(); i-- > 0;) {
      if (locals_[i].name != node.name) continue;
      node.op = Op::local;
      node.slot = i;
      node.type = locals_[i].type;
      node.path = locals_[i].path;
      return base::Done{};
    }
    const auto* declared = schema_.find(node.name);
    if (!declared) return unknown(node, "没有这个名称：", "no such name: ");
    node.type = *declared;
    node.path = node.name;
    return base::Done{};
  }

  base::Status member(Expression::Node& node) {
    auto& owner = *node.kids[0];
    LG_CHECK(check(owner, true));
    if (!may_be(owner.type.kind, Kind::record)) return unfit(owner, Type::of(Kind::record));
    if (!owner.path.empty()) node.path = owner.path + "." + node.name;
    if (!owner.type.members) return base::Done{};
    for (const auto& [name, type] : *owner.type.members) {
      if (name != node.name) continue;
      node.type = type;
      return base::Done{};
    }
    return unknown(node, "记录没有这个字段：", "the record has no such field: ");
  }

  base::Status index(Expression::Node& node) {
    LG_CHECK(check(*node.kids[0]));
    LG_CHECK(check(*node.kids[1]));
    if (!may_be(node.kids[0]->type.kind, Kind::list)) return unfit(*node.kids[0], Type::of(Kind::list));
    if (!may_be(node.kids[1]->type.kind, Kind::integer)) return unfit(*node.kids[1], Type::of(Kind::integer));
    node.type = element_of(node.kids[0]->type);
    node.path = node.kids[0]->path;
    return base::Done{};
  }

  base::Status list(Expression::Node& node) {
    for (const auto& kid : node.kids) LG_CHECK(check(*kid));
    LG_TRY(auto element, joined(node.kids));
    if (element.kind == Kind::list) return units_apart(name_of(element), name_of(Type::of(Kind::list)), node.column);
    node.type = Type::list(std::move(element));
    return base::Done{};
  }

  base::Status negate(Expression::Node& node) {
    auto& operand = *node.kids[0];
    LG_CHECK(check(operand));
    node.type = operand.type;
    const auto kind = operand.type.kind;
    if (kind != Kind::null && !is_countable(kind)) return unfit(operand, Type::of(Kind::integer));
    return base::Done{};
  }

  base::Status conditions(Expression::Node& node, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) LG_CHECK(condition(*node.kids[i]));
    node.type = Type::of(Kind::boolean);
    return base::Done{};
  }

  base::Status condition(Expression::Node& node) {
    LG_CHECK(check(node));
    if (!may_be(node.type.kind, Kind::boolean)) return unfit(node, Type::of(Kind::boolean));
    return base::Done{};
  }

  base::Status choose(Expression::Node& node) {
    LG_CHECK(condition(*node.kids[0]));
    LG_CHECK(check(*node.kids[1]));
    LG_CHECK(check(*node.kids[2]));
    LG_TRY(node.type, joined({node.kids[1], node.kids[2]}));
    return base::Done{};
  }

  base::Status binary(Expression::Node& node) {
    auto& left = *node.kids[0];
    auto& right = *node.kids[1];
    LG_CHECK(check(left));
    LG_CHECK(check(right));
    const auto refuse = [&] { return units_apart(name_of(left.type), name_of(right.type), node.column); };
    const bool condition = is_comparison(node.op) || node.op == Op::within;
    if (left.type.kind == Kind::null || right.type.kind == Kind::null) {  // told at evaluation
      if (node.op == Op::within && !may_be(right.type.kind, Kind::list)) return refuse();
      node.type = Type::of(condition ? Kind::boolean : Kind::null);
      return base::Done{};
    }
    const auto kind = kind_of(node.op, left.type.kind, right.type.kind);
    if (!kind) return refuse();
    if (left.type.kind == Kind::days && days_apart(left.type, right.type)) return refuse();
    if (condition && right.type.kind == Kind::list) {
      const auto element = element_of(right.type);
      const auto meets = left.type.kind == Kind::list ? element_of(left.type) : left.type;
      const bool known = element.kind != Kind::null && meets.kind != Kind::null;
      if (known && (!kind_of(Op::equal, meets.kind, element.kind) || days_apart(meets, element))) return refuse();
    }
    node.type = Type::of(*kind);
    if (*kind == Kind::days) {
      node.type.day_kind = left.type.day_kind ? left.type.day_kind : right.type.day_kind;
      if (left.type.kind == Kind::date) node.type.day_kind = DayKind::calendar;
    }
    return base::Done{};
  }

  base::Status walk(Expression::Node& node) {
    auto& list = *node.kids[0];
    LG_CHECK(check(list));
    if (!may_be(list.type.kind, Kind::list)) return unfit(list, Type::of(Kind::list));
    const bool taken = schema_.find(node.name) || std::any_of(locals_.begin(), locals_.end(),
                                                              [&](const Local& local) { return local.name == node.name; });
    if (taken) return unknown(node, "变量与已有名称相同：", "the variable hides a name: ");
    node.slot = locals_.size();
    locals_.push_back({node.name, element_of(list.type), list.path});
    const auto body = node.op == Op::map ? check(*node.kids[1]) : condition(*node.kids[1]);
    locals_.pop_back();
    if (!body) return body.trouble();
    if (node.op == Op::filter) {
      node.type = list.type;
      node.path = list.path;
    } else if (node.op == Op::map) {
      if (node.kids[1]->type.kind == Kind::list) return unfit(*node.kids[1], Type::of(Kind::text));
      node.type = Type::list(node.kids[1]->type);
    } else {
      node.type = Type::of(Kind::boolean);
    }
    return base::Done{};
  }

  base::Status call(Expression::Node& node) {
    node.built_in = built_in_named(node.name);
    if (node.built_in == BuiltIn::none) return declared_call(node);
    if (node.built_in == BuiltIn::date && node.kids.size() == 1 && node.kids[0]->literal.kind == Kind::text) {
      const auto date = base::parse_date(node.kids[0]->literal.text_value);
      if (!date) return base::refuse("LAW-01", "不是日期", "not a date", at_column(node.kids[0]->column));
      node.literal = Value::date(*date);
      node.kids.clear();
      node.op = Op::literal;
      return literal(node);
    }
    for (const auto& kid : node.kids) LG_CHECK(check(*kid));
    LG_TRY(node.type, type_of_call(node));
    return base::Done{};
  }

  base::Status declared_call(Expression::Node& node) {
    for (const auto& function : schema_.functions) {
      if (function.name != node.name) continue;
      LG_CHECK(takes(node, function.takes.size()));
      for (std::size_t i = 0; i < node.kids.size(); ++i) {
        auto& kid = *node.kids[i];
        LG_CHECK(check(kid));
        const auto& wanted = function.takes[i];
        const bool open = wanted.kind == Kind::null || kid.type.kind == Kind::null;
        if (!open && (kid.type.kind != wanted.kind || days_apart(kid.type, wanted))) return unfit(kid, wanted);
      }
      node.type = function.gives;
      return base::Done{};
    }
    return unknown(node, "没有这个函数：", "no such function: ");
  }

  static base::Refusal unknown(const Expression::Node& node, const char* zh, const char* en) {
    return base::refuse("LAW-02", zh + node.name, en + node.name, at_column(node.column));
  }
  const Schema& schema_;
  std::set<std::string>& reads_;
  std::vector<Local> locals_;
};

}  // namespace

base::Status check_types(const NodePtr& root, const Schema& schema, std::set<std::string>& reads) {
  return Checker(schema, reads).check(*root);
}

const Type* Schema::find(std::string_view name) const {
  for (const auto& [key, type] : names) {
    if (key == name) return &type;
  }
  return nullptr;
}

}  // namespace landglass::law
