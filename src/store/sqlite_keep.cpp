// Keeping: the institutions' tables, what a rebuild drops, what it is compared by, and copies.

#include <algorithm>
#include <filesystem>

#include "store/sqlite_store.hpp"
#include "store/timer_log.hpp"

namespace landglass::store {
namespace {

namespace fs = std::filesystem;

// One row, each value with its type and length, so that no two different rows give the same bytes.
void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}
void append_value(std::string& out, const Statement& row, int at) {
  switch (sqlite3_column_type(row.raw(), at)) {
    case SQLITE_NULL: out.push_back('n'); return;
    case SQLITE_INTEGER:
      out.push_back('i');
      append_number(out, static_cast<std::uint64_t>(row.integer(at)));
      return;
    case SQLITE_TEXT:
      out.push_back('t');
      append_number(out, row.text(at).size());
      out += row.text(at);
      return;
    default:
      out.push_back('b');
      append_number(out, row.blob(at).size());
      out += base::as_text(row.blob(at));
  }
}

// The digest of a seen command is of the request, not of the log: it falls with a rebuild and is in no hash.
struct Projection {
  std::string_view table;
  std::string_view columns;
  std::string_view order;
};
constexpr Projection k_projections[] = {{"timers", "*", "record, name"},
                                        {"tallies", "*", "key"},
                                        {"seen", "command, seq", "command"},
                                        {"meta_projection", "*", "key"}};

// A seen command of the sealed tree stands as "<seq> <digest>"; every other sealed value is canonical JSON, where no space
// follows a number.
std::string_view without_digest(std::string_view plain) {
  const auto end = plain.find_first_not_of("0123456789");
  return end != 0 && end != std::string_view::npos && plain[end] == ' ' ? plain.substr(0, end) : plain;
}

}  // namespace

base::Status SqliteStore::shape(const std::vector<TableShape>& tables) {
  LG_ASSERT(!in_transaction_, "tables are shaped within a batch");
  LG_CHECK(healthy());
  LG_CHECK(db_.execute("BEGIN IMMEDIATE"));
  for (const auto& table : tables) {
    if (auto done = shape_table(db_, table, *known_); !done) {
      LG_CHECK(db_.execute("ROLLBACK"));
      return done;
    }
  }
  LG_CHECK(db_.execute("COMMIT"));
  for (const auto& table : tables) LG_CHECK(prepare_rows(table));
  return base::Done{};
}

base::Status SqliteStore::prepare_rows(const TableShape& table) {
  auto& held = records_[table.name];
  held.columns = table.columns.size();
  held.with_index.clear();
  std::string names = "id, version, state, doc, changed";
  std::string marks = "?, ?, ?, ?, ?";
  std::string sets = "version = excluded.version, state = excluded.state, doc = excluded.doc, changed = excluded.changed";
  std::string update = "version = ?2, state = ?3, doc = ?4, changed = ?5";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto name = sql_name(table.columns[i].name);
    names += ", " + name;
    marks += ", ?";
    sets += ", " + name + " = excluded." + name;
    if (table.columns[i].indexed) {
      held.with_index.push_back(i);
    } else {
      update += ", " + name + " = ?" + std::to_string(6 + i - held.with_index.size());
    }
  }
  const auto prepare = [&](const std::string& name, RecordTable& into) -> base::Status {
    LG_TRY(into.put, db_.prepare("INSERT INTO " + sql_name(name) + " (" + names + ") VALUES (" + marks +
                                 ") ON CONFLICT (id) DO UPDATE SET " + sets));
    LG_TRY(into.update, db_.prepare("UPDATE " + sql_name(name) + " SET " + update + " WHERE id = ?1"));
    into.indexed.clear();
    return base::Done{};
  };
  const auto open = table.name + std::string(k_public_suffix);
  LG_CHECK(prepare(table.name, held.internal));
  LG_CHECK(prepare(open, held.open));
  LG_TRY(held.erase_public, db_.prepare("DELETE FROM " + sql_name(open) + " WHERE id = ?"));
  return base::Done{};
}

