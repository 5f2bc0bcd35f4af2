#pragma once
// Why a condition does not hold, in the words of the record: inside the law layer only.

#include <functional>

#include "law/expression_evaluate.hpp"

namespace landglass::law {

// `root` was false: the innermost comparison that decided it, with both sides as they were.
base::Text explain_false(const Expression::Node& root, const Scope& scope,
                         const std::function<std::string(std::string_view path)>& labels);

}  // namespace landglass::law
