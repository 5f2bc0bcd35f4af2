#pragma once
// The store on SQLite: one connection of the writer with its statements, one thread that moves pages. The parts:
// sqlite_store.cpp opens, writes and reads; sqlite_lookup.cpp looks up; sqlite_vault.cpp seals; sqlite_room.cpp says where
// sealed rows lie and sealed_names.cpp finds them; sqlite_keep.cpp shapes, drops, hashes and copies.

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "store/checkpointer.hpp"
#include "store/cipher.hpp"
#include "store/files.hpp"
#include "store/journal.hpp"
#include "store/remake.hpp"
#include "store/schema.hpp"
#include "store/sealed_names.hpp"
#include "store/sqlite.hpp"
#include "store/sqlite_lookup.hpp"
#include "store/store.hpp"
#include "store/tail.hpp"

namespace landglass::store {

class RuleReader;

// The folder of a store: held by one writer, removed at the end where it is only a test's memory.
class HeldFolder {
 public:
  static base::Result<std::shared_ptr<HeldFolder>> take(const std::string& folder);
  ~HeldFolder();
  HeldFolder(const HeldFolder&) = delete;
  HeldFolder& operator=(const HeldFolder&) = delete;
  const std::string& path() const { return path_; }
  bool in_memory() const { return in_memory_; }

 private:
  HeldFolder() = default;
  std::string path_;
  bool in_memory_ = false;
  int lock_ = -1;
};

class SqliteStore final : public Store {
 public:
  static base::Result<std::unique_ptr<SqliteStore>> open(const StoreOptions& options);
  ~SqliteStore() override;

  // For the journal before it (store/journaled_store.hpp).
  bool durable() const { return durable_; }
  const std::string& folder() const { return folder_->path(); }
  Disk& disk() const { return *disk_; }  // only of one that is durable
  const Keys& keys() const { return *keys_; }
  base::Status healthy();
  void break_down(std::string why);  // after an error of the disk: nothing is begun any more
  base::Status room();               // whether a batch could be begun, with some more room than begin() asks for
  base::Status prepare_rows(const TableShape& table);  // of a table that stands, by the columns given
  base::Result<Journal::Mark> mark();
  base::Status put_mark(const Journal::Mark& mark);                           // within a batch
  void serve_behind(std::shared_ptr<Tail> tail) { tail_ = std::move(tail); }  // readers opened from then on wait for it
  SqliteLookup& look() { return *look_; }
  // Sees the last commit at the time of each call, for one thread beside the writer's. It lives no longer than the store.
  base::Result<std::unique_ptr<SqliteLookup>> lookup();
  // For a rebuild (store/remake.hpp).
  base::Result<std::unique_ptr<LogReader>> log_reader();
  base::Status empty_projections();                                    // within a batch
  base::Status put_seen_rows(std::span<const Remake::Seen> commands);  // of the open tree, without digests

  base::Status shape(const std::vector<TableShape>& tables) override;

  base::Status begin() override;
  base::Status put_leaf(log::Tree tree, std::uint64_t seq, std::string_view bytes) override;
  base::Status put_tile(log::Tree tree, int level, std::uint64_t index, base::BytesView hashes) override;
  base::Status put_secret(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject,
                          base::BytesView salt32, std::string_view json) override;
  base::Status put_record(const RecordRow& row) override;
  base::Status put_public(const RecordRow& row) override;
  base::Status erase_public(std::string_view table, std::string_view id) override;
  base::Status put_sealed(std::string_view key, std::string_view json, bool is_new) override;
  base::Status put_chaff(int rows) override;
  base::Status put_timer(const TimerRow& timer) override;
  base::Status erase_timer(std::string_view record, std::string_view name) override;
  base::Status put_tally(std::string_view key, std::int64_t value) override;
  base::Status put_seen(std::string_view command, const SeenCommand& seen) override;
  base::Status put_meta(std::string_view key, base::BytesView value) override;
  base::Status commit() override;
  void roll_back() override;

  base::Result<std::optional<std::string>> record(std::string_view table, std::string_view id) override;
  base::Result<std::optional<std::string>> sealed(std::string_view key) override;
  base::Result<std::vector<TimerRow>> timers_due(base::Time until, std::size_t limit) override;
  base::Result<std::optional<base::Time>> next_due(base::Time now) override;
  base::Result<std::int64_t> tally(std::string_view key) override;
  base::Result<std::optional<SeenCommand>> seen(log::Tree tree, std::string_view command) override;
  base::Result<std::optional<Secret>> secret(log::Tree tree, std::uint64_t seq, std::string_view path) override;
  base::Result<bool> belongs(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject) override;
  base::Result<std::optional<base::Bytes>> meta(std::string_view key) override;
  base::Result<std::vector<std::string>> leaves(log::Tree tree, std::uint64_t from, std::uint64_t count) override;
  base::Result<std::optional<base::Bytes>> tile(log::Tree tree, int level, std::uint64_t index) override;
  base::Result<std::uint64_t> leaf_count(log::Tree tree) override;

