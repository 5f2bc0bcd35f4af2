#include "log/tip_roll.hpp"

#include <numeric>
#include <string>

#include "base/bytes.hpp"

namespace landglass::log {
namespace {

// Uniform in [0, bound).
std::uint64_t below(std::uint64_t bound, base::Random& random) {
  for (;;) {
    std::uint64_t drawn = 0;
    random.fill(reinterpret_cast<std::uint8_t*>(&drawn), sizeof drawn);
    if (drawn < UINT64_MAX - UINT64_MAX % bound) return drawn % bound;
  }
}

}  // namespace

Hash roll_entry(std::string_view document) { return roll_entry_of(base::to_hex(base::sha256(base::as_bytes(document)))); }

Hash roll_entry_of(std::string_view document_hash) {
  return leaf_hash("landglass/tip-roll/1\n" + std::string(document_hash));
}

Roll make_roll(const std::vector<Hash>& entries, base::Random& random) {
  LG_ASSERT(entries.size() <= k_roll_size, "more messages than a roll holds");
  std::vector<std::uint64_t> order(k_roll_size);
  std::iota(order.begin(), order.end(), 0);
  for (std::uint64_t i = k_roll_size; i > 1; --i) std::swap(order[i - 1], order[below(i, random)]);
  std::vector<std::vector<Hash>> rows{std::vector<Hash>(k_roll_size)};
  for (std::size_t i = 0; i < k_roll_size; ++i) rows[0][order[i]] = i < entries.size() ? entries[i] : random.bytes32();
  while (rows.back().size() > 1) {
    std::vector<Hash> next;
    for (std::size_t i = 0; i < rows.back().size(); i += 2) next.push_back(node_hash(rows.back()[i], rows.back()[i + 1]));
    rows.push_back(std::move(next));
  }
  Roll roll{rows.back().front(), {}};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    RollPlace place{order[i], {}};
    for (std::size_t row = 0; row + 1 < rows.size(); ++row) place.proof.push_back(rows[row][(order[i] >> row) ^ 1]);
    roll.places.push_back(std::move(place));
  }
  return roll;
}

bool in_roll(std::string_view document, const RollPlace& place, const Hash& root) {
  return verify_inclusion(place.index, k_roll_size, roll_entry(document), place.proof, root);
}

}  // namespace landglass::log
