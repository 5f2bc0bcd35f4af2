#include "cli/import.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "cli/import_play.hpp"
#include "cli/import_report.hpp"
#include "cli/serve.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Findings;
using institution::Record;
using law::Value;

constexpr std::size_t k_waiting = 2'000;  // commands, before they are written

std::string digest_of(const JsonArray& parts) {
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(Json(parts)))));
}

// What an examination writes, over what the log holds; nothing of it goes into the log.
class Sketch final : public institution::Shelf {
 public:
  explicit Sketch(institution::Shelf& below) : below_(below) {}
  void clear() {
    records_.clear();
    tallies_.clear();
    indexes_.clear();
  }
  Result<Record*> find(std::string_view id) override {
    if (const auto mine = records_.find(id); mine != records_.end()) return &mine->second;
    LG_TRY(auto* there, below_.find(id));
    if (there == nullptr) return static_cast<Record*>(nullptr);
    return &records_.emplace(std::string(id), *there).first->second;
  }
  Record& add(Record record) override {
    const auto id = record.id;
    return records_.insert_or_assign(id, std::move(record)).first->second;
  }
  void touched(Record&) override {}
  Result<std::int64_t> tally(std::string_view key, bool sealed) override {
    if (const auto mine = tallies_.find(key); mine != tallies_.end()) return mine->second;
    return below_.tally(key, sealed);
  }
  void put_tally(std::string_view key, std::int64_t value, bool) override { tallies_[std::string(key)] = value; }
  Result<std::vector<std::string>> index(std::string_view key, bool sealed) override {
    if (const auto mine = indexes_.find(key); mine != indexes_.end()) return mine->second;
    return below_.index(key, sealed);
  }
  void put_index(std::string_view key, const std::vector<std::string>& ids, bool) override {
    indexes_[std::string(key)] = ids;
  }
  bool witnessed(const Record&) override { return true; }
  Result<std::string> file(std::string_view hash) override { return below_.file(hash); }

 private:
  institution::Shelf& below_;
  std::map<std::string, Record, std::less<>> records_;
  std::map<std::string, std::int64_t, std::less<>> tallies_;
  std::map<std::string, std::vector<std::string>, std::less<>> indexes_;
};

// The fields of a row as names of an expression.
class RowScope final : public law::Scope {
 public:
  RowScope(const Fields& fields, const law::Calendar& calendar) : fields_(fields), calendar_(calendar) {}
  Result<Value> name(std::string_view name) const override {
    const auto found = fields_.find(std::string(name));
    return found == fields_.end() ? Value::null() : found->second;
  }
  Result<Value> call(std::string_view function, const std::vector<Value>&) const override {
    return base::fail("a remark called what is not there: " + std::string(function));
  }
  const law::Calendar& calendar() const override { return calendar_; }

 private:
  const Fields& fields_;
  const law::Calendar& calendar_;
};

using Act = institution::Command;

class Importer {
 public:
  Importer(Core& core, institution::Shelf& shelf, ImportReport& report, base::Time now)
      : core_(core), sketch_(shelf), scratch_(*core.pack, sketch_, {}), report_(report), now_(now) {}

  Status table(const std::string& map_file, const std::string& file, std::uint64_t& done, std::uint64_t of,
               Progress& progress) {
    LG_TRY(const auto yaml, read(map_file));
    LG_TRY(map_, read_column_map(map_file, yaml));
    LG_TRY(plays_, read_plays(map_file, yaml, map_));
    LG_TRY(const auto bytes, read(file));
    const auto name = std::filesystem::path(file).filename().string();
    report_.files.push_back({name, map_.name, map_.title, base::to_hex(base::sha256(base::as_bytes(bytes)))});
    Status status = base::Done{};
    LG_TRY(const auto counts, read_table(map_, name, bytes, [&](ImportRow row) {
             if (!status) return;
             status = take(row);
             progress.at(++done, of);
           }));
    (void)counts;
    if (!status) return status.trouble();
    return flush();
  }

