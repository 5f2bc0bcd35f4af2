#pragma once
// The rule sheet of one sale: every parameter that decides who wins, fixed before the announcement. The announcement's leaf
// holds its SHA-256, so that anyone can run the sale again. docs/formats/rule-sheet.md is the contract, member by member.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "law/auction_tender.hpp"

namespace landglass::law {

enum class SaleMode : std::uint8_t { listing, english, tender };  // 挂牌, 拍卖, 招标

// One row of the increment table: from `since` on (none: from the start), at or above `price`, a raise is at least `step`.
struct IncrementTier {
  std::optional<base::Time> since;
  base::Money price;
  base::Money step;
  bool operator==(const IncrementTier&) const = default;
};

// Refuses AU-01 a table that is empty, unsorted, without a row for price 0 in each dated group, or with a step of 0 or less.
base::Result<std::vector<IncrementTier>> parse_increments(const base::Json& json);
base::Json to_json(const std::vector<IncrementTier>& tiers);

// What happens at the ceiling price (最高限价).
struct CeilingRules {
  enum class Mode : std::uint8_t {
    notify_only,    // it is only shown
    stop_and_lot,   // raising ends; who accepts the ceiling within join_ms takes part in a draw (摇号)
    compete_other,  // the price stays; the contest goes on in another quantity, e.g. public housing to be built (竞配建)
  };
  struct Other {
    std::string name;  // of the quantity, e.g. "public_housing_area" in 0.01 m²
    std::int64_t start = 0;
    std::int64_t step = 0;
    std::int64_t max = 0;  // reached: a draw as in stop_and_lot; 0: none
    bool operator==(const Other&) const = default;
  };
  Mode mode = Mode::notify_only;
  base::Money price;
  std::int64_t join_ms = 0;
  std::optional<Other> other;
  std::optional<base::Hash> salt_hash;  // draw_salt_hash() of the salt committed for the draw
  bool operator==(const CeilingRules&) const = default;
};

struct ReserveRules {
  std::optional<base::Hash> commitment;  // reserve_commitment(); none: entered later by `commit_reserve` (SIP art. 19)
  std::int64_t within_ms = 0;            // entered later: only in this last part of the listing; 0: at any time of it
  bool operator==(const ReserveRules&) const = default;
};

struct GuardRules {
  std::optional<base::Money> max_price;  // no offer above it: a slip, not a bid
  std::int64_t factor = 0;               // an offer above factor × the current price must say it is meant; 0: none
  bool operator==(const GuardRules&) const = default;
};

// Timed bidding after a listing (网上限时竞价). FJ, SIP and Order 39's host at the end of the listing are settings of it.
struct TimedRules {
  enum class Join : std::uint8_t { qualified, offered, wished };  // who may bid in it
  std::int64_t trigger_last_ms = 0;  // counted are bidders of the last part of the listing; 0: of all of it
  std::int64_t trigger_bidders = 2;
  std::int64_t pause_ms = 0;        // the trigger is tried this long before the close too; where it holds, bidding rests
  std::int64_t inquiry_ms = 0;      // 询问期: does anyone wish to go on? 0: not asked
  std::int64_t inquiry_wishes = 1;  // by so many others than the leading bidder
  std::int64_t prep_ms = 0;
  std::int64_t window_ms = 0;          // silence that ends the sale
  std::int64_t restart_within_ms = 0;  // an offer in so much of the end of a window restarts it; window_ms: any offer
  Join join = Join::qualified;
  bool operator==(const TimedRules&) const = default;
};

struct CallRules {
  std::int64_t count = 3;   // 三声报价
  std::int64_t gap_ms = 0;  // at least between an offer or call and the next call
  bool operator==(const CallRules&) const = default;
};

struct FreezeRules {
  bool restart_prep = false;  // in timed bidding: preparation and window anew (FJ 57); else the clock goes on where it stood
  std::int64_t short_ms = 0;  // frozen no longer than this: may be resumed at once
  std::int64_t notice_ms = 0;    // else: so long between the notice of resumption and the resumption
  std::int64_t last_ms = 0;      // frozen in this last part of the listing …
  std::int64_t last_cap_ms = 0;  // … at most so much of it remains after the resumption
  bool operator==(const FreezeRules&) const = default;
};

struct SilenceRules {
  std::int64_t tick_ms = 1'000;  // a leaf stands at least so often in timed bidding
  std::int64_t max_gap_ms = 0;   // past this without a leaf the silence is not shown: the lot freezes itself; 0: never
  bool operator==(const SilenceRules&) const = default;
};

struct RuleSheet {
  SaleMode mode = SaleMode::listing;
  base::Time opens;
  std::optional<base::Time> closes;  // of the listing, or the deadline for tenders; an English auction has none
  base::Money start_price;
  std::vector<IncrementTier> increments;
  bool multiple = false;  // a raise is a whole number of steps
  bool own_raise =
      true;  // the leader may raise himself; false shows an observer that two offers in a row are of two bidders
  std::int64_t min_bidders = 1;
  std::optional<CeilingRules> ceiling;
  std::optional<ReserveRules> reserve;
  GuardRules guard;
  std::optional<TimedRules> timed;
  std::optional<CallRules> calls;
  FreezeRules freeze;
  SilenceRules silence;
  std::optional<TenderRules> tender;
  bool operator==(const RuleSheet&) const = default;
};

// Refuses AU-01 with the member in `where`: missing, unknown or not in its canonical form; or members that contradict.
base::Result<RuleSheet> parse_rule_sheet(const base::Json& json);
base::Json to_json(const RuleSheet& sheet);
base::Hash rule_sheet_hash(const RuleSheet& sheet);  // SHA-256 of the RFC 8785 bytes of to_json

// The timed bidding, freeze and silence rules of two real places (domain.md 1.1).
void apply_fujian(RuleSheet& sheet);
void apply_suzhou_park(RuleSheet& sheet);

// HMAC-SHA-256(salt, JCS of ["landglass/reserve/1", "12000000.00"]).
base::Hash reserve_commitment(base::BytesView salt32, base::Money reserve);

// Deposits and numbers of bidders as pure rules; the numbers come from the dated parameters of the institution.
// Refuses AU-40 a deposit below ratio × base (L-21), AU-41 fewer bidders than the mode asks (L-10, L-13, L-16).
base::Status check_deposit(base::Money deposit, base::Money base_price, base::Ratio least);
base::Status check_bidders(SaleMode mode, std::int64_t bidders, std::int64_t least);

}  // namespace landglass::law
