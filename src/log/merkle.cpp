#include "log/merkle.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace landglass::log {
namespace {

base::Refusal no_such_node() { return base::refuse("TREE-01", "树中没有这一节点", "the tree has no such node"); }

std::uint64_t largest_power_below(std::uint64_t n) { return std::bit_floor(n - 1); }  // n > 1

// Hash of the leaves [from, to): a complete subtree is a node; otherwise its left part is, and the rest is folded.
base::Result<Hash> range_hash(NodeSource& nodes, std::uint64_t from, std::uint64_t to) {
  const auto count = to - from;
  if (std::has_single_bit(count)) {
    const int height = std::countr_zero(count);
    return nodes.node(height, from >> height);
  }
  const auto left = largest_power_below(count);
  LG_TRY(const auto first, range_hash(nodes, from, from + left));
  LG_TRY(const auto second, range_hash(nodes, from + left, to));
  return node_hash(first, second);
}

// RFC 6962 §2.1.2, SUBPROOF(m, D[from:to], whole).
base::Status subproof(NodeSource& nodes, std::uint64_t m, std::uint64_t from, std::uint64_t to, bool whole, Proof& proof) {
  if (m == to - from) {
    if (whole) return base::Done{};
    LG_TRY(const auto hash, range_hash(nodes, from, to));
    proof.push_back(hash);
    return base::Done{};
  }
  const auto k = largest_power_below(to - from);
  if (m <= k) {
    LG_CHECK(subproof(nodes, m, from, from + k, whole, proof));
    LG_TRY(const auto hash, range_hash(nodes, from + k, to));
    proof.push_back(hash);
  } else {
    LG_CHECK(subproof(nodes, m - k, from + k, to, false, proof));
    LG_TRY(const auto hash, range_hash(nodes, from, from + k));
    proof.push_back(hash);
  }
  return base::Done{};
}

}  // namespace

Hash leaf_hash(std::string_view leaf) {
  static constexpr std::uint8_t k_prefix = 0;
  return base::sha256({&k_prefix, 1}, base::as_bytes(leaf));
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 65> block;
  block[0] = 1;
  std::memcpy(block.data() + 1, left.data(), 32);
  std::memcpy(block.data() + 33, right.data(), 32);
  return base::sha256(block);
}

const Hash& empty_root() {
  static const Hash hash = base::sha256({});
  return hash;
}

// RFC 9162 §2.1.3.2, which says the same as RFC 6962 and refuses proofs of another length.
bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, const Proof& proof, const Hash& root) {
  if (index >= size) return false;
  auto node = index;
  auto last = size - 1;
  Hash hash = leaf;
  for (const auto& next : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(next, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, next);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

// RFC 9162 §2.1.4.2.
bool verify_consistency(std::uint64_t old_size, std::uint64_t size, const Proof& proof, const Hash& old_root,
                        const Hash& root) {
  if (old_size == 0 || old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  auto next = proof.begin();
  auto node = old_size - 1;
  auto last = size - 1;
  Hash first = old_root;
  if (!std::has_single_bit(old_size)) {
    if (next == proof.end()) return false;
    first = *next++;
  }
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  Hash second = first;
  for (; next != proof.end(); ++next) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      first = node_hash(*next, first);
      second = node_hash(*next, second);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      second = node_hash(second, *next);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && first == old_root && second == root;
}

base::Result<Tile> Tile::parse(base::BytesView bytes, int width) {
  if (width < 0 || width > k_tile_width || bytes.size() != static_cast<std::size_t>(width) * 32) {
    return base::refuse("TILE-02", "瓦片的大小不对", "the tile is not of the size that its name says");
  }
  Tile tile;
  for (std::size_t at = 0; at < bytes.size(); at += 32) {
    Hash hash;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 32, hash.begin());
    tile.push(hash);
  }
  return tile;
}

void Tile::push(const Hash& hash) {
  LG_ASSERT(width_ < k_tile_width, "a full tile takes no more");
  nodes_[static_cast<std::size_t>(width_)] = hash;
  ++width_;
  auto done = static_cast<unsigned>(width_);
  for (int row = 0; (done & 1U) == 0; ++row) {
    done >>= 1;
    const std::size_t above = 512U - (512U >> (row + 1)) + done - 1;
    nodes_[above] = node_hash(node(row, 2 * done - 2), node(row, 2 * done - 1));
  }
}

base::Bytes Tile::bytes() const {
  base::Bytes out(static_cast<std::size_t>(width_) * 32);
  if (width_ > 0) std::memcpy(out.data(), nodes_.data(), out.size());
  return out;
}

base::Result<Hash> root_at(NodeSource& nodes, std::uint64_t size) {
  if (size == 0) return empty_root();
  return range_hash(nodes, 0, size);
}

base::Result<Proof> inclusion_proof(NodeSource& nodes, std::uint64_t index, std::uint64_t size) {
  if (index >= size) return no_such_node();
  Proof proof;
  std::uint64_t from = 0;
  auto to = size;
  while (to - from > 1) {
    const auto middle = from + largest_power_below(to - from);
    const bool left = index < middle;
    LG_TRY(const auto hash, left ? range_hash(nodes, middle, to) : range_hash(nodes, from, middle));
    proof.push_back(hash);
    (left ? to : from) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

base::Result<Proof> consistency_proof(NodeSource& nodes, std::uint64_t old_size, std::uint64_t size) {
  if (old_size > size) return no_such_node();
  Proof proof;
  if (old_size == 0 || old_size == size) return proof;
  LG_CHECK(subproof(nodes, old_size, 0, size, true, proof));
  return proof;
}

base::Result<Hash> TileNodes::node(int height, std::uint64_t index) {
  const int level = height / 8;
  const int row = height % 8;
  const auto tile_index = index >> (8 - row);
  const auto width = tile_width(level, tile_index, size_);
  const auto at = index & ((std::uint64_t{1} << (8 - row)) - 1);
  if (static_cast<std::uint64_t>(width) < (at + 1) << row) return no_such_node();
  auto [place, fresh] = held_.try_emplace({level, tile_index});
  auto& held = place->second;
  if (held.tile.width() < width) {
    auto bytes = tiles_.tile({level, tile_index, width});
    if (bytes && bytes->size() != static_cast<std::size_t>(width) * 32) bytes = Tile::parse(*bytes, width).refusal();
    if (!bytes) {
      if (fresh) held_.erase(place);
      return bytes.trouble();
    }
    for (auto i = static_cast<std::size_t>(held.tile.width()); i < static_cast<std::size_t>(width); ++i) {
      Hash hash;
      std::memcpy(hash.data(), bytes->data() + 32 * i, 32);
      held.tile.push(hash);
    }
  }
  held.used = ++clock_;
  const Hash found = held.tile.node(row, at);
  if (held_.size() > keep_) {
    held_.erase(std::min_element(held_.begin(), held_.end(),
                                 [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  return found;
}

}  // namespace landglass::log
