#include "store/sqlite_lookup.hpp"

#include <algorithm>

#include "store/sealed_names.hpp"

namespace landglass::store {
namespace {

std::string expand(const Statement& statement, int at) {
  if (sqlite3_column_type(statement.raw(), at) == SQLITE_BLOB) return base::to_hex(statement.blob(at));
  return std::string(statement.text(at));
}

}  // namespace

ShortName sealed_row(const Keys& keys, std::string_view key) {
  return short_name(keys.row_name, base::as_bytes("row/" + std::string(key)));
}
ShortName seen_row(const Keys& keys, std::string_view command) {
  return short_name(keys.row_name, base::as_bytes("seen/" + std::string(command)));
}

base::Result<Statement*> SqliteLookup::statement(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return &found->second;
  LG_TRY(auto fresh, db_.prepare(sql));
  return &statements_.emplace(std::string(sql), std::move(fresh)).first->second;
}

base::Result<std::optional<std::string>> SqliteLookup::record(std::string_view table, std::string_view id) {
  auto place = records_.find(table);
  if (place == records_.end()) {
    if (!known_->holds(table)) return base::refuse("STORE-06", "没有这张表", "no such table was shaped", std::string(table));
    LG_TRY(auto fresh, db_.prepare("SELECT doc FROM " + sql_name(table) + " WHERE id = ?"));
    place = records_.emplace(std::string(table), std::move(fresh)).first;
  }
  auto& get = place->second.text(1, id);
  const Resetting resetting{get};
  LG_TRY(const bool row, get.row());
  if (!row) return std::optional<std::string>();
  return std::optional<std::string>(get.text(0));
}

base::Status SqliteLookup::hold() {
  LG_TRY(auto* begin, statement("BEGIN"));
  return begin->run();
}
base::Status SqliteLookup::let_go() {
  LG_TRY(auto* end, statement("COMMIT"));
  return end->run();
}

base::Result<std::vector<TimerRow>> SqliteLookup::timers_due(base::Time until, std::size_t limit) {
  LG_TRY(auto* due, statement("SELECT due, record, name FROM timers WHERE due <= ? ORDER BY due, record, name LIMIT ?"));
  due->integer(1, until.ms).integer(2, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
  const Resetting resetting{*due};
  std::vector<TimerRow> out;
  for (;;) {
    LG_TRY(const bool row, due->row());
    if (!row) return out;
    out.push_back({{due->integer(0)}, std::string(due->text(1)), std::string(due->text(2))});
  }
}
base::Result<std::optional<base::Time>> SqliteLookup::next_due() {
  LG_TRY(auto* next, statement("SELECT min(due) FROM timers"));
  const Resetting resetting{*next};
  LG_TRY(const bool row, next->row());
  if (!row || next->is_null(0)) return std::optional<base::Time>();
  return std::optional(base::Time{next->integer(0)});
}
base::Result<std::int64_t> SqliteLookup::tally(std::string_view key) {
  LG_TRY(auto* get, statement("SELECT value FROM tallies WHERE key = ?"));
  get->text(1, key);
  const Resetting resetting{*get};
  LG_TRY(const bool row, get->row());
  return row ? get->integer(0) : 0;
}

base::Result<std::optional<SeenCommand>> SqliteLookup::seen(log::Tree tree, std::string_view command) {
  if (tree == log::Tree::open) {
    LG_TRY(auto* get, statement("SELECT seq, digest FROM seen WHERE command = ?"));
    const Compact id(command);
    id.bind(*get, 1);
    const Resetting resetting{*get};
    LG_TRY(const bool row, get->row());
    if (!row) return std::optional<SeenCommand>();
    return std::optional(SeenCommand{tree, static_cast<std::uint64_t>(get->integer(0)), expand(*get, 1)});
  }
  LG_TRY(const auto plain, sealed_as(seen_row(*keys_, command)));
  if (!plain) return std::optional<SeenCommand>();
  const auto text = base::as_text(*plain);
  const auto space = text.find(' ');
  return std::optional(
      SeenCommand{tree, std::stoull(std::string(text.substr(0, space))), std::string(text.substr(space + 1))});
}

base::Result<std::string> SqliteLookup::newest_seen(std::string_view before) {
  LG_TRY(auto* get, statement("SELECT max(command) FROM seen WHERE command < ?"));
  const Compact id(before);
  id.bind(*get, 1);
  const Resetting resetting{*get};
  LG_TRY(const bool row, get->row());
  return row && !get->is_null(0) ? expand(*get, 0) : std::string();
}

base::Result<std::optional<base::Bytes>> SqliteLookup::sealed_as(const ShortName& name) {
  static const auto by_name = select_by_name("value", "sealed");
  LG_TRY(auto* get, statement(by_name));
  get->blob(1, name);
  const Resetting resetting{*get};
  LG_TRY(const bool row, get->row());
  if (!row) return std::optional<base::Bytes>();
  auto opened = unseal(keys_->row, get->blob(0), name);
  if (!opened) return base::fail("a sealed row is damaged");
  return std::optional(std::move(opened->plain));
}
base::Result<std::optional<std::string>> SqliteLookup::sealed(std::string_view key) {
  LG_TRY(const auto plain, sealed_as(sealed_row(*keys_, key)));
  if (!plain) return std::optional<std::string>();
  return std::optional<std::string>(base::as_text(*plain));
}

}  // namespace landglass::store
