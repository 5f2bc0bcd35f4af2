// Every public register as a file to take away: table, JSON, and both in a zip with licence and catalogue. Each says the
// size and root of the log that it was made at and its SHA-256; it stays the same bytes until its register changes.
#include <algorithm>
#include <map>
#include <mutex>

#include "base/crypto.hpp"
#include "disclosure/zip_file.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/problem.hpp"
#include "web/register_file.hpp"
#include "web/tables.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Institution;

namespace {

constexpr std::int64_t k_rows_of_a_file = 50'000;  // of one file; the next part begins after its last record
constexpr std::int64_t k_made_at_once = 2'000;     // registers up to so many records are made when the catalogue is read
constexpr std::size_t k_kept_bytes = 64U << 20;    // of all files in memory; past it the oldest is made anew when asked for

std::string hash_of(std::string_view bytes) { return base::to_hex(base::sha256(base::as_bytes(bytes))); }

struct Files {
  std::shared_ptr<const std::string> csv, json, zip;
  std::string csv_hash, json_hash, zip_hash;
  std::uint64_t size = 0;  // of the log: everything up to here is in it
  std::string root;
  base::Time made;
  std::int64_t count = 0;
  std::string next;  // the last record of a full part
  std::pair<std::int64_t, std::int64_t> stamp;
  std::uint64_t commits = 0;  // as of when it was last found to be what the register says
  std::string content;        // digest of what it says of the records
  std::size_t bytes() const { return csv->size() + json->size() + zip->size(); }
};

// How a register stands: its records, and when the last of them changed.
std::pair<std::int64_t, std::int64_t> stamp_of(Portal& portal, const Institution& in) {
  auto rows = portal.reader(store::Sight::open)
                  ->query("SELECT count(*), max(changed) FROM " + engine::Cache::table_of(in.name) + "_public", {});
  if (!rows || rows->empty()) return {0, 0};
  const auto& row = rows->front();
  return {row[0].as_int(), row[1].is_int() ? row[1].as_int() : 0};
}

JsonObject licence_of(const Portal& portal) {
  return {{"name", portal.options().licence}, {"url", portal.options().licence_url}};
}

std::string licence_text(const Portal& portal) {
  const auto& options = portal.options();
  return options.authority.zh + "（" + options.name.zh + "）的公开登记簿，许可：" + options.licence + "\r\n" +
         options.licence_url +
         "\r\n\r\n可以复制、改编、再发布，商用亦可，须注明来源和取得时的日志长度；改动须注明。自然人的姓名等仅在法定公开期内"
         "公开，期满或撤销后"
         "请以本站现行内容为准。以许可全文为准。\r\n\r\nPublic registers of " +
         options.authority.en + " (" + options.name.en + "), licence: " + options.licence + "\r\n" + options.licence_url +
         "\r\n\r\nCopy, adapt and publish, commercially too: name the source and the size of the log that the file was made "
         "at, "
         "and say what you changed. What concerns a person is open for its legal term only: after that, what this site says "
         "now "
         "counts. The licence's own text governs.\r\n";
}

JsonArray fields_of(const Institution& in) {
  JsonArray fields;
  for (const auto& field : in.fields)
    fields.push_back(JsonObject{{"name", field.name}, {"title", both(field.title)}, {"type", field.type}});
  return fields;
}

class OpenData {
 public:
  explicit OpenData(Portal& portal) : portal_(portal) {}

  base::Result<Files> files(const Institution& in, const std::string& after) {
    const std::lock_guard lock(mutex_);  // made once, however many ask
    // An erasure changes a register's documents, and the names that other registers show, without a leaf and without a
    // change of theirs: so after any commit it is read again. What says the same stays the same bytes.
    const auto commits = portal_.engine().gauges().batches.load();
    const auto key = in.name + "?" + after;
    const auto held = held_.find(key);
    if (held != held_.end() && held->second.commits == commits) return held->second;
    LG_TRY(auto made, make(in, after, held == held_.end() ? nullptr : &held->second));
    made.commits = commits;
    held_[key] = made;
    std::size_t bytes = 0;
    for (const auto& [name, one] : held_) bytes += one.bytes();
    while (bytes > k_kept_bytes && held_.size() > 1) {
      const auto oldest = std::min_element(held_.begin(), held_.end(),
                                           [](const auto& a, const auto& b) { return a.second.made < b.second.made; });
      bytes -= oldest->second.bytes();
      held_.erase(oldest);
    }
    return made;
  }

