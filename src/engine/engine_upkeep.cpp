#include "engine/engine_upkeep.hpp"

#include <algorithm>

#include "engine/engine_keys.hpp"
#include "institution/rules_cited.hpp"
#include "institution/signed_act.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using log::Tree;

constexpr std::string_view k_upkeep = "sealed/upkeep";  // a subject that waits to be erased is nobody's business
constexpr std::string_view k_versions = "versions";
constexpr std::uint64_t k_chunk = 4'096;
constexpr std::string_view k_pack_change = "pack-change";
constexpr std::string_view k_change_of = "pack-change/";
constexpr std::string_view k_release = "put-in-force";
constexpr std::string_view k_waits = "waiting";  // the state of a change that was released

std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> list;
  if (const auto* array = json.if_array()) {
    for (const auto& one : *array) list.push_back(one.as_string());
  }
  return list;
}
Json array_of(const std::vector<std::string>& list) {
  JsonArray array;
  for (const auto& one : list) array.emplace_back(one);
  return Json(std::move(array));
}

bool is_rule(std::string_view bytes) { return bytes.starts_with("rule:") || bytes.find("\nrule:") != std::string::npos; }

// Every record of an open institution as it stands.
Result<std::vector<std::string>> ids_of(store::Store& store, const std::string& institution) {
  LG_TRY(auto reader, store.reader(store::Sight::internal));
  LG_TRY(const auto rows, reader->query("SELECT id FROM " + Cache::table_of(institution) + " ORDER BY id", {}));
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const auto& row : rows) ids.push_back(row[0].as_string());
  return ids;
}

}  // namespace

Status Engine::restore_upkeep() {
  LG_TRY(auto held, store_.meta(k_upkeep));
  if (held) {
    LG_TRY(auto json, base::parse_json(base::as_text(*held), base::Profile::any));
    upkeep_->proposed = texts(json.at("proposed"));
    upkeep_->switching = texts(json.at("switching"));
    upkeep_->erasing = texts(json.at("erasing"));
    upkeep_->released = texts(json.at("released"));
  }
  LG_TRY(auto versions, store_.meta(k_versions));
  if (!versions) return base::Done{};
  LG_TRY(auto json, base::parse_json(base::as_text(*versions), base::Profile::any));
  for (const auto& [name, hashes] : json.as_object()) {
    for (const auto& hash : texts(hashes)) {
      upkeep_->versions[name].push_back(hash);
      const auto& later = upkeep_->proposed;
      if (pack_.by_hash(hash) != nullptr || std::find(later.begin(), later.end(), hash) != later.end()) continue;
      LG_TRY(auto bytes, store_.file(hash));
      LG_CHECK(pack_.add_version(name, bytes));
    }
  }
  return base::Done{};
}

bool Engine::upkeep_waits() const {
  return !upkeep_->proposed.empty() || !upkeep_->switching.empty() ||
         (!upkeep_->erasing.empty() && clock_.now() >= upkeep_->erase_again);
}

// Called while the leaf's transaction is open.
Status Engine::note_upkeep(const log::Change& change) {
  if (change.institution == k_pack_change && (change.state == k_waits || change.state == "in_force")) {
    std::erase(upkeep_->released, change.record);
    if (change.state == k_waits) upkeep_->released.push_back(change.record);
    upkeep_->changed = true;
  }
  const bool law = change.institution == k_pack_change && (change.version == 1 || change.state == "in_force");
  const bool erasure = change.institution == "erasure" && change.state == "carried_out";
  if (!law && !erasure) return base::Done{};
  LG_TRY(const auto* record, cache_.find(change.record));
  if (record == nullptr) return base::fail("no record of the house's own: " + change.record);
  if (erasure) {
    upkeep_->erasing.emplace_back(record->fields.text("subject"));
  } else if (record->fields.text("of").starts_with(k_rule_of)) {
    return change.version == 1 ? Status(base::Done{}) : put_rule_in_force(*record);
  } else if (change.version == 1) {
    auto& list = upkeep_->versions[std::string(record->fields.text("of"))];
    for (const auto* field : {"was", "file"}) {
      const auto hash = std::string(record->fields.text(field));
      if (!hash.empty() && std::find(list.begin(), list.end(), hash) == list.end()) list.push_back(hash);
    }
    upkeep_->proposed.emplace_back(record->fields.text("file"));
  } else {
    upkeep_->switching.emplace_back(record->fields.text("file"));
  }
  upkeep_->changed = true;
  return base::Done{};
}