base::Status SqliteStore::empty_projections() {
  LG_ASSERT(in_transaction_, "projections are emptied outside a batch");
  forget_indexed();
  for (const auto& projection : k_projections) LG_CHECK(db_.execute("DELETE FROM " + std::string(projection.table)));
  for (const auto& table : known_->all()) {
    LG_CHECK(db_.execute("DELETE FROM " + sql_name(table)));
    LG_CHECK(db_.execute("DELETE FROM " + sql_name(table + std::string(k_public_suffix))));
  }
  // Chaff stays: a dump taken after a rebuild must not show how much of the rows it had been.
  return empty_rows();
}

// H(0) is 32 zero bytes, H(n) = SHA-256(H(n-1) ‖ row n): one row in memory at a time.
base::Result<base::Hash> SqliteStore::hash_rows(std::string_view sql, bool& any) {
  LG_TRY(auto rows, db_.prepare(sql));
  const int columns = sqlite3_column_count(rows.raw());
  base::Hash hash{};
  std::string bytes;
  any = false;
  for (;;) {
    LG_TRY(const bool row, rows.row());
    if (!row) return hash;
    any = true;
    bytes.clear();
    for (int at = 0; at < columns; ++at) {
      // The columns of an institution (from the sixth on) stand with their names and only where they hold something, so
      // that a column which a later release adds leaves the hash of an old log alone.
      const std::string_view name = sqlite3_column_name(rows.raw(), at);
      const bool typed = name.starts_with("typed/");
      if (typed && rows.is_null(at)) continue;
      if (typed) {
        bytes.push_back('c');
        append_number(bytes, name.size() - 6);
        bytes += name.substr(6);
      }
      append_value(bytes, rows, at);
    }
    hash = base::sha256(hash, base::as_bytes(bytes));
  }
}

// What the pages of the sealed deadlines come to, as the rows that stood for it before there were pages: so neither how they
// came to be nor the release that wrote them is in the hash.
base::Result<std::map<ShortName, std::string>> SqliteStore::deadlines_by_day() {
  std::map<ShortName, std::string> rows;
  LG_TRY(const auto head, sealed(k_timer_slots));
  if (!head || !is_timer_page(*head)) return rows;
  LG_TRY(const auto all, read_timer_pages(*head, [this](std::string_view key) { return sealed(key); }));
  std::set<TimerRow, ByDue> timers;
  for (const auto& [number, page] : all.pages) {
    for (const auto& change : page.changes) {
      if (change.stands) {
        timers.insert(change.timer);
      } else {
        timers.erase(change.timer);
      }
    }
  }
  for (auto& [key, row] : timers_by_day(timers)) rows.emplace(sealed_row(*keys_, key), row);
  return rows;
}

base::Result<base::Hash> SqliteStore::hash_sealed(bool& any) {
  LG_TRY(auto deadlines, deadlines_by_day());
  LG_TRY(auto names, db_.prepare("SELECT name, place FROM sealed_names UNION ALL SELECT name, place FROM sealed_fresh "
                                 "ORDER BY name"));
  LG_TRY(auto get, db_.prepare("SELECT value FROM sealed WHERE place = ? AND name = ?"));
  base::Hash hash{};
  std::string bytes;
  any = false;
  const auto take = [&](base::BytesView name, std::string_view plain) {
    any = true;
    bytes.clear();
    for (const auto part : {base::as_text(name), plain}) {
      bytes.push_back('b');
      append_number(bytes, part.size());
      bytes += part;
    }
    hash = base::sha256(hash, base::as_bytes(bytes));
  };
  // In the order of their names among the others.
  const auto take_deadlines = [&](std::optional<base::BytesView> before) {
    const auto less = [](base::BytesView a, base::BytesView b) {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    };
    while (!deadlines.empty() && (!before || less(deadlines.begin()->first, *before))) {
      take(deadlines.begin()->first, deadlines.begin()->second);
      deadlines.erase(deadlines.begin());
    }
  };
  for (;;) {
    LG_TRY(const bool named, names.row());
    if (!named) break;
    get.integer(1, names.integer(1)).blob(2, names.blob(0));
    const Resetting resetting{get};
    LG_TRY(const bool row, get.row());
    if (!row) return base::fail("a sealed row does not lie where its name says");
    const auto opened = unseal(keys_->row, get.blob(0), names.blob(0));
    if (!opened) return base::fail("a sealed row is damaged");
    const auto text = base::as_text(opened->plain);
    // An empty list and a figure of nought say what no row says: whether there ever was more between two writings is chance,
    // or an erasure, after which a rebuild finds nothing to count by what was erased.
    if (opened->kind == Kind::chaff || text == "[]" || text == "0" || is_timer_page(text)) continue;
    take_deadlines(names.blob(0));
    take(names.blob(0), without_digest(text));
  }
  take_deadlines(std::nullopt);
  return hash;
}