  static Result<std::string> read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return base::fail("cannot be read: " + path);
    return std::string{std::istreambuf_iterator<char>(in), {}};
  }

 private:
  struct Step {
    Act command;
    std::string record;  // that it makes or acts on
  };
  enum class Went : std::uint8_t { on, skipped, stopped };

  // Of the fields that name a parcel or a row; where one is empty, of the row's whole text.
  std::string key_of(const std::vector<std::string>& fields, const ImportRow& row, const std::string& digest,
                     std::string& shown) const {
    JsonArray parts{"landglass/import-key/1"};
    bool whole = !fields.empty();
    for (const auto& field : fields) {
      const auto found = row.fields.find(field);
      if (found == row.fields.end()) {
        whole = false;
        break;
      }
      const auto text = law::show(found->second).zh;
      parts.push_back(JsonArray{field, text});
      shown += (shown.empty() ? "" : " ") + text;
    }
    if (whole) return digest_of(parts);
    shown.clear();
    return digest_of({"landglass/import-row/1", map_.name, digest});
  }
  // The same parcel and name give the same record, whichever table speaks of it.
  static std::string made_id(const std::string& key, const std::string& name) {
    return digest_of({"landglass/import-record/1", key, name}).substr(0, 32);
  }
  static std::string act_id(const std::string& key, const std::string& digest, std::size_t i) {
    return digest_of({"landglass/import-act/1", key, digest, static_cast<std::int64_t>(i)}).substr(0, 32);
  }
  std::optional<base::Time> day_of(const ImportRow& row, const std::string& field) const {
    const auto found = row.fields.find(field);
    if (found == row.fields.end()) return std::nullopt;
    if (found->second.kind == law::Kind::date)  // a day without an hour is entered as its first instant
      return base::start_of(base::Date{static_cast<std::int32_t>(found->second.number)});
    if (found->second.kind == law::Kind::time) return base::Time{found->second.number};
    return std::nullopt;
  }

  Status take(const ImportRow& row);
  Result<Went> examine(const Play& play, const ImportRow& row, ImportedRow& out, std::size_t i, const std::string& digest);
  Status enter(ImportedRow& out, const ImportRow& row, const std::string& digest, const Record* before);
  void submit(Act command, std::size_t row, bool own);
  Status flush();

  Core& core_;
  Sketch sketch_;
  institution::Registry scratch_;
  ImportReport& report_;
  base::Time now_;
  ColumnMap map_;
  Plays plays_;
  // Of the row under way.
  std::string key_;
  std::string row_key_;
  std::map<std::string, std::string> bound_;  // name of a play -> record
  std::vector<Step> steps_;
  std::set<std::string> touched_;  // keys with commands that are not yet written
  std::size_t waiting_ = 0;
  Status trouble_ = base::Done{};
};

Status Importer::take(const ImportRow& row) {
  ImportedRow out;
  out.file = report_.files.size() - 1;
  out.line = row.line;
  JsonArray cells;
  for (const auto& cell : row.cells) cells.emplace_back(cell);
  if (cells.empty()) cells = {"no CSV", static_cast<std::int64_t>(row.line), report_.files.back().hash};
  const auto digest = digest_of(cells);
  key_ = key_of(plays_.key, row, digest, out.key);
  std::string ignored;
  row_key_ = plays_.row.empty() ? key_ : key_of(plays_.row, row, digest, ignored);
  if (touched_.contains(key_) || waiting_ >= k_waiting) LG_CHECK(flush());
  touched_.insert(key_);
  sketch_.clear();
  bound_.clear();
  steps_.clear();
  const auto row_id = made_id(row_key_, "row/" + map_.name);
  out.row_record = "imported-row/" + row_id;
  LG_TRY(const auto* before, sketch_.find(out.row_record));
  if (before != nullptr && before->fields.text("digest") == digest) {
    out.verdict = Verdict::unchanged;
    out.leaf = static_cast<std::int64_t>(before->last_leaf);
    report_.rows.push_back(std::move(out));
    return base::Done{};
  }
  if (before != nullptr) {
    out.corrected = true;
    if (const auto* was = before->fields.at("cells").if_array()) {
      for (std::size_t i = 0; i < std::min(was->size(), row.cells.size()); ++i) {
        if ((*was)[i] != Json(row.cells[i])) out.changed.push_back(row.columns[i]);
      }
    }
  }
  out.missing = row.missing;
  out.problems = row.problems;
  std::size_t entered = 0;  // of steps_
  bool open = row.status != RowStatus::malformed;
  for (std::size_t i = 0; i < plays_.plays.size(); ++i) {
    LG_TRY(const auto went, examine(plays_.plays[i], row, out, i, digest));
    if (went == Went::stopped) open = false;
    if (went == Went::on && open) entered = steps_.size();
  }
  steps_.resize(entered);
  for (const auto& remark : plays_.remarks) {
    const RowScope scope(row.fields, core_.pack->calendar());
    LG_TRY(const auto value, remark.that.evaluate(scope));
    if (value.is_true()) out.remarks.emplace_back(remark.code, remark.say);
  }
  std::sort(out.missing.begin(), out.missing.end());
  out.missing.erase(std::unique(out.missing.begin(), out.missing.end()), out.missing.end());
  out.verdict = !out.problems.empty()          ? Verdict::malformed
                : !out.findings.failed.empty() ? Verdict::refused
                : !out.missing.empty()         ? Verdict::incomplete
                                               : Verdict::imported;
  return enter(out, row, digest, before);
}

