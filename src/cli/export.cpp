#include "cli/export.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "cli/snapshot_log.hpp"
#include "log/checkpoint.hpp"
#include "store/folder.hpp"

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;
using base::Json;
using base::Result;
using base::Status;

// Whole or not at all, so that a mirror which reads meanwhile finds no half of a file.
Status write(const fs::path& path, std::string_view bytes) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const auto beside = path.string() + ".part";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) return base::fail("cannot write " + beside);
  }
  fs::rename(beside, path, error);
  if (error) return base::fail("rename " + beside + ": " + error.message());
  return base::Done{};
}

Result<std::string> file_of(SnapshotLog& log, log::DerivedTiles& tiles, const log::TileName& name) {
  if (name.level != log::k_entries) {
    LG_TRY(auto bytes, name.width == log::k_tile_width ? log.tile(name) : tiles.tile(name));
    return std::string(base::as_text(bytes));
  }
  LG_TRY(auto leaves, log.leaves(name.index * log::k_tile_width, static_cast<std::uint64_t>(name.width)));
  std::string bundle;
  for (const auto& leaf : leaves) log::append_entry(bundle, leaf);
  return bundle;
}

Result<std::string> checkpoint_of(const HouseOptions& options, const store::FolderFacts& facts, log::DerivedTiles& tiles) {
  if (!fs::exists(options.keys + "/log.key")) {
    if (!facts.checkpoint.empty()) return facts.checkpoint;
    return base::fail("no checkpoint has been kept yet, and no log key is at hand in " + options.keys);
  }
  base::SystemRandom random;
  auto house = options;
  house.origin = facts.origin;
  LG_TRY(const auto signer, log_signer(house, random));
  if (signer.verifier().text() != facts.verifier_key)
    return base::refuse("ENG-04", "日志密钥不是本日志的密钥", "the log key is not this log's", options.keys + "/log.key");
  // A function of tree and key: the same bytes as the server gives out for this size.
  LG_TRY(const auto frontier, log::Frontier::restore(facts.leaves, tiles));
  return log::sign_checkpoint({facts.origin, facts.leaves, frontier.root(), {}}, signer).format();
}

void append_csv(std::string& line, std::string_view value) {
  if (!line.empty()) line += ',';
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) line += c == '"' ? std::string("\"\"") : std::string(1, c);
  line += '"';
}
std::string cell(const Json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.as_string() : base::canonical(value);
}

// Two files: JSON lines of the public documents, whole; and the same as a table, a column for each field that any row has.
Result<std::uint64_t> write_table(store::Reader& reader, const std::string& table, const fs::path& folder) {
  LG_TRY(const auto rows, reader.query("SELECT id, version, state, changed, doc FROM " + table + "_public ORDER BY id", {}));
  if (rows.empty()) return std::uint64_t{0};
  std::set<std::string> fields;
  std::vector<Json> docs;
  std::string lines;
  for (const auto& row : rows) {
    LG_TRY(auto doc, base::parse_json(row[4].as_string(), base::Profile::any));
    const auto changed = base::format_utc({row[3].as_int()});
    lines += base::canonical(Json(base::JsonObject{
                 {"id", row[0]}, {"version", row[1]}, {"state", row[2]}, {"changed", changed}, {"doc", doc}})) +
             "\n";
    if (const auto* held = doc.at("fields").if_object()) {
      for (const auto& [name, value] : *held) fields.insert(name);
    }
    docs.push_back(std::move(doc));
  }
  std::string csv = "\xEF\xBB\xBFid,version,state,changed";  // the mark that spreadsheets need to read UTF-8
  for (const auto& field : fields) append_csv(csv, field);
  csv += "\r\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line;
    append_csv(line, rows[i][0].as_string());
    append_csv(line, cell(rows[i][1]));
    append_csv(line, rows[i][2].as_string());
    append_csv(line, base::format_utc({rows[i][3].as_int()}));
    for (const auto& field : fields) append_csv(line, cell(docs[i].at("fields").at(field)));
    csv += line + "\r\n";
  }
  LG_CHECK(write(folder / (table + ".jsonl"), lines));
  LG_CHECK(write(folder / (table + ".csv"), csv));
  return std::uint64_t{rows.size()};
}

}  // namespace

Result<Exported> export_house(const HouseOptions& options, const ExportOptions& asked) {
  LG_TRY(auto facts, store::look_at(options.folder));
  if (facts.origin.empty()) return base::fail("the log in " + options.folder + " has not begun");
  LG_TRY(auto reader, store::open_snapshot(options.folder));
  SnapshotLog log(*reader);
  log::DerivedTiles tiles(log, log);
  const fs::path to = asked.to;
  Exported exported;
  exported.origin = facts.origin;
  LG_TRY(const auto checkpoint, checkpoint_of(options, facts, tiles));
  LG_TRY(const auto parsed, log::parse_checkpoint(checkpoint));
  exported.leaves = parsed.head.size;
  exported.beyond = facts.leaves - parsed.head.size;
  const auto names = log::tiles_since(0, parsed.head.size);
  Progress progress({"导出", "exporting"});
  std::uint64_t done = 0;
  for (const auto& name : names) {
    progress.at(++done, names.size());
    const auto path = to / log::tile_path(name);
    if (fs::exists(path)) continue;  // of one width a file never changes
    LG_TRY(const auto bytes, file_of(log, tiles, name));
    LG_CHECK(write(path, bytes));
    ++exported.files;
  }
  if (!asked.log_only) {
    for (const auto& table : facts.institutions) {
      LG_TRY(const auto rows, write_table(*reader, table, to / "tables"));
      exported.records += rows;
    }
  }
  LG_CHECK(write(to / "policy", "log " + facts.verifier_key + "\nquorum none\n"));
  LG_CHECK(write(to / "checkpoint", checkpoint));  // last: what it covers is there
  return exported;
}

Command export_command() {
  struct Asked {
    HouseArguments house;
    ExportOptions what;
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  Command command{"export",
                  {"导出公开日志（C2SP 瓦片）与公开各表（JSON 行与 CSV）",
                   "write the open log as C2SP tiles, and the public tables as JSON lines and CSV"},
                  {},
                  {},
                  {}};
  command.needs("to", &asked->what.to, {"目录；已有的导出会续上", "folder; an export that stands there is carried on"});
  add_house_options(command, asked->house);
  command.option("--log-only", &asked->what.log_only, {"只要日志", "the log alone"})
      .option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    const auto done = export_house(*options, asked->what);
    if (!done) return tell(done.trouble(), asked->json);
    if (asked->json) {
      std::printf("%s\n", base::canonical(Json(base::JsonObject{{"origin", done->origin},
                                                                {"leaves", done->leaves},
                                                                {"beyond", done->beyond},
                                                                {"files", done->files},
                                                                {"records", done->records}}))
                              .c_str());
    } else {
      std::printf("%s: %llu 条 leaves, %llu 个新文件 new files, %llu 条记录 records → %s\n", done->origin.c_str(),
                  static_cast<unsigned long long>(done->leaves), static_cast<unsigned long long>(done->files),
                  static_cast<unsigned long long>(done->records), asked->what.to.c_str());
      if (done->beyond > 0)
        std::printf("另有 %llu 条尚无检查点在手，未导出 / %llu more stand under no checkpoint at hand, and are left out\n",
                    static_cast<unsigned long long>(done->beyond), static_cast<unsigned long long>(done->beyond));
    }
    return k_done;
  };
  return command;
}

}  // namespace landglass::cli
