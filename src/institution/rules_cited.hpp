#pragma once
// The rules of the register that an institution's file stands on, and the codes that it gives itself.

#include <set>
#include <string>

#include "institution/institution.hpp"

namespace landglass::institution {

// In its basis, its parameters, its actions, checks, warnings and deadlines.
std::set<std::string, std::less<>> rules_cited(const Institution& in);

// The codes of its checks, warnings and deadlines.
std::set<std::string, std::less<>> codes_of(const Institution& in);

}  // namespace landglass::institution