// One play on the sketch, with every check looked at. What does not stop it is a step to be entered.
Result<Importer::Went> Importer::examine(const Play& play, const ImportRow& row, ImportedRow& out, std::size_t i,
                                         const std::string& digest) {
  if (!play.when.empty()) {
    const auto found = row.fields.find(play.when);
    const bool among = found != row.fields.end() &&
                       std::find(play.among.begin(), play.among.end(), found->second.text_value) != play.among.end();
    if (among == play.unless) return Went::skipped;
  }
  if (play.institution.empty() && play.action.empty()) {  // find
    const auto* in_table = [&]() -> const institution::Institution* {
      for (const auto* in : core_.pack->all()) {
        const auto there = sketch_.find(in->name + "/" + made_id(key_, play.on));
        if (there && *there != nullptr) return in;
      }
      return nullptr;
    }();
    if (in_table != nullptr) {
      bound_[play.on] = in_table->name + "/" + made_id(key_, play.on);
      return Went::skipped;
    }
    out.stops.push_back(base::refuse("IMP-30", "没有已导入的宗地与此行相符", "no imported parcel is of this row", out.key));
    out.missing.push_back(play.on);
    return Went::stopped;
  }
  Act command;
  command.actor = institution::k_importer;
  command.late_entry = true;
  command.as_of = day_of(row, play.at);
  command.absent = play.absent;
  const institution::Institution* in = nullptr;
  if (!play.institution.empty()) {
    in = core_.pack->current(play.institution);
    if (in == nullptr)
      return base::refuse("IMP-01", "制度包没有此制度", "the pack has no such institution", play.institution);
    command.institution = play.institution;
    command.id = made_id(key_, play.name);
  } else {
    const auto bound = bound_.find(play.on);
    if (bound == bound_.end()) return play.optional ? Went::skipped : Went::stopped;
    LG_TRY(const auto* record, sketch_.find(bound->second));
    in = core_.pack->current(record->institution);
    command.record = record->id;
    command.action = play.action;
    command.id = act_id(key_, digest, i);
  }
  for (const auto& [name, source] : play.with) {
    const auto* field = in->field(name);
    if (field == nullptr)
      return base::refuse("IMP-01", "制度没有此字段", "the institution has no such field: " + in->name, name);
    if (!source.record.empty()) {
      const auto bound = bound_.find(source.record);
      if (bound != bound_.end()) command.fields[name] = bound->second;
      continue;
    }
    const auto found = row.fields.find(source.field);
    if (found == row.fields.end()) continue;
    if (auto value = placed(source, row.fields, *field)) {
      command.fields[name] = std::move(*value);
    } else {
      const auto note = source.field + "：" + law::show(found->second).zh;
      if (std::find(out.unplaced.begin(), out.unplaced.end(), note) == out.unplaced.end()) out.unplaced.push_back(note);
      command.absent.push_back(name);
    }
  }
  Findings findings;
  std::string record_id = command.record.empty() ? command.institution + "/" + command.id : command.record;
  // What stands already is corrected, not made again; an act that took place is not done twice.
  LG_TRY(auto* standing, sketch_.find(record_id));
  if (standing != nullptr && command.record.empty()) {
    JsonObject changed;
    for (const auto& [name, value] : command.fields) {
      const auto* was = standing->fields.find(name);
      if (was == nullptr || *was != value) changed[name] = value;
    }
    command.record = record_id;
    command.institution.clear();
    command.action = "correct";
    command.id = act_id(key_, digest, i);
    command.fields = std::move(changed);
    bound_[play.name] = record_id;
    if (command.fields.empty()) return Went::skipped;
  } else if (standing != nullptr && standing->done.contains(command.action)) {
    return Went::skipped;
  }
  auto decided = scratch_.decide_published(command, now_, &findings);
  if (!decided) {
    if (decided.failed()) return decided.trouble();
    if (play.optional) return Went::skipped;
    const auto& no = decided.refusal();
    if (no.code == "EN-17") {
      out.stops.push_back(no);
    } else if (no.code == "EN-09") {  // no rule is broken: what stands there is no value of its kind
      const auto given =
          std::find_if(play.with.begin(), play.with.end(), [&](const auto& one) { return one.first == no.where; });
      out.problems.push_back({no.code, given == play.with.end() ? no.where : given->second.field,
                              report_.files.back().name + ":" + std::to_string(row.line), no.say, ""});
    } else {
      out.findings.failed.push_back(no);
    }
    return Went::stopped;
  }
  if (!command.as_of) findings.missing.push_back(play.at);
  if (play.optional && !findings.missing.empty()) return Went::skipped;
  JsonObject opened;
  for (auto& secret : decided->secrets) opened[secret.path] = secret.value;
  scratch_.evolve(decided->change, opened, command.actor, now_, command.as_of.value_or(now_), decided->tree, 0);
  for (const auto& effect : decided->effects)
    scratch_.evolve(effect, {}, command.actor, now_, command.as_of.value_or(now_), decided->tree, 0);
  if (!play.name.empty()) bound_[play.name] = record_id;
  const bool stopped = !findings.failed.empty() || !findings.missing.empty();
  const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  add(out.findings.held, findings.held);
  add(out.findings.failed, findings.failed);
  add(out.findings.warned, findings.warned);
  add(out.findings.unchecked, findings.unchecked);
  add(out.findings.absent, findings.absent);
  // Named by the row's own field where the play says which that is.
  for (const auto& name : findings.missing) {
    const auto given = std::find_if(play.with.begin(), play.with.end(), [&](const auto& one) { return one.first == name; });
    out.missing.push_back(given != play.with.end() && !given->second.field.empty() ? given->second.field : name);
  }
  if (stopped) return Went::stopped;
  steps_.push_back({std::move(command), record_id});
  return Went::on;
}

