// A read connection that cannot see more than its sight: SQLite asks us for every table while it prepares a statement.

#include "store/journaled_store.hpp"
#include "store/pinyin.hpp"
#include "store/rule_reader.hpp"
#include "store/sqlite_store.hpp"

namespace landglass::store {
namespace {

constexpr std::size_t k_kept_queries = 256;

struct UserFunction {
  RuleReader::Function call;
};

base::Json value_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_value_int64(value));
    case SQLITE_TEXT: return std::string(reinterpret_cast<const char*>(sqlite3_value_text(value)));
    default: return nullptr;
  }
}

class SqliteReader final : public RuleReader {
 public:
  SqliteReader(Connection db, Sight sight, std::shared_ptr<HeldFolder> folder, std::shared_ptr<const Keys> keys,
               std::shared_ptr<KnownTables> known, std::shared_ptr<Tail> tail)
      : folder_(std::move(folder)),
        keys_(std::move(keys)),
        known_(std::move(known)),
        tail_(std::move(tail)),
        sight_(sight),
        db_(std::move(db)) {}

  // With tables beside, the connection itself is opened read-only all the same: only what lies in memory is written.
  base::Status confine(bool with_tables_beside) {
    LG_CHECK(
        db_.execute("PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -8192; PRAGMA trusted_schema = OFF; PRAGMA "
                    "temp_store = MEMORY"));
    if (!with_tables_beside) LG_CHECK(db_.execute("PRAGMA query_only = ON"));
    // SQLite declares these two when they are first named, which the authorizer would not let it.
    LG_CHECK(db_.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')"));
    add_pinyin(db_.raw());
    sqlite3_db_config(db_.raw(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_limit(db_.raw(), SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_set_authorizer(db_.raw(), &SqliteReader::ask, this);
    return base::Done{};
  }

  base::Result<std::vector<Row>> query(std::string_view sql, const std::vector<base::Json>& bind) override {
    LG_CHECK(settle());
    LG_TRY(auto* statement, prepared(sql));
    LG_CHECK(bind_all(*statement, bind));
    const Resetting resetting{*statement};
    const int columns = sqlite3_column_count(statement->raw());
    std::vector<Row> out;
    for (;;) {
      LG_TRY(const bool row, row_within_sight(*statement, sql));
      if (!row) return out;
      auto& values = out.emplace_back();
      values.reserve(static_cast<std::size_t>(columns));
      for (int at = 0; at < columns; ++at) values.push_back(value(*statement, at));
    }
  }

  base::Result<std::optional<std::string>> leaf(log::Tree tree, std::uint64_t seq) override {
    LG_TRY(auto found, leaves(tree, seq, 1));
    if (found.empty()) return std::optional<std::string>();
    return std::optional(std::move(found.front()));
  }

  base::Result<std::vector<std::string>> leaves(log::Tree tree, std::uint64_t from, std::uint64_t count) override {
    LG_CHECK(settle());
    const auto end = count > INT64_MAX - from ? std::uint64_t{INT64_MAX} : from + count;
    LG_TRY(auto* get, prepared("SELECT seq, bytes FROM " + std::string(leaves_table(tree)) +
                               " WHERE seq >= ? AND seq < ? ORDER BY seq"));
    get->integer(1, static_cast<std::int64_t>(from)).integer(2, static_cast<std::int64_t>(end));
    const Resetting resetting{*get};
    std::vector<std::string> out;
    for (;;) {
      LG_TRY(const bool row, get->row());
      if (!row) return out;
      if (tree == log::Tree::open) {
        out.emplace_back(base::as_text(get->blob(1)));
      } else {
        LG_TRY(auto opened, open_leaf(*keys_, static_cast<std::uint64_t>(get->integer(0)), get->blob(1)));
        if (!opened) return out;
        out.push_back(*std::move(opened));
      }
    }
  }

  base::Result<std::optional<base::Bytes>> tile(log::Tree tree, int level, std::uint64_t index) override {
    LG_CHECK(settle());
    LG_TRY(auto* get, prepared("SELECT hashes FROM " + std::string(tiles_table(tree)) + " WHERE id = ?"));
    get->integer(1, tile_id(level, index));
    LG_TRY(auto held, one_blob(*get));
    if (!held || tree == log::Tree::open) return held;
    return open_tile(*keys_, level, index, *held);
  }

  base::Result<std::optional<base::Bytes>> meta(std::string_view key) override {
    LG_CHECK(settle());
    LG_TRY(auto* get, prepared("SELECT value FROM " + std::string(meta_table(key)) + " WHERE key = ?"));
    get->text(1, key);
    return one_blob(*get);
  }

  base::Status lay_beside(const TableShape& shape) override {
    std::string sql = "CREATE TABLE temp." + sql_name(shape.name) +
                      " (id TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL, changed INTEGER NOT NULL";
    std::string names, marks;
    for (const auto& column : shape.columns) {
      sql += ", " + sql_name(column.name) + (column.integer ? " INTEGER" : " TEXT");
      names += ", " + sql_name(column.name);
      marks += ", ?";
    }
    writing_beside_ = true;
    auto made = db_.execute(sql + ") WITHOUT ROWID");
    for (const auto& column : shape.columns) {
      if (made && column.indexed)
        made = db_.execute("CREATE INDEX temp." + sql_name(shape.name + "/" + column.name) + " ON " + sql_name(shape.name) +
                           " (" + sql_name(column.name) + ")");
    }
    auto put = made ? db_.prepare("INSERT OR REPLACE INTO temp." + sql_name(shape.name) + " (id, state, changed" + names +
                                  ") VALUES (?, ?, ?" + marks + ")")
                    : base::Result<Statement>(made.trouble());
    writing_beside_ = false;
    if (!put) return put.trouble();
    beside_.insert_or_assign(shape.name, Beside{*std::move(put), shape.columns.size()});
    return base::Done{};
  }

  base::Status put_beside(const RecordRow& row) override {
    const auto found = beside_.find(row.table);
    LG_ASSERT(found != beside_.end(), "a row for a table that was not laid beside");
    LG_ASSERT(row.columns != nullptr && row.columns->size() == found->second.columns, "a row with other columns");
    auto& put = found->second.put;
    const Resetting resetting{put};
    put.text(1, row.id).text(2, row.state).integer(3, row.changed.ms);
    for (std::size_t i = 0; i < row.columns->size(); ++i) bind_one(put, static_cast<int>(i) + 4, (*row.columns)[i]);
    writing_beside_ = true;  // SQLite prepares it again where a table was laid since
    auto done = put.run();
    writing_beside_ = false;
    return done;
  }

  base::Status define(const std::string& name, int arguments, Function function) override {
    const int rc =
        sqlite3_create_function_v2(db_.raw(), name.c_str(), arguments, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                   new UserFunction{std::move(function)}, &SqliteReader::call, nullptr, nullptr,
                                   [](void* held) { delete static_cast<UserFunction*>(held); });
    return rc == SQLITE_OK ? base::Status(base::Done{}) : base::Status(sqlite_failure(db_.raw(), rc, name));
  }

  base::Result<Description> describe(std::string_view sql) override {
    Description out;
    description_ = &out;
    statements_.erase(std::string(sql));  // prepared anew, so that SQLite asks for what it reads
    auto statement = prepared(sql);
    description_ = nullptr;
    if (!statement) return statement.trouble();
    auto* raw = (*statement)->raw();
    for (int at = 0; at < sqlite3_column_count(raw); ++at) out.columns.emplace_back(sqlite3_column_name(raw, at));
    for (int at = 1; at <= sqlite3_bind_parameter_count(raw); ++at) {
      const auto* name = sqlite3_bind_parameter_name(raw, at);
      out.parameters.emplace_back(name == nullptr ? "" : name + 1);
    }
    return out;
  }

 private:
  struct Beside {
    Statement put;
    std::size_t columns = 0;
  };

  static void call(sqlite3_context* context, int count, sqlite3_value** values) {
    std::vector<base::Json> arguments;
    arguments.reserve(static_cast<std::size_t>(count));
    for (int at = 0; at < count; ++at) arguments.push_back(value_of(values[at]));
    const auto result = static_cast<UserFunction*>(sqlite3_user_data(context))->call(arguments);
    if (const auto* number = result.if_int())
      sqlite3_result_int64(context, *number);
    else if (const auto* text = result.if_string())
      sqlite3_result_text(context, text->data(), static_cast<int>(text->size()), SQLITE_TRANSIENT);
    else
      sqlite3_result_null(context);
  }

  base::Status settle() { return tail_ == nullptr ? base::Status(base::Done{}) : tail_->settle(); }

  static int ask(void* self, int action, const char* first, const char* second, const char* database, const char*) {
    auto& reader = *static_cast<SqliteReader*>(self);
    const int answer = reader.may(action, first, second, database) ? SQLITE_OK : SQLITE_DENY;
    if (answer == SQLITE_DENY) reader.denied_ = true;
    return answer;
  }
  bool may(int action, const char* first, const char* second, const char* database) {
    const std::string_view name = first != nullptr ? first : "";
    if (writing_beside_) return true;  // our own statements; the file itself was opened read-only
    switch (action) {
      case SQLITE_SELECT:
      case SQLITE_RECURSIVE: return true;
      case SQLITE_FUNCTION: return std::string_view(second != nullptr ? second : "") != "load_extension";
      case SQLITE_READ: {
        const bool in_memory = database != nullptr && std::string_view(database) == "temp";
        if (in_memory ? beside_.find(name) == beside_.end() : !covers(sight_, name, *known_)) return false;
        if (description_ != nullptr) description_->reads.emplace(name, second != nullptr ? second : "");
        return true;
      }
      default: return false;
    }
  }

  static base::Refusal out_of_sight(std::string_view sql) {
    return base::refuse("STORE-03", "此连接无权读取", "out of this reader's sight", std::string(sql));
  }

  base::Result<Statement*> prepared(std::string_view sql) {
    if (const auto found = statements_.find(sql); found != statements_.end()) return &found->second;
    denied_ = false;
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int rc =
        sqlite3_prepare_v3(db_.raw(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, &rest);
    Statement fresh(raw);
    if (rc != SQLITE_OK && denied_) return out_of_sight(sql);
    if (rc != SQLITE_OK) return sqlite_failure(db_.raw(), rc, sql);
    const std::string_view tail(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
    if (raw == nullptr || sqlite3_stmt_readonly(raw) == 0 || sqlite3_stmt_isexplain(raw) != 0 ||
        tail.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
      return out_of_sight(sql);
    }
    if (statements_.size() >= k_kept_queries) statements_.clear();
    return &statements_.emplace(std::string(sql), std::move(fresh)).first->second;
  }

  // SQLite prepares again, and asks again, when a table was shaped since; and functions over the schema ask as they run.
  base::Result<bool> row_within_sight(Statement& statement, std::string_view sql) {
    denied_ = false;
    auto row = statement.row();
    if (!row && denied_) return out_of_sight(sql);
    return row;
  }

  base::Status bind_all(Statement& statement, const std::vector<base::Json>& bind) {
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement.raw())) != bind.size()) {
      return base::fail("a query binds another number of values than it names");
    }
    for (std::size_t i = 0; i < bind.size(); ++i) bind_one(statement, static_cast<int>(i) + 1, bind[i]);
    return base::Done{};
  }

  static void bind_one(Statement& statement, int at, const base::Json& value) {
    if (const auto* number = value.if_int())
      statement.integer(at, *number);
    else if (const auto* text = value.if_string())
      statement.text(at, *text);
    else if (const auto* truth = value.if_bool())
      statement.integer(at, *truth ? 1 : 0);
    else
      statement.null(at);
  }

  static base::Json value(const Statement& row, int at) {
    switch (sqlite3_column_type(row.raw(), at)) {
      case SQLITE_NULL: return nullptr;
      case SQLITE_INTEGER: return row.integer(at);
      case SQLITE_FLOAT: return sqlite3_column_double(row.raw(), at);
      case SQLITE_TEXT: return std::string(row.text(at));
      default: return base::to_base64(row.blob(at));
    }
  }

  static base::Result<std::optional<base::Bytes>> one_blob(Statement& bound) {
    const Resetting resetting{bound};
    LG_TRY(const bool row, bound.row());
    if (!row) return std::optional<base::Bytes>();
    const auto value = bound.blob(0);
    return std::optional<base::Bytes>(std::in_place, value.begin(), value.end());
  }

  std::shared_ptr<HeldFolder> folder_;  // of a store in memory: it lives as long as somebody reads it
  std::shared_ptr<const Keys> keys_;
  std::shared_ptr<KnownTables> known_;
  std::shared_ptr<Tail> tail_;  // what was committed before a call is to be seen by it
  Sight sight_;
  bool denied_ = false;  // within the call that runs now; SQLite's own codes tell it apart only at times
  bool writing_beside_ = false;
  Description* description_ = nullptr;  // of the statement that is being prepared
  Connection db_;
  ByText<Statement> statements_;
  ByText<Beside> beside_;
};

}  // namespace

base::Result<std::unique_ptr<Reader>> open_reader(Connection db, Sight sight, std::shared_ptr<HeldFolder> folder,
                                                  std::shared_ptr<const Keys> keys, std::shared_ptr<KnownTables> known,
                                                  std::shared_ptr<Tail> tail) {
  auto reader = std::make_unique<SqliteReader>(std::move(db), sight, std::move(folder), std::move(keys), std::move(known),
                                               std::move(tail));
  LG_CHECK(reader->confine(false));
  return std::unique_ptr<Reader>(std::move(reader));
}

base::Result<std::unique_ptr<RuleReader>> SqliteStore::rule_reader() {
  LG_TRY(auto db, connect(SQLITE_OPEN_READONLY));
  auto reader = std::make_unique<SqliteReader>(std::move(db), Sight::internal, folder_->in_memory() ? folder_ : nullptr,
                                               keys_, known_, tail_);
  LG_CHECK(reader->confine(true));
  return std::unique_ptr<RuleReader>(std::move(reader));
}

base::Result<std::unique_ptr<RuleReader>> rule_reader(Store& store) {
  auto* sqlite = dynamic_cast<SqliteStore*>(&store);
  if (auto* journaled = dynamic_cast<JournaledStore*>(&store)) sqlite = &journaled->tables();
  if (sqlite == nullptr) return base::fail("rules read the projections of an SQLite store");
  return sqlite->rule_reader();
}

}  // namespace landglass::store
