// What lies encrypted: secrets under the key of their subject, sealed rows, and the chaff among them.

#include <sodium.h>

#include "store/sqlite_store.hpp"
#include "store/vault_value.hpp"

namespace landglass::store {
namespace {

constexpr std::size_t k_kept_subjects = 65'536;

base::Bytes without_owner(base::BytesView value) {
  base::Bytes out(value.begin(), value.begin() + k_nonce_bytes);
  out.insert(out.end(), value.begin() + k_body_at, value.end());
  return out;
}

// The size of the frame in a value as it lies there.
std::size_t frame_of_row(std::size_t bytes) { return bytes - k_nonce_bytes - k_tag_bytes; }
std::size_t frame_of_secret(std::size_t bytes) { return bytes - k_body_at - k_tag_bytes; }

base::Result<std::optional<Secret>> opened_secret(const Key& key, base::BytesView value, const std::string& bound) {
  const auto opened = unseal(key, without_owner(value), base::as_bytes(bound));
  if (!opened || opened->plain.size() < 32) return base::fail("a vault value is damaged: " + bound);
  Secret out;
  out.salt.assign(opened->plain.begin(), opened->plain.begin() + 32);
  LG_TRY(out.value, base::parse_json(base::as_text(opened->plain).substr(32), base::Profile::any));
  return std::optional(std::move(out));
}

}  // namespace

base::Bytes with_owner(const Keys& keys, const ShortName& owner, base::BytesView sealed) {
  const auto nonce = sealed.first(k_nonce_bytes);
  const auto hidden = mask_owner(keys.owner, nonce, owner);
  base::Bytes out(nonce.begin(), nonce.end());
  out.insert(out.end(), hidden.begin(), hidden.end());
  out.insert(out.end(), sealed.begin() + k_nonce_bytes, sealed.end());
  return out;
}

// -- sealed rows --

base::Status SqliteStore::put_sealed_as(const ShortName& name, base::BytesView plain, bool is_new) {
  buffer_.clear();
  seal(buffer_, keys_->row, plain, name);
  if (is_new) return put_in_room(Place::row, frame_of_row(buffer_.size()), name, buffer_);
  LG_TRY(const auto stands, held(Place::row, name));
  // Of the same size it is written over where it lies: no page is freed, and none taken.
  if (stands && stands->bytes == buffer_.size()) {
    LG_TRY(auto* over, statement("UPDATE sealed SET value = ?2 WHERE place = ?1"));
    return over->integer(1, stands->place).blob(2, buffer_).run();
  }
  if (stands) LG_CHECK(give_room(Place::row, stands->place, name));
  return put_in_room(Place::row, frame_of_row(buffer_.size()), name, buffer_);
}

base::Status SqliteStore::put_sealed(std::string_view key, std::string_view json, bool is_new) {
  LG_ASSERT(in_transaction_, "a sealed row is put outside a batch");
  return put_sealed_as(sealed_row(*keys_, key), base::as_bytes(json), is_new);
}
base::Status SqliteStore::put_chaff(int rows) {
  LG_ASSERT(in_transaction_, "chaff is put outside a batch");
  LG_CHECK(open_rooms());
  for (int i = 0; i < rows; ++i) LG_CHECK(touch_any_sealed_row());
  return base::Done{};
}

// Encrypts a row taken at random anew: of two dumps, a changed value says nothing.
base::Status SqliteStore::touch_any_sealed_row() {
  std::uint64_t chosen = 0;
  fill_random(reinterpret_cast<std::uint8_t*>(&chosen), sizeof chosen);
  const auto at = nth_row(chosen);
  if (!at) return base::Done{};
  LG_TRY(auto* get, statement("SELECT name, value FROM sealed WHERE place = ?"));
  ShortName name;
  std::optional<Opened> opened;
  std::size_t size = 0;
  {
    get->integer(1, *at);
    const Resetting resetting{*get};
    LG_TRY(const bool row, get->row());
    LG_ASSERT(row && get->blob(0).size() == name.size(), "a block of sealed rows is not whole");
    std::copy_n(get->blob(0).begin(), name.size(), name.begin());
    size = get->blob(1).size() - k_nonce_bytes - k_tag_bytes;
    opened = unseal(keys_->row, get->blob(1), name);
  }
  if (!opened) return base::fail("a sealed row is damaged");
  buffer_.clear();
  seal(buffer_, keys_->row, opened->plain, name, size, opened->kind);
  LG_TRY(auto* over, statement("UPDATE sealed SET value = ?2 WHERE place = ?1"));
  return over->integer(1, *at).blob(2, buffer_).run();
}

// -- secrets --

base::Status SqliteStore::put_vault_sealed(const ShortName& name, base::BytesView value) {
  return put_in_room(Place::secret, frame_of_secret(value.size()), name, value);
}

base::Result<Statement*> SqliteStore::secret_by_name() {
  static const auto sql = select_by_name("value", "vault_sealed");
  return statement(sql);
}

void SqliteStore::forget_subjects() {
  subjects_.clear();
  subject_keys_.clear();
}

base::Result<std::optional<Key>> SqliteStore::subject_key(const ShortName& id) {
  if (const auto known = subject_keys_.find(id); known != subject_keys_.end()) return std::optional(known->second);
  const auto name = subject_row(*keys_, id);
  LG_TRY(auto* get, secret_by_name());
  LG_TRY(const auto value, one_blob(get->blob(1, name)));
  if (!value) return std::optional<Key>();
  const auto opened = unseal(keys_->subject, without_owner(*value), id);
  if (!opened || opened->plain.size() != 32) return base::fail("the key of a subject is damaged");
  Key key;
  std::copy(opened->plain.begin(), opened->plain.end(), key.begin());
  if (subject_keys_.size() >= k_kept_subjects) subject_keys_.clear();
  subject_keys_.emplace(id, key);
  return std::optional(key);
}

base::Result<SqliteStore::Subject> SqliteStore::subject_for_writing(std::string_view subject) {
  if (const auto found = subjects_.find(subject); found != subjects_.end()) return found->second;
  Subject out;
  out.id = short_name(keys_->subject_name, base::as_bytes(subject));
  LG_TRY(const auto held, subject_key(out.id));
  if (held) {
    out.key = *held;
  } else {
    out.key = random_key();
    base::Bytes wrapped;
    seal(wrapped, keys_->subject, out.key, out.id);
    LG_CHECK(put_vault_sealed(subject_row(*keys_, out.id), with_owner(*keys_, out.id, wrapped)));
  }
  if (subjects_.size() >= k_kept_subjects) subjects_.clear();
  subjects_.emplace(std::string(subject), out);
  return out;
}

base::Result<std::int64_t> SqliteStore::next_place(std::uint64_t seq) {
  auto last = last_place_;
  if (last >= first_place(seq + 1)) {  // of an earlier leaf than the last one: no leaf of today's asks for it
    LG_TRY(auto* find, statement("SELECT max(place) FROM vault WHERE place >= ? AND place < ?"));
    find->integer(1, first_place(seq)).integer(2, first_place(seq + 1));
    const Resetting resetting{*find};
    LG_TRY(const bool row, find->row());
    last = row && !find->is_null(0) ? find->integer(0) : -1;
  }
  const auto place = std::max(last + 1, first_place(seq));
  LG_ASSERT(place < first_place(seq + 1), "a leaf has more private values than its places");
  last_place_ = std::max(last_place_, place);
  return place;
}

base::Status SqliteStore::put_secret(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject,
                                     base::BytesView salt32, std::string_view json) {
  LG_ASSERT(in_transaction_, "a secret is put outside a batch");
  LG_ASSERT(salt32.size() == 32, "a salt has 32 bytes");
  LG_TRY(const auto owner, subject_for_writing(subject));
  base::Bytes plain(salt32.begin(), salt32.end());
  plain.insert(plain.end(), json.begin(), json.end());
  const auto bound = bound_secret(tree, seq, path);
  const auto frame = tree == log::Tree::open ? narrow_bucket(plain.size()) : bucket(plain.size());
  buffer_.clear();
  seal_in_frame(buffer_, owner.key, plain, base::as_bytes(bound), frame);
  sodium_memzero(plain.data(), plain.size());
  const auto value = with_owner(*keys_, owner.id, buffer_);
  if (tree == log::Tree::sealed) return put_vault_sealed(secret_row(*keys_, bound), value);
  LG_TRY(const auto place, next_place(seq));
  LG_TRY(auto* put, statement("INSERT INTO vault VALUES (?, ?, ?)"));
  return put->integer(1, place).text(2, path).blob(3, value).run();
}

base::Result<std::optional<Secret>> SqliteStore::secret(log::Tree tree, std::uint64_t seq, std::string_view path) {
  const auto bound = bound_secret(tree, seq, path);
  std::optional<base::Bytes> value;
  if (tree == log::Tree::sealed) {
    const auto name = secret_row(*keys_, bound);
    LG_TRY(auto* get, secret_by_name());
    LG_TRY(value, one_blob(get->blob(1, name)));
  } else {
    LG_TRY(auto* get, statement("SELECT value FROM vault WHERE place >= ? AND place < ? AND path = ?"));
    LG_TRY(value, one_blob(get->integer(1, first_place(seq)).integer(2, first_place(seq + 1)).text(3, path)));
  }
  if (!value) return std::optional<Secret>();
  const auto owner = owner_of(*keys_, *value);
  if (!owner) return base::fail("a vault value is damaged: " + bound);
  LG_TRY(const auto key, subject_key(*owner));
  if (!key) return std::optional<Secret>();
  return opened_secret(*key, *value, bound);
}

base::Result<bool> SqliteStore::belongs(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject) {
  std::optional<base::Bytes> value;
  if (tree == log::Tree::sealed) {
    const auto name = secret_row(*keys_, bound_secret(tree, seq, path));
    LG_TRY(auto* get, secret_by_name());
    LG_TRY(value, one_blob(get->blob(1, name)));
  } else {
    LG_TRY(auto* get, statement("SELECT value FROM vault WHERE place >= ? AND place < ? AND path = ?"));
    LG_TRY(value, one_blob(get->integer(1, first_place(seq)).integer(2, first_place(seq + 1)).text(3, path)));
  }
  return value && owner_of(*keys_, *value) == short_name(keys_->subject_name, base::as_bytes(subject));
}

// -- erasure --

// Nothing in the folder says whose a value is, so that nobody counts a person's; erasing one therefore looks at all.
base::Result<std::uint64_t> SqliteStore::drop_owned(const ShortName& owner, std::string_view table, std::string_view key) {
  std::vector<std::int64_t> open_rows;
  std::vector<ShortName> sealed_rows;
  const bool is_open = table == "vault";
  {
    LG_TRY(auto* all, statement("SELECT value, " + std::string(key) + " FROM " + std::string(table)));
    const Resetting resetting{*all};
    for (;;) {
      LG_TRY(const bool row, all->row());
      if (!row) break;
      if (owner_of(*keys_, all->blob(0)) != owner) continue;
      if (is_open) {
        open_rows.push_back(all->integer(1));
      } else {
        auto& name = sealed_rows.emplace_back();
        std::copy_n(all->blob(1).begin(), name.size(), name.begin());
      }
    }
  }
  for (const auto place : open_rows) {
    LG_TRY(auto* drop, statement("DELETE FROM vault WHERE place = ?"));
    LG_CHECK(drop->integer(1, place).run());
  }
  for (const auto& name : sealed_rows) {  // by name: one that fell before may have moved it
    LG_TRY(const auto stands, held(Place::secret, name));
    if (stands) LG_CHECK(give_room(Place::secret, stands->place, name));
  }
  return std::uint64_t{open_rows.size() + sealed_rows.size()};
}

base::Result<std::uint64_t> SqliteStore::erase_subject(std::string_view subject) {
  LG_CHECK(begin());
  const auto drop = [&]() -> base::Result<std::uint64_t> {
    const auto id = short_name(keys_->subject_name, base::as_bytes(subject));
    LG_TRY(const auto held, subject_key(id));
    if (!held) return std::uint64_t{0};
    LG_TRY(const auto in_open, drop_owned(id, "vault", "place"));
    LG_TRY(const auto in_sealed, drop_owned(id, "vault_sealed", "name"));
    return in_open + in_sealed - 1;  // the row of the key itself is no value
  };
  auto dropped = drop();
  if (!dropped) {
    roll_back();
    return dropped;
  }
  LG_CHECK(commit());
  forget_subjects();
  // The write-ahead log still holds the old pages: all of it must go into the database and be cut off.
  const int rc = checkpointer_->cut_off(db_.raw());
  if ((rc & 0xff) == SQLITE_BUSY) {
    return base::fail("the values are dropped, but a reader keeps their old pages in the write-ahead log: erase once more",
                      true);
  }
  if (rc != SQLITE_OK) {
    break_down("checkpoint after an erasure");
    return sqlite_failure(db_.raw(), rc, "checkpoint after an erasure");
  }
  LG_CHECK(lay_out_log());
  return dropped;
}

}  // namespace landglass::store
