#include "law/expression.hpp"

#include "law/expression_evaluate.hpp"
#include "law/expression_explain.hpp"
#include "law/expression_tree.hpp"

namespace landglass::law {

base::Result<Expression> Expression::compile(std::string_view source, const Schema& schema) {
  LG_TRY(auto root, parse(source));
  Expression made;
  LG_CHECK(check_types(root, schema, made.reads_));
  made.type_ = root->type;
  made.root_ = std::move(root);
  made.source_ = source;
  return made;
}

base::Result<Value> Expression::evaluate(const Scope& scope) const {
  LG_ASSERT(root_, "an expression that was never compiled");
  return Evaluation(scope).evaluate(*root_);
}

base::Status Expression::require(const Scope& scope, const Words& words) const {
  LG_TRY(const auto value, evaluate(scope));
  if (value.is_true()) return base::Done{};
  if (!value.is_null() && value.kind != Kind::boolean) return wrong_kind(value, Type::of(Kind::boolean));
  auto say = explain_false(*root_, scope, words);
  auto refusal = base::refuse("LAW-00", say.zh, say.en);
  refusal.detail = std::move(say);
  refusal.that = source_;
  return refusal;
}

const Type& Expression::type() const { return type_; }
const std::string& Expression::source() const { return source_; }
const std::set<std::string>& Expression::reads() const { return reads_; }

}  // namespace landglass::law
