#pragma once
// What an account owes to each holder at the end of a period, as a Merkle sum: salted so that nobody can try names, shuffled
// so that a place says nothing, padded so that the count shows only as a power of two. docs/formats/sum-tree.md.

#include <string>
#include <vector>

#include "base/json.hpp"
#include "log/sum_tree.hpp"

namespace landglass::money {

struct Liability {
  std::string holder;  // the record whose money it is
  std::int64_t fen = 0;
};

class Liabilities {
 public:
  // `seed`: 32 secret bytes from which salts, order and padding follow. Holders are distinct. Refuses SUM-03 a sum below
  // zero or past its bound, SUM-04 a holder twice or too many.
  static base::Result<Liabilities> build(std::string account, std::string period, const base::Hash& seed,
                                         const std::vector<Liability>& all);

  const log::SumNode& root() const { return tree_.root(); }
  std::size_t leaves() const { return tree_.size(); }
  base::Json proof(std::string_view holder) const;  // of one that was given; "landglass/sum-proof/1"

  static constexpr std::size_t k_least_leaves = 64;

 private:
  struct Slot {
    base::Hash order{};
    std::string holder;  // empty: padding
    base::Hash salt{};
    std::int64_t fen = 0;
  };
  Liabilities(std::string account, std::string period, std::vector<Slot> slots, log::SumTree tree)
      : account_(std::move(account)), period_(std::move(period)), slots_(std::move(slots)), tree_(std::move(tree)) {}

  std::string account_, period_;
  std::vector<Slot> slots_;
  log::SumTree tree_;
};

}  // namespace landglass::money
