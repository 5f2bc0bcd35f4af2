#pragma once
// A tree as the store keeps it: leaves and full tiles; partial tiles are made from leaves.

#include "log/tiles.hpp"
#include "store/store.hpp"

namespace landglass::engine {

class StoredTiles final : public log::TileSource {
 public:
  StoredTiles(store::Store& store, log::Tree tree) : store_(store), tree_(tree) {}
  base::Result<base::Bytes> tile(const log::TileName& name) override {
    LG_TRY(auto held, store_.tile(tree_, name.level, name.index));
    if (!held) return base::fail("a full tile is not in the store: " + log::tile_path(name));
    return std::move(*held);
  }

 private:
  store::Store& store_;
  log::Tree tree_;
};

class StoredLeaves final : public log::LeafSource {
 public:
  StoredLeaves(store::Store& store, log::Tree tree) : store_(store), tree_(tree) {}
  base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override {
    return store_.leaves(tree_, from, count);
  }

 private:
  store::Store& store_;
  log::Tree tree_;
};

}  // namespace landglass::engine
