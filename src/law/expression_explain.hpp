#pragma once
// Why a condition does not hold, in the words of the record: inside the law layer only.

#include "law/expression_evaluate.hpp"

namespace landglass::law {

// `root` was false: the innermost comparison that decided it, with both sides as they were.
base::Text explain_false(const Expression::Node& root, const Scope& scope, const Words& words);

}  // namespace landglass::law
