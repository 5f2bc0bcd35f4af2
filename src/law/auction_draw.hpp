#pragma once
// A draw that nobody can steer and everybody can repeat: experts for a committee, bidders at the ceiling price (摇号).
// docs/formats/auction.md, "The draw", has the bytes and the vectors.

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace landglass::law {

// What is committed before the cut-off: SHA-256("landglass/draw-salt/1\n" ‖ salt).
base::Hash draw_salt_hash(base::BytesView salt32);
// SHA-256(root ‖ salt): root of the first witnessed checkpoint that covers the cut-off, 32 bytes each.
base::Hash draw_seed(const base::Hash& root, base::BytesView salt32);

// Whole numbers out of a seed: block i is SHA-256("landglass/draw/1\n" ‖ seed ‖ i as 8 bytes, big-endian), read as four
// big-endian words of 64 bits.
class DrawStream {
 public:
  explicit DrawStream(const base::Hash& seed) : seed_(seed) {}
  std::uint64_t below(
      std::uint64_t bound);  // uniform in [0, bound): words at or above the largest multiple of it are passed over

 private:
  std::uint64_t word();
  base::Hash seed_;
  base::Hash block_{};
  std::uint64_t blocks_ = 0;
  std::size_t next_ = 4;
};

// Which of `of` things, numbered from 0 in their sorted order, are drawn, in the order drawn (Fisher-Yates, first `count`).
std::vector<std::size_t> draw(const base::Hash& seed, std::size_t count, std::size_t of);

}  // namespace landglass::law
