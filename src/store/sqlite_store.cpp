#include "store/sqlite_store.hpp"

#include <sys/statvfs.h>

#include <filesystem>

#include "store/disk.hpp"
#include "store/joined_writes.hpp"
#include "store/journaled_store.hpp"

namespace landglass::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_room_bytes = 64ULL << 20;        // less free than this and no batch is begun
constexpr std::uint64_t k_room_ahead_bytes = 16ULL << 20;  // and for what is decided before it is begun
constexpr auto k_room_stands = std::chrono::milliseconds(20);
constexpr std::string_view k_mark_key = "store/journal";
constexpr std::size_t k_kept_statements = 512;
constexpr std::size_t k_kept_indexed = 1'024;       // records of a table whose indexed values are remembered
constexpr std::size_t k_log_room_bytes = 32 << 20;  // what the checkpointer lets it grow to before it begins again

base::Result<std::int64_t> pragma(Connection& db, const std::string& name) {
  LG_TRY(auto statement, db.prepare("PRAGMA " + name));
  LG_TRY(const bool row, statement.row());
  return row ? statement.integer(0) : 0;
}

}  // namespace

base::Result<std::unique_ptr<Store>> open_sqlite(const StoreOptions& options) {
  LG_TRY(auto tables, SqliteStore::open(options));
  if (tables->durable()) return JournaledStore::over(std::move(tables));
  LG_CHECK(JournaledStore::recover(*tables, 0));
  return std::unique_ptr<Store>(std::move(tables));
}

base::Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const StoreOptions& options) {
  LG_TRY(auto folder, HeldFolder::take(options.folder));
  auto store = std::unique_ptr<SqliteStore>(new SqliteStore(std::move(folder)));
  LG_CHECK(store->open_database(options));
  return store;
}