  base::Result<std::unique_ptr<Reader>> reader(Sight sight) override;
  base::Result<std::unique_ptr<RuleReader>> rule_reader();  // sqlite_reader.cpp
  base::Result<std::uint64_t> erase_subject(std::string_view subject) override;
  base::Result<base::JsonObject> table_hashes() override;
  base::Status back_up(const std::string& folder) override;
  base::Result<std::string> keep_file(std::string_view bytes) override;
  base::Result<std::string> file(std::string_view hash) override;
  base::Status erase_file(std::string_view hash) override;
  base::Result<std::string> await_file(std::string_view bytes, std::string_view by) override {
    return files_->await(bytes, by);
  }
  bool handed_in(std::string_view hash, std::string_view by) override { return files_->handed_in(hash, by); }
  bool hold_file(std::string_view hash) override { return files_->hold(hash); }
  base::Status settle_file(std::string_view hash) override { return files_->settle(hash); }
  std::size_t files_waiting() const override { return files_->waiting(); }
  base::Result<std::uint64_t> purge_files(std::int64_t older_than_ms) override { return files_->purge(older_than_ms); }

 private:
  // A table of records. `update` leaves out the columns that have an index, for a record whose values there stand as they
  // were last put: a lot that is bid on would write a page of every index with each batch.
  struct RecordTable {
    Statement put, update;
    ByText<std::string> indexed;  // of records put lately: what stands in the columns with an index
  };
  struct RecordStatements {
    std::size_t columns = 0;
    std::vector<std::size_t> with_index;
    RecordTable internal, open;
    Statement erase_public;
  };
  struct Subject {
    ShortName id{};
    Key key{};
  };

  explicit SqliteStore(std::shared_ptr<HeldFolder> folder) : folder_(std::move(folder)) {}
  std::string database() const { return folder_->path() + "/landglass.db"; }
  base::Status open_database(const StoreOptions& options);
  base::Status check_key(const StoreOptions& options, bool is_new);
  base::Result<Connection> connect(int flags) const;
  base::Status begin_work();
  base::Status lay_out_log();
  base::Status room_of(std::uint64_t bytes);

  // A statement of this text, prepared once.
  base::Result<Statement*> statement(std::string_view sql);
  base::Result<RecordStatements*> record_statements(std::string_view table);
  base::Status put_row(RecordTable& table, const RecordRow& row, const RecordStatements& shape);
  void forget_indexed();
  void forget_subjects();
  base::Result<std::optional<base::Bytes>> one_blob(Statement& bound);

  // sqlite_room.cpp: rows of chaff and rows that mean something, together whole blocks.
  enum class Place : std::uint8_t { row, secret };  // `sealed`, `vault_sealed`
  struct Room {
    std::uint64_t taken = 0;  // chaff with a number below it has given its place away
    std::uint64_t total = 0;
    std::uint64_t full = 0;      // blocks that were ever taken throughout
    std::uint64_t written = 0;   // places past it are filled with chaff at the end of the batch
    std::uint64_t was_full = 0;  // blocks, before the projections were dropped in this batch
  };
  using Rooms = std::array<std::array<Room, k_room_sizes>, 2>;
  struct Held {  // a row that stands
    std::int64_t place = 0;
    std::size_t bytes = 0;  // of its value
  };
  base::Result<std::optional<Held>> held(Place place, const ShortName& name);
  base::Status put_in_room(Place place, std::size_t size, const ShortName& name, base::BytesView value);
  base::Status give_room(Place place, std::int64_t at, const ShortName& gone);
  void add_block(Place place, std::size_t of);
  base::Status empty_rows();
  base::Status fill_rooms();
  base::Status fill_leaves();
  SealedNames& names(Place place) { return names_[static_cast<std::size_t>(place)]; }
  bool is_settled(Place place, std::int64_t at) const;
  SealedNames::AllSettled all_settled(Place place) const;
  std::optional<std::int64_t> nth_row(std::uint64_t number) const;
  base::Status put_value_at(Place place, std::int64_t at, const ShortName& name, base::BytesView value);  // not its name
  base::Status put_row_at(Place place, std::int64_t at, const ShortName& name, base::BytesView value);
  base::Status put_chaff_at(Place place, std::size_t of, std::uint64_t number);
  base::Status make_room_for_leaf(std::uint64_t seq);
  base::Status open_rooms();
  base::Status save_rooms();
  base::Status load_rooms();
  base::Result<std::uint64_t> real_leaves();
  void seal_leaf(std::uint64_t seq, std::string_view bytes);  // into buffer_
  ShortName chaff_name(Place place, std::size_t of, std::uint64_t number) const;

