#pragma once
// The operational database (accounts, sessions, tokens, idempotency keys): one SQLite file beside the store, in neither log
// nor vault, and backed up on its own. A small wrapper: prepared statements, values in and rows out, one lock for all who
// share it.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace landglass::web {

class DeskDb {
 public:
  using Value = std::variant<std::nullptr_t, std::int64_t, std::string, base::Bytes>;
  using Row = std::vector<Value>;

  // Opens or makes the file (":memory:" for tests). Refusal ACCOUNT-NEWER where a later release has written it.
  static base::Result<std::unique_ptr<DeskDb>> open(const std::string& file);
  ~DeskDb();

  // Whoever calls run or rows holds the lock.
  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  base::Result<std::int64_t> run(std::string_view sql, const Row& values = {});  // rows changed
  base::Result<std::vector<Row>> rows(std::string_view sql, const Row& values = {});
  bool changed_elsewhere();                         // whether another connection has committed since the last call
  base::Status backup_to(const std::string& file);  // a consistent copy while running; takes the lock itself

 private:
  struct Handle;
  explicit DeskDb(std::unique_ptr<Handle> handle);
  std::mutex mutex_;
  std::unique_ptr<Handle> handle_;
  std::int64_t version_ = -1;
};

inline std::int64_t as_int(const DeskDb::Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number ? *number : 0;
}
inline std::string as_text(const DeskDb::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text ? *text : std::string();
}
inline base::Bytes as_blob(const DeskDb::Value& value) {
  const auto* blob = std::get_if<base::Bytes>(&value);
  return blob ? *blob : base::Bytes();
}

}  // namespace landglass::web
