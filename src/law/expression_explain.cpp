#include "law/expression_explain.hpp"

#include <utility>

namespace landglass::law {
namespace {

using base::Text;
using Node = Expression::Node;
using base::alike;
constexpr std::size_t k_most_named = 10;  // elements of a list, each by its name; of a longer one the first are shown

Text operator+(const Text& a, const Text& b) { return {a.zh + b.zh, a.en + b.en}; }

std::string_view symbol(Op op) {
  switch (op) {
    case Op::equal: return " = ";
    case Op::unequal: return " ≠ ";
    case Op::less: return " < ";
    case Op::at_most: return " ≤ ";
    case Op::more: return " > ";
    case Op::at_least: return " ≥ ";
    case Op::add: return " + ";
    case Op::subtract: return " − ";
    case Op::multiply: return " × ";
    case Op::divide: return " ÷ ";
    case Op::remainder: return " % ";
    default: return " ";
  }
}

Op opposite(Op op) {
  switch (op) {
    case Op::equal: return Op::unequal;
    case Op::unequal: return Op::equal;
    case Op::less: return Op::at_least;
    case Op::at_most: return Op::more;
    case Op::more: return Op::at_most;
    default: return Op::less;
  }
}

bool is_calculation(Op op) { return op >= Op::add && op <= Op::remainder; }
bool is_sum(Op op) { return op == Op::add || op == Op::subtract; }

class Explainer {
 public:
  Explainer(const Scope& scope, const Words& words) : evaluation_(scope), words_(words) {}

  // What is the case, where `node` came out as `held`.
  Text say(const Node& node, bool held) {
    switch (node.op) {
      case Op::both:
      case Op::either: return say_joined(node, held);
      case Op::invert: return value_of(*node.kids[0]).is_null() ? unmet(*node.kids[0], held) : say(*node.kids[0], !held);
      case Op::choose: return say(*node.kids[value_of(*node.kids[0]).is_true() ? 1 : 2], held);
      case Op::within: return say_within(node, held);
      case Op::all:
      case Op::exists: return say_walk(node, held);
      case Op::call:
        if (node.built_in == BuiltIn::has)
          return label(*node.kids[0]) + (held ? Text{" 已填", " is there"} : Text{" 空", " is absent"});
        return unmet(node, held);
      default: return is_comparison(node.op) ? say_comparison(node, held) : unmet(node, held);
    }
  }

 private:
  Value value_of(const Node& node) {
    auto value = evaluation_.evaluate(node);
    return value ? *std::move(value) : Value::null();
  }

  Text say_joined(const Node& node, bool held) {
    // One side decides a false && and a true ||; otherwise both do.
    const bool one_decides = (node.op == Op::both) != held;
    if (!one_decides) return say(*node.kids[0], held) + Text{" 且 ", " and "} + say(*node.kids[1], held);
    return say(*node.kids[value_of(*node.kids[0]).is_true() == held ? 0 : 1], held);
  }

  Text say_comparison(const Node& node, bool held) {
    const auto &a = *node.kids[0], &b = *node.kids[1];
    const auto left = side(a, b);
    const auto right = side(b, a);
    const bool absent = value_of(*node.kids[0]).is_null() || value_of(*node.kids[1]).is_null();
    if (absent && is_ordering(node.op) && !held)
      return left + Text{"，须", ", must be"} + alike(std::string(symbol(node.op))) + right;
    return left + alike(std::string(symbol(held ? node.op : opposite(node.op)))) + right;
  }

  Text say_within(const Node& node, bool held) {
    const auto relation = held ? Text{" 在 ", " is in "} : Text{" 不在 ", " is not in "};
    const auto& what = *node.kids[0];
    const auto among = value_of(*node.kids[1]);
    auto list = show(among);
    if (!what.path.empty() && among.kind == Kind::list && among.items->size() <= k_most_named) {
      Text named;
      for (const auto& item : *among.items) named = named + alike(named.empty() ? "" : ", ") + shown(what.path, item);
      list = alike("[") + named + alike("]");
    }
    return side(what) + relation + list + Text{" 之中", ""};
  }

