#pragma once
// The open log of a snapshot, as the source of its own tiles and leaves.

#include "log/tiles.hpp"
#include "store/store.hpp"

namespace landglass::cli {

class SnapshotLog final : public log::TileSource, public log::LeafSource {
 public:
  explicit SnapshotLog(store::Reader& reader) : reader_(reader) {}
  base::Result<base::Bytes> tile(const log::TileName& name) override {
    LG_TRY(auto held, reader_.tile(log::Tree::open, name.level, name.index));
    if (!held) return base::fail("a full tile is not in the store: " + log::tile_path(name));
    return std::move(*held);
  }
  base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override {
    return reader_.leaves(log::Tree::open, from, count);
  }

 private:
  store::Reader& reader_;
};

}  // namespace landglass::cli
