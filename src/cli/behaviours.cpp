#include "cli/behaviours.hpp"

#include "market/auction.hpp"

namespace landglass::cli {

std::vector<std::shared_ptr<institution::Behaviour>> behaviours() { return {market::auction()}; }

}  // namespace landglass::cli
