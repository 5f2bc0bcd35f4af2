#include "cli/behaviours.hpp"

#include "market/auction.hpp"
#include "money/behaviours.hpp"

namespace landglass::cli {

std::vector<std::shared_ptr<institution::Behaviour>> behaviours() {
  auto all = money::behaviours();
  all.push_back(market::auction());
  return all;
}

}  // namespace landglass::cli
