#include "cli/behaviours.hpp"

#include "market/auction.hpp"
#include "market/locked_document.hpp"
#include "market/score_sheet.hpp"
#include "market/tender.hpp"
#include "money/behaviours.hpp"
#include "tips/tips.hpp"

namespace landglass::cli {

std::vector<std::shared_ptr<institution::Behaviour>> behaviours() {
  auto all = money::behaviours();
  all.push_back(market::auction());
  all.push_back(market::tender());
  all.push_back(market::locked_document());
  all.push_back(market::score_sheet());
  all.push_back(tips::tips());
  return all;
}

}  // namespace landglass::cli
