#include "store/folder.hpp"

#include <filesystem>

#include "store/sqlite_store.hpp"

namespace landglass::store {
namespace {

namespace fs = std::filesystem;

base::Result<Connection> connect(const std::string& folder) {
  const auto file = folder + "/landglass.db";
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return base::fail("no store stands in " + folder);
  return Connection::open(file, SQLITE_OPEN_READONLY, "");
}

base::Result<std::int64_t> number(Connection& db, const std::string& sql) {
  LG_TRY(auto statement, db.prepare(sql));
  LG_TRY(const bool row, statement.row());
  return row ? statement.integer(0) : 0;
}

base::Result<std::string> open_meta(Connection& db, std::string_view key) {
  LG_TRY(auto statement, db.prepare("SELECT value FROM meta_open WHERE key = ?"));
  LG_TRY(const bool row, statement.text(1, key).row());
  return row ? std::string(base::as_text(statement.blob(0))) : std::string();
}

base::Status check_format(Connection& db, const std::string& folder) {
  LG_TRY(const auto format, number(db, "PRAGMA user_version"));
  LG_TRY(const auto mark, number(db, "PRAGMA application_id"));
  if (format == k_format && mark == k_application) return base::Done{};
  return base::refuse("STORE-01", "数据由另一版本写成，或不是明鉴国土的数据",
                      "the folder was written by another version, or by something else",
                      folder + ": format " + std::to_string(format));
}

}  // namespace

base::Result<FolderFacts> look_at(const std::string& folder) {
  LG_TRY(auto db, connect(folder));
  FolderFacts facts;
  facts.newest = k_format;
  LG_TRY(facts.format, number(db, "PRAGMA user_version"));
  LG_TRY(const auto mark, number(db, "PRAGMA application_id"));
  facts.ours = mark == k_application;
  std::error_code error;
  facts.bytes = fs::file_size(folder + "/landglass.db", error);
  if (!facts.ours || facts.format > k_format) return facts;
  LG_CHECK(db.execute("BEGIN"));
  LG_TRY(facts.origin, open_meta(db, "open/origin"));
  LG_TRY(facts.verifier_key, open_meta(db, "open/verifier-key"));
  LG_TRY(facts.checkpoint, open_meta(db, "open/checkpoint"));
  LG_TRY(const auto leaves, number(db, "SELECT coalesce(max(seq) + 1, 0) FROM leaves_open"));
  LG_TRY(const auto sealed_leaves, number(db, "SELECT coalesce(max(seq) + 1, 0) FROM leaves_sealed"));
  KnownTables known;
  LG_CHECK(load_known_tables(db, known));
  for (const auto& name : known.all()) facts.institutions.push_back(name);
  facts.leaves = static_cast<std::uint64_t>(leaves);
  facts.sealed_leaves = static_cast<std::uint64_t>(sealed_leaves);
  return facts;
}

base::Status back_up_folder(const std::string& from, const std::string& to) {
  LG_TRY(auto db, connect(from));
  LG_CHECK(check_format(db, from));
  LG_CHECK(copy_database(db, to));
  // What a process that was killed had committed and not yet put into the tables. Of one that writes meanwhile there may be
  // more than the copy has, and a gap: then the copy is of the moment before (Journal::read).
  for (const auto& name : Journal::files("")) {
    std::error_code error;
    if (!fs::exists(from + name, error)) continue;
    fs::copy_file(from + name, to + name, fs::copy_options::overwrite_existing, error);
    if (error) return base::fail("copy " + from + name + ": " + error.message());
  }
  // Files are kept before the leaf that cites them, so all that the copied leaves cite are there by now.
  LG_CHECK(Files(from + "/files", Keys{}, true).copy_to(to + "/files"));
  return finish_copy(to);
}

base::Result<std::unique_ptr<Reader>> open_snapshot(const std::string& folder) {
  LG_TRY(auto db, connect(folder));
  LG_CHECK(check_format(db, folder));
  auto known = std::make_shared<KnownTables>();
  LG_CHECK(load_known_tables(db, *known));
  // A read transaction begins with its first read.
  LG_CHECK(db.execute("BEGIN"));
  LG_TRY(const auto begun, number(db, "SELECT count(*) FROM meta_open"));
  (void)begun;
  return open_reader(std::move(db), Sight::open, nullptr, std::make_shared<Keys>(), std::move(known));
}

}  // namespace landglass::store
