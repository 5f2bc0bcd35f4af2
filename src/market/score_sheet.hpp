#pragma once
// The behaviour score-sheet@1: the sheet of one member of a committee. A sheet that leaves a score out is refused when it is
// given, and what was signed is kept beside it, so that it can be shown with the ranking. Fields that it reads: tender,
// scores, rejected, seat; that it sets: signed_act.

#include <memory>

#include "institution/behaviour.hpp"

namespace landglass::market {

std::shared_ptr<institution::Behaviour> score_sheet();

}  // namespace landglass::market