  // What is there to be taken without making it: the catalogue makes small ones only, and not anew for a commit that left
  // the register as it was, for it says sizes and digests alone.
  std::optional<Files> at_hand(const Institution& in, std::pair<std::int64_t, std::int64_t> stamp) {
    {
      const std::lock_guard lock(mutex_);
      const auto held = held_.find(in.name + "?");
      if (held != held_.end() && (held->second.stamp == stamp || stamp.first > k_made_at_once)) return held->second;
    }
    if (stamp.first > k_made_at_once) return std::nullopt;
    auto made = files(in, "");
    if (made) return *made;
    return std::nullopt;
  }

 private:
  base::Result<Files> make(const Institution& in, const std::string& after, const Files* before) {
    const auto stamp = stamp_of(portal_, in);
    // The head first: whatever that tree holds is in the rows, which are read after it.
    const auto head = portal_.engine().head(log::Tree::open);
    LG_TRY(const auto rows, portal_.reader(store::Sight::open)
                                ->query("SELECT id, state, changed, doc FROM " + engine::Cache::table_of(in.name) +
                                            "_public WHERE id > ? ORDER BY id LIMIT " + std::to_string(k_rows_of_a_file),
                                        {Json(after)}));
    auto names = portal_.names();
    Files made;
    made.size = head->size;
    made.root = base::to_hex(head->frontier.root());
    made.made = portal_.clock().now();
    made.count = static_cast<std::int64_t>(rows.size());
    made.stamp = stamp;
    if (made.count == k_rows_of_a_file) made.next = rows.back()[0].as_string();
    const auto& origin = portal_.engine().options().origin;
    auto csv = csv_of(in, rows, names, portal_, Language::zh);
    Json records = records_of(in, rows, names);
    made.content = hash_of(in.hash + csv + base::canonical(records));
    if (before != nullptr && before->content == made.content) {
      made = *before;
      made.stamp = stamp;
      return made;
    }
    JsonObject json{{"register", in.name},     {"title", both(in.title)},
                    {"institution", in.hash},  {"licence", licence_of(portal_)},
                    {"origin", origin},        {"tree_size", static_cast<std::int64_t>(made.size)},
                    {"root", made.root},       {"made", base::format_utc(made.made)},
                    {"fields", fields_of(in)}, {"records", std::move(records)}};
    if (!made.next.empty()) json["next"] = "/open-data/" + in.name + ".json?after=" + encode_component(made.next);
    auto text = base::canonical(Json(std::move(json)));
    made.csv_hash = hash_of(csv);
    made.json_hash = hash_of(text);
    const auto file = [](const std::string& name, const std::string& bytes, const std::string& hash) {
      return Json(JsonObject{{"file", name}, {"bytes", static_cast<std::int64_t>(bytes.size())}, {"sha256", hash}});
    };
    const auto licence = licence_text(portal_);
    const auto catalogue = base::canonical(Json(JsonObject{
        {"format", "landglass/open-data/1"},
        {"register", in.name},
        {"title", both(in.title)},
        {"licence", licence_of(portal_)},
        {"origin", origin},
        {"tree_size", static_cast<std::int64_t>(made.size)},
        {"root", made.root},
        {"checkpoint", head->checkpoint},
        {"made", base::format_utc(made.made)},
        {"fields", fields_of(in)},
        {"files", JsonArray{file(in.name + ".csv", csv, made.csv_hash), file(in.name + ".json", text, made.json_hash),
                            file("LICENCE.txt", licence, hash_of(licence))}}}));
    LG_TRY(auto zip, disclosure::zip_of({{"catalogue.json", &catalogue, true},
                                         {"LICENCE.txt", &licence, true},
                                         {in.name + ".csv", &csv, true},
                                         {in.name + ".json", &text, true}}));
    made.zip_hash = hash_of(zip);
    made.csv = std::make_shared<const std::string>(std::move(csv));
    made.json = std::make_shared<const std::string>(std::move(text));
    made.zip = std::make_shared<const std::string>(std::move(zip));
    return made;
  }

