// How many sealed rows lie in the folder, and of which sizes: whole blocks of each size, whatever they hold. A row that
// means something takes the place of a row of chaff of its size, and gives it back when it goes; where none is left, a block
// is added. So a dump shows how many blocks were ever needed, and not how many rows mean something.

#include <algorithm>

#include "store/sqlite_store.hpp"

namespace landglass::store {
namespace {

constexpr std::array<std::size_t, k_room_sizes> k_sizes{256, 1'024, 4'096, 16'384, 65'536};
// Rows in a block, of `sealed` and of `vault_sealed`: about a quarter of a megabyte each.
constexpr std::array<std::array<std::uint64_t, k_room_sizes>, 2> k_blocks{{{0, 256, 64, 16, 4}, {512, 128, 32, 8, 2}}};
constexpr std::uint64_t k_leaf_block = 128;
constexpr std::size_t k_least_leaf = 4'096;  // nearly all leaves of the sealed tree are of this size
constexpr std::size_t k_tile_bytes = 256 * 32;
constexpr std::string_view k_rooms = "sealed/rooms";

std::optional<std::size_t> size_class(std::size_t size) {
  const auto found = std::find(k_sizes.begin(), k_sizes.end(), size);
  if (found == k_sizes.end()) return std::nullopt;  // past 64 KiB: so rare that a place of its own is all it gets
  return static_cast<std::size_t>(found - k_sizes.begin());
}

std::string chaff_label(std::size_t of, std::uint64_t number) {
  return "chaff/" + std::to_string(k_sizes[of]) + "/" + std::to_string(number);
}

}  // namespace

Key SqliteStore::chaff_row(std::size_t of, std::uint64_t number) const {
  return base::hmac_sha256(keys_->row_name, base::as_bytes(chaff_label(of, number)));
}
ShortName SqliteStore::chaff_secret(std::size_t of, std::uint64_t number) const {
  return short_name(keys_->vault_name, base::as_bytes(chaff_label(of, number)));
}

base::Status SqliteStore::put_chaff_at(Place place, std::size_t of, std::uint64_t number) {
  base::Bytes sealed_bytes;
  if (place == Place::row) {
    const auto name = chaff_row(of, number);
    seal(sealed_bytes, keys_->row, {}, name, k_sizes[of], Kind::chaff);
    LG_TRY(auto* put, statement("INSERT OR REPLACE INTO sealed VALUES (?, ?)"));
    return put->blob(1, name).blob(2, sealed_bytes).run();
  }
  // In the vault under a key that nobody keeps and an owner that is nobody: nobody asks for it.
  const auto name = chaff_secret(of, number);
  const auto other = random_key();
  ShortName owner;
  std::copy_n(other.begin(), owner.size(), owner.begin());
  seal(sealed_bytes, random_key(), {}, name, k_sizes[of], Kind::chaff);
  LG_TRY(auto* put, statement("INSERT OR REPLACE INTO vault_sealed VALUES (?, ?)"));
  return put->blob(1, name).blob(2, with_owner(*keys_, owner, sealed_bytes)).run();
}

base::Status SqliteStore::add_block(Place place, std::size_t of) {
  auto& room = rooms_[static_cast<std::size_t>(place)][of];
  const auto end = room.total + k_blocks[static_cast<std::size_t>(place)][of];
  for (; room.total < end; ++room.total) LG_CHECK(put_chaff_at(place, of, room.total));
  rooms_changed_ = true;
  return base::Done{};
}

base::Status SqliteStore::take_room(Place place, std::size_t size) {
  const auto of = size_class(size);
  if (!of) return base::Done{};
  auto& room = rooms_[static_cast<std::size_t>(place)][*of];
  if (room.taken == room.total) LG_CHECK(add_block(place, *of));
  if (place == Place::row) {
    LG_TRY(auto* drop, statement("DELETE FROM sealed WHERE name = ?"));
    LG_CHECK(drop->blob(1, chaff_row(*of, room.taken)).run());
  } else {
    LG_TRY(auto* drop, statement("DELETE FROM vault_sealed WHERE name = ?"));
    LG_CHECK(drop->blob(1, chaff_secret(*of, room.taken)).run());
  }
  ++room.taken;
  rooms_changed_ = true;
  return base::Done{};
}

base::Status SqliteStore::give_room(Place place, std::size_t size) {
  const auto of = size_class(size);
  if (!of) return base::Done{};
  auto& room = rooms_[static_cast<std::size_t>(place)][*of];
  if (room.taken == 0) return base::Done{};  // a row of a store that is older than its rooms
  --room.taken;
  rooms_changed_ = true;
  return put_chaff_at(place, *of, room.taken);
}

// Leaves of the sealed tree stand under their number, so chaff stands where the next ones will.
base::Status SqliteStore::make_room_for_leaf(std::uint64_t seq) {
  if (seq < leaf_rows_) return base::Done{};
  const auto end = (seq / k_leaf_block + 1) * k_leaf_block;
  base::Bytes bytes;
  for (; leaf_rows_ < end; ++leaf_rows_) {
    bytes.clear();
    seal(bytes, keys_->leaf, {}, base::as_bytes(bound_leaf(leaf_rows_)), k_least_leaf, Kind::chaff);
    LG_TRY(auto* put, statement("INSERT OR REPLACE INTO leaves_sealed VALUES (?, ?)"));
    LG_CHECK(put->integer(1, static_cast<std::int64_t>(leaf_rows_)).blob(2, bytes).run());
  }
  const auto tile = seq / 256;
  bytes.clear();
  seal(bytes, keys_->tile, {}, base::as_bytes(bound_tile(0, tile)), bucket(k_tile_bytes), Kind::chaff);
  LG_TRY(auto* put, statement("INSERT OR IGNORE INTO tiles_sealed VALUES (?, ?)"));
  return put->integer(1, tile_id(0, tile)).blob(2, bytes).run();
}

void SqliteStore::seal_leaf(std::uint64_t seq, std::string_view bytes) {
  seal(buffer_, keys_->leaf, base::as_bytes(bytes), base::as_bytes(bound_leaf(seq)), k_least_leaf);
}

// From the first anchor on there is a block of everything, also where nobody has applied for anything.
base::Status SqliteStore::open_rooms() {
  for (const auto place : {Place::row, Place::secret}) {
    for (std::size_t of = 0; of < k_room_sizes; ++of) {
      if (rooms_[static_cast<std::size_t>(place)][of].total == 0) LG_CHECK(add_block(place, of));
    }
  }
  return make_room_for_leaf(leaf_rows_ == 0 ? 0 : leaf_rows_ - 1);
}

base::Status SqliteStore::save_rooms() {
  if (!rooms_changed_) return base::Done{};
  base::JsonArray places;
  for (const auto& place : rooms_) {
    base::JsonArray sizes;
    for (const auto& room : place) sizes.push_back(base::JsonArray{room.taken, room.total});
    places.emplace_back(std::move(sizes));
  }
  LG_CHECK(put_meta(k_rooms, base::as_bytes(base::canonical(base::Json(std::move(places))))));
  rooms_changed_ = false;
  return base::Done{};
}

base::Status SqliteStore::load_rooms() {
  LG_TRY(const auto held, meta(k_rooms));
  rooms_ = {};
  if (held) {
    LG_TRY(const auto json, base::parse_json(base::as_text(*held), base::Profile::any));
    const auto* places = json.if_array();
    for (std::size_t place = 0; places != nullptr && place < places->size() && place < rooms_.size(); ++place) {
      const auto* sizes = (*places)[place].if_array();
      for (std::size_t of = 0; sizes != nullptr && of < sizes->size() && of < k_room_sizes; ++of) {
        const auto& pair = (*sizes)[of].as_array();
        rooms_[place][of] = {static_cast<std::uint64_t>(pair.at(0).as_int()),
                             static_cast<std::uint64_t>(pair.at(1).as_int())};
      }
    }
  }
  committed_rooms_ = rooms_;
  rooms_changed_ = false;
  return base::Done{};
}

// The leaves that mean something end where the chaff begins.
base::Result<std::uint64_t> SqliteStore::real_leaves() {
  std::uint64_t low = 0;
  auto high = leaf_rows_;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    LG_TRY(auto* get, statement("SELECT bytes FROM leaves_sealed WHERE seq = ?"));
    LG_TRY(const auto held, one_blob(get->integer(1, static_cast<std::int64_t>(middle))));
    if (!held) return base::fail("a sealed leaf is missing: " + std::to_string(middle));
    LG_TRY(const auto leaf, open_leaf(*keys_, middle, *held));
    if (leaf) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace landglass::store
