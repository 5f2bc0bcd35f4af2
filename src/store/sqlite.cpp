#include "store/sqlite.hpp"

#include <mutex>

namespace landglass::store {

base::Failure sqlite_failure(sqlite3* db, int rc, std::string_view doing) {
  std::string what = (rc & 0xff) == SQLITE_FULL ? "disk full: " : "";
  what += std::string(doing) + ": " + sqlite3_errstr(rc);
  if (db != nullptr && sqlite3_errcode(db) == (rc & 0xff)) what += std::string(" (") + sqlite3_errmsg(db) + ")";
  return base::fail(std::move(what), (rc & 0xff) == SQLITE_FULL || (rc & 0xff) == SQLITE_BUSY);
}

namespace {
void expect_ok(int rc) { LG_ASSERT(rc == SQLITE_OK, "a value does not fit its statement"); }
// SQLite takes a null pointer for NULL; an empty text or blob is something else.
constexpr char k_empty[1] = {};
}  // namespace

Statement& Statement::integer(int at, std::int64_t value) {
  expect_ok(sqlite3_bind_int64(raw_.get(), at, value));
  return *this;
}
Statement& Statement::text(int at, std::string_view value) {
  const auto* data = value.data() != nullptr ? value.data() : k_empty;
  expect_ok(sqlite3_bind_text64(raw_.get(), at, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}
Statement& Statement::blob(int at, base::BytesView value) {
  const void* data = value.data() != nullptr ? static_cast<const void*>(value.data()) : k_empty;
  expect_ok(sqlite3_bind_blob64(raw_.get(), at, data, value.size(), SQLITE_STATIC));
  return *this;
}
Statement& Statement::null(int at) {
  expect_ok(sqlite3_bind_null(raw_.get(), at));
  return *this;
}

base::Result<bool> Statement::row() {
  const int rc = sqlite3_step(raw_.get());
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  auto failure = sqlite_failure(sqlite3_db_handle(raw_.get()), rc, sqlite3_sql(raw_.get()));
  reset();
  return failure;
}
base::Status Statement::run() {
  LG_TRY(const bool stands, row());
  LG_ASSERT(!stands, "a statement gave a row where none was expected");
  reset();
  return base::Done{};
}
void Statement::reset() { sqlite3_reset(raw_.get()); }

std::string_view Statement::text(int at) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(raw_.get(), at));
  return {data != nullptr ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), at))};
}
base::BytesView Statement::blob(int at) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(raw_.get(), at));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), at))};
}

// Nobody asks SQLite how much memory it took: its count has a lock that all connections would share.
void set_up_sqlite() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

base::Result<Connection> Connection::open(const std::string& path, int flags, const std::string& vfs) {
  set_up_sqlite();
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                 vfs.empty() ? nullptr : vfs.c_str());
  Connection out;
  out.raw_.reset(raw);
  if (rc != SQLITE_OK) return sqlite_failure(raw, rc, "open " + path);
  sqlite3_busy_timeout(raw, 10'000);
  return out;
}
base::Status Connection::execute(const std::string& sql) {
  const int rc = sqlite3_exec(raw_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return sqlite_failure(raw_.get(), rc, sql);
  return base::Done{};
}
base::Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int rc =
      sqlite3_prepare_v3(raw_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (rc != SQLITE_OK) return sqlite_failure(raw_.get(), rc, sql);
  return Statement(raw);
}

std::string sql_name(std::string_view identifier) { return "\"" + std::string(identifier) + "\""; }

}  // namespace landglass::store
