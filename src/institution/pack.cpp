#include "institution/pack.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <tuple>

#include "base/number.hpp"
#include "institution/load.hpp"
#include "institution/pack_version.hpp"

namespace landglass::institution {
namespace {

using base::Result;
using base::Status;
namespace fs = std::filesystem;

const std::string k_empty;
const std::vector<Kept> k_none;

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::refuse("PACK-03", "无法读取文件", "cannot read the file", path.string());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Result<std::map<std::string, Rule, std::less<>>> load_rules(const fs::path& path) {
  std::map<std::string, Rule, std::less<>> rules;
  if (!fs::exists(path)) return rules;
  LG_TRY(auto text, read_file(path));
  LG_TRY(auto root, read_yaml(text, path.string()));
  const Loading at{path.string()};
  for (const auto& [id, node] : root.members) {
    LG_CHECK(only(at, node, {"title", "number", "from", "until", "sure", "note"}));
    Rule rule;
    rule.id = id;
    LG_TRY(rule.title, load_text(at, node.at("title")));
    rule.number = node.text("number");
    rule.from = node.text("from");
    rule.until = node.text("until");
    rule.sure = node.text("sure");
    rules.emplace(id, std::move(rule));
  }
  return rules;
}

Result<CodeTable> load_table(const fs::path& path) {
  CodeTable table;
  table.name = path.stem().string();
  LG_TRY(auto text, read_file(path));
  if (path.extension() == ".csv") {  // code,zh[,en]: the long official tables
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      const auto first = line.find(',');
      if (first == std::string::npos) continue;
      const auto second = line.find(',', first + 1);
      const auto zh = line.substr(first + 1, second == std::string::npos ? std::string::npos : second - first - 1);
      table.values.push_back({line.substr(0, first), {zh, second == std::string::npos ? zh : line.substr(second + 1)}});
    }
  } else {
    LG_TRY(auto root, read_yaml(text, path.string()));
    const Loading at{path.string()};
    for (const auto& [key, node] : root.at("values").members) {
      LG_TRY(auto title, load_text(at, node));
      table.values.push_back({key, std::move(title)});
    }
  }
  for (std::size_t i = 0; i < table.values.size(); ++i) table.place[table.values[i].key] = i;
  return table;
}

Result<law::Calendar> load_calendar(const fs::path& path) {
  if (!fs::exists(path)) return law::Calendar();
  LG_TRY(auto text, read_file(path));
  LG_TRY(auto root, read_yaml(text, path.string()));
  const Loading at{path.string()};
  std::vector<law::Calendar::Day> days;
  std::vector<int> years;
  for (const auto& [year, node] : root.at("years").members) {
    const auto number = base::whole_number(year);
    if (!number) return at.bad(node, year, "年份有误", "not a year: " + year);
    years.push_back(*number);
    for (const bool off : {true, false}) {
      for (const auto& item : node.at(off ? "off" : "work").items) {
        // "01-22..01-28" or "01-01"; dates of the neighbouring year are written in full
        const auto dots = item.scalar.find("..");
        const auto whole = [&in = year](std::string part) {
          return base::parse_date(part.size() == 5 ? in + "-" + part : part);
        };
        const auto from = whole(item.scalar.substr(0, dots));
        const auto to = dots == std::string::npos ? from : whole(item.scalar.substr(dots + 2));
        if (!from || !to) return at.bad(item, year, "日期有误", "not a date or a range: " + item.scalar);
        for (auto day = *from; day <= *to; day = day + 1) days.push_back({day, off});
      }
    }
  }
  return law::Calendar(std::move(days), std::move(years));
}

}  // namespace

const Choice* CodeTable::find(std::string_view key) const {
  const auto found = place.find(key);
  return found == place.end() ? nullptr : &values[found->second];
}

