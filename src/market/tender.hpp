#pragma once
// The behaviour tender@1: the procedure of a sealed tender, from its deadline to the ranking (docs/formats/tender.md). What
// may be done stands in the file of land-tender; what is worked out of it is law/auction_tender and law/auction_draw.
//
// Fields of the record that it reads: award, criteria, price_weight, price_formula, drop_extremes, decimals, committee_size,
// experts, draw_salt_hash, draw_salt, draw_root, pool_experts, tenders, seats, seat, member, reserve_price, reserve_salt,
// lot. Fields that it sets: received_count, tenders, pool_experts, seats, evaluation, passed_over, salt_shown, ranking,
// winner_plate, deal_price, fail_reason. Facts of the file: handed_in, pool_members, opened, sheets. It keeps no state
// beside the fields, so that each follows from the leaves alone.

#include <memory>

#include "base/json.hpp"
#include "base/result.hpp"
#include "institution/behaviour.hpp"
#include "law/auction_tender.hpp"

namespace landglass::market {

std::shared_ptr<institution::Behaviour> tender();

// The rules that a draft of tender documents holds; refuses AU-01 as the sheet does.
base::Result<law::TenderRules> tender_rules_of(const base::JsonObject& fields);

}  // namespace landglass::market