  base::Result<std::int64_t> next_place(std::uint64_t seq);  // of a value in the vault of the open tree
  base::Status put_sealed_as(const ShortName& name, base::BytesView plain, bool is_new);
  base::Status touch_any_sealed_row();
  base::Result<Subject> subject_for_writing(std::string_view subject);
  base::Result<std::optional<Key>> subject_key(const ShortName& id);
  base::Result<Statement*> secret_by_name();
  base::Status put_vault_sealed(const ShortName& name, base::BytesView value);
  base::Result<std::uint64_t> drop_owned(const ShortName& owner, std::string_view table, std::string_view key);

  base::Result<base::Hash> hash_rows(std::string_view sql, bool& any);
  base::Result<base::Hash> hash_sealed(bool& any);
  base::Result<std::map<ShortName, std::string>> deadlines_by_day();

  std::shared_ptr<HeldFolder> folder_;
  std::shared_ptr<const Keys> keys_;  // shared with readers, which open leaves of the sealed tree
  std::shared_ptr<KnownTables> known_ = std::make_shared<KnownTables>();
  std::string vfs_;
  Disk* disk_ = nullptr;
  bool durable_ = true;
  std::optional<std::chrono::steady_clock::time_point> room_until_;  // of the thread that begins batches
  std::unique_ptr<Files> files_;
  Connection db_;
  std::unique_ptr<SqliteLookup> look_;  // over it
  ByText<Statement> statements_;
  ByText<RecordStatements> records_;
  ByText<Subject> subjects_;               // keys of subjects seen lately, by who they are
  std::map<ShortName, Key> subject_keys_;  // and by their id, for reading
  Rooms rooms_{};
  Rooms committed_rooms_{};
  bool rooms_changed_ = false;
  std::array<SealedNames, 2> names_;
  std::uint64_t leaf_rows_ = 0;       // of the sealed tree, chaff included
  std::uint64_t leaves_written_ = 0;  // leaves past it are filled with chaff at the end of the batch
  std::uint64_t committed_leaf_rows_ = 0;
  std::array<std::uint64_t, 2> next_{};
  std::array<std::uint64_t, 2> committed_next_{};
  std::int64_t last_place_ = -1;  // put last into the vault of the open tree
  std::int64_t committed_last_place_ = -1;
  base::Bytes buffer_;
  bool in_transaction_ = false;
  std::mutex broken_mutex_;
  std::string broken_;
  std::atomic<bool> is_broken_ = false;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::shared_ptr<Tail> tail_;
};

// A consistent copy of a database beside its final name in a folder without a store (STORE-07); then that name.
base::Status copy_database(Connection& from, const std::string& folder);
base::Status finish_copy(const std::string& folder);

base::Result<std::unique_ptr<Reader>> open_reader(Connection db, Sight sight, std::shared_ptr<HeldFolder> folder,
                                                  std::shared_ptr<const Keys> keys, std::shared_ptr<KnownTables> known,
                                                  std::shared_ptr<Tail> tail = nullptr);

// A leaf or tile of the sealed tree out of its ciphertext; what is bound beside it is "<tree> <seq>" or "<level> <index>".
// None where it is chaff.
base::Result<std::optional<std::string>> open_leaf(const Keys& keys, std::uint64_t seq, base::BytesView sealed);
base::Result<std::optional<base::Bytes>> open_tile(const Keys& keys, int level, std::uint64_t index, base::BytesView sealed);
// nonce ‖ hidden owner(16) ‖ body, of the vault's values.
base::Bytes with_owner(const Keys& keys, const ShortName& owner, base::BytesView sealed);
// A value in the vault of the open tree stands under its leaf's seq and its number among the leaf's: always the last in the
// table, so that its page is filled before the next one is begun.
inline constexpr int k_place_bits = 16;
inline std::int64_t first_place(std::uint64_t seq) { return static_cast<std::int64_t>(seq << k_place_bits); }
inline std::uint64_t leaf_at(std::int64_t place) { return static_cast<std::uint64_t>(place) >> k_place_bits; }
std::string bound_leaf(std::uint64_t seq);
std::string bound_tile(int level, std::uint64_t index);

}  // namespace landglass::store
