#pragma once
// SQLite behind three small owners. Only src/store sees this header.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace landglass::store {

// Before SQLite is asked for anything, a disk too: afterwards it takes no settings. Again and again does no harm.
void set_up_sqlite();
base::Failure sqlite_failure(sqlite3* db, int rc, std::string_view doing);

// A prepared statement, kept for the life of its connection. Texts and blobs are bound without a copy: they must live
// until reset(), which drops them.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}
  bool empty() const { return raw_ == nullptr; }

  Statement& integer(int at, std::int64_t value);
  Statement& text(int at, std::string_view value);
  Statement& blob(int at, base::BytesView value);
  Statement& null(int at);

  base::Result<bool> row();  // true: a row stands and is read by the calls below until reset() or the next row()
  base::Status run();        // of a statement that gives no row; resets
  void reset();

  bool is_null(int at) const { return sqlite3_column_type(raw_.get(), at) == SQLITE_NULL; }
  std::int64_t integer(int at) const { return sqlite3_column_int64(raw_.get(), at); }
  std::string_view text(int at) const;
  base::BytesView blob(int at) const;
  sqlite3_stmt* raw() const { return raw_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* raw) const { sqlite3_finalize(raw); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
};

// Resets a statement at the end of a scope, so that no read transaction outlives its call.
struct Resetting {
  Statement& statement;
  ~Resetting() { statement.reset(); }
};

class Connection {
 public:
  Connection() = default;
  static base::Result<Connection> open(const std::string& path, int flags, const std::string& vfs);
  base::Status execute(const std::string& sql);
  base::Result<Statement> prepare(std::string_view sql);
  sqlite3* raw() const { return raw_.get(); }
  void close() { raw_.reset(); }

 private:
  struct Close {
    void operator()(sqlite3* raw) const { sqlite3_close_v2(raw); }
  };
  std::unique_ptr<sqlite3, Close> raw_;
};

// An identifier in double quotes; the caller has checked that it holds none.
std::string sql_name(std::string_view identifier);

}  // namespace landglass::store
