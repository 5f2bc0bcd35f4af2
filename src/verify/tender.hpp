#pragma once
// Runs a sealed tender again out of the public leaves alone, and names the first leaf that does not fit: openings against
// commitments, the draw, the score sheets, the ranking, the winner. docs/formats/tender.md is the contract.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "log/leaf.hpp"
#include "verify/auction.hpp"

namespace landglass::verify {

// Why a leaf does not fit: as of an auction (verify/auction.hpp); AV-05 is an opening, a reserve or a salt that is not the
// one committed, AV-06 a signature that is not the tenderer's or the member's, AV-09 the root of the draw.
struct TenderReport {
  std::optional<AuctionMisfit> misfit;
  std::optional<base::Hash> rule_sheet;
  std::uint64_t received = 0;
  std::uint64_t opened = 0;      // whose opening fits its commitment
  std::uint64_t valid = 0;       // of them, with the tenderer's signature
  std::uint64_t drawn = 0;       // experts that the draw gives
  std::uint64_t sheets = 0;      // that were ranked
  std::uint64_t signatures = 0;  // of members, that were checked
  std::string stage;             // the last that was reached: "announced" … "awarded", "failed"
  std::optional<std::uint32_t> winner;
  bool fits() const { return !misfit; }
};

// Whether the leaf announces a tender, and of which record: for a caller who has the lot's name only.
std::optional<std::string> tender_of_lot(const log::Leaf& leaf, std::string_view lot);

// `leaves` of one log in order; those that do not concern the tender are passed over. `root_at` as for an auction.
TenderReport verify_tender(std::string_view tender, std::span<const log::Leaf> leaves,
                           const std::function<std::optional<base::Hash>(std::uint64_t size)>& root_at = {});

}  // namespace landglass::verify
