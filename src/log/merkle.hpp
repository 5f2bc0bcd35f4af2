#pragma once
// The Merkle tree of RFC 6962 §2.1 over SHA-256: grown at its right edge, proofs out of it, and the checks of both.

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "log/tiles.hpp"

namespace landglass::log {

using base::Hash;
using Proof = std::vector<Hash>;  // from the leaf's neighbour upwards

Hash leaf_hash(std::string_view leaf);                // SHA-256(0x00 ‖ leaf)
Hash node_hash(const Hash& left, const Hash& right);  // SHA-256(0x01 ‖ left ‖ right)
const Hash& empty_root();                             // SHA-256 of nothing

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, const Proof& proof, const Hash& root);
// False for old_size 0: an empty tree proves nothing, so its user decides.
bool verify_consistency(std::uint64_t old_size, std::uint64_t size, const Proof& proof, const Hash& old_root,
                        const Hash& root);

// 256 hashes and all the nodes above them that are complete: what a proof reads, ready made.
class Tile {
 public:
  // Refuses TILE-02 where `bytes` are not `width` hashes.
  static base::Result<Tile> parse(base::BytesView bytes, int width);
  void push(const Hash& hash);
  int width() const { return width_; }
  const Hash& node(int row, std::uint64_t at) const { return nodes_[512U - (512U >> row) + at]; }
  const Hash& top() const { return node(8, 0); }  // of a full tile
  base::Bytes bytes() const;

 private:
  int width_ = 0;
  std::array<Hash, 511> nodes_;
};

// Complete nodes by height over the leaves and index: node (h, i) spans leaves [i·2^h, (i+1)·2^h).
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  virtual base::Result<Hash> node(int height, std::uint64_t index) = 0;
};

// Of the tree as it was at `size`; all its nodes must be within the source. Refuse TREE-01 what the tree does not have.
base::Result<Hash> root_at(NodeSource& nodes, std::uint64_t size);
base::Result<Proof> inclusion_proof(NodeSource& nodes, std::uint64_t index, std::uint64_t size);
base::Result<Proof> consistency_proof(NodeSource& nodes, std::uint64_t old_size, std::uint64_t size);

// Nodes out of tiles, for whoever has no frontier: a reader, a witness's client, a verifier. Keeps the last tiles decoded.
// Not thread-safe. The size says which tiles are partial; it may only grow.
class TileNodes final : public NodeSource {
 public:
  TileNodes(TileSource& tiles, std::uint64_t size, std::size_t keep = 256) : tiles_(tiles), size_(size), keep_(keep) {}
  void grow(std::uint64_t size) { size_ = size; }
  base::Result<Hash> node(int height, std::uint64_t index) override;

 private:
  struct Held {
    Tile tile;
    std::uint64_t used = 0;
  };
  TileSource& tiles_;
  std::uint64_t size_;
  std::size_t keep_;
  std::uint64_t clock_ = 0;
  std::map<std::pair<int, std::uint64_t>, Held> held_;
};

struct FullTile {
  int level = 0;
  std::uint64_t index = 0;
  base::Bytes hashes;
};

// The right edge of a growing tree. Holds, per level, the tile that is filling and the last ones that filled, with all their
// inner nodes: a proof for a leaf of the last 16,000 is a handful of reads. A value: a copy is a way back. Not thread-safe.
class Frontier {
 public:
  Frontier() = default;
  // Reads the partial tiles of a tree of that size, and no others.
  static base::Result<Frontier> restore(std::uint64_t size, TileSource& tiles);

  void append(const Hash& leaf);
  std::uint64_t size() const { return size_; }
  Hash root() const;
  // Tiles that filled since the last call, in the order in which they did: what the store must keep.
  std::vector<FullTile> take_full_tiles() { return std::exchange(full_, {}); }
  // The tiles that are filling, by level; the width of one at a boundary is 0.
  std::vector<FullTile> partial_tiles() const;

  // Older nodes than the frontier holds come from `cold`, which may be null where there are none.
  base::Result<Proof> inclusion(std::uint64_t index, TileSource* cold) const { return inclusion(index, size_, cold); }
  base::Result<Proof> inclusion(std::uint64_t index, std::uint64_t size, TileSource* cold) const;
  base::Result<Proof> consistency(std::uint64_t old_size, std::uint64_t size, TileSource* cold) const;
  base::Result<Hash> root_of(std::uint64_t size, TileSource* cold) const;

 private:
  friend class FrontierNodes;
  struct Level {
    std::uint64_t index = 0;  // of the tile that is filling
    Tile tile;
    std::deque<std::shared_ptr<const Tile>> last;  // the newest at the back, its index is index - 1
  };
  void push(std::size_t level, const Hash& hash);
  const Hash* find(int height, std::uint64_t index) const;
  void fold() const;

  std::uint64_t size_ = 0;
  std::vector<Level> levels_;
  std::vector<FullTile> full_;
  // edge_[h]: the hash of the leaves [((size-1)>>h)<<h, size), from the first h where they are more than a complete node;
  // made once per size and shared by all its proofs.
  mutable std::uint64_t edge_size_ = 0;
  mutable std::vector<Hash> edge_;
};

}  // namespace landglass::log