Result<std::unique_ptr<Pack>> Pack::load(const std::string& folder, const std::string& data_folder) {
  if (!fs::is_directory(folder)) return base::refuse("PACK-03", "没有此目录", "no such folder", folder);
  auto pack = std::make_unique<Pack>();
  pack->folder_ = folder;
  LG_TRY(pack->rules_, load_rules(fs::path(folder) / "rules.yaml"));
  LG_TRY(pack->calendar_, load_calendar(fs::path(data_folder) / "calendar.yaml"));
  for (const auto* name : {"divisions.csv", "former-divisions.csv"}) {
    const auto divisions = fs::path(data_folder) / name;
    if (!fs::exists(divisions)) continue;
    LG_TRY(auto table, load_table(divisions));
    pack->tables_.emplace(table.name, std::move(table));
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::pair<Institution, Node>> loaded;
  for (const auto& path : files) {
    const auto relative = fs::relative(path, folder);
    const auto top = relative.begin()->string();
    if (top == "codes") {
      LG_TRY(auto table, load_table(path));
      pack->tables_.emplace(table.name, std::move(table));
      continue;
    }
    if (path.extension() != ".yaml" || path.string().ends_with(".test.yaml")) continue;
    if (relative.parent_path().empty() || top == "papers" || top == "worlds" || top == "import" || top == "report" ||
        top == "texts")
      continue;
    LG_TRY(auto text, read_file(path));
    const auto where = (fs::path(folder).filename() / relative).string();
    LG_TRY(auto root, read_yaml(text, where));
    const auto hash = base::to_hex(base::sha256(base::as_bytes(text)));
    if (!root.at("rule").is_absent()) {
      if (root.text("rule") != path.stem().string())
        return base::refuse("PACK-04", "文件名须与规则名一致",
                            "the file must be named after its rule: " + std::string(root.text("rule")), where);
      pack->rule_files_.push_back({path.stem().string(), hash, std::move(text), where, {}});
      continue;
    }
    LG_TRY(auto shape, load_shape(root, Loading{where}, hash));
    if (shape.name != path.stem().string()) {
      return base::refuse("PACK-04", "文件名须与制度名一致", "the file must be named after its institution: " + shape.name,
                          where);
    }
    pack->bytes_.emplace(hash, std::move(text));
    loaded.emplace_back(std::move(shape), std::move(root));
  }
  std::sort(pack->rule_files_.begin(), pack->rule_files_.end(),
            [](const RuleFile& a, const RuleFile& b) { return a.name < b.name; });
  LG_CHECK(pack->link(std::move(loaded)));
  return pack;
}

Status Pack::link(std::vector<std::pair<Institution, Node>> loaded) {
  const FindShape find = [&](std::string_view name) -> const Institution* {
    for (const auto& [shape, root] : loaded) {
      if (shape.name == name) return &shape;
    }
    return current(name);
  };
  for (auto& [shape, root] : loaded) LG_CHECK(load_rest(shape, root, Loading{shape.file}, find));
  const std::unique_lock lock(mutex_);
  for (auto& [shape, root] : loaded) {
    auto institution = std::make_unique<Institution>(std::move(shape));
    keep(*institution);
    current_[institution->name] = institution.get();
    by_hash_[institution->hash] = std::move(institution);
  }
  return base::Done{};
}

Status Pack::add_version(std::string_view name, std::string_view bytes) {
  const auto hash = base::to_hex(base::sha256(base::as_bytes(bytes)));
  if (by_hash(hash) != nullptr) return base::Done{};
  LG_TRY(auto institution, read_version(*this, name, bytes));
  const std::unique_lock lock(mutex_);
  keep(*institution);
  bytes_.emplace(hash, bytes);
  by_hash_[hash] = std::move(institution);
  return base::Done{};
}

void Pack::keep(const Institution& institution) {
  for (const auto& fact : institution.facts) {
    if (fact.kind == FactKind::ref) continue;
    auto& list = kept_[fact.institution];
    if (std::any_of(list.begin(), list.end(), [&](const Kept& one) { return one.key == fact.key; })) continue;
    Kept kept;
    kept.kind = fact.kind == FactKind::one ? FactKind::all : fact.kind;
    kept.key = fact.key;
    kept.institution = fact.institution;
    kept.field = fact.field;
    for (const auto& where : fact.where) {
      if (where.field == "state") {
        kept.states = where.states;
      } else {
        kept.by.push_back(where.field);
      }
    }
    list.push_back(std::move(kept));
  }
}

const Institution* Pack::current(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = current_.find(name);
  return found == current_.end() ? nullptr : found->second;
}
std::vector<const Institution*> Pack::versions(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  std::vector<const Institution*> list;
  for (const auto& [hash, institution] : by_hash_) {
    if (institution->name == name) list.push_back(institution.get());
  }
  std::sort(list.begin(), list.end(), [](const Institution* a, const Institution* b) {
    return std::tie(a->version, a->effective, a->hash) < std::tie(b->version, b->effective, b->hash);
  });
  return list;
}

const Institution* Pack::by_hash(std::string_view hash) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? nullptr : found->second.get();
}
Status Pack::put_in_force(std::string_view hash) {
  const auto* institution = by_hash(hash);
  if (institution == nullptr) return base::refuse("PACK-06", "没有此版本", "no such version is loaded", std::string(hash));
  const std::unique_lock lock(mutex_);
  current_[institution->name] = institution;
  return base::Done{};
}
std::vector<const Institution*> Pack::all() const {
  std::vector<const Institution*> list;
  const std::shared_lock lock(mutex_);
  for (const auto& [name, institution] : current_) list.push_back(institution);
  return list;
}
const std::string& Pack::bytes(std::string_view hash) const {
  const std::shared_lock lock(mutex_);
  const auto found = bytes_.find(hash);
  return found == bytes_.end() ? k_empty : found->second;
}
const Rule* Pack::rule(std::string_view id) const {
  const auto found = rules_.find(id);
  return found == rules_.end() ? nullptr : &found->second;
}
std::string Pack::cite(const Law& law) const {
  if (law.rule.empty()) return {};
  const auto* known = rule(law.rule);
  std::string text = known == nullptr ? law.rule : known->title.zh;
  if (known != nullptr && !known->number.empty()) text += "（" + known->number + "）";
  for (std::size_t i = 0; i < law.articles.size(); ++i) text += (i == 0 ? "第" : "、第") + law.articles[i] + "条";
  return text;
}
const CodeTable* Pack::table(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->second;
}
const std::vector<Kept>& Pack::kept(std::string_view institution) const {
  const std::shared_lock lock(mutex_);
  const auto found = kept_.find(institution);
  return found == kept_.end() ? k_none : found->second;
}
bool Pack::former_division(std::string_view code) const {
  const auto* former = table("former-divisions");
  return former != nullptr && former->find(code) != nullptr;
}

std::string Pack::division_name(std::string_view code) const {
  const auto* divisions = table("divisions");
  if (divisions == nullptr || code.size() != 6) return {};
  std::string name;
  for (const auto& part :
       {std::string(code.substr(0, 2)) + "0000", std::string(code.substr(0, 4)) + "00", std::string(code)}) {
    if (const auto* found = divisions->find(part); found != nullptr && !name.ends_with(found->title.zh))
      name += found->title.zh;
  }
  return name;
}

}  // namespace landglass::institution
