#pragma once
// Log, vault and projections on disk. One process, one writer thread; any number of readers.
//
// Durability: when commit() returns Done, everything put since begin() survives a power cut, together or not at all.
// When it returns a Failure, the outcome is unknown: the caller stops the process and recovers by restarting; it never
// retries. Secrecy: `sealed` rows and every vault value are encrypted under a key that is not in the database, and padded;
// keys of sealed rows are HMACs. A dump of the folder without the key file yields neither their number per lot nor their
// content.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "log/leaf.hpp"

namespace landglass::store {

struct ColumnShape {
  std::string name;  // [a-z][a-z0-9_]*
  bool integer = false;
  bool indexed = false;
  bool newest = false;  // in the public table: the newest of each value first; not indexed, beside the id in that by change
};
// Names clash with none of the store's own (docs/formats/store.md): STORE-06. Two tables per institution: <name> (internal)
// and <name>_public (exactly what is open).
struct TableShape {
  std::string name;  // institution name with '-' replaced by '_'
  std::vector<ColumnShape> columns;
  bool newest = false;  // its public table: indexes by last change, and by state and last change, for lists and desks
};

struct RecordRow {
  std::string_view table;  // TableShape::name
  std::string_view id;
  std::uint64_t version = 0;
  std::string_view state;
  std::string_view doc;  // canonical JSON of the whole record (internal) or of what is open (public)
  base::Time changed;
  const std::vector<base::Json>* columns = nullptr;  // one per column: null, integer or text
};

struct TimerRow {
  base::Time due;
  std::string record;
  std::string name;
};

struct SeenCommand {
  log::Tree tree = log::Tree::open;
  std::uint64_t seq = 0;
  std::string digest;  // of body and actor, so that another body under the same id is refused
};

struct Secret {
  base::Bytes salt;  // 32 bytes
  base::Json value;
};

// What a reader may see.
enum class Sight {
  open,      // leaves, tiles and "open/…" of the open tree, *_public tables, nothing else; enforced by the connection
  internal,  // all but sealed rows and vault values
};

using Row = std::vector<base::Json>;

// A read connection. Not thread-safe: one per thread. Sees the last commit at the time of each call.
class Reader {
 public:
  virtual ~Reader() = default;
  // Read-only SQL over projections; `bind` are integers, text or null. Refuses STORE-03 what its sight does not cover and
  // what is no single SELECT. A blob comes back as base64.
  virtual base::Result<std::vector<Row>> query(std::string_view sql, const std::vector<base::Json>& bind) = 0;
  virtual base::Result<std::optional<std::string>> leaf(log::Tree tree, std::uint64_t seq) = 0;
  // Leaves [from, from+count) in order; fewer where the tree ends.
  virtual base::Result<std::vector<std::string>> leaves(log::Tree tree, std::uint64_t from, std::uint64_t count) = 0;
  // A full tile of 256 hashes (8,192 bytes), or nullopt while it is not full.
  virtual base::Result<std::optional<base::Bytes>> tile(log::Tree tree, int level, std::uint64_t index) = 0;
  // With the open sight only "open/…"; "sealed/…" with none. STORE-03 else.
  virtual base::Result<std::optional<base::Bytes>> meta(std::string_view key) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Creates the tables of an institution, or adds the columns that are new (null in rows that stand); never drops one.
  // Outside a transaction. Needed after each opening, before the first row is put: it fixes the order of `columns`.
  virtual base::Status shape(const std::vector<TableShape>& tables) = 0;

  // -- writing: between begin() and commit(), from the one writer thread --
  // A Failure that begins with "disk full" is the time to shed load: nothing was begun, nothing is in doubt.
  virtual base::Status begin() = 0;
  // Leaves come in order and without a gap: another `seq` than leaf_count() is a bug.
  virtual base::Status put_leaf(log::Tree tree, std::uint64_t seq, std::string_view bytes) = 0;
  virtual base::Status put_tile(log::Tree tree, int level, std::uint64_t index, base::BytesView hashes) = 0;
  virtual base::Status put_secret(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject,
                                  base::BytesView salt32, std::string_view json) = 0;
  virtual base::Status put_record(const RecordRow& row) = 0;
  virtual base::Status put_public(const RecordRow& row) = 0;
  virtual base::Status erase_public(std::string_view table, std::string_view id) = 0;
  // A record, index or tally of a sealed institution. `is_new`: none stands under this key, which is then not looked for.
  virtual base::Status put_sealed(std::string_view key, std::string_view json, bool is_new = false) = 0;
  // Adds `rows` sealed rows that mean nothing, of the sizes of those put last, and as many beside the sealed vault values;
  // and writes as many standing rows anew, so that two dumps do not tell a changed row from one left alone.
  virtual base::Status put_chaff(int rows) = 0;
  // Timers and tallies stand in the clear: those of a sealed institution belong into sealed rows.
  virtual base::Status put_timer(const TimerRow& timer) = 0;  // replaces (record, name)
  virtual base::Status erase_timer(std::string_view record, std::string_view name) = 0;
  virtual base::Status put_tally(std::string_view key, std::int64_t value) = 0;
  // `command` is 32 lower-case hex digits, the digest hex of at most 32 bytes. What is of the sealed tree goes to a sealed
  // row.
  virtual base::Status put_seen(std::string_view command, const SeenCommand& seen) = 0;
  // Keys say who reads them and what becomes of them: "open/…" a reader of the open sight too; "sealed/…" is encrypted and
  // for the writer alone; "projection/…" falls with the projections and is hashed; all else is internal and stays.
  // "store/…" is the store's own.
  virtual base::Status put_meta(std::string_view key, base::BytesView value) = 0;
  virtual base::Status commit() = 0;
  // Ends the batch as commit() does, but it lasts only once what this returns was called and said Done: each in its turn, on
  // one thread that may be another one, while the writer goes on with the next batch. Whatever else needs it to last waits.
  using Last = std::function<base::Status()>;
  virtual base::Result<Last> hand_over() {
    LG_CHECK(commit());
    return Last([] { return base::Status(base::Done{}); });
  }
  virtual void roll_back() = 0;
  // Within a batch, before the writer waits for anybody else: who makes a batch last may in turn wait for the tables, of
  // which the writer holds one moment since it looked into them.
  virtual void rest() {}