  Text say_walk(const Node& node, bool held) {
    const auto list = value_of(*node.kids[0]);
    if (list.kind != Kind::list) return unmet(*node.kids[0], held);
    const bool one_decides = (node.op == Op::all) != held;
    if (!one_decides) {
      return label(*node.kids[0]) +
             (held ? Text{" 每项都符合", ": every element fits"} : Text{" 没有一项符合", ": no element fits"});
    }
    std::size_t place = 0;
    for (const auto& item : *list.items) {
      ++place;
      evaluation_.enter(item);
      const bool found = value_of(*node.kids[1]).is_true() == held;
      const auto text = found ? say(*node.kids[1], held) : Text{};
      evaluation_.leave();
      if (!found) continue;
      const auto number = std::to_string(place);
      return label(*node.kids[0]) + Text{" 第 " + number + " 项：", " no. " + number + ": "} + text;
    }
    return unmet(node, held);
  }

  Text unmet(const Node& node, bool held) {
    if (node.op == Op::call && node.built_in == BuiltIn::none) {
      std::vector<Text> arguments;
      for (const auto& kid : node.kids) arguments.push_back(label(*kid));
      if (auto said = words_.call(node.name, arguments, held); !said.empty()) return said;
    }
    return label(node) + (held ? Text{" 成立", " holds"} : Text{" 不成立", " does not hold"});
  }

  // As a value is called under its own name, or under that of what it is compared with.
  Text shown(std::string_view path, const Value& value) {
    auto said = path.empty() ? Text{} : words_.value(path, value);
    return said.empty() ? show(value) : said;
  }

  // One side of a comparison: its name and value, or the figures of its calculation, named where the other side is a mere
  // value.
  Text side(const Node& node, const Node& against) {
    if (node.op == Op::literal) return shown(against.path, node.literal);
    if (!is_calculation(node.op)) return side(node, against.path);
    return against.op == Op::literal ? label(node) + Text{"：", ": "} + figures(node) : figures(node);
  }
  Text side(const Node& node, std::string_view against = {}) {
    if (node.op == Op::literal) return show(node.literal);
    if (is_calculation(node.op)) return figures(node);
    return label(node) + alike(" ") + shown(node.path.empty() ? against : node.path, value_of(node));
  }

  Text figures(const Node& node) {
    if (!is_calculation(node.op)) return shown(node.path, value_of(node));
    const auto operand = [&](const Node& kid, bool right) {
      const bool bracket =
          is_calculation(kid.op) && ((is_sum(kid.op) && !is_sum(node.op)) || (right && is_sum(kid.op) == is_sum(node.op)));
      return bracket ? Text{"（", "("} + figures(kid) + Text{"）", ")"} : figures(kid);
    };
    return operand(*node.kids[0], false) + alike(std::string(symbol(node.op))) + operand(*node.kids[1], true);
  }

  Text label(const Node& node) {
    if (node.op == Op::literal) return show(node.literal);
    if (!node.path.empty()) {
      auto said = words_.name(node.path);
      return said.empty() ? alike(node.path) : said;
    }
    if (node.op == Op::call) return call_label(node);
    if (is_calculation(node.op)) return label(*node.kids[0]) + alike(std::string(symbol(node.op))) + label(*node.kids[1]);
    if (node.kids.empty()) return show(value_of(node));
    return label(*node.kids[0]);
  }

  Text call_label(const Node& node) {
    const auto first = [&] { return label(*node.kids[0]); };
    switch (node.built_in) {
      case BuiltIn::days: return first() + Text{" 至 ", " to "} + label(*node.kids[1]) + Text{" 的日数", ":"};
      case BuiltIn::working_days: return first() + Text{" 至 ", " to "} + label(*node.kids[1]) + Text{" 的工作日数", ":"};
      case BuiltIn::date: return first() + Text{" 之日", ", its date"};
      case BuiltIn::year: return first() + Text{" 的年份", ", its year"};
      case BuiltIn::size:
      case BuiltIn::count: return first() + Text{" 的项数", ", how many"};
      case BuiltIn::sum: return first() + Text{" 合计", " in all"};
      case BuiltIn::distinct: return first() + Text{" 中不同者", ", the distinct"};
      case BuiltIn::all_distinct: return first() + Text{" 各不相同", ": all distinct"};
      default: break;
    }
    auto text = alike(node.name + "(");
    for (std::size_t i = 0; i < node.kids.size(); ++i) text = text + alike(i ? ", " : "") + label(*node.kids[i]);
    return text + alike(")");
  }

  Evaluation evaluation_;
  const Words& words_;
};

}  // namespace

Text explain_false(const Node& root, const Scope& scope, const Words& words) {
  return Explainer(scope, words).say(root, false);
}

}  // namespace landglass::law
