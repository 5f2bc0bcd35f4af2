#include "cli/behaviours.hpp"

namespace landglass::cli {

std::vector<std::shared_ptr<institution::Behaviour>> behaviours() { return {}; }

}  // namespace landglass::cli
