#pragma once
// The roll of an hour's tips (docs/formats/tips.md): a tree of one size, whatever came, whose other leaves are random. Its
// root is public; a proof into it shows that a message was there, and neither how many came nor which number it was.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "log/merkle.hpp"

namespace landglass::log {

inline constexpr std::uint64_t k_roll_size = 1'024;

// The leaf of a message: SHA-256(0x00 ‖ "landglass/tip-roll/1\n" ‖ SHA-256 of the document in hex).
Hash roll_entry(std::string_view document);
Hash roll_entry_of(std::string_view document_hash);  // as hex

struct RollPlace {
  std::uint64_t index = 0;
  Proof proof;
};
struct Roll {
  Hash root{};
  std::vector<RollPlace> places;  // of the entries, in their order; where each stands is drawn
};
// Of at most k_roll_size entries.
Roll make_roll(const std::vector<Hash>& entries, base::Random& random);
bool in_roll(std::string_view document, const RollPlace& place, const Hash& root);

}  // namespace landglass::log