  // -- reading on the writer's connection: sees what was put since begin() --
  virtual base::Result<std::optional<std::string>> record(std::string_view table, std::string_view id) = 0;
  virtual base::Result<std::optional<std::string>> sealed(std::string_view key) = 0;
  virtual base::Result<std::vector<TimerRow>> timers_due(base::Time until, std::size_t limit) = 0;  // by (due, record, name)
  // When the next timer is due: exactly where that is not past `now`; else no later than it, and past `now` too.
  virtual base::Result<std::optional<base::Time>> next_due(base::Time now) = 0;
  virtual base::Result<std::int64_t> tally(std::string_view key) = 0;  // 0 where none stands
  // Of this tree: the same id in the other one is another command.
  virtual base::Result<std::optional<SeenCommand>> seen(log::Tree tree, std::string_view command) = 0;
  virtual base::Result<std::optional<Secret>> secret(log::Tree tree, std::uint64_t seq, std::string_view path) = 0;
  // Whether a value is this subject's; false where there is none.
  virtual base::Result<bool> belongs(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject) = 0;
  virtual base::Result<std::optional<base::Bytes>> meta(std::string_view key) = 0;
  virtual base::Result<std::vector<std::string>> leaves(log::Tree tree, std::uint64_t from, std::uint64_t count) = 0;
  virtual base::Result<std::optional<base::Bytes>> tile(log::Tree tree, int level, std::uint64_t index) = 0;
  virtual base::Result<std::uint64_t> leaf_count(log::Tree tree) = 0;

  // -- keeping --
  virtual base::Result<std::unique_ptr<Reader>> reader(Sight sight) = 0;
  // Drops all values of a subject and its key, overwritten on disk (secure_delete); returns how many fell.
  virtual base::Result<std::uint64_t> erase_subject(std::string_view subject) = 0;
  // Projection table -> hex hash of its rows in key order (docs/formats/store.md); a table without rows is left out, so
  // that a later release with more institutions gives an old log the same hashes.
  virtual base::Result<base::JsonObject> table_hashes() = 0;
  // While running, from any thread: a consistent copy into a folder that holds no store yet (STORE-07). Without the key.
  virtual base::Status back_up(const std::string& folder) = 0;
  // Files of the vault by SHA-256, fsynced before the leaf that cites them. From any thread.
  virtual base::Result<std::string> keep_file(std::string_view bytes) = 0;  // returns the hex hash
  virtual base::Result<std::string> file(std::string_view hash) = 0;        // refuses STORE-05 where it is not held
  virtual base::Status erase_file(std::string_view hash) = 0;               // overwritten, then gone; STORE-05
  // A file that was handed in waits until an act cites it: settle_file(), before the commit of the leaf that does, keeps it
  // for good. What waits longer than that is purged; what is kept for good never is. From any thread.
  // `by`: who hands it in. Its digest is public: only who has the bytes may cite them, so handed_in() asks whether he gave
  // them here, as long ago as a file waits.
  virtual base::Result<std::string> await_file(std::string_view bytes, std::string_view by) = 0;
  virtual bool handed_in(std::string_view hash, std::string_view by) = 0;
  virtual bool hold_file(std::string_view hash) = 0;            // whether it is there; if it waits, its wait begins anew
  virtual base::Status settle_file(std::string_view hash) = 0;  // Done where it does not wait
  virtual std::size_t files_waiting() const = 0;
  virtual base::Result<std::uint64_t> purge_files(std::int64_t older_than_ms) = 0;  // by the disk's own times
};

struct StoreOptions {
  std::string folder;      // created where absent; ":memory:" for tests
  std::string key_file;    // the vault key, outside the folder; created with mode 0600 where absent
  bool durable = true;     // synchronous=FULL; false only for imports and demonstrations into a new log
  int fsync_delay_us = 0;  // bench: adds this to each fsync
  std::string disk;        // tests: the name of a mounted disk (store/disk.hpp); empty: the system's
};

// Refuses STORE-01 a folder written by a newer version, STORE-02 a key that is not this store's, STORE-04 a folder in use.
base::Result<std::unique_ptr<Store>> open_sqlite(const StoreOptions& options);

}  // namespace landglass::store