SqliteStore::~SqliteStore() {
  roll_back();
  if (db_.raw() != nullptr) sqlite3_wal_hook(db_.raw(), nullptr, nullptr);
  checkpointer_.reset();
  // After an error of the disk the next opening recovers from the write-ahead log; nothing is moved or deleted before.
  if (is_broken_ && db_.raw() != nullptr) sqlite3_db_config(db_.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

base::Result<Connection> SqliteStore::connect(int flags) const { return Connection::open(database(), flags, vfs_); }

base::Status SqliteStore::open_database(const StoreOptions& options) {
  vfs_ = options.disk;
  if (options.fsync_delay_us > 0) {
    LG_ASSERT(vfs_.empty(), "a delay and a disk of its own are asked for at once");
    vfs_ = "landglass-slow-" + std::to_string(options.fsync_delay_us);
    mount_disk(vfs_, std::make_shared<SlowDisk>(options.fsync_delay_us));
  }
  durable_ = options.durable && !folder_->in_memory();
  if (durable_) {
    const auto disk = vfs_.empty() ? paced_disk() : vfs_;
    disk_ = &mounted_disk(disk);
    vfs_ = joining_disk(disk);
  }
  const bool is_new = !fs::exists(database());
  LG_TRY(db_, connect(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  LG_TRY(const auto format, pragma(db_, "user_version"));
  LG_TRY(const auto application, pragma(db_, "application_id"));
  LG_TRY(const auto pages, pragma(db_, "page_count"));
  if (pages > 0 && format > 0 && (format != k_format || application != k_application)) {
    return base::refuse("STORE-01", "数据由另一版本写成，请使用该版程序", "the folder was written by another version",
                        folder_->path() + ": format " + std::to_string(format));
  }
  LG_CHECK(db_.execute("PRAGMA journal_mode = WAL"));
  LG_CHECK(db_.execute(durable_ ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF"));
  LG_CHECK(
      db_.execute("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;"
                  "PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864"));
  LG_CHECK(check_key(options, is_new || format == 0));
  LG_CHECK(load_known_tables(db_, *known_));
  if (durable_ && is_new) LG_CHECK(sync_directory(folder_->path()));
  files_ = std::make_unique<Files>(folder_->path() + "/files", *keys_, durable_);
  for (const auto tree : {log::Tree::open, log::Tree::sealed}) {
    LG_TRY(auto last, db_.prepare("SELECT max(seq) FROM " + std::string(leaves_table(tree))));
    LG_TRY(const bool row, last.row());
    next_[static_cast<std::size_t>(tree)] = row && !last.is_null(0) ? static_cast<std::uint64_t>(last.integer(0)) + 1 : 0;
  }
  leaf_rows_ = leaves_written_ = committed_leaf_rows_ = next_[1];
  LG_TRY(next_[1], real_leaves());
  committed_next_ = next_;
  LG_CHECK(load_rooms());
  {
    LG_TRY(auto last, db_.prepare("SELECT max(place) FROM vault"));
    LG_TRY(const bool row, last.row());
    if (row && !last.is_null(0)) last_place_ = committed_last_place_ = last.integer(0);
  }
  return begin_work();
}

base::Status SqliteStore::check_key(const StoreOptions& options, bool is_new) {
  const bool in_memory = folder_->in_memory();
  const auto refuse = [&](std::string zh, std::string en) {
    return base::refuse("STORE-02", std::move(zh), std::move(en), options.key_file);
  };
  Key vault{};
  if (in_memory && options.key_file.empty()) {
    vault = random_key();
  } else {
    if (options.key_file.empty()) return refuse("未指定保险库密钥文件", "no vault key file is named");
    std::error_code error;
    const auto inside = fs::weakly_canonical(options.key_file, error).lexically_relative(folder_->path());
    if (!inside.empty() && *inside.begin() != "..") {
      return refuse("密钥文件不得放在数据目录之内", "the key file must lie outside the store's folder");
    }
    LG_TRY(vault, vault_key(options.key_file, is_new));
  }
  auto keys = std::make_shared<Keys>(Keys::derive(vault));
  keys_ = keys;
  look_ = std::make_unique<SqliteLookup>(db_, keys_, known_);
  LG_CHECK(db_.execute("BEGIN IMMEDIATE"));
  LG_CHECK(create_fixed_tables(db_));
  LG_TRY(auto held, db_.prepare("SELECT value FROM meta WHERE key = 'store/key-check'"));
  LG_TRY(const bool stands, held.row());
  if (stands) {
    const auto value = held.blob(0);
    if (!std::equal(value.begin(), value.end(), keys->check.begin(), keys->check.end())) {
      return refuse("保险库密钥文件不是本库的密钥", "the vault key file is not this store's key");
    }
    held.reset();
  } else {
    LG_TRY(auto put, db_.prepare("INSERT INTO meta VALUES ('store/key-check', ?)"));
    LG_CHECK(put.blob(1, keys->check).run());
  }
  held = Statement();
  return db_.execute("COMMIT");
}

// Gives the write-ahead log its room before it is needed: a commit that overwrites waits for its bytes alone, one that makes
// the file longer for the file system's bookkeeping too (measured: half the p99). SQLite goes by the checksums of its
// frames, not by the length of the file.
base::Status SqliteStore::lay_out_log() {
  if (!durable_) return base::Done{};
  return grow_durably(database() + "-wal", k_log_room_bytes);
}

base::Status SqliteStore::begin_work() {
  LG_CHECK(lay_out_log());
  if (sqlite3_db_config(db_.raw(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr) != SQLITE_OK)
    return base::fail("SQLite is too old");
  LG_TRY(auto mover, connect(SQLITE_OPEN_READWRITE));
  LG_CHECK(mover.execute(durable_ ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF"));
  checkpointer_ = std::make_unique<Checkpointer>(std::move(mover), [this](std::string why) { break_down(std::move(why)); });
  sqlite3_wal_hook(
      db_.raw(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Checkpointer*>(self)->committed(pages);
        return SQLITE_OK;
      },
      checkpointer_.get());
  return base::Done{};
}

void SqliteStore::break_down(std::string why) {
  const std::scoped_lock lock(broken_mutex_);
  if (broken_.empty()) broken_ = std::move(why);
  is_broken_ = true;
}
base::Status SqliteStore::healthy() {
  if (!is_broken_) return base::Done{};
  const std::scoped_lock lock(broken_mutex_);
  return base::fail("the store stopped and must be opened anew: " + broken_);
}

base::Result<Statement*> SqliteStore::statement(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return &found->second;
  LG_ASSERT(statements_.size() < k_kept_statements, "the writer's statements are few and fixed");
  LG_TRY(auto fresh, db_.prepare(sql));
  return &statements_.emplace(std::string(sql), std::move(fresh)).first->second;
}

base::Result<SqliteStore::RecordStatements*> SqliteStore::record_statements(std::string_view table) {
  if (const auto found = records_.find(table); found != records_.end()) return &found->second;
  return base::refuse("STORE-06", "没有这张表", "no such table was shaped", std::string(table));
}

// -- writing --

base::Status SqliteStore::room_of(std::uint64_t bytes) {
  LG_CHECK(healthy());
  struct statvfs room {};
  if (durable_ && ::statvfs(folder_->path().c_str(), &room) == 0 &&
      static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize < bytes) {
    return base::fail("disk full: less than " + std::to_string(bytes >> 20) + " MiB are free in " + folder_->path(), true);
  }
  return base::Done{};
}

// The disk is asked at most so often: what is decided meanwhile fits into the room ahead.
base::Status SqliteStore::room() {
  LG_CHECK(healthy());
  const auto now = std::chrono::steady_clock::now();
  if (room_until_ && now < *room_until_) return base::Done{};
  room_until_.reset();
  LG_CHECK(room_of(k_room_bytes + k_room_ahead_bytes));
  room_until_ = now + k_room_stands;
  return base::Done{};
}

base::Status SqliteStore::begin() {
  LG_ASSERT(!in_transaction_, "a batch is begun within a batch");
  LG_CHECK(room_of(k_room_bytes));
  LG_TRY(auto* begin, statement("BEGIN IMMEDIATE"));
  checkpointer_->batch_begins();
  if (auto begun = begin->run(); !begun) {
    checkpointer_->batch_ended();
    return begun;
  }
  in_transaction_ = true;
  return base::Done{};
}

base::Status SqliteStore::commit() {
  LG_ASSERT(in_transaction_, "nothing was begun");
  LG_CHECK(healthy());
  LG_CHECK(fill_rooms());
  LG_CHECK(fill_leaves());
  LG_CHECK(save_rooms());
  LG_TRY(auto* commit, statement("COMMIT"));
  auto done = commit->run();
  if (!done) {
    const auto why = "the outcome of a commit is unknown: " + done.failure().what;
    break_down(why);
    roll_back();
    return base::fail(why, false);
  }
  in_transaction_ = false;
  checkpointer_->batch_ended();
  committed_next_ = next_;
  committed_rooms_ = rooms_;
  for (auto& names : names_) names.committed();
  committed_leaf_rows_ = leaf_rows_;
  committed_last_place_ = last_place_;
  return done;
}

void SqliteStore::roll_back() {
  if (!in_transaction_) return;
  in_transaction_ = false;
  next_ = committed_next_;
  rooms_ = committed_rooms_;
  rooms_changed_ = false;
  for (auto& names : names_) names.roll_back();
  leaf_rows_ = leaves_written_ = committed_leaf_rows_;
  last_place_ = committed_last_place_;
  forget_subjects();  // keys of subjects that were new in this batch never were
  forget_indexed();
  // An error of the disk has rolled back already.
  if (sqlite3_get_autocommit(db_.raw()) == 0) {
    if (auto done = db_.execute("ROLLBACK"); !done) break_down(done.failure().what);
  }
  checkpointer_->batch_ended();
}

base::Status SqliteStore::put_leaf(log::Tree tree, std::uint64_t seq, std::string_view bytes) {
  LG_ASSERT(in_transaction_, "a leaf is put outside a batch");
  auto& next = next_[static_cast<std::size_t>(tree)];
  LG_ASSERT(seq == next, "a leaf is put out of order");
  if (tree == log::Tree::sealed) LG_CHECK(make_room_for_leaf(seq));
  LG_TRY(auto* put, statement(tree == log::Tree::open ? "INSERT INTO leaves_open VALUES (?, ?)"
                                                      : "INSERT OR REPLACE INTO leaves_sealed VALUES (?, ?)"));
  put->integer(1, static_cast<std::int64_t>(seq));
  buffer_.clear();
  if (tree == log::Tree::sealed) seal_leaf(seq, bytes);
  put->blob(2, tree == log::Tree::open ? base::as_bytes(bytes) : base::BytesView(buffer_));
  LG_CHECK(put->run());
  ++next;
  return base::Done{};
}

base::Status SqliteStore::put_tile(log::Tree tree, int level, std::uint64_t index, base::BytesView hashes) {
  LG_ASSERT(in_transaction_, "a tile is put outside a batch");
  LG_TRY(auto* put, statement(tree == log::Tree::open ? "INSERT OR REPLACE INTO tiles_open VALUES (?, ?)"
                                                      : "INSERT OR REPLACE INTO tiles_sealed VALUES (?, ?)"));
  buffer_.clear();
  if (tree == log::Tree::sealed) seal(buffer_, keys_->tile, hashes, base::as_bytes(bound_tile(level, index)));
  put->integer(1, tile_id(level, index)).blob(2, tree == log::Tree::open ? hashes : base::BytesView(buffer_));
  return put->run();
}

base::Status SqliteStore::put_row(RecordTable& table, const RecordRow& row, const RecordStatements& shape) {
  LG_ASSERT(in_transaction_, "a record is put outside a batch");
  LG_ASSERT(row.columns == nullptr || row.columns->size() == shape.columns, "a record has other columns than its table");
  std::string indexed;
  for (const auto at : shape.with_index) {
    base::append_canonical(indexed, row.columns != nullptr ? (*row.columns)[at] : base::Json());
    indexed += ',';
  }
  const auto held = table.indexed.find(row.id);
  const bool same = held != table.indexed.end() && held->second == indexed;
  auto& put = same ? table.update : table.put;
  put.text(1, row.id).integer(2, static_cast<std::int64_t>(row.version)).text(3, row.state).text(4, row.doc);
  put.integer(5, row.changed.ms);
  int at = 6;
  for (std::size_t i = 0, next = 0; i < shape.columns; ++i) {
    if (next < shape.with_index.size() && shape.with_index[next] == i) {
      ++next;
      if (same) continue;
    }
    const auto* value = row.columns != nullptr ? &(*row.columns)[i] : nullptr;
    if (value == nullptr || value->is_null())
      put.null(at);
    else if (const auto* number = value->if_int())
      put.integer(at, *number);
    else if (const auto* truth = value->if_bool())
      put.integer(at, *truth ? 1 : 0);
    else
      put.text(at, value->as_string());
    ++at;
  }
  LG_CHECK(put.run());
  if (same) {
    LG_ASSERT(sqlite3_changes(db_.raw()) == 1, "a record that was put before is not there");
    return base::Done{};
  }
  if (table.indexed.size() >= k_kept_indexed) table.indexed.clear();
  table.indexed.insert_or_assign(std::string(row.id), std::move(indexed));
  return base::Done{};
}
void SqliteStore::forget_indexed() {
  for (auto& [name, held] : records_) {
    held.internal.indexed.clear();
    held.open.indexed.clear();
  }
}
base::Status SqliteStore::put_record(const RecordRow& row) {
  LG_TRY(auto* statements, record_statements(row.table));
  return put_row(statements->internal, row, *statements);
}
base::Status SqliteStore::put_public(const RecordRow& row) {
  LG_TRY(auto* statements, record_statements(row.table));
  return put_row(statements->open, row, *statements);
}
base::Status SqliteStore::erase_public(std::string_view table, std::string_view id) {
  LG_ASSERT(in_transaction_, "a record is erased outside a batch");
  LG_TRY(auto* statements, record_statements(table));
  if (const auto held = statements->open.indexed.find(id); held != statements->open.indexed.end())
    statements->open.indexed.erase(held);
  return statements->erase_public.text(1, id).run();
}

base::Status SqliteStore::put_timer(const TimerRow& timer) {
  LG_ASSERT(in_transaction_, "a timer is put outside a batch");
  LG_TRY(auto* put, statement("INSERT OR REPLACE INTO timers (record, name, due) VALUES (?, ?, ?)"));
  return put->text(1, timer.record).text(2, timer.name).integer(3, timer.due.ms).run();
}
base::Status SqliteStore::erase_timer(std::string_view record, std::string_view name) {
  LG_ASSERT(in_transaction_, "a timer is erased outside a batch");
  LG_TRY(auto* erase, statement("DELETE FROM timers WHERE record = ? AND name = ?"));
  return erase->text(1, record).text(2, name).run();
}
base::Status SqliteStore::put_tally(std::string_view key, std::int64_t value) {
  LG_ASSERT(in_transaction_, "a tally is put outside a batch");
  LG_TRY(auto* put, statement("INSERT OR REPLACE INTO tallies VALUES (?, ?)"));
  return put->text(1, key).integer(2, value).run();
}
base::Status SqliteStore::put_meta(std::string_view key, base::BytesView value) {
  LG_ASSERT(in_transaction_, "meta is put outside a batch");
  LG_ASSERT(!key.starts_with("store/"), "meta of this prefix is the store's own");
  const auto table = meta_table(key);
  LG_TRY(auto* put, statement("INSERT OR REPLACE INTO " + std::string(table) + " VALUES (?, ?)"));
  buffer_.clear();
  if (table == "meta_sealed") {
    seal(buffer_, keys_->meta, value, base::as_bytes(key));
    value = buffer_;
  }
  return put->text(1, key).blob(2, value).run();
}

base::Status SqliteStore::put_seen(std::string_view command, const SeenCommand& seen) {
  LG_ASSERT(in_transaction_, "a command is noted outside a batch");
  if (seen.tree == log::Tree::sealed) {
    const auto text = std::to_string(seen.seq) + " " + seen.digest;
    return put_sealed_as(seen_row(*keys_, command), base::as_bytes(text), true);  // a command is seen once
  }
  LG_TRY(auto* put, statement("INSERT INTO seen VALUES (?, ?, ?)"));
  const Compact id(command);
  const Compact digest(seen.digest);
  id.bind(*put, 1);
  put->integer(2, static_cast<std::int64_t>(seen.seq));
  digest.bind(*put, 3);
  return put->run();
}

// -- reading --

base::Result<std::optional<std::string>> SqliteStore::record(std::string_view table, std::string_view id) {
  return look_->record(table, id);
}
base::Result<std::optional<std::string>> SqliteStore::sealed(std::string_view key) { return look_->sealed(key); }
base::Result<std::vector<TimerRow>> SqliteStore::timers_due(base::Time until, std::size_t limit) {
  return look_->timers_due(until, limit);
}
base::Result<std::optional<base::Time>> SqliteStore::next_due(base::Time) { return look_->next_due(); }
base::Result<std::int64_t> SqliteStore::tally(std::string_view key) { return look_->tally(key); }
base::Result<std::optional<SeenCommand>> SqliteStore::seen(log::Tree tree, std::string_view command) {
  return look_->seen(tree, command);
}

base::Result<std::optional<base::Bytes>> SqliteStore::one_blob(Statement& bound) {
  const Resetting resetting{bound};
  LG_TRY(const bool row, bound.row());
  if (!row) return std::optional<base::Bytes>();
  const auto value = bound.blob(0);
  return std::optional<base::Bytes>(std::in_place, value.begin(), value.end());
}

base::Result<std::optional<base::Bytes>> SqliteStore::meta(std::string_view key) {
  const auto table = meta_table(key);
  LG_TRY(auto* get, statement("SELECT value FROM " + std::string(table) + " WHERE key = ?"));
  LG_TRY(auto value, one_blob(get->text(1, key)));
  if (!value || table != "meta_sealed") return value;
  auto opened = unseal(keys_->meta, *value, base::as_bytes(key));
  if (!opened) return base::fail("a sealed meta value is damaged: " + std::string(key));
  return std::optional(std::move(opened->plain));
}

base::Result<std::vector<std::string>> SqliteStore::leaves(log::Tree tree, std::uint64_t from, std::uint64_t count) {
  LG_TRY(auto* get,
         statement("SELECT seq, bytes FROM " + std::string(leaves_table(tree)) + " WHERE seq >= ? ORDER BY seq LIMIT ?"));
  get->integer(1, static_cast<std::int64_t>(from))
      .integer(2, static_cast<std::int64_t>(std::min<std::uint64_t>(count, INT64_MAX)));
  const Resetting resetting{*get};
  std::vector<std::string> out;
  for (;;) {
    LG_TRY(const bool row, get->row());
    if (!row) return out;
    if (tree == log::Tree::open) {
      out.emplace_back(base::as_text(get->blob(1)));
    } else {
      LG_TRY(auto leaf, open_leaf(*keys_, static_cast<std::uint64_t>(get->integer(0)), get->blob(1)));
      if (!leaf) return out;
      out.push_back(*std::move(leaf));
    }
  }
}
base::Result<std::optional<base::Bytes>> SqliteStore::tile(log::Tree tree, int level, std::uint64_t index) {
  LG_TRY(auto* get, statement("SELECT hashes FROM " + std::string(tiles_table(tree)) + " WHERE id = ?"));
  LG_TRY(auto held, one_blob(get->integer(1, tile_id(level, index))));
  if (!held || tree == log::Tree::open) return held;
  return open_tile(*keys_, level, index, *held);
}
base::Result<std::uint64_t> SqliteStore::leaf_count(log::Tree tree) { return next_[static_cast<std::size_t>(tree)]; }

base::Result<std::unique_ptr<Reader>> SqliteStore::reader(Sight sight) {
  LG_TRY(auto db, connect(SQLITE_OPEN_READONLY));
  return open_reader(std::move(db), sight, folder_->in_memory() ? folder_ : nullptr, keys_, known_, tail_);
}

base::Result<std::unique_ptr<SqliteLookup>> SqliteStore::lookup() {
  LG_TRY(auto db, connect(SQLITE_OPEN_READONLY));
  return std::make_unique<SqliteLookup>(std::move(db), keys_, known_);
}
base::Result<Journal::Mark> SqliteStore::mark() {
  LG_TRY(const auto held, meta(k_mark_key));
  Journal::Mark mark;
  if (!held) return mark;
  const auto text = std::string(base::as_text(*held));
  char* rest = nullptr;
  mark.number = std::strtoull(text.c_str(), &rest, 10);
  mark.session = std::strtoull(rest, nullptr, 16);
  return mark;
}
base::Status SqliteStore::put_mark(const Journal::Mark& mark) {
  LG_ASSERT(in_transaction_, "the mark of the journal is put outside a batch");
  std::array<char, 48> text{};
  const int size = std::snprintf(text.data(), text.size(), "%llu %016llx", static_cast<unsigned long long>(mark.number),
                                 static_cast<unsigned long long>(mark.session));
  LG_TRY(auto* put, statement("INSERT OR REPLACE INTO meta VALUES (?, ?)"));
  return put->text(1, k_mark_key).blob(2, base::as_bytes({text.data(), static_cast<std::size_t>(size)})).run();
}

base::Result<std::string> SqliteStore::keep_file(std::string_view bytes) { return files_->keep(bytes); }
base::Result<std::string> SqliteStore::file(std::string_view hash) { return files_->read(hash); }
base::Status SqliteStore::erase_file(std::string_view hash) { return files_->erase(hash); }

// -- leaves and tiles of the sealed tree --

std::string bound_leaf(std::uint64_t seq) { return "leaf " + std::to_string(seq); }
std::string bound_tile(int level, std::uint64_t index) {
  return "tile " + std::to_string(level) + " " + std::to_string(index);
}
base::Result<std::optional<std::string>> open_leaf(const Keys& keys, std::uint64_t seq, base::BytesView sealed) {
  const auto opened = unseal(keys.leaf, sealed, base::as_bytes(bound_leaf(seq)));
  if (!opened) return base::fail("sealed leaf " + std::to_string(seq) + " is damaged");
  if (opened->kind == Kind::chaff) return std::optional<std::string>();
  return std::optional(std::string(base::as_text(opened->plain)));
}
base::Result<std::optional<base::Bytes>> open_tile(const Keys& keys, int level, std::uint64_t index,
                                                   base::BytesView sealed) {
  auto opened = unseal(keys.tile, sealed, base::as_bytes(bound_tile(level, index)));
  if (!opened) return base::fail("a sealed tile is damaged");
  if (opened->kind == Kind::chaff) return std::optional<base::Bytes>();
  return std::optional(std::move(opened->plain));
}

}  // namespace landglass::store
