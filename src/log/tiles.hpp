#pragma once
// Where a tree's hashes and entries stand as files: C2SP tlog-tiles (docs/formats/tiles.md). Tiles are 256 wide.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"

namespace landglass::log {

inline constexpr int k_tile_width = 256;
inline constexpr std::size_t k_tile_bytes = 8'192;
inline constexpr int k_max_tile_level = 7;  // 2^64 leaves

// One file of a log: a tile of hashes, or (level -1) a bundle of entries.
struct TileName {
  int level = 0;
  std::uint64_t index = 0;
  int width = k_tile_width;  // less in a partial tile, from 1
  bool operator==(const TileName&) const = default;
};
inline constexpr int k_entries = -1;

// "tile/0/x001/x234/067", "tile/0/000.p/5", "tile/entries/000".
std::string tile_path(const TileName& name);
std::optional<TileName> parse_tile_path(std::string_view path);

// How many hashes (or entries) a tile has in a tree of that size: 0 where there is none yet, 256 where it is full.
int tile_width(int level, std::uint64_t index, std::uint64_t size);

// The files that a tree of `size` has and one of `old_size` had not, bundles included: what is to be published.
std::vector<TileName> tiles_since(std::uint64_t old_size, std::uint64_t size);

// Entry bundles: each entry with its length before it, uint16, big-endian. LEAF-01 keeps entries within 65,535 bytes.
void append_entry(std::string& bundle, std::string_view entry);
// Refuses TILE-01 where the bytes do not come out even.
base::Result<std::vector<std::string_view>> split_bundle(std::string_view bundle);

// Tiles, from wherever they are kept. `width` hashes of 32 bytes; fewer or more is the source's lie and is refused by its
// user.
class TileSource {
 public:
  virtual ~TileSource() = default;
  virtual base::Result<base::Bytes> tile(const TileName& name) = 0;
};

// Leaves, from wherever they are kept: [from, from+count).
class LeafSource {
 public:
  virtual ~LeafSource() = default;
  virtual base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) = 0;
};

// Makes partial tiles out of leaves and full tiles, for a store that keeps those alone: at most 255 leaves at level 0 and
// 255 tiles at each higher one (about 13 ms a level).
class DerivedTiles final : public TileSource {
 public:
  DerivedTiles(LeafSource& leaves, TileSource& full) : leaves_(leaves), full_(full) {}
  base::Result<base::Bytes> tile(const TileName& name) override;

 private:
  LeafSource& leaves_;
  TileSource& full_;
};

}  // namespace landglass::log