Status Importer::enter(ImportedRow& out, const ImportRow& row, const std::string& digest, const Record* before) {
  const auto index = report_.rows.size();
  JsonArray records;
  for (auto& step : steps_) {
    out.record = step.record;
    if (records.empty() || records.back() != Json(step.record)) records.emplace_back(step.record);
  }
  if (!steps_.empty()) {
    // The sketch went on past what is entered; where the last step leaves its record is what the play's own leaf will say.
    const auto& last = steps_.back();
    LG_TRY(const auto* record, sketch_.find(last.record));
    const auto* in = core_.pack->current(record->institution);
    out.reached = {in->title.zh, in->title.en};
    const auto* action = last.command.action.empty() ? &in->create : nullptr;
    for (const auto& state : in->main.states) {
      if (action == nullptr) action = state.find(last.command.action);
    }
    if (action != nullptr) out.reached = {in->title.zh + "·" + action->title.zh, in->title.en + ": " + action->title.en};
  }
  const auto texts = [](const auto& list, const auto& text_of) {
    std::set<std::string> once;
    for (const auto& one : list) once.insert(text_of(one));
    JsonArray array;
    for (const auto& one : once) array.emplace_back(one);
    return array;
  };
  const auto code = [](const base::Refusal& one) { return one.code; };
  Act own;
  own.actor = institution::k_importer;
  own.as_of = now_;
  JsonArray cells;
  for (const auto& cell : row.cells) cells.emplace_back(cell);
  own.fields = {{"file", report_.files.back().name},
                {"file_hash", report_.files.back().hash},
                {"line", static_cast<std::int64_t>(row.line)},
                {"digest", digest},
                {"verdict", std::string(name_of(out.verdict))},
                {"reached", out.reached.zh},
                {"records", std::move(records)},
                {"refused", texts(out.findings.failed, code)},
                {"warned", texts(out.findings.warned, code)},
                {"missing", texts(out.missing, [](const std::string& one) { return one; })},
                {"cells", std::move(cells)}};
  if (before == nullptr) {
    own.institution = "imported-row";
    own.id = made_id(row_key_, "row/" + map_.name);
    own.fields["source"] = map_.name;
  } else {
    own.record = out.row_record;
    own.action = "replace";
    own.id = act_id(key_, digest, plays_.plays.size());
  }
  report_.rows.push_back(std::move(out));
  for (auto& step : steps_) submit(std::move(step.command), index, false);
  submit(std::move(own), index, true);
  return base::Done{};
}

