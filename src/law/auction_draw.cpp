#include "law/auction_draw.hpp"

#include <numeric>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace landglass::law {

base::Hash draw_salt_hash(base::BytesView salt32) { return base::sha256(base::as_bytes("landglass/draw-salt/1\n"), salt32); }

base::Hash draw_seed(const base::Hash& root, base::BytesView salt32) { return base::sha256(root, salt32); }

std::uint64_t DrawStream::word() {
  if (next_ == 4) {
    base::Bytes input = base::to_bytes("landglass/draw/1\n");
    input.insert(input.end(), seed_.begin(), seed_.end());
    for (int shift = 56; shift >= 0; shift -= 8) input.push_back(static_cast<std::uint8_t>(blocks_ >> shift));
    block_ = base::sha256(input);
    ++blocks_;
    next_ = 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | block_[next_ * 8 + i];
  ++next_;
  return value;
}

std::uint64_t DrawStream::below(std::uint64_t bound) {
  LG_ASSERT(bound > 0, "a draw out of nothing");
  // 2^64 mod bound words at the top would favour small results.
  const std::uint64_t surplus = (0 - bound) % bound;
  std::uint64_t value = word();
  while (value > ~surplus) value = word();
  return value % bound;
}

std::vector<std::size_t> draw(const base::Hash& seed, std::size_t count, std::size_t of) {
  LG_ASSERT(count <= of, "more drawn than there are");
  std::vector<std::size_t> order(of);
  std::iota(order.begin(), order.end(), std::size_t{0});
  DrawStream stream(seed);
  for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + static_cast<std::size_t>(stream.below(of - i))]);
  order.resize(count);
  return order;
}

}  // namespace landglass::law