base::Result<base::JsonObject> SqliteStore::table_hashes() {
  base::JsonObject out;
  bool any = false;
  const auto note = [&](std::string_view table, const base::Hash& hash) {
    if (any) out[table] = base::to_hex(hash);
  };
  for (const auto& projection : k_projections) {
    LG_TRY(const auto hash, hash_rows("SELECT " + std::string(projection.columns) + " FROM " +
                                          std::string(projection.table) + " ORDER BY " + std::string(projection.order),
                                      any));
    note(projection.table, hash);
  }
  for (const auto& institution : known_->all()) {
    for (const auto& table : {institution, institution + std::string(k_public_suffix)}) {
      std::string columns = "id, version, state, doc, changed";
      LG_TRY(auto typed, db_.prepare("SELECT name FROM pragma_table_info(?) WHERE cid >= 5 ORDER BY name"));
      typed.text(1, table);
      for (;;) {
        LG_TRY(const bool row, typed.row());
        if (!row) break;
        columns += ", " + sql_name(typed.text(0)) + " AS \"typed/" + std::string(typed.text(0)) + "\"";
      }
      LG_TRY(const auto hash, hash_rows("SELECT " + columns + " FROM " + sql_name(table) + " ORDER BY id", any));
      note(table, hash);
    }
  }
  LG_TRY(const auto hash, hash_sealed(any));
  note("sealed", hash);
  return out;
}

base::Status copy_database(Connection& from, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return base::fail("create " + folder + ": " + error.message());
  if (fs::exists(folder + "/landglass.db")) {
    return base::refuse("STORE-07", "目标目录中已有数据", "the folder holds a store already", folder);
  }
  const auto beside = folder + "/landglass.db.part";
  fs::remove(beside, error);
  // One step over one read transaction: the writer goes on, and what it commits meanwhile is not in the copy.
  LG_TRY(auto to, Connection::open(beside, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ""));
  auto* backup = sqlite3_backup_init(to.raw(), "main", from.raw(), "main");
  if (backup == nullptr) return sqlite_failure(to.raw(), sqlite3_errcode(to.raw()), "back up");
  sqlite3_backup_step(backup, -1);
  if (const int rc = sqlite3_backup_finish(backup); rc != SQLITE_OK) return sqlite_failure(to.raw(), rc, "back up");
  return base::Done{};
}

base::Status finish_copy(const std::string& folder) {
  std::error_code error;
  fs::rename(folder + "/landglass.db.part", folder + "/landglass.db", error);
  if (error) return base::fail("rename " + folder + "/landglass.db.part: " + error.message());
  return sync_directory(folder);
}

base::Status SqliteStore::back_up(const std::string& folder) {
  LG_TRY(auto from, connect(SQLITE_OPEN_READONLY));
  LG_CHECK(copy_database(from, folder));
  // Files are kept before the leaf that cites them, so all that the copied leaves cite are there by now.
  LG_CHECK(files_->copy_to(folder + "/files"));
  return finish_copy(folder);
}

}  // namespace landglass::store
