#include "store/schema.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace landglass::store {
namespace {

struct FixedTable {
  std::string_view name;
  std::string_view columns;
  bool open;      // seen with Sight::open
  bool internal;  // seen with Sight::internal
};
constexpr std::string_view k_names = "name BLOB NOT NULL PRIMARY KEY, place INTEGER NOT NULL";
// Leaves and tiles of the sealed tree are ciphertext here: the internal sight reads them by leaf() and tile() only.
constexpr std::array k_fixed = {
    FixedTable{"leaves_open", "seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL", true, true},
    FixedTable{"leaves_sealed", "seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL", false, true},
    FixedTable{"tiles_open", "id INTEGER PRIMARY KEY, hashes BLOB NOT NULL", true, true},
    FixedTable{"tiles_sealed", "id INTEGER PRIMARY KEY, hashes BLOB NOT NULL", false, true},
    FixedTable{"vault", "place INTEGER PRIMARY KEY, path TEXT NOT NULL, value BLOB NOT NULL", false, false},
    FixedTable{"vault_sealed", "place INTEGER PRIMARY KEY, name BLOB NOT NULL, value BLOB NOT NULL", false, false},
    FixedTable{"sealed", "place INTEGER PRIMARY KEY, name BLOB NOT NULL, value BLOB NOT NULL", false, false},
    FixedTable{"vault_sealed_names", k_names, false, false},
    FixedTable{"vault_sealed_fresh", k_names, false, false},
    FixedTable{"sealed_names", k_names, false, false},
    FixedTable{"sealed_fresh", k_names, false, false},
    FixedTable{"timers", "record TEXT NOT NULL, name TEXT NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (record, name)", false,
               true},
    FixedTable{"tallies", "key TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL", false, true},
    FixedTable{"seen", "command BLOB NOT NULL PRIMARY KEY, seq INTEGER NOT NULL, digest BLOB NOT NULL", false, true},
    FixedTable{"meta", "key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL", false, true},
    FixedTable{"meta_open", "key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL", true, true},
    FixedTable{"meta_projection", "key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL", false, true},
    FixedTable{"meta_sealed", "key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL", false, false},
};
constexpr std::array<std::string_view, 5> k_record_columns = {"id", "version", "state", "doc", "changed"};

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}
const FixedTable* fixed(std::string_view name) {
  const auto* found = std::find_if(k_fixed.begin(), k_fixed.end(), [&](const auto& table) { return table.name == name; });
  return found == k_fixed.end() ? nullptr : found;
}

base::Status check_names(const TableShape& shape) {
  const auto refuse = [&](std::string_view what, std::string_view zh, std::string_view en) {
    return base::refuse("STORE-06", std::string(zh), std::string(en),
                        shape.name + (what.empty() ? "" : "." + std::string(what)));
  };
  if (!is_name(shape.name) || shape.name.starts_with("sqlite_") || shape.name.starts_with("pragma_")) {
    return refuse("", "表名不合规", "not a name for a table");
  }
  if (fixed(shape.name) != nullptr || shape.name.ends_with(k_public_suffix) || shape.name.starts_with("json_")) {
    return refuse("", "表名为系统保留", "the name of the table is reserved");
  }
  std::set<std::string_view> columns(k_record_columns.begin(), k_record_columns.end());
  for (const auto& column : shape.columns) {
    if (!is_name(column.name)) return refuse(column.name, "列名不合规", "not a name for a column");
    if (!columns.insert(column.name).second)
      return refuse(column.name, "列名重复或为系统保留", "the column stands twice or is reserved");
  }
  return base::Done{};
}