Status Engine::write_upkeep() {
  if (!upkeep_->changed) return base::Done{};
  JsonObject versions;
  for (const auto& [name, hashes] : upkeep_->versions) versions[name] = array_of(hashes);
  LG_CHECK(store_.put_meta(k_versions, base::as_bytes(base::canonical(Json(std::move(versions))))));
  const Json waiting(JsonObject{{"proposed", array_of(upkeep_->proposed)},
                                {"switching", array_of(upkeep_->switching)},
                                {"erasing", array_of(upkeep_->erasing)},
                                {"released", array_of(upkeep_->released)}});
  LG_CHECK(store_.put_meta(k_upkeep, base::as_bytes(base::canonical(waiting))));
  JsonObject in_force;
  for (const auto* in : pack_.all()) in_force[in->name] = in->hash;
  LG_CHECK(store_.put_meta(k_in_force, base::as_bytes(base::canonical(Json(std::move(in_force))))));
  JsonObject rules;
  for (const auto& [name, rule] : upkeep_->rules) rules[name] = array_of(rule.hashes);
  LG_CHECK(store_.put_meta(k_rules, base::as_bytes(base::canonical(Json(std::move(rules))))));
  upkeep_->changed = false;
  return base::Done{};
}

// Outside a transaction, everything before it being durable.
Status Engine::keep_up() {
  if (!upkeep_->proposed.empty()) LG_CHECK(load_proposed());
  if (!upkeep_->switching.empty()) LG_CHECK(put_versions_in_force());
  if (!upkeep_->erasing.empty() && clock_.now() >= upkeep_->erase_again) LG_CHECK(erase_subjects());
  return base::Done{};
}

// From here new records begin under the new file. Running ones keep theirs, or go over one leaf each, as the file says.
Status Engine::put_versions_in_force() {
  for (const auto& hash : upkeep_->switching) {
    LG_CHECK(pack_.put_in_force(hash));
    LG_CHECK(store_.shape(Cache::shapes(pack_)));
    const auto* in = pack_.by_hash(hash);
    const bool moves = std::any_of(in->running.begin(), in->running.end(), [](const auto& one) { return one.second.move; });
    if (!moves) continue;
    LG_TRY(const auto ids, ids_of(store_, in->name));
    for (const auto& id : ids) {
      LG_TRY(const auto* record, cache_.find(id));
      const auto rule = record == nullptr ? in->running.end() : in->running.find(record->state);
      if (rule == in->running.end() || !rule->second.move || record->file == hash) continue;
      outbox_.push_back({derived_id(now_, "version", hash, id), {id, "@version", {{"file", hash}}}});
    }
    outbox_changed_ = true;
    cache_.trim();
  }
  if (!upkeep_->switching.empty()) upkeep_->rules_version.fetch_add(1);  // the watch looks anew, over the tables as they are
  upkeep_->switching.clear();
  upkeep_->changed = true;
  return base::Done{};
}

// Nothing in the store says whose a value is, so every commitment is asked; what was committed last for a field decides what
// the record shows, as it does in a rebuild.
Status Engine::erase_subjects() {
  for (const auto& subject : upkeep_->erasing) {
    std::map<std::string, std::map<std::string, bool>> fallen;  // record -> field
    for (const auto tree : {Tree::open, Tree::sealed}) {
      const auto size = lanes_[static_cast<int>(tree)].frontier.size();
      for (std::uint64_t from = 0; from < size; from += k_chunk) {
        LG_TRY(const auto leaves, store_.leaves(tree, from, std::min(k_chunk, size - from)));
        for (const auto& bytes : leaves) {
          if (bytes.find("\"commit\"") == std::string::npos) continue;
          LG_TRY(const auto leaf, log::decode(bytes));
          const auto look = [&](const log::Change& change, const std::string& prefix) -> Status {
            for (const auto& [path, commitment] : change.commit) {
              LG_TRY(const auto is_his, store_.belongs(tree, leaf.seq, prefix + path, subject));
              if (is_his) {
                fallen[change.record][path] = true;
              } else if (const auto place = fallen.find(change.record); place != fallen.end()) {
                place->second.erase(path);
              }
            }
            return base::Done{};
          };
          LG_CHECK(look(leaf.change, ""));
          for (std::size_t i = 0; i < leaf.effects.size(); ++i)
            LG_CHECK(look(leaf.effects[i], "effects/" + std::to_string(i) + "/"));
        }
      }
    }
    LG_CHECK(store_.begin());
    for (const auto& [id, fields] : fallen) {
      LG_TRY(auto* record, cache_.find(id));
      if (record == nullptr || fields.empty()) continue;
      std::vector<std::string> names;
      for (const auto& [name, yes] : fields) names.push_back(name);
      registry_->erase_values(*record, names);
    }
    LG_CHECK(cache_.write_back());
    outbox_changed_ = true;  // what is done stands in the kept list no more
    LG_CHECK(write_outbox());
    LG_CHECK(store_.commit());
    const auto dropped = store_.erase_subject(subject);
    if (!dropped) {
      upkeep_->erase_again = clock_.now() + base::k_second;
      std::fprintf(stderr, "landglass: an erasure is tried again: %s\n", base::explain(dropped.trouble()).c_str());
      return base::Done{};
    }
  }
  upkeep_->erasing.clear();
  upkeep_->changed = true;
  return base::Done{};
}

