#include <bit>
#include <optional>

#include "log/merkle.hpp"

namespace landglass::log {
namespace {

// Full tiles that stay in memory: 64 of level 0 (1 MB) cover the largest batch and the last seconds of bidding.
constexpr std::size_t kept_tiles(std::size_t level) { return level == 0 ? 64 : 2; }

}  // namespace

class FrontierNodes final : public NodeSource {
 public:
  FrontierNodes(const Frontier& frontier, TileSource* cold) : frontier_(frontier), cold_(cold) {}
  base::Result<Hash> node(int height, std::uint64_t index) override {
    if (const auto* hash = frontier_.find(height, index)) return *hash;
    if (cold_ == nullptr) return base::refuse("TREE-01", "树中没有这一节点", "the tree has no such node");
    if (!tiles_) tiles_.emplace(*cold_, frontier_.size(), 16);
    return tiles_->node(height, index);
  }

 private:
  const Frontier& frontier_;
  TileSource* cold_;
  std::optional<TileNodes> tiles_;
};

base::Result<Frontier> Frontier::restore(std::uint64_t size, TileSource& tiles) {
  Frontier frontier;
  frontier.size_ = size;
  for (int level = 0; level <= k_max_tile_level; ++level) {
    const auto hashes = size >> (8 * level);
    if (hashes == 0) break;
    auto& edge = frontier.levels_.emplace_back();
    edge.index = hashes / k_tile_width;
    if (const int width = tile_width(level, edge.index, size); width > 0) {
      LG_TRY(const auto bytes, tiles.tile({level, edge.index, width}));
      LG_TRY(edge.tile, Tile::parse(bytes, width));
    }
  }
  return frontier;
}

void Frontier::append(const Hash& leaf) {
  push(0, leaf);
  ++size_;
}

void Frontier::push(std::size_t level, const Hash& hash) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  levels_[level].tile.push(hash);
  if (levels_[level].tile.width() < k_tile_width) return;
  const Hash top = levels_[level].tile.top();
  auto& edge = levels_[level];
  full_.push_back({static_cast<int>(level), edge.index, edge.tile.bytes()});
  edge.last.push_back(std::make_shared<const Tile>(edge.tile));
  if (edge.last.size() > kept_tiles(level)) edge.last.pop_front();
  ++edge.index;
  edge.tile = Tile();
  push(level + 1, top);
}

const Hash* Frontier::find(int height, std::uint64_t index) const {
  const auto level = static_cast<std::size_t>(height / 8);
  const int row = height % 8;
  if (level >= levels_.size()) return nullptr;
  const auto& edge = levels_[level];
  const auto tile_index = index >> (8 - row);
  const auto at = index & ((std::uint64_t{1} << (8 - row)) - 1);
  const Tile* tile = nullptr;
  if (tile_index == edge.index) {
    tile = &edge.tile;
  } else if (tile_index < edge.index && edge.index - tile_index <= edge.last.size()) {
    tile = edge.last[edge.last.size() - (edge.index - tile_index)].get();
  }
  return tile != nullptr && (at + 1) << row <= static_cast<std::uint64_t>(tile->width()) ? &tile->node(row, at) : nullptr;
}

// The edge begins with the largest complete subtree that ends the tree; it and every node to the left of the edge stand in
// tiles that are filling, so that no fold ever reads an older one, not even after a restart at a tile's boundary.
void Frontier::fold() const {
  if (edge_size_ == size_) return;
  const int first = std::countr_zero(size_);
  const auto last = size_ - 1;
  const auto* whole = find(first, last >> first);
  LG_ASSERT(whole != nullptr, "the end of the tree is not in the frontier");
  edge_.assign(static_cast<std::size_t>(first), Hash{});
  edge_.push_back(*whole);
  for (int height = first; last >> height != 0; ++height) {
    const auto index = last >> height;
    if ((index & 1) == 0) {
      edge_.push_back(edge_.back());
      continue;
    }
    const auto* left = find(height, index - 1);
    LG_ASSERT(left != nullptr, "a node of the right edge is not in the frontier");
    edge_.push_back(node_hash(*left, edge_.back()));
  }
  edge_size_ = size_;
}

Hash Frontier::root() const {
  if (size_ == 0) return empty_root();
  fold();
  return edge_.back();
}

std::vector<FullTile> Frontier::partial_tiles() const {
  std::vector<FullTile> tiles;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    tiles.push_back({static_cast<int>(level), levels_[level].index, levels_[level].tile.bytes()});
  }
  return tiles;
}

base::Result<Proof> Frontier::inclusion(std::uint64_t index, std::uint64_t size, TileSource* cold) const {
  FrontierNodes nodes(*this, cold);
  if (size != size_ || index >= size) {
    if (size > size_) return base::refuse("TREE-01", "树中没有这一节点", "the tree has no such node");
    return inclusion_proof(nodes, index, size);
  }
  fold();
  Proof proof;
  const auto last = size - 1;
  const int first = std::countr_zero(size);
  proof.reserve(edge_.size());
  for (int height = 0; last >> height != 0; ++height) {
    const auto sibling = (index >> height) ^ 1;
    if (sibling > last >> height) continue;
    if (sibling == last >> height && height > first) {
      proof.push_back(edge_[static_cast<std::size_t>(height)]);
    } else {
      LG_TRY(const auto hash, nodes.node(height, sibling));
      proof.push_back(hash);
    }
  }
  return proof;
}

base::Result<Proof> Frontier::consistency(std::uint64_t old_size, std::uint64_t size, TileSource* cold) const {
  if (size > size_) return base::refuse("TREE-01", "树中没有这一节点", "the tree has no such node");
  FrontierNodes nodes(*this, cold);
  return consistency_proof(nodes, old_size, size);
}

base::Result<Hash> Frontier::root_of(std::uint64_t size, TileSource* cold) const {
  if (size == size_) return root();
  if (size > size_) return base::refuse("TREE-01", "树中没有这一节点", "the tree has no such node");
  FrontierNodes nodes(*this, cold);
  return root_at(nodes, size);
}

}  // namespace landglass::log
