// Pratt's way: each operator has a binding strength, CEL's order of them.

#include <algorithm>
#include <array>
#include <optional>

#include "law/expression_lexer.hpp"
#include "law/expression_tree.hpp"

namespace landglass::law {
namespace {

struct Infix {
  std::string_view spelling;
  Op op;
  int strength;
};
constexpr int k_choose = 1;
constexpr int k_prefix = 7;
constexpr std::array k_infix = {
    Infix{"||", Op::either, 2}, Infix{"&&", Op::both, 3},     Infix{"==", Op::equal, 4},   Infix{"!=", Op::unequal, 4},
    Infix{"<", Op::less, 4},    Infix{"<=", Op::at_most, 4},  Infix{">", Op::more, 4},     Infix{">=", Op::at_least, 4},
    Infix{"in", Op::within, 4}, Infix{"+", Op::add, 5},       Infix{"-", Op::subtract, 5}, Infix{"*", Op::multiply, 6},
    Infix{"/", Op::divide, 6},  Infix{"%", Op::remainder, 6},
};

const Infix* infix_of(const Token& token) {
  if (token.kind != Token::Kind::symbol && token.kind != Token::Kind::name) return nullptr;
  for (const auto& infix : k_infix) {
    if (infix.spelling == token.spelling) return &infix;
  }
  return nullptr;
}

std::optional<Op> walk_of(std::string_view name) {
  if (name == "all") return Op::all;
  if (name == "exists") return Op::exists;
  if (name == "filter") return Op::filter;
  if (name == "map") return Op::map;
  return std::nullopt;
}

bool is_keyword(std::string_view name) { return name == "true" || name == "false" || name == "null" || name == "in"; }

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  base::Result<NodePtr> run() {
    LG_TRY(auto root, expression(0));
    if (now().kind != Token::Kind::end) return unexpected();
    return root;
  }

 private:
  const Token& now() const { return tokens_[at_]; }
  bool is(std::string_view symbol) const { return now().kind == Token::Kind::symbol && now().spelling == symbol; }
  bool take(std::string_view symbol) {
    if (!is(symbol)) return false;
    ++at_;
    return true;
  }

  base::Refusal unexpected() const {
    const std::string shown(now().kind == Token::Kind::end ? "end" : now().spelling);
    return base::refuse("LAW-01", "此处语法不通：" + shown, "the expression cannot go on here: " + shown,
                        at_column(now().column));
  }
  static base::Refusal too_deep(int column) {
    return base::refuse("LAW-01", "表达式嵌套超过 32 层", "an expression nested deeper than 32", at_column(column));
  }

  static base::Result<NodePtr> grown(NodePtr node) {
    for (const auto& kid : node->kids) node->height = std::max(node->height, kid->height + 1);
    if (node->height > k_deepest_expression) return too_deep(node->column);
    return node;
  }
  NodePtr node(Op op, int column) const {
    auto made = std::make_shared<Expression::Node>();
    made->op = op;
    made->column = column;
    return made;
  }

  // Each call stands one level below its caller in the tree, so its depth never passes the height allowed.
  base::Result<NodePtr> expression(int strength) {
    if (++depth_ > k_deepest_expression) return too_deep(now().column);
    LG_TRY(auto left, prefix());
    while (true) {
      if (is("?") && strength < k_choose) {
        auto choice = node(Op::choose, now().column);
        ++at_;
        LG_TRY(auto then, expression(k_choose));
        if (!take(":")) return unexpected();
        LG_TRY(auto otherwise, expression(0));
        choice->kids = {left, then, otherwise};
        LG_TRY(left, grown(choice));
        continue;
      }
      const auto* infix = infix_of(now());
      if (!infix || infix->strength <= strength) break;
      auto joined = node(infix->op, now().column);
      ++at_;
      LG_TRY(auto right, expression(infix->strength));
      joined->kids = {left, right};
      LG_TRY(left, grown(joined));
    }
    --depth_;
    return left;
  }

