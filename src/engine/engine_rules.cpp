// Rules of the watch come into force as institutions do: those that the pack had when the log began, and afterwards those
// that two posts put in force by a pack-change. Other bytes on disk change nothing in a log that has begun.
#include <algorithm>

#include "base/crypto.hpp"
#include "engine/engine_keys.hpp"
#include "engine/engine_upkeep.hpp"
#include "institution/yaml.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::RuleFile;

constexpr std::size_t k_most_rule = std::size_t{1} << 16;  // bytes; the longest in the pack has 3 KB

base::Refusal unfit(std::string zh, std::string en, const std::string& where) {
  return base::refuse("PACK-10", std::move(zh), std::move(en), where);
}

}  // namespace

std::vector<RuleFile> Engine::rules() const {
  const std::scoped_lock lock(upkeep_->rules_mutex);
  std::vector<RuleFile> list;
  for (const auto& [name, rule] : upkeep_->rules) list.push_back(rule.now);
  return list;
}

std::uint64_t Engine::rules_version() const { return upkeep_->rules_version.load(); }

void Engine::read_rules_with(ReadRule read) {
  const std::scoped_lock lock(upkeep_->rules_mutex);
  upkeep_->read_rule = std::move(read);
}

// A log that has begun has its own; one that begins, or began before rules were kept, takes the pack's.
Status Engine::adopt_rules() {
  LG_TRY(const auto held, store_.meta(k_rules));
  auto& rules = upkeep_->rules;
  if (held) {
    LG_TRY(const auto json, base::parse_json(base::as_text(*held), base::Profile::any));
    for (const auto& [name, hashes] : json.as_object()) {
      auto& rule = rules[name];
      for (const auto& hash : hashes.as_array()) rule.hashes.push_back(hash.as_string());
      LG_TRY(auto bytes, store_.file(rule.hashes.back()));
      rule.now = {name, rule.hashes.back(), std::move(bytes), name + "@" + rule.hashes.back().substr(0, 12), {}};
    }
    for (const auto& file : pack_.rule_files()) {
      const auto known = rules.find(file.name);
      if (known != rules.end() && known->second.now.hash == file.hash) continue;
      std::fprintf(
          stderr,
          "landglass: %s on disk is not the rule in force in this log and changes nothing; a pack-change puts it in "
          "force\n",
          file.file.c_str());
    }
    for (const auto& [name, rule] : rules) {
      const bool there = std::any_of(pack_.rule_files().begin(), pack_.rule_files().end(),
                                     [&](const RuleFile& file) { return file.name == rule.now.name; });
      if (!there)
        std::fprintf(stderr, "landglass: the rule %s is not on disk and stays in force in this log\n", name.c_str());
    }
    registry_->rules_in_force(upkeep_->codes());
    return base::Done{};
  }
  for (const auto& file : pack_.rule_files()) {
    LG_TRY(const auto kept, store_.keep_file(file.bytes));
    if (kept != file.hash) return base::fail("a kept rule has another hash: " + file.name);
    rules[file.name] = {{file.hash}, file};
  }
  registry_->rules_in_force(upkeep_->codes());
  JsonObject now;
  for (const auto& [name, rule] : rules) now[name] = JsonArray{rule.now.hash};
  LG_CHECK(store_.begin());
  LG_CHECK(store_.put_meta(k_rules, base::as_bytes(base::canonical(Json(std::move(now))))));
  return store_.commit();
}

// In the transaction of the leaf that says so; the record is the pack-change.
Status Engine::put_rule_in_force(const institution::Record& change) {
  const std::string name(change.fields.text("of").substr(k_rule_of.size()));
  const std::string hash(change.fields.text("file"));
  LG_TRY(auto bytes, store_.file(hash));
  {
    const std::scoped_lock lock(upkeep_->rules_mutex);
    auto& rule = upkeep_->rules[name];
    rule.hashes.push_back(hash);
    rule.now = {name, hash, std::move(bytes), name + "@" + hash.substr(0, 12), {}};
  }
  registry_->rules_in_force(upkeep_->codes());
  upkeep_->rules_version.fetch_add(1);
  upkeep_->changed = true;
  return base::Done{};
}

// Before it is decided: the file reads, runs beside the others, and is another than the one in force.
Status Engine::consider_rule(Waiting& one, std::string_view bytes) {
  const auto hash = base::to_hex(base::sha256(base::as_bytes(bytes)));
  const auto where = "rule@" + hash.substr(0, 12);
  if (bytes.size() > k_most_rule) return unfit("规则文件过大", "the file is larger than a rule may be", where);
  LG_TRY(const auto root, institution::read_yaml(bytes, where));
  const RuleFile proposed{std::string(root.text("rule")), hash, std::string(bytes), where, {}};
  std::size_t number = 1;
  {
    const std::scoped_lock lock(upkeep_->rules_mutex);
    if (const auto known = upkeep_->rules.find(proposed.name); known != upkeep_->rules.end()) {
      number += known->second.hashes.size();
      if (known->second.now.hash == hash) return unfit("与现行规则相同", "this is the rule that is in force", where);
      one.found["was"] = known->second.now.hash;
    }
  }
  LG_TRY(const auto found, upkeep_->runs(proposed, store_, cache_));
  one.found["of"] = std::string(k_rule_of) + found.name;
  one.found["number"] = static_cast<std::int64_t>(number);
  JsonArray cites;
  for (const auto& rule : found.cites) cites.emplace_back(rule);
  one.found["cites"] = std::move(cites);
  return base::Done{};
}

// At its release: it still runs beside those that came into force meanwhile, over the institutions as they will be then.
Status Engine::rule_that_runs(std::string_view bytes) {
  const auto hash = base::to_hex(base::sha256(base::as_bytes(bytes)));
  const auto where = "rule@" + hash.substr(0, 12);
  LG_TRY(const auto root, institution::read_yaml(bytes, where));
  LG_CHECK(upkeep_->runs({std::string(root.text("rule")), hash, std::string(bytes), where, {}}, store_, cache_));
  return base::Done{};
}

Result<RuleRead> Engine::Upkeep::runs(RuleFile rule_file, store::Store& store, Cache& cache) const {
  ReadRule read;
  std::vector<RuleFile> files;
  {
    const std::scoped_lock lock(rules_mutex);
    read = read_rule;
    for (const auto& [name, rule] : rules) files.push_back(rule.now);
  }
  if (!read) return unfit("此处不运行预警规则", "no rules are run here", rule_file.file);
  for (const auto& id : released) {
    LG_TRY(const auto* change, cache.find(id));
    if (change == nullptr) return base::fail("no record of a released change: " + id);
    const std::string hash(change->fields.text("file"));
    std::string name(change->fields.text("of"));
    if (name.starts_with(k_rule_of)) name.erase(0, k_rule_of.size());
    const auto from = base::parse_date(change->fields.text("effective"));
    LG_TRY(auto bytes, store.file(hash));
    if (hash != rule_file.hash && from)
      files.push_back({name, hash, std::move(bytes), name + "@" + hash.substr(0, 12), from});
  }
  rule_file.from = day;
  return read(rule_file, files);
}

std::set<std::string, std::less<>> Engine::Upkeep::codes() const {
  std::set<std::string, std::less<>> codes;
  for (const auto& [name, rule] : rules) {
    const auto root = institution::read_yaml(rule.now.bytes, rule.now.file);
    if (root && root->text("off") != "true") codes.insert(std::string(root->text("code")));
  }
  return codes;
}

}  // namespace landglass::engine
