// A condition as a sentence, before there is a record to hold it against: names by their words, relations in words or signs.
#include "law/expression_tree.hpp"

namespace landglass::law {
namespace {

using base::alike;
using base::Text;
using Node = Expression::Node;

Text operator+(const Text& a, const Text& b) { return {a.zh + b.zh, a.en + b.en}; }
Text bracketed(const Text& text) { return Text{"（", "("} + text + Text{"）", ")"}; }

Text sign(const Node& node, bool of_text) {
  switch (node.op) {
    case Op::equal: return of_text ? Text{" 为 ", " is "} : alike(" = ");
    case Op::unequal: return of_text ? Text{" 不为 ", " is not "} : alike(" ≠ ");
    case Op::less: return alike(" < ");
    case Op::at_most: return alike(" ≤ ");
    case Op::more: return alike(" > ");
    case Op::at_least: return alike(" ≥ ");
    case Op::add: return alike(" + ");
    case Op::subtract: return alike(" − ");
    case Op::multiply: return alike(" × ");
    case Op::divide: return alike(" ÷ ");
    default: return alike(" % ");
  }
}

bool is_calculation(Op op) { return op >= Op::add && op <= Op::remainder; }
bool is_sum(Op op) { return op == Op::add || op == Op::subtract; }

class Sentence {
 public:
  explicit Sentence(const Words& words) : words_(words) {}

  // `held` false: that it is not so.
  Text condition(const Node& node, bool held = true) {
    const auto& kids = node.kids;
    switch (node.op) {
      case Op::invert: return condition(*kids[0], !held);
      case Op::both:
      case Op::either: {
        const bool together = (node.op == Op::both) == held;
        const auto part = [&](const Node& kid) {
          const bool loose = kid.op == Op::choose || ((kid.op == Op::both || kid.op == Op::either) && kid.op != node.op);
          const auto said = condition(kid, held);
          return loose ? bracketed(said) : said;
        };
        return part(*kids[0]) + (together ? Text{" 且 ", " and "} : Text{" 或 ", " or "}) + part(*kids[1]);
      }
      case Op::choose:
        return Text{"若 ", "if "} + condition(*kids[0]) + Text{"，则 ", ", then "} + condition(*kids[1], held) +
               Text{"；否则 ", "; otherwise "} + condition(*kids[2], held);
      case Op::within: return within(node, held);
      case Op::all:
        return held ? term(*kids[0]) + Text{" 的每一项：", ", each: "} + condition(*kids[1])
                    : term(*kids[0]) + Text{" 中有一项：", ", at least one: "} + condition(*kids[1], false);
      case Op::exists:
        return held ? term(*kids[0]) + Text{" 中有一项：", ", at least one: "} + condition(*kids[1])
                    : term(*kids[0]) + Text{" 中没有一项：", ", none: "} + condition(*kids[1]);
      case Op::call: return call(node, held);
      case Op::literal: return show(node.literal);
      default: break;
    }
    if (is_comparison(node.op)) return held ? comparison(node) : Text{"并非：", "not: "} + comparison(node);
    return term(node) + (held ? Text{"：是", ": yes"} : Text{"：否", ": no"});
  }

  Text value(const Node& node) { return term(node); }

 private:
  Text comparison(const Node& node) {
    const auto &a = *node.kids[0], &b = *node.kids[1];
    const bool nothing = b.op == Op::literal && b.literal.is_null();
    if (nothing && node.op == Op::equal) return term(a) + Text{" 未填", " is absent"};
    if (nothing && node.op == Op::unequal) return term(a) + Text{" 已填", " is there"};
    const auto text = [](const Node& one) { return one.type.kind == Kind::text; };
    return term(a, b.path) + sign(node, text(a) || text(b)) + term(b, a.path);
  }

  Text within(const Node& node, bool held) {
    const auto &what = *node.kids[0], &among = *node.kids[1];
    if (among.op == Op::list) {
      Text list;
      for (const auto& item : among.kids) list = list + (list.empty() ? Text{} : Text{"、", ", "}) + term(*item, what.path);
      return term(what) + (held ? Text{" 为 ", " is one of: "} : Text{" 不为 ", " is none of: "}) + list +
             Text{among.kids.size() > 1 ? " 之一" : "", ""};
    }
    return term(what, among.path) + (held ? Text{" 在 ", " is among "} : Text{" 不在 ", " is not among "}) + term(among) +
           Text{" 之中", ""};
  }

  Text call(const Node& node, bool held) {
    const auto first = [&] { return term(*node.kids[0]); };
    const auto second = [&] { return term(*node.kids[1]); };
    switch (node.built_in) {
      case BuiltIn::has: return first() + (held ? Text{" 已填", " is there"} : Text{" 未填", " is absent"});
      case BuiltIn::all_distinct:
        return first() + (held ? Text{" 各不相同", ": all distinct"} : Text{" 有相同的", ": not all distinct"});
      case BuiltIn::starts_with:
        if (auto said = words_.call(node.name, {first(), second()}, held); !said.empty()) return said;
        return first() + (held ? Text{" 以 ", " begins with "} : Text{" 不以 ", " does not begin with "}) + second() +
               Text{" 开头", ""};
      default: break;
    }
    if (auto said = own(node, held); !said.empty()) return said;
    return term(node) + (held ? Text{" 成立", " holds"} : Text{" 不成立", " does not hold"});
  }

