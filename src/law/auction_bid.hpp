#pragma once
// What a bidder signs, and the committed value that says who bid. docs/formats/bid.md is the contract.

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace landglass::law {

struct Bid {
  std::string origin;       // of the log
  std::string lot;          // the record
  base::Hash rule_sheet{};  // in force
  std::uint32_t plate = 0;
  std::uint64_t counter = 0;
  base::Money price;
  std::int64_t other = 0;  // signed where not 0
  bool confirmed = false;  // signed where true
};

// "landglass/bid/1\n" and the RFC 8785 form of the bid.
std::string bid_bytes(const Bid& bid);

// {"plate","counter","key","alg","sig"}: the value under the path "bidder" of an offer's leaf.
struct Bidding {
  std::uint32_t plate = 0;
  std::uint64_t counter = 0;
  base::Bytes key;        // P-256 point, 65 bytes
  base::Bytes signature;  // r‖s, 64 bytes
};
base::Json to_json(const Bidding& bidding);
base::Result<Bidding> parse_bidding(const base::Json& json);  // refuses AU-05; other members are passed over

}  // namespace landglass::law