  Portal& portal_;
  std::mutex mutex_;
  std::map<std::string, Files, std::less<>> held_;
};

struct DataKind {
  const char* extension;
  std::string label;
  const char* type;
  std::shared_ptr<const std::string> Files::*bytes;
  std::string Files::*hash;
};
const DataKind k_data_kinds[] = {{"csv", "CSV", "text/csv; charset=utf-8; header=present", &Files::csv, &Files::csv_hash},
                                 {"json", "JSON", "application/json; charset=utf-8", &Files::json, &Files::json_hash},
                                 {"zip", "ZIP", "application/zip", &Files::zip, &Files::zip_hash}};

Response file_of(Portal& portal, OpenData& data, const DataKind& kind, const Request& request) {
  const std::string name(request.parameter("institution"));
  const auto* in = portal.pack().current(name);
  if (in == nullptr || in->sealed())
    return portal.refuse(base::refuse("EN-01", "没有此登记簿", "no such register", name), request);
  const auto files = data.files(*in, std::string(request.query.get("after")));
  if (!files) return portal.refuse(files.trouble(), request);
  Response response;
  response.body = (*files).*kind.bytes;
  const auto& hash = (*files).*kind.hash;
  response.header("content-type", kind.type)
      .header("content-disposition", "attachment; filename=\"" + name + "." + kind.extension + "\"")
      .header("etag", "\"" + hash.substr(0, 32) + "\"")
      .header("landglass-sha256", hash)
      .header("landglass-tree-size", std::to_string(files->size))
      .header("cache-control", "no-cache");
  if (!files->next.empty())
    response.header("link", "</open-data/" + name + "." + kind.extension + "?after=" + encode_component(files->next) +
                                ">; rel=\"next\"");
  if (request.headers.get("if-none-match") == "\"" + hash.substr(0, 32) + "\"") {
    response.status = 304;
    response.body = nullptr;
  }
  return response;
}

Json catalogue_json(Portal& portal, OpenData& data) {
  JsonArray sets;
  for (const auto* in : portal.pack().all()) {
    if (in->sealed()) continue;
    const auto stamp = stamp_of(portal, *in);
    JsonArray files;
    const auto at_hand = data.at_hand(*in, stamp);
    for (const auto& kind : k_data_kinds) {
      JsonObject one{{"format", kind.extension}, {"url", "/open-data/" + in->name + "." + kind.extension}};
      if (at_hand) {
        one["bytes"] = static_cast<std::int64_t>(((*at_hand).*kind.bytes)->size());
        one["sha256"] = (*at_hand).*kind.hash;
      }
      files.push_back(std::move(one));
    }
    JsonObject set{
        {"register", in->name}, {"title", both(in->title)}, {"records", stamp.first}, {"files", std::move(files)}};
    if (!in->about.empty()) set["about"] = both(in->about);
    if (at_hand) {
      set["tree_size"] = static_cast<std::int64_t>(at_hand->size);
      set["root"] = at_hand->root;
      set["made"] = base::format_utc(at_hand->made);
    }
    sets.push_back(std::move(set));
  }
  return JsonObject{{"format", "landglass/open-data/1"},
                    {"publisher", both(portal.options().authority)},
                    {"origin", portal.engine().options().origin},
                    {"licence", licence_of(portal)},
                    {"registers", std::move(sets)}};
}

std::string size_shown(std::size_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  const auto kib = (bytes + 512) / 1024;
  return kib < 1024 ? std::to_string(kib) + " KB" : std::to_string((kib + 512) / 1024) + " MB";
}

Response catalogue_page(Portal& portal, OpenData& data, const Request& request) {
  auto model = portal.page(request, {"开放数据", "Open data"});
  Section licence("licence", {"许可", "Licence"});
  const auto& options = portal.options();
  licence.say(
      {options.licence + "：可以复制、改编、再发布，商用亦可，须注明来源、取得时的日志长度和所作改动。许可由本平台的设置决定"
                         "，随每个压缩包附上。",
       options.licence +
           ": copy, adapt and publish, commercially too; name the source, the size of the log it was made at, and your "
           "changes. Which licence holds is a setting of this site; it comes along in each zip."});
  licence.link({"许可全文", "Text of the licence"}, options.licence_url);
  Section files("registers", {"登记簿", "Registers"});
  files.say({"每个文件写明制作时的日志长度；内容未变，字节不变。压缩包内有表格、JSON、字段说明、检查点和各文件的摘要值。",
             "Each file says the size of the log that it was made at, and stays the same bytes while its register does. The "
             "zip holds table, "
             "JSON, fields, checkpoint and the digest of each file."});
  files.lines();
  files.column({"登记簿", "Register"});
  files.column({"记录", "Records"}, true);
  files.column({"制作时的日志长度", "Made at a log of"}, true);
  files.column({"文件；压缩包的 SHA-256", "Files; SHA-256 of the zip"});
  Section empty("empty", {"还没有记录的登记簿", "Registers without a record yet"});
  empty.column({"登记簿", "Register"});
  empty.column({"文件", "Files"});
  empty.dense();
  for (const auto* in : portal.pack().all()) {
    if (in->sealed()) continue;
    const auto stamp = stamp_of(portal, *in);
    const auto made = data.at_hand(*in, stamp);
    JsonArray links;
    for (const auto& kind : k_data_kinds) {
      const auto size = made ? " · " + size_shown(((*made).*kind.bytes)->size()) : std::string();
      links.push_back(JsonObject{{"label", kind.label + size}, {"to", "/open-data/" + in->name + "." + kind.extension}});
    }
    JsonObject extra{{"takes", items(std::move(links))}};
    if (stamp.first == 0) {
      empty.row_json({{both(in->title), "/list/" + in->name}, {}}, std::move(extra));
      continue;
    }
    if (made) extra["digest"] = made->zip_hash;
    const auto n = std::to_string(stamp.first);
    files.row_json({{both(in->title), "/list/" + in->name},
                    {both(n + " 条", n), {}, {}, true},
                    {made ? Json(std::to_string(made->size)) : both("下载时制作", "when it is taken"),
                     {},
                     made ? Json(base::format_local(made->made).substr(0, 16)) : Json(),
                     true},
                    {}},
                   std::move(extra));
  }
  files.link({"目录（JSON）", "Catalogue (JSON)"}, "/open-data.json");
  files.link({"变更订阅", "Feed of changes"}, "/feed");
  files.link({"接口说明", "OpenAPI"}, "/openapi.json");
  model.as_object()["tables"] =
      tables_of({std::move(files), std::move(empty), std::move(licence)},
                {"全部公开登记簿，成批取用；不公开的和已到期不再公开的不在其中。",
                 "All public registers, to be taken as files. What is not open, or no longer, is not in them."});
  return portal.render("tables", model, request);
}

}  // namespace

void add_open_data(Router& router, Portal& portal) {
  const auto data = std::make_shared<OpenData>(portal);
  const RouteOptions open{Access::open, Pace::read, Run::heavy};
  router.add(
      Method::get, "/open-data", [&portal, data](const Request& request) { return catalogue_page(portal, *data, request); },
      open);
  router.add(
      Method::get, "/open-data.json", [&portal, data](const Request&) { return json(200, catalogue_json(portal, *data)); },
      open);
  for (const auto& kind : k_data_kinds) {
    router.add(
        Method::get, std::string("/open-data/{institution}.") + kind.extension,
        [&portal, data, &kind](const Request& request) { return file_of(portal, *data, kind, request); }, open);
  }
}

}  // namespace landglass::web