// A proposal that stands: its file is loaded, and figures that it reads are kept from now on, so they are counted once, over
// what stood before this batch. A rebuild, which knows every file, keeps them from the first leaf and comes to the same.
Status Engine::load_proposed() {
  for (const auto& hash : upkeep_->proposed) {
    if (pack_.by_hash(hash) != nullptr) continue;  // proposed before
    std::map<std::string, std::size_t> before;
    for (const auto* in : pack_.all()) before[in->name] = pack_.kept(in->name).size();
    LG_TRY(const auto bytes, store_.file(hash));
    LG_CHECK(pack_.add_version("", bytes));
    for (const auto& [name, size] : before) {
      const auto now = pack_.kept(name);
      const std::vector<institution::Kept> fresh(now.begin() + static_cast<std::ptrdiff_t>(size), now.end());
      if (fresh.empty()) continue;
      LG_TRY(auto ids, ids_of(store_, name));
      std::vector<std::pair<std::uint64_t, std::string>> in_order;  // as a rebuild would come to them
      for (const auto& id : ids) {
        LG_TRY(const auto* record, cache_.find(id));
        if (record != nullptr) in_order.emplace_back(record->acts.empty() ? record->last_leaf : record->acts.back(), id);
      }
      std::sort(in_order.begin(), in_order.end());
      for (const auto& [leaf, id] : in_order) {
        LG_TRY(const auto* record, cache_.find(id));
        registry_->count_for(fresh, *record);
      }
    }
  }
  upkeep_->proposed.clear();
  upkeep_->changed = true;
  return base::Done{};
}

// A proposal to change the law here, of somebody who may make one, is read before it is decided: the file must load beside
// all others, every rule of the watch must run over it, and what it would be the successor of is what is in force now.
// Nothing stays of one that is refused. Whoever puts it in force later has it read once more: the others may have changed.
// A file is proposed, or released.
bool Engine::to_consider(const Command& command) {
  return command.record.empty() ? command.institution == k_pack_change
                                : command.action == k_release && command.record.starts_with(k_change_of);
}

void Engine::consider(std::vector<Waiting>& waiting) {
  for (auto& one : waiting) {
    if (!to_consider(one.command)) continue;
    const bool release = !one.command.record.empty();
    if (auto status = release ? read_again(one.command) : read_proposal(one); !status) one.trouble = status.trouble();
  }
}

Status Engine::read_proposal(Waiting& one) {
  const auto& command = one.command;
  const auto* form = pack_.current(k_pack_change);
  if (form == nullptr) return base::Done{};  // the decision says so
  institution::Record blank;
  blank.institution = form->name;
  blank.file = form->hash;
  blank.tree = form->tree;
  LG_CHECK(registry_->may(blank, form->create, command.actor, command.post, now_));
  LG_TRY(const auto bytes, store_.file(std::string(command.fields.text("file"))));
  upkeep_->day = base::parse_date(command.fields.text("effective")).value_or(base::date_of(now_));
  if (is_rule(bytes)) return consider_rule(one, bytes);
  LG_TRY(const auto in, version_that_fits(bytes));
  one.found = {{"of", in->name}, {"number", in->version}};
  if (const auto* was = pack_.current(in->name)) one.found["was"] = was->hash;
  if (form->field("cites") != nullptr) {
    const auto rules = institution::rules_cited(*in);
    one.found["cites"] = array_of({rules.begin(), rules.end()});
  }
  return base::Done{};
}

Status Engine::read_again(const Command& command) {
  LG_TRY(const auto* record, cache_.find(command.record));
  const auto* in = record == nullptr ? nullptr : registry_->institution_of(*record);
  const auto* action = in == nullptr ? nullptr : institution::find_action(*in, command.action);
  if (action == nullptr) return base::Done{};  // the decision says so
  LG_CHECK(registry_->may(*record, *action, command.actor, command.post, now_));
  LG_TRY(const auto bytes, store_.file(std::string(record->fields.text("file"))));
  upkeep_->day = base::parse_date(record->fields.text("effective")).value_or(base::date_of(now_));
  if (is_rule(bytes)) return rule_that_runs(bytes);
  LG_TRY(const auto fits, version_that_fits(bytes));
  return base::Done{};
}

// Without a watch nobody reads the tables, and nothing can be missed.
Result<std::unique_ptr<institution::Institution>> Engine::version_that_fits(const std::string& bytes) {
  LG_TRY(auto in, pack_.candidate(bytes));
  bool watched = false;
  {
    const std::scoped_lock lock(upkeep_->rules_mutex);
    watched = static_cast<bool>(upkeep_->read_rule);
  }
  if (watched) {
    LG_TRY(const auto found, upkeep_->runs({in->name, in->hash, bytes, in->file, {}}, store_, cache_));
  }
  return in;
}

}  // namespace landglass::engine
