#pragma once
// A Merkle tree whose nodes carry sums: whoever knows the root and its total can be shown that one balance is part of it.
// docs/formats/sum-tree.md is the contract, and says what a proof still shows. Pure.

#include <cstdint>
#include <span>
#include <vector>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace landglass::log {

struct SumNode {
  base::Hash hash{};
  std::int64_t sum = 0;  // fen, never negative
  bool operator==(const SumNode&) const = default;
};

SumNode sum_leaf(const base::Hash& commitment, std::int64_t sum);
// Refuses SUM-03 a negative sum or one that does not fit: a hidden debt would make the total smaller than what is owed.
base::Result<SumNode> sum_parent(const SumNode& left, const SumNode& right);

// What hides a holder in his leaf: nobody who has not the salt can try names.
base::Hash sum_commitment(const base::Hash& salt, std::string_view account, std::string_view period,
                          std::string_view holder);

inline constexpr std::size_t k_max_sum_depth = 24;

class SumTree {
 public:
  // `leaves` is a power of two from 2 to 2^24; SUM-02 otherwise.
  static base::Result<SumTree> build(std::vector<SumNode> leaves);
  const SumNode& root() const { return levels_.back().front(); }
  std::size_t size() const { return levels_.front().size(); }
  std::vector<SumNode> path(std::size_t index) const;  // the siblings, from the leaf upwards

 private:
  std::vector<std::vector<SumNode>> levels_;
};

// The root to which a leaf leads by this path; `index` says at each height on which side it is. SUM-02 a path that is too
// long or an index past it.
base::Result<SumNode> sum_root(const SumNode& leaf, std::uint64_t index, std::span<const SumNode> path);

}  // namespace landglass::log
