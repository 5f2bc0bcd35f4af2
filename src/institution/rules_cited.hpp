#pragma once
// The rules of the register that an institution's file stands on.

#include <set>
#include <string>

#include "institution/institution.hpp"

namespace landglass::institution {

// In its basis, its parameters, its actions, checks, warnings and deadlines.
std::set<std::string, std::less<>> rules_cited(const Institution& in);

}  // namespace landglass::institution
