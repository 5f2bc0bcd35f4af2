// How records and kept figures follow from changes. Rebuilding is this alone: no check, no calendar, no clock.
#include <algorithm>
#include <utility>

#include "institution/decision.hpp"
#include "institution/registry.hpp"
#include "institution/scope.hpp"
#include "institution/texts.hpp"

namespace landglass::institution {
namespace {

using base::Json;
using base::JsonObject;

std::string as_key(const Json& value) { return value.is_string() ? value.as_string() : base::canonical(value); }

void parse_states(Record& record, std::string_view states) {
  const auto first = states.find('|');
  record.state = states.substr(0, first);
  while (first != std::string_view::npos && !states.empty()) {
    const auto bar = states.find('|');
    if (bar == std::string_view::npos) break;
    states.remove_prefix(bar + 1);
    const auto part = states.substr(0, states.find('|'));
    const auto colon = part.find(':');
    if (colon != std::string_view::npos)
      record.parallel[std::string(part.substr(0, colon))] = std::string(part.substr(colon + 1));
  }
}

constexpr std::size_t k_kept_doers = 500;  // of a record

// An official whose act another does anew has still had his hand in the matter.
void keep_hand(Record& record, const Done& before) {
  if (!before.actor.starts_with("person/") || record.done.size() >= k_kept_doers) return;
  record.done.try_emplace("hand:" + before.actor + "|" + before.post, before);
}

// Who did it last, under the act's name. Of a joint act that waits, who gave it before the last stands beside him as
// `act:concur:1` and so on, until it is given from the beginning again.
void note(Record& record, const std::string& action, const JsonObject& outcome, Done now) {
  auto& held = record.done[action];
  const auto colon = action.rfind(":concur");
  const auto given = colon == std::string::npos || !action.ends_with(":concur")
                         ? std::size_t{0}
                         : texts(outcome.at("joint").at(action.substr(0, colon)).at("actors")).size();
  if (given > 1) {
    record.done[action + ":" + std::to_string(given - 1)] = std::exchange(held, std::move(now));
    return;
  }
  if (given == 1) {
    for (auto one = record.done.upper_bound(action); one != record.done.end() && one->first.starts_with(action + ":");) {
      const auto before = one->second;
      one = record.done.erase(one);
      keep_hand(record, before);
    }
  }
  const bool other = !held.actor.empty() && (held.actor != now.actor || held.post != now.post);
  if (other && action != "hold" && action != "lift") keep_hand(record, held);
  held = std::move(now);
}

std::int64_t amount_of(const Json& value) {
  if (value.is_int()) return value.as_int();
  if (const auto* text = value.if_string()) {
    if (const auto money = base::parse_money(*text)) return money->fen;  // areas have the same grammar
  }
  return 0;
}

}  // namespace

std::string Registry::kept_key(const Kept& kept, const Record& record) const {
  if (!kept.states.empty() && std::find(kept.states.begin(), kept.states.end(), record.state) == kept.states.end())
    return {};
  std::string key = kept.key;
  for (const auto& field : kept.by) {
    const auto* value = field == "id" ? nullptr : record.fields.find(field);
    if (field == "id") {
      key += "|" + record.id;
    } else if (value == nullptr || value->is_null()) {
      return {};
    } else {
      key += "|" + as_key(*value);
    }
  }
  return key;
}

// What a record adds to a kept figure: nothing where the key is empty.
Registry::Share Registry::share(const Kept& kept, const Record& record) const {
  Share share{kept_key(kept, record), 1, false};
  if (share.key.empty()) return share;
  if (kept.kind == FactKind::sum) {
    const auto* value = record.fields.find(kept.field);
    share.by = value == nullptr ? 0 : amount_of(*value);
  }
  const auto* in = pack_.current(kept.institution);
  share.sealed = record.tree == log::Tree::sealed || (in != nullptr && tells_private(*in, kept.by));
  return share;
}

void Registry::count_one(const Kept& kept, const Share& share, const std::string& record, int sign) {
  if (share.key.empty()) return;
  if (kept.kind == FactKind::all) {
    auto ids = shelf_.index(share.key, share.sealed);
    LG_ASSERT(ids, "an index does not read");
    if (sign > 0) {
      ids->push_back(record);
    } else {
      ids->erase(std::remove(ids->begin(), ids->end(), record), ids->end());
    }
    shelf_.put_index(share.key, *ids, share.sealed);
    return;
  }
  if (share.by == 0) return;
  auto figure = shelf_.tally(share.key, share.sealed);
  LG_ASSERT(figure, "a tally does not read");
  shelf_.put_tally(share.key, *figure + sign * share.by, share.sealed);
}

Registry::Shares Registry::shares(const Record& record) const {
  Shares out{record.id, {}};
  const auto add = [&](const std::vector<Kept>& figures) {
    for (const auto& kept : figures) out.figures.emplace_back(&kept, share(kept, record));
  };
  add(pack_.kept(record.institution));
  if (const auto own = own_kept_.find(record.institution); own != own_kept_.end()) add(own->second);
  return out;
}

// Figures that a change leaves alone are neither read nor written; a record goes to the end of the lists it stays in.
void Registry::count(const Shares& before, const Shares& after) {
  const auto same = [](const Kept& kept, const Share& a, const Share& b) {
    return kept.kind != FactKind::all && a.key == b.key && a.by == b.by && a.sealed == b.sealed;
  };
  for (std::size_t i = 0; i < after.figures.size(); ++i) {
    const auto& kept = *after.figures[i].first;
    const auto& now = after.figures[i].second;
    if (!before.figures.empty()) {
      const auto& then = before.figures[i].second;
      if (same(kept, then, now)) continue;
      count_one(kept, then, after.record, -1);
    }
    count_one(kept, now, after.record, +1);
  }
}

void Registry::count_for(const std::vector<Kept>& kept, const Record& record) {
  for (const auto& one : kept) count_one(one, share(one, record), record.id, +1);
}

void Registry::erase_values(Record& record, const std::vector<std::string>& fields) {
  const auto before = shares(record);
  for (const auto& field : fields) {
    // What was given is nobody's any more: the act begins anew.
    if (field.starts_with(k_joint_path)) record.joint.erase(field.substr(k_joint_path.size()));
    // The value of a field that a behaviour keeps to itself stands in no record.
    if (record.fields.find(field) != nullptr || institution_of(record)->field(field) != nullptr)
      record.fields[field] = JsonObject{{"erased", true}};
  }
  count(before, shares(record));
  shelf_.touched(record);
}

Record begin_record(const log::Change& change, const std::string& actor, base::Time as_of, log::Tree tree) {
  Record fresh;
  fresh.id = change.record;
  fresh.institution = change.institution;
  fresh.created = as_of;
  fresh.tree = tree;
  fresh.done["@create"] = {actor, std::string(change.outcome.text("post")), as_of};
  return fresh;
}

bool follow(Record& record, const Institution* in, const log::Change& change, const JsonObject& secrets,
            const std::string& actor, base::Time time, base::Time as_of, std::uint64_t leaf) {
  const auto states_before = record.states();
  record.version = change.version;
  record.file = change.file;
  record.changed = time;
  record.last_leaf = leaf;
  record.leaves.push_back(leaf);
  if (record.leaves.size() > k_kept_leaves) record.leaves.erase(record.leaves.begin());
  const auto state_before = record.state;
  parse_states(record, change.state);
  const bool owned = !change.outcome.at("own").is_null();  // the behaviour keeps its secrets and figures itself
  bool moved = !owned || change.version == 1 || change.state != states_before || !change.holds.empty();
  for (const auto& [name, value] : change.set) {
    if (owned && (in == nullptr || in->field(name) == nullptr)) continue;
    moved = true;
    if (value.is_null()) {
      record.fields.erase(name);
    } else {
      record.fields[name] = value;
    }
  }
  if (!owned) {
    for (const auto& [name, value] : secrets) {
      if (name.starts_with(k_joint_path)) continue;  // no field
      if (value.is_null()) {
        record.fields.erase(name);
      } else {
        record.fields[name] = value;
      }
    }
  }
  for (const auto& [name, due] : change.due) {
    if (due.is_null()) {
      record.timers.erase(name);
    } else if (due.is_object()) {
      record.timers[name].left_ms = due.at("left_ms").as_int();
    } else {
      record.timers[name] = {base::parse_time(due.as_string()).value_or(base::Time{}), std::nullopt};
    }
  }
  for (const auto& hold : change.holds) {
    if (const auto& place = hold.at("place"); place.is_object()) {
      record.holds.push_back({std::string(place.text("by")),
                              {std::string(place.text("zh")), std::string(place.text("en"))},
                              texts(place.at("actions")),
                              texts(place.at("deadlines"))});
    } else {
      const auto by = hold.text("lift");
      std::erase_if(record.holds, [&](const Hold& one) { return one.by == by; });
    }
  }
  const auto& outcome = change.outcome;
  if (const auto* joint = outcome.at("joint").if_object()) {
    for (const auto& [action, waiting] : *joint) {
      if (waiting.is_null()) {
        record.joint.erase(action);
      } else {
        JsonObject waits = waiting.as_object();
        if (const auto* digest = secrets.find(std::string(k_joint_path) + action)) waits["digest"] = *digest;
        record.joint[action] = std::move(waits);
      }
    }
  }
  if (const auto* opinions = outcome.at("opinions").if_object()) {
    for (const auto& [office, opinion] : *opinions) record.opinions[office] = opinion;
  }
  if (const auto* disclose = outcome.at("disclose").if_object()) {
    for (const auto& [field, from] : *disclose) {
      if (from.is_null()) {
        record.disclosed.erase(field);
      } else {
        record.disclosed[field] = from;
      }
    }
  }
  if (const auto who = outcome.text("recused"); !who.empty()) record.recused.emplace_back(who);
  if (!owned) {
    if (record.state != state_before) record.state_before = state_before;
    record.last_action = change.action;
    note(record, change.action, outcome, {actor, std::string(outcome.text("post")), as_of});
  }
  if (moved) {
    record.acts.push_back(leaf);
    if (record.acts.size() > k_kept_acts) record.acts.erase(record.acts.begin());
  }
  return moved;
}

void Registry::evolve(const log::Change& change, const JsonObject& secrets, const std::string& actor, base::Time time,
                      base::Time as_of, log::Tree tree, std::uint64_t leaf) {
  auto found = shelf_.find(change.record);
  LG_ASSERT(found, "a record does not read");
  Record* record = *found;
  LG_ASSERT((record == nullptr) == (change.version == 1), "a change does not follow the record's version");
  if (record == nullptr) {
    record = &shelf_.add(begin_record(change, actor, as_of, tree));
  } else {
    LG_ASSERT(change.version == record->version + 1, "a change skips a version of its record");
  }
  const auto* in = pack_.by_hash(change.file);
  // Kept figures read fields and state: what the record added before, and adds after. A behaviour's own action touches
  // neither where it says so.
  const bool counted = !pack_.kept(change.institution).empty() || own_kept_.contains(change.institution);
  const bool shifts = counted && (change.version == 1 || change.state != record->states() ||
                                  (change.outcome.find("own") == nullptr && (!change.set.empty() || !secrets.empty())));
  const auto before = shifts && change.version > 1 ? shares(*record) : Shares();
  follow(*record, in, change, secrets, actor, time, as_of, leaf);
  if (const auto* series = change.outcome.at("series").if_object()) {
    for (const auto& [key, n] : *series) shelf_.put_tally(key, n.as_int(), tree == log::Tree::sealed);
  }
  if (in != nullptr && !in->behaviour.empty()) {
    if (auto* one = behaviour(in->behaviour)) one->evolve(*record, change, secrets, time);
  }
  if (shifts) count(before, shares(*record));
  shelf_.touched(*record);
}

}  // namespace landglass::institution
