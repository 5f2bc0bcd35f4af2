#include "web/desk_db.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <map>

namespace landglass::web {
namespace {

// What each version adds to the one before: a new file is made by all of them, an older one brought forward.
constexpr const char* k_schemas[] = {R"sql(
CREATE TABLE account(
  login TEXT PRIMARY KEY, actor TEXT NOT NULL, password TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
  totp BLOB, totp_new BLOB, totp_step INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE recovery(login TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(login, hash)) WITHOUT ROWID;
-- Failed attempts of a login, whether such an account stands or not, so that neither can be told from outside.
CREATE TABLE attempt(hash BLOB PRIMARY KEY, failures INTEGER NOT NULL, paused_until INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE session(
  hash BLOB PRIMARY KEY, handle TEXT NOT NULL UNIQUE, login TEXT NOT NULL, label TEXT NOT NULL,
  created INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX session_login ON session(login);
CREATE TABLE token(
  hash BLOB PRIMARY KEY, handle TEXT NOT NULL UNIQUE, login TEXT NOT NULL, label TEXT NOT NULL, scopes TEXT NOT NULL,
  created INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE answer(
  actor TEXT NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL, status INTEGER NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL,
  expires INTEGER NOT NULL, PRIMARY KEY(actor, key)) WITHOUT ROWID;
CREATE INDEX answer_expires ON answer(expires);
)sql",
                                     // Networks from which a login has signed in; attempts are counted anew, by network.
                                     R"sql(
CREATE TABLE IF NOT EXISTS network(hash BLOB PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
DELETE FROM attempt;
)sql",
                                     // The record of the log on which an official's account stands.
                                     R"sql(
ALTER TABLE account ADD COLUMN record TEXT;
CREATE UNIQUE INDEX account_record ON account(record) WHERE record IS NOT NULL;
)sql"};
constexpr int k_version = std::size(k_schemas);

}  // namespace

struct DeskDb::Handle {
  sqlite3* db = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements;
  ~Handle() {
    for (auto& [sql, statement] : statements) sqlite3_finalize(statement);
    sqlite3_close(db);
  }
  base::Failure failure() const { return base::fail("accounts database: " + std::string(sqlite3_errmsg(db))); }
  bool exec(const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

  base::Result<sqlite3_stmt*> bind(std::string_view sql, const Row& values) {
    auto found = statements.find(sql);
    if (found == statements.end()) {
      sqlite3_stmt* made = nullptr;
      if (sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr) !=
          SQLITE_OK)
        return failure();
      found = statements.emplace(std::string(sql), made).first;
    }
    auto* statement = found->second;
    sqlite3_reset(statement);
    int at = 0;
    for (const auto& value : values) {
      ++at;
      int code = SQLITE_OK;
      if (const auto* number = std::get_if<std::int64_t>(&value)) {
        code = sqlite3_bind_int64(statement, at, *number);
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        code = sqlite3_bind_text(statement, at, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
      } else if (const auto* blob = std::get_if<base::Bytes>(&value)) {
        // An empty blob is not NULL.
        code = sqlite3_bind_blob(statement, at, blob->empty() ? "" : static_cast<const void*>(blob->data()),
                                 static_cast<int>(blob->size()), SQLITE_STATIC);
      } else {
        code = sqlite3_bind_null(statement, at);
      }
      if (code != SQLITE_OK) return failure();
    }
    return statement;
  }
};

DeskDb::DeskDb(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
DeskDb::~DeskDb() = default;

base::Result<std::unique_ptr<DeskDb>> DeskDb::open(const std::string& file) {
  auto handle = std::make_unique<Handle>();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(file.c_str(), &handle->db, flags, nullptr) != SQLITE_OK) return handle->failure();
  if (file != ":memory:") ::chmod(file.c_str(), 0600);
  sqlite3_busy_timeout(handle->db, 2'000);
  const bool ready =
      handle->exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;");
  if (!ready) return handle->failure();
  std::unique_ptr<DeskDb> db(new DeskDb(std::move(handle)));
  LG_TRY(const auto version, db->rows("PRAGMA user_version"));
  const auto found = as_int(version.at(0).at(0));
  if (found > k_version) {
    return base::refuse("ACCOUNT-NEWER", "账户库由更新的版本写成，本版本不能打开",
                        "the accounts file was written by a newer release", file);
  }
  for (auto version_now = found; version_now < k_version; ++version_now) {
    const auto sql = "BEGIN IMMEDIATE;" + std::string(k_schemas[version_now]) +
                     "PRAGMA user_version=" + std::to_string(version_now + 1) + ";COMMIT;";
    if (!db->handle_->exec(sql.c_str())) return db->handle_->failure();
  }
  return db;
}

base::Result<std::int64_t> DeskDb::run(std::string_view sql, const Row& values) {
  LG_TRY(auto* statement, handle_->bind(sql, values));
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (code != SQLITE_DONE && code != SQLITE_ROW) return handle_->failure();
  return std::int64_t{sqlite3_changes(handle_->db)};
}

base::Result<std::vector<DeskDb::Row>> DeskDb::rows(std::string_view sql, const Row& values) {
  LG_TRY(auto* statement, handle_->bind(sql, values));
  std::vector<Row> out;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    Row row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
      switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER: row.emplace_back(std::int64_t{sqlite3_column_int64(statement, i)}); break;
        case SQLITE_TEXT:
          row.emplace_back(std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement, i)), size));
          break;
        case SQLITE_BLOB: {
          const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, i));
          row.emplace_back(base::Bytes(bytes, bytes + size));
          break;
        }
        default: row.emplace_back(nullptr);
      }
    }
    out.push_back(std::move(row));
  }
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (code != SQLITE_DONE) return handle_->failure();
  return out;
}

bool DeskDb::changed_elsewhere() {
  const auto found = rows("PRAGMA data_version");
  const auto version = found && !found->empty() ? as_int((*found)[0][0]) : version_ + 1;
  const bool changed = version_ >= 0 && version != version_;
  version_ = version;
  return changed;
}

base::Status DeskDb::backup_to(const std::string& file) {
  const auto held = lock();
  LG_TRY(const auto done, run("VACUUM INTO ?", {file}));
  (void)done;
  ::chmod(file.c_str(), 0600);
  return base::Done{};
}

}  // namespace landglass::web
