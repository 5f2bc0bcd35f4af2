#pragma once
// One further version of one institution, read beside the pack in force.

#include <memory>
#include <string_view>

#include "institution/pack.hpp"

namespace landglass::institution {

// An empty name takes the file's own. Refuses as Pack::load does.
base::Result<std::unique_ptr<Institution>> read_version(const Pack& pack, std::string_view name, std::string_view bytes);

}  // namespace landglass::institution
