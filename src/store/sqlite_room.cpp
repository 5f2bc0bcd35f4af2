// Where sealed rows lie in the folder: in whole blocks of each size, whatever they hold. A row that means something is
// written over the chaff of its size with the lowest number, and when it goes the last one moves into its place. So a dump
// shows how many blocks were ever needed, and not how many rows mean something; and what is written together lies together.

#include <algorithm>

#include "store/sqlite_store.hpp"

namespace landglass::store {
namespace {

constexpr std::array<std::size_t, k_room_sizes> k_sizes{256, 1'024, 4'096, 16'384, 65'536};
// Rows in a block, of `sealed` and of `vault_sealed`: about a quarter of a megabyte each, and half of it.
constexpr std::array<std::array<std::uint64_t, k_room_sizes>, 2> k_blocks{{{1'024, 256, 64, 16, 4}, {512, 128, 32, 8, 2}}};
constexpr int k_number_bits = 48;  // a place is the number of its size, then its number among those
constexpr std::uint64_t k_leaf_block = 128;
constexpr std::size_t k_least_leaf = 4'096;  // nearly all leaves of the sealed tree are of this size
constexpr std::size_t k_tile_bytes = 256 * 32;
constexpr std::string_view k_rooms = "sealed/rooms";

// Past 64 KiB, so rare that each is of its own size: the class after the last one, in no block.
std::size_t size_class(std::size_t size) {
  return static_cast<std::size_t>(std::find(k_sizes.begin(), k_sizes.end(), size) - k_sizes.begin());
}
std::int64_t place_of(std::size_t of, std::uint64_t number) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(of) << k_number_bits | number);
}

}  // namespace

bool SqliteStore::is_settled(Place place, std::int64_t at) const {
  const auto of = static_cast<std::size_t>(at >> k_number_bits);
  const auto in = static_cast<std::size_t>(place);
  return of >= k_room_sizes || at < place_of(of, rooms_[in][of].full * k_blocks[in][of]);
}
SealedNames::AllSettled SqliteStore::all_settled(Place place) const {
  SealedNames::AllSettled out;
  const auto in = static_cast<std::size_t>(place);
  for (std::size_t of = 0; of < k_room_sizes; ++of) {
    out[of] = {place_of(of, 0), place_of(of, rooms_[in][of].full * k_blocks[in][of])};
  }
  return out;
}

ShortName SqliteStore::chaff_name(Place place, std::size_t of, std::uint64_t number) const {
  const auto label = "chaff/" + std::to_string(k_sizes[of]) + "/" + std::to_string(number);
  return short_name(place == Place::row ? keys_->row_name : keys_->vault_name, base::as_bytes(label));
}

base::Status SqliteStore::put_value_at(Place place, std::int64_t at, const ShortName& name, base::BytesView value) {
  LG_TRY(auto* put, statement(place == Place::row ? "INSERT OR REPLACE INTO sealed VALUES (?, ?, ?)"
                                                  : "INSERT OR REPLACE INTO vault_sealed VALUES (?, ?, ?)"));
  return put->integer(1, at).blob(2, name).blob(3, value).run();
}
base::Status SqliteStore::put_row_at(Place place, std::int64_t at, const ShortName& name, base::BytesView value) {
  LG_CHECK(put_value_at(place, at, name, value));
  return names(place).enter(name, at, is_settled(place, at));
}

base::Status SqliteStore::put_chaff_at(Place place, std::size_t of, std::uint64_t number) {
  base::Bytes value;
  const auto name = chaff_name(place, of, number);
  if (place == Place::row) {
    seal(value, keys_->row, {}, name, k_sizes[of], Kind::chaff);
  } else {  // under a key that nobody keeps and an owner that is nobody: nobody asks for it
    ShortName owner;
    fill_random(owner.data(), owner.size());
    seal(value, random_key(), {}, name, k_sizes[of], Kind::chaff);
    value = with_owner(*keys_, owner, value);
  }
  return put_row_at(place, place_of(of, number), name, value);
}

// The place of one of all rows of `sealed` that lie in blocks, by any number.
std::optional<std::int64_t> SqliteStore::nth_row(std::uint64_t number) const {
  const auto& rooms = rooms_[static_cast<std::size_t>(Place::row)];
  std::uint64_t rows = 0;
  for (const auto& room : rooms) rows += room.written;
  if (rows == 0) return std::nullopt;
  number %= rows;
  std::size_t of = 0;
  for (; number >= rooms[of].written; ++of) number -= rooms[of].written;
  return place_of(of, number);
}

// Its chaff comes with the end of the batch, where rows that mean something have not come before it.
void SqliteStore::add_block(Place place, std::size_t of) {
  const auto in = static_cast<std::size_t>(place);
  rooms_[in][of].total += k_blocks[in][of];
  rooms_changed_ = true;
}

base::Result<std::optional<SqliteStore::Held>> SqliteStore::held(Place place, const ShortName& name) {
  static const auto row = select_by_name("place, length(value)", "sealed");
  static const auto secret = select_by_name("place, length(value)", "vault_sealed");
  LG_TRY(auto* get, statement(place == Place::row ? row : secret));
  get->blob(1, name);
  const Resetting resetting{*get};
  LG_TRY(const bool stands, get->row());
  if (!stands) return std::optional<Held>();
  return std::optional(Held{get->integer(0), static_cast<std::size_t>(get->integer(1))});
}

// A row that did not stand, whose frame is of this size.
base::Status SqliteStore::put_in_room(Place place, std::size_t size, const ShortName& name, base::BytesView value) {
  const auto of = size_class(size);
  const auto in = static_cast<std::size_t>(place);
  if (of >= k_room_sizes) {
    LG_TRY(auto* next, statement(place == Place::row ? "SELECT max(?, coalesce(max(place) + 1, 0)) FROM sealed"
                                                     : "SELECT max(?, coalesce(max(place) + 1, 0)) FROM vault_sealed"));
    std::int64_t at = 0;
    {
      next->integer(1, place_of(of, 0));
      const Resetting resetting{*next};
      LG_TRY(const bool row, next->row());
      LG_ASSERT(row, "a largest place is always there");
      at = next->integer(0);
    }
    return put_row_at(place, at, name, value);
  }
  auto& room = rooms_[in][of];
  if (room.taken == room.total) add_block(place, of);
  const auto number = room.taken++;
  const auto at = place_of(of, number);
  rooms_changed_ = true;
  LG_CHECK(put_value_at(place, at, name, value));
  if (number < room.written) {
    LG_CHECK(names(place).take_over(chaff_name(place, of, number), name, at, is_settled(place, at)));
  } else {
    LG_CHECK(names(place).enter(name, at, is_settled(place, at)));
  }
  room.written = std::max(room.written, room.taken);
  const auto full = room.taken / k_blocks[in][of];
  if (full <= room.full) return base::Done{};
  room.full = full;
  return names(place).settle(k_blocks[in][of], all_settled(place));
}

// What lay there under this name is no more: the last row of its size takes its place, so that chaff and the rest stay two
// runs.
base::Status SqliteStore::give_room(Place place, std::int64_t at, const ShortName& gone) {
  const auto of = static_cast<std::size_t>(at >> k_number_bits);
  const bool is_row = place == Place::row;
  LG_CHECK(names(place).leave(gone, is_settled(place, at)));
  if (of >= k_room_sizes) {
    LG_TRY(auto* drop,
           statement(is_row ? "DELETE FROM sealed WHERE place = ?" : "DELETE FROM vault_sealed WHERE place = ?"));
    return drop->integer(1, at).run();
  }
  auto& room = rooms_[static_cast<std::size_t>(place)][of];
  LG_ASSERT(room.taken > 0 && at < place_of(of, room.taken), "a place is given back that was not taken");
  const auto last = place_of(of, --room.taken);
  rooms_changed_ = true;
  if (last != at) {
    ShortName name;
    base::Bytes value;
    {
      LG_TRY(auto* get, statement(is_row ? "SELECT name, value FROM sealed WHERE place = ?"
                                         : "SELECT name, value FROM vault_sealed WHERE place = ?"));
      get->integer(1, last);
      const Resetting resetting{*get};
      LG_TRY(const bool row, get->row());
      LG_ASSERT(row && get->blob(0).size() == name.size(), "a block of sealed rows is not whole");
      std::copy_n(get->blob(0).begin(), name.size(), name.begin());
      value.assign(get->blob(1).begin(), get->blob(1).end());
    }
    LG_CHECK(names(place).leave(name, is_settled(place, last)));
    LG_CHECK(put_row_at(place, at, name, value));
  }
  return put_chaff_at(place, of, room.taken);
}

// Every row that means something becomes chaff again: at the end of the batch, where none has come in its place.
base::Status SqliteStore::empty_rows() {
  LG_CHECK(names(Place::row).clear());
  for (auto& room : rooms_[static_cast<std::size_t>(Place::row)]) {
    room.was_full = std::max(room.was_full, room.full);
    room.taken = room.full = room.written = 0;
  }
  rooms_changed_ = true;
  LG_TRY(auto* drop, statement("DELETE FROM sealed WHERE place >= ?"));
  return drop->integer(1, place_of(k_room_sizes, 0)).run();
}

// The chaff of what no row came to. A block that was full once stays so: how many rows there are now shows nowhere.
base::Status SqliteStore::fill_rooms() {
  if (!rooms_changed_) return base::Done{};
  for (const auto place : {Place::row, Place::secret}) {
    const auto in = static_cast<std::size_t>(place);
    std::uint64_t more = 0;
    for (std::size_t of = 0; of < k_room_sizes; ++of) {
      auto& room = rooms_[in][of];
      for (; room.written < room.total; ++room.written) LG_CHECK(put_chaff_at(place, of, room.written));
      if (room.was_full > room.full) {
        more += (room.was_full - room.full) * k_blocks[in][of];
        room.full = room.was_full;
      }
      room.was_full = 0;
    }
    LG_CHECK(names(place).settle(more, all_settled(place)));
  }
  return base::Done{};
}

// Leaves of the sealed tree stand under their number, so chaff stands where the next ones will: from the end of the batch
// on.
base::Status SqliteStore::make_room_for_leaf(std::uint64_t seq) {
  if (seq < leaf_rows_) return base::Done{};
  leaf_rows_ = (seq / k_leaf_block + 1) * k_leaf_block;
  const auto tile = seq / 256;
  base::Bytes bytes;
  seal(bytes, keys_->tile, {}, base::as_bytes(bound_tile(0, tile)), bucket(k_tile_bytes), Kind::chaff);
  LG_TRY(auto* put, statement("INSERT OR IGNORE INTO tiles_sealed VALUES (?, ?)"));
  return put->integer(1, tile_id(0, tile)).blob(2, bytes).run();
}
base::Status SqliteStore::fill_leaves() {
  base::Bytes bytes;
  for (leaves_written_ = std::max(leaves_written_, next_[1]); leaves_written_ < leaf_rows_; ++leaves_written_) {
    bytes.clear();
    seal(bytes, keys_->leaf, {}, base::as_bytes(bound_leaf(leaves_written_)), k_least_leaf, Kind::chaff);
    LG_TRY(auto* put, statement("INSERT OR REPLACE INTO leaves_sealed VALUES (?, ?)"));
    LG_CHECK(put->integer(1, static_cast<std::int64_t>(leaves_written_)).blob(2, bytes).run());
  }
  return base::Done{};
}

void SqliteStore::seal_leaf(std::uint64_t seq, std::string_view bytes) {
  seal(buffer_, keys_->leaf, base::as_bytes(bytes), base::as_bytes(bound_leaf(seq)), k_least_leaf);
}

// From the first anchor on there is a block of everything, also where nobody has applied for anything.
base::Status SqliteStore::open_rooms() {
  for (const auto place : {Place::row, Place::secret}) {
    for (std::size_t of = 0; of < k_room_sizes; ++of) {
      if (rooms_[static_cast<std::size_t>(place)][of].total == 0) add_block(place, of);
    }
  }
  return make_room_for_leaf(leaf_rows_ == 0 ? 0 : leaf_rows_ - 1);
}

base::Status SqliteStore::save_rooms() {
  if (!rooms_changed_) return base::Done{};
  base::JsonArray places;
  for (const auto& place : rooms_) {
    base::JsonArray sizes;
    for (const auto& room : place) sizes.push_back(base::JsonArray{room.taken, room.total, room.full});
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
        const auto& three = (*sizes)[of].as_array();
        const auto number = [&](std::size_t i) { return static_cast<std::uint64_t>(three.at(i).as_int()); };
        rooms_[place][of] = {number(0), number(1), number(2), number(1), 0};
      }
    }
  }
  committed_rooms_ = rooms_;
  rooms_changed_ = false;
  LG_CHECK(names_[0].open(db_, "sealed", all_settled(Place::row)));
  return names_[1].open(db_, "vault_sealed", all_settled(Place::secret));
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
