#pragma once
// Runs every sale of a store again, as a stranger with the public log and the openings would.

#include <string>

#include "store/store.hpp"

namespace landglass::cli {

// Each lot with a rule sheet: with all openings, and blind. Empty where everything fits; else lot, leaf, code and both
// sides.
std::string audit_sales(store::Store& store);

}  // namespace landglass::cli