base::Status shape_one(Connection& db, const std::string& name, const TableShape& shape, bool open) {
  const auto& columns = shape.columns;
  const auto type_of = [](const ColumnShape& column) { return column.integer ? " INTEGER" : " TEXT"; };
  // With its columns at once where it is new: SQLite reads the whole schema again after each that is added later.
  std::string create = "CREATE TABLE IF NOT EXISTS " + sql_name(name) +
                       " (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL, doc TEXT NOT NULL,"
                       " changed INTEGER NOT NULL";
  for (const auto& column : columns) create += ", " + sql_name(column.name) + type_of(column);
  LG_CHECK(db.execute(create + ")"));
  std::map<std::string, std::string, std::less<>> standing;
  {
    LG_TRY(auto info, db.prepare("SELECT name, type FROM pragma_table_info(?)"));
    info.text(1, name);
    for (;;) {
      LG_TRY(const bool row, info.row());
      if (!row) break;
      standing.emplace(info.text(0), info.text(1));
    }
  }
  for (const auto& column : columns) {
    const auto found = standing.find(column.name);
    if (found == standing.end()) {
      LG_CHECK(db.execute("ALTER TABLE " + sql_name(name) + " ADD COLUMN " + sql_name(column.name) + type_of(column)));
    } else if (" " + found->second != type_of(column)) {
      return base::refuse("STORE-06", "列的类型与已有的表不一致", "the column stands already with another type",
                          name + "." + column.name);
    }
    // A slash never stands in a table's name, so an index cannot take one.
    if (column.indexed) {
      LG_CHECK(db.execute("CREATE INDEX IF NOT EXISTS " + sql_name(name + "/" + column.name) + " ON " + sql_name(name) +
                          " (" + sql_name(column.name) + (open && column.newest ? ", changed DESC, id)" : ")")));
    }
  }
  if (open && shape.newest) {
    // Words stand in it too: who searches looks through small entries, and reads the rows that he finds.
    std::string words;
    for (const auto& column : columns) {
      if (column.newest && !column.indexed) words += ", " + sql_name(column.name);
    }
    LG_CHECK(db.execute("CREATE INDEX IF NOT EXISTS " + sql_name(name + "/changed") + " ON " + sql_name(name) +
                        " (changed DESC, id" + words + ")"));
    // Desks look for the few that wait in a state among all that are through, of a division too.
    const bool region =
        std::any_of(columns.begin(), columns.end(), [](const ColumnShape& column) { return column.name == "region"; });
    LG_CHECK(db.execute("CREATE INDEX IF NOT EXISTS " + sql_name(name + "/state") + " ON " + sql_name(name) +
                        " (state, changed DESC, id" + (region ? ", region" : "") + ")"));
  }
  return base::Done{};
}

}  // namespace

base::Status create_fixed_tables(Connection& db) {
  for (const auto& table : k_fixed) {
    const bool rowid = table.columns.find("INTEGER PRIMARY KEY") != std::string_view::npos;
    LG_CHECK(db.execute("CREATE TABLE IF NOT EXISTS " + std::string(table.name) + " (" + std::string(table.columns) + ")" +
                        (rowid ? "" : " WITHOUT ROWID")));
  }
  LG_CHECK(db.execute("CREATE INDEX IF NOT EXISTS \"timers/due\" ON timers (due, record, name)"));
  LG_CHECK(db.execute("PRAGMA application_id = " + std::to_string(k_application)));
  return db.execute("PRAGMA user_version = " + std::to_string(k_format));
}

base::Status load_known_tables(Connection& db, KnownTables& known) {
  LG_TRY(auto tables,
         db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"));
  for (;;) {
    LG_TRY(const bool row, tables.row());
    if (!row) return base::Done{};
    if (const auto name = tables.text(0); fixed(name) == nullptr && !name.ends_with(k_public_suffix)) known.add(name);
  }
}

base::Status shape_table(Connection& db, const TableShape& shape, KnownTables& known) {
  LG_CHECK(check_names(shape));
  LG_CHECK(shape_one(db, shape.name, shape, false));
  LG_CHECK(shape_one(db, shape.name + std::string(k_public_suffix), shape, true));
  known.add(shape.name);
  return base::Done{};
}

bool covers(Sight sight, std::string_view table, const KnownTables& known) {
  if (table == "json_each" || table == "json_tree") return true;  // functions over a value that was read already
  if (const auto* found = fixed(table)) return sight == Sight::open ? found->open : found->internal;
  if (table.ends_with(k_public_suffix)) return known.holds(table.substr(0, table.size() - k_public_suffix.size()));
  return sight == Sight::internal && known.holds(table);
}

std::string_view meta_table(std::string_view key) {
  if (key.starts_with("open/")) return "meta_open";
  if (key.starts_with("sealed/")) return "meta_sealed";
  if (key.starts_with("projection/")) return "meta_projection";
  return "meta";
}

}  // namespace landglass::store
