#include "store/witness_book.hpp"

#include <algorithm>
#include <mutex>

#include "store/sqlite.hpp"

namespace landglass::store {
namespace {

using base::Result;
using base::Status;

class WitnessBook final : public log::WitnessState {
 public:
  Status open(const std::string& path) {
    LG_TRY(db_, Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ""));
    // Held exclusively from the first statement on: two witnesses over one book would each keep half of the truth.
    sqlite3_busy_timeout(db_.raw(), 0);
    const auto begun = db_.execute(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;"
        "BEGIN IMMEDIATE;"
        "CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
        " checkpoint TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "COMMIT");
    if (!begun) {
      if ((sqlite3_errcode(db_.raw()) & 0xff) == SQLITE_BUSY)
        return base::refuse("STORE-04", "该文件正被另一见证程序使用", "the file is in use by another witness", path);
      return begun.trouble();
    }
    LG_TRY(last_, db_.prepare("SELECT size, root, checkpoint FROM seen WHERE origin = ?"));
    LG_TRY(advance_,
           db_.prepare("INSERT INTO seen (origin, size, root, checkpoint) VALUES (?1, ?2, ?3, ?4)"
                       " ON CONFLICT (origin) DO UPDATE SET size = ?2, root = ?3, checkpoint = ?4 WHERE size = ?5"));
    return base::Done{};
  }

  Result<std::optional<log::Seen>> last(std::string_view origin) override {
    const std::scoped_lock lock(mutex_);
    return read(origin);
  }

  Result<bool> advance(std::string_view origin, std::uint64_t old_size, const log::Seen& next) override {
    const std::scoped_lock lock(mutex_);
    LG_TRY(const auto held, read(origin));
    // A log that was never seen counts as 0: then, and only then, there is no row to compare with.
    if ((held ? held->size : 0) != old_size) return false;
    const Resetting reset{advance_};
    advance_.text(1, origin)
        .integer(2, static_cast<std::int64_t>(next.size))
        .blob(3, next.root)
        .text(4, next.checkpoint)
        .integer(5, static_cast<std::int64_t>(old_size));
    LG_CHECK(advance_.run());  // one statement outside a transaction: committed, and fsynced, when it returns
    return sqlite3_changes(db_.raw()) == 1;
  }

 private:
  Result<std::optional<log::Seen>> read(std::string_view origin) {
    const Resetting reset{last_};
    last_.text(1, origin);
    LG_TRY(const bool stands, last_.row());
    if (!stands) return std::optional<log::Seen>();
    log::Seen seen;
    seen.size = static_cast<std::uint64_t>(last_.integer(0));
    const auto root = last_.blob(1);
    if (root.size() != seen.root.size()) return base::fail("the witness's book holds a root that is none");
    std::copy(root.begin(), root.end(), seen.root.begin());
    seen.checkpoint = last_.text(2);
    return std::optional(std::move(seen));
  }

  std::mutex mutex_;
  Connection db_;
  Statement last_;
  Statement advance_;
};

}  // namespace

Result<std::unique_ptr<log::WitnessState>> open_witness_book(const std::string& path) {
  auto book = std::make_unique<WitnessBook>();
  LG_CHECK(book->open(path));
  return std::unique_ptr<log::WitnessState>(std::move(book));
}

}  // namespace landglass::store