  base::Result<NodePtr> prefix() {
    const auto column = now().column;
    for (const auto& [symbol, op] : {std::pair{"-", Op::negate}, std::pair{"!", Op::invert}}) {
      if (!take(symbol)) continue;
      auto made = node(op, column);
      LG_TRY(auto operand, expression(k_prefix));
      made->kids = {operand};
      return grown(made);
    }
    LG_TRY(auto left, primary());
    return postfix(std::move(left));
  }

  base::Result<NodePtr> postfix(NodePtr left) {
    while (true) {
      const auto column = now().column;
      if (take("[")) {
        auto made = node(Op::index, column);
        LG_TRY(auto place, expression(0));
        if (!take("]")) return unexpected();
        made->kids = {left, place};
        LG_TRY(left, grown(made));
      } else if (take(".")) {
        if (now().kind != Token::Kind::name || is_keyword(now().spelling)) return unexpected();
        auto made = node(Op::member, now().column);
        made->name = now().spelling;
        made->kids = {left};
        ++at_;
        if (take("(")) LG_CHECK(walk(*made));
        LG_TRY(left, grown(made));
      } else {
        return left;
      }
    }
  }

  // list.all(x, condition): the variable stands only in the body.
  base::Status walk(Expression::Node& made) {
    const auto op = walk_of(made.name);
    if (!op) {
      return base::refuse("LAW-02", "没有这样的列表运算：" + made.name, "no such walk over a list: " + made.name,
                          at_column(made.column));
    }
    made.op = *op;
    if (now().kind != Token::Kind::name || is_keyword(now().spelling)) return unexpected();
    made.name = now().spelling;
    ++at_;
    if (!take(",")) return unexpected();
    LG_TRY(auto body, expression(0));
    if (!take(")")) return unexpected();
    made.kids.push_back(std::move(body));
    return base::Done{};
  }

  base::Result<NodePtr> primary() {
    const auto& token = now();
    if (take("(")) {
      LG_TRY(auto inner, expression(0));
      if (!take(")")) return unexpected();
      if (++inner->height > k_deepest_expression) return too_deep(token.column);
      return inner;
    }
    if (take("[")) {
      auto made = node(Op::list, token.column);
      LG_CHECK(items(*made, "]"));
      return grown(made);
    }
    if (token.kind == Token::Kind::quantity || token.kind == Token::Kind::text) {
      ++at_;
      auto made = node(Op::literal, token.column);
      made->literal = token.value;
      return made;
    }
    if (token.kind == Token::Kind::name && token.spelling != "in") return named();
    return unexpected();
  }

  base::Result<NodePtr> named() {
    const auto& token = now();
    auto made = node(Op::name, token.column);
    made->name = token.spelling;
    ++at_;
    if (is_keyword(token.spelling)) {
      made->op = Op::literal;
      if (token.spelling != "null") made->literal = Value::boolean(token.spelling == "true");
      return made;
    }
    if ((token.spelling == "date" || token.spelling == "time") && now().kind == Token::Kind::text) {
      made->op = Op::literal;
      const auto& text = now().value.text_value;
      const auto date = token.spelling == "date" ? base::parse_date(text) : std::nullopt;
      const auto time = token.spelling == "time" ? base::parse_time(text) : std::nullopt;
      if (!date && !time) {
        return base::refuse("LAW-01", "不是日期或时刻：" + text, "neither a date nor a time: " + text,
                            at_column(now().column));
      }
      made->literal = date ? Value::date(*date) : Value::time(*time);
      ++at_;
      return made;
    }
    if (!take("(")) return made;
    made->op = Op::call;
    LG_CHECK(items(*made, ")"));
    return grown(made);
  }

  base::Status items(Expression::Node& made, std::string_view close) {
    if (take(close)) return base::Done{};
    while (true) {
      LG_TRY(auto item, expression(0));
      made.kids.push_back(std::move(item));
      if (take(close)) return base::Done{};
      if (!take(",")) return unexpected();
    }
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

base::Result<NodePtr> parse(std::string_view source) {
  LG_TRY(auto tokens, tokens_of(source));
  return Parser(std::move(tokens)).run();
}

}  // namespace landglass::law
