#pragma once
// Full tiles of the open log out of a read connection, for proofs that reach further back than the frontier in memory.

#include "log/tiles.hpp"
#include "store/store.hpp"

namespace landglass::web {

class ReaderTiles final : public log::TileSource {
 public:
  explicit ReaderTiles(store::Reader& reader) : reader_(reader) {}
  base::Result<base::Bytes> tile(const log::TileName& name) override {
    LG_TRY(auto held, reader_.tile(log::Tree::open, name.level, name.index));
    if (!held) return base::fail("a tile is not there: " + log::tile_path(name));
    return std::move(*held);
  }

 private:
  store::Reader& reader_;
};

}  // namespace landglass::web