void Importer::submit(Act command, std::size_t row, bool own) {
  ++waiting_;
  core_.engine->submit(std::move(command), [this, row, own](Result<engine::Answer> answer) {
    if (!answer) {  // what the examination allowed, the log must take: else the two do not judge alike
      if (trouble_) trouble_ = answer.trouble();
      return;
    }
    ++report_.leaves;
    if (!own || report_.rows[row].leaf < 0) report_.rows[row].leaf = static_cast<std::int64_t>(answer->seq);
  });
}

Status Importer::flush() {
  while (core_.engine->step()) {
  }
  waiting_ = 0;
  touched_.clear();
  return trouble_;
}

std::uint64_t lines_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return static_cast<std::uint64_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::imported: return "imported";
    case Verdict::refused: return "refused";
    case Verdict::incomplete: return "incomplete";
    case Verdict::malformed: return "malformed";
    case Verdict::unchanged: return "unchanged";
  }
  return "";
}

base::Text title_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::imported: return {"导入", "imported"};
    case Verdict::refused: return {"拒绝", "refused"};
    case Verdict::incomplete: return {"不全", "incomplete"};
    case Verdict::malformed: return {"有误", "malformed"};
    case Verdict::unchanged: return {"已导入过", "unchanged"};
  }
  return {};
}

Result<ImportReport> import_tables(const ImportOptions& options) {
  if (options.files.empty() || (options.maps.size() != 1 && options.maps.size() != options.files.size()))
    return base::refuse("IMP-21", "每个文件须有一份对照，或全部共用一份", "one map for each file in order, or one for all",
                        "--map");
  if (options.folder.empty()) return base::refuse("IMP-21", "须给出目录", "a folder is wanted", "--folder");
  if (!options.origin.starts_with("import."))
    return base::refuse("IMP-20", "导入日志的名称须以 import. 开头",
                        "the origin of a log of imports begins with \"import.\"", options.origin);
  const auto began = std::chrono::steady_clock::now();
  HouseOptions house;
  house.folder = (std::filesystem::path(options.folder) / "data").string();
  house.keys = (std::filesystem::path(options.folder) / "keys").string();
  house.pack = options.pack;
  house.data = options.data;
  house.origin = options.origin;
  house.durable = false;  // an import that was cut off is begun again: what it has entered is known by its rows
  house.published = true;
  base::SystemRandom random;
  // One instant for the whole import: the leaves say when they were entered, their `as_of` when the act was done, and it is
  // the latter by which parameters, days and institutions in force are looked up.
  base::VirtualClock clock(base::SystemClock().now());
  LG_TRY(auto core, open_core(house, clock, random, false));
  ImportReport report;
  report.origin = options.origin;
  std::uint64_t of = 0;
  for (const auto& file : options.files) of += lines_of(file);
  Progress progress({"导入", "importing"});
  std::uint64_t done = 0;
  Status status = base::Done{};
  core.engine->inspect([&](institution::Registry&, engine::Cache& cache) {
    Importer importer(core, cache, report, clock.now());
    for (std::size_t i = 0; status && i < options.files.size(); ++i)
      status = importer.table(options.maps[options.maps.size() == 1 ? 0 : i], options.files[i], done, of, progress);
  });
  if (!status) return status.trouble();
  core.engine->stop();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return report;
}

Command import_command() {
  auto options = std::make_shared<ImportOptions>();
  Command command{"import", {"导入公布的表格，逐行报告", "play published tables, and report every row"}, {}, {}, {}};
  command.needs("--map", &options->maps, {"列对照，每个文件一份", "column map, one for each file"})
      .needs("files", &options->files, {"CSV 文件", "CSV files"})
      .needs("--folder", &options->folder, {"导入日志的目录", "folder of the log of imports"})
      .option("--origin", &options->origin, {"日志名，以 import. 开头", "name of the log, begins with import."})
      .option("--pack", &options->pack, {"制度包目录", "folder of the pack"})
      .option("--data", &options->data, {"区划与日历目录", "folder of divisions and calendar"})
      .option("--report", &options->report, {"报告文件 .csv .json .html", "report file, .csv, .json or .html"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] {
    const auto report = import_tables(*options);
    if (!report) return tell(report.trouble(), options->json);
    if (!options->report.empty()) {
      if (const auto written = write_report(*report, options->report); !written)
        return tell(written.trouble(), options->json);
    }
    std::fputs((options->json ? totals_json(*report) + "\n" : totals_text(*report)).c_str(), stdout);
    return k_done;
  };
  return command;
}

}  // namespace landglass::cli
