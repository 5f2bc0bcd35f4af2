#pragma once
// The behaviours this program is built with.

#include <memory>
#include <vector>

#include "institution/behaviour.hpp"

namespace landglass::cli {

std::vector<std::shared_ptr<institution::Behaviour>> behaviours();

}  // namespace landglass::cli