  // A function that the schema declares.
  Text own(const Node& node, bool held) {
    if (node.built_in != BuiltIn::none) return {};
    std::vector<Text> arguments;
    for (const auto& kid : node.kids) arguments.push_back(term(*kid));
    return words_.call(node.name, arguments, held);
  }

  // What stands on one side; a literal as it is called under the path that it is compared with.
  Text term(const Node& node, std::string_view against = {}) {
    const auto& kids = node.kids;
    const auto first = [&] { return term(*kids[0]); };
    const auto second = [&] { return term(*kids[1]); };
    if (node.op == Op::literal) {
      auto said = against.empty() ? Text{} : words_.value(against, node.literal);
      return said.empty() ? show(node.literal) : said;
    }
    if (node.op == Op::index) return first() + Text{" 的第 ", ", no. "} + second() + Text{" 项", ""};
    if (node.op == Op::map) return first() + Text{" 各项的 ", ", of each: "} + second();
    if (node.op == Op::filter) return first() + Text{" 中 ", " of which "} + condition(*kids[1]) + Text{" 的", ""};
    if (node.op == Op::negate) return alike("−") + first();
    if (node.op == Op::choose)
      return bracketed(Text{"若 ", "if "} + condition(*kids[0]) + Text{"，为 ", ", "} + second() +
                       Text{"；否则为 ", "; otherwise "} + term(*kids[2]));
    if (node.op == Op::list) {
      Text list;
      for (const auto& item : kids) list = list + (list.empty() ? Text{} : Text{"、", ", "}) + term(*item, against);
      return list;
    }
    if (is_calculation(node.op)) {
      const auto operand = [&](const Node& kid, bool right) {
        const bool bracket =
            is_calculation(kid.op) && ((is_sum(kid.op) && !is_sum(node.op)) || (right && is_sum(kid.op) == is_sum(node.op)));
        return bracket ? bracketed(term(kid)) : term(kid);
      };
      return operand(*kids[0], false) + sign(node, false) + operand(*kids[1], true);
    }
    if (node.op == Op::call) return result(node);
    if (!node.path.empty()) {
      auto said = words_.name(node.path);
      return said.empty() ? alike(node.path) : said;
    }
    return kids.empty() ? alike(node.name) : bracketed(condition(node));
  }

  Text result(const Node& node) {
    const auto first = [&] { return term(*node.kids[0]); };
    const auto second = [&] { return term(*node.kids[1]); };
    switch (node.built_in) {
      case BuiltIn::days: return first() + Text{" 至 ", " to "} + second() + Text{" 的日数", ", in days"};
      case BuiltIn::working_days:
        return first() + Text{" 至 ", " to "} + second() + Text{" 的工作日数", ", in working days"};
      case BuiltIn::add: return first() + Text{" 后 ", " and "} + second() + Text{"", " more"};
      case BuiltIn::add_months: return first() + Text{" 后 ", " and "} + second() + Text{" 个月", " months more"};
      case BuiltIn::date: return first() + Text{" 之日", ", its date"};
      case BuiltIn::year: return first() + Text{" 的年份", ", its year"};
      case BuiltIn::size:
      case BuiltIn::count: return first() + Text{" 的项数", ", how many"};
      case BuiltIn::sum: return first() + Text{" 合计", ", in all"};
      case BuiltIn::distinct: return first() + Text{" 中不同者", ", the distinct"};
      case BuiltIn::abs: return first() + Text{" 的绝对值", ", without its sign"};
      case BuiltIn::min:
      case BuiltIn::max: {
        Text list;
        for (const auto& kid : node.kids) list = list + (list.empty() ? Text{} : Text{"、", ", "}) + term(*kid);
        const bool least = node.built_in == BuiltIn::min;
        return (least ? Text{"", "the least of "} : Text{"", "the greatest of "}) + list +
               (least ? Text{" 中最小者", ""} : Text{" 中最大者", ""});
      }
      case BuiltIn::none: break;
      default: return call(node, true);
    }
    if (auto said = own(node, true); !said.empty()) return said;
    auto text = alike(node.name + "(");
    for (std::size_t i = 0; i < node.kids.size(); ++i) text = text + alike(i ? ", " : "") + term(*node.kids[i]);
    return text + alike(")");
  }

  const Words& words_;
};

}  // namespace

Text Expression::in_words(const Words& words) const {
  Sentence sentence(words);
  return type_.kind == Kind::boolean ? sentence.condition(*root_) : sentence.value(*root_);
}

}  // namespace landglass::law
