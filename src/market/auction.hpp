#pragma once
// The behaviour auction@1: a lot's rule sheet and ladder (docs/formats/auction.md) as part of an institution. What may be
// done with a lot stands in its file; what follows from an offer, a call, a freeze or the passing of time is
// law/auction_ladder.
//
// Fields of the record that it reads (all of them in the file of land-listing): mode, opens, closes, start_price, increment,
// min_bidders, reserve_commitment, ceiling_mode, ceiling_price, variant, trigger_seconds, trigger_bidders, pause_seconds,
// inquiry_seconds, prep_seconds, window_seconds, timed_join, guard_factor, outage_seconds, present_bidders, call_number,
// resumes_at, reserve_price, reserve_salt, draw_salt, draw_root, draw_root_size. Fields that it sets: rule_sheet,
// rule_sheet_hash, deal_price, winner_plate. Of an application it reads lot, applicant, bid_key, plate, wish, accepted, and
// sets the last two. States it goes to: announced, listed, opening, drawing, sold, failed, frozen, withdrawn.

#include <memory>

#include "institution/behaviour.hpp"

namespace landglass::market {

std::shared_ptr<institution::Behaviour> auction();

// The ladder's public head and newest offers out of a record's public document, for pages and streams.
inline constexpr std::size_t k_shown_offers = 50;

}  // namespace landglass::market
