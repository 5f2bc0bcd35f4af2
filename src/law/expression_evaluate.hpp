#pragma once
// One evaluation of one tree: inside the law layer only.

#include <vector>

#include "law/expression_operators.hpp"

namespace landglass::law {

// The result; where it is refused, the refusal says at which column.
base::Result<Value> placed(base::Result<Value> result, const Expression::Node& node);

class Evaluation {
 public:
  explicit Evaluation(const Scope& scope) : scope_(scope) {}
  using Node = Expression::Node;

  base::Result<Value> evaluate(const Node& node);

  // For the explanation of a refusal: the body of a walk for one element.
  void enter(const Value& element) { locals_.push_back(element); }
  void leave() { locals_.pop_back(); }

 private:
  base::Result<Value> read(const Node& node);
  base::Result<Value> member(const Node& node);
  base::Result<Value> index(const Node& node);
  base::Result<Value> list(const Node& node);
  base::Result<Value> negate(const Node& node);
  base::Result<bool> condition(const Node& node);
  base::Result<Value> connect(const Node& node);
  base::Result<Value> compare(const Node& node);
  base::Result<Value> within(const Node& node);
  base::Result<Value> calculate(const Node& node);
  base::Result<Value> walk(const Node& node);
  base::Result<Value> call(const Node& node);
  base::Result<Value> ask(const Node& node, const std::vector<Value>& arguments);
  base::Result<Value> built_in(const Node& node, const std::vector<Value>& arguments);
  base::Result<Value> extreme(const Node& node, const std::vector<Value>& arguments);
  base::Result<Value> over_list(const Node& node, const Value& list);
  base::Status charge(const Node& node, std::size_t elements);  // LAW-07 past k_most_elements

  const Scope& scope_;
  std::vector<Value> locals_;
  std::int64_t left_ = k_most_elements;
};

}  // namespace landglass::law
