#pragma once
// Runs a sale again out of its leaves alone, and names the first leaf that does not fit. docs/formats/auction.md is the
// contract.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "law/auction_ladder.hpp"
#include "log/leaf.hpp"

namespace landglass::verify {

struct AuctionOpening {
  base::Bytes salt;
  base::Json value;
};
// By index of the leaf and field path as the commitment has it ("bidder", "effects/0/bidder").
using AuctionOpenings = std::map<std::pair<std::uint64_t, std::string>, AuctionOpening, std::less<>>;

// Why a leaf does not fit:
//   AV-01 no rule sheet, or not the one of its hash    AV-02 leaves out of order     AV-03 the rules refuse this event
//   AV-04 the outcome is not the one worked out        AV-05 an opening does not fit its commitment
//   AV-06 a signature is not the bidder's              AV-07 a plate with two keys   AV-08 silence that is not shown
//   AV-09 a draw from another root                     AV-10 a field or commitment is missing or malformed
struct AuctionMisfit {
  std::uint64_t seq = 0;
  std::string code;
  base::Text why;
  std::string detail;  // what stands there, and what was worked out
};

struct AuctionReport {
  std::optional<AuctionMisfit> misfit;  // none: everything fits
  std::optional<base::Hash> rule_sheet;
  base::JsonObject head;  // the ladder at the end; empty where there was none
  std::uint64_t offers = 0;
  std::uint64_t extensions = 0;         // offers that moved the end of a window
  std::uint64_t signatures = 0;         // that were checked
  std::int64_t longest_silence_ms = 0;  // between two leaves of timed bidding
  std::uint64_t unopened = 0;           // committed values that nobody opened: then it ran blind
  bool fits() const { return !misfit; }
};

// `leaves` of one log in order; those without a change of `lot` are passed over. `root_at` gives the root of the log's tree
// at a size, where the caller can work it out; without it the root of a draw is taken as it stands.
AuctionReport verify_auction(std::string_view lot, std::span<const log::Leaf> leaves, const AuctionOpenings& openings,
                             const std::function<std::optional<base::Hash>(std::uint64_t size)>& root_at = {});

// In words, for a person: a line a fact, zh or en.
std::string describe(const AuctionReport& report, bool chinese);

}  // namespace landglass::verify
