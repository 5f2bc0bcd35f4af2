#include "disclosure/past.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace landglass::disclosure {

using base::Json;
using base::JsonObject;
using institution::Institution;
using institution::Record;

namespace {

// A party's own, or the party that the record itself is.
bool is_his(const Record& record, const Institution& in, const Asking& asking) {
  if (asking.actor.empty()) return false;
  if (record.id == asking.actor) return true;
  return std::any_of(in.fields.begin(), in.fields.end(), [&](const institution::Field& field) {
    return field.type == "ref" && field.of == "party" && record.fields.text(field.name) == asking.actor;
  });
}

std::set<std::string> roles_of(const Institution& in) {
  std::set<std::string> roles;
  const auto add = [&](const institution::Action& action) { roles.insert(action.by.begin(), action.by.end()); };
  add(in.create);
  for (const auto& action : in.always) add(action);
  const auto of_region = [&](const institution::Region& region) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) add(action);
    }
  };
  of_region(in.main);
  for (const auto& region : in.parallel) of_region(region);
  return roles;
}

bool in_charge(const Record& record, const Institution& in, const Asking& asking) {
  if (asking.seats.empty() || in.sealed()) return false;
  const auto roles = roles_of(in);
  const auto region = record.fields.text("region");
  return std::any_of(asking.seats.begin(), asking.seats.end(), [&](const institution::Seat& seat) {
    return institution::division_within(region, seat.region) &&
           std::any_of(seat.roles.begin(), seat.roles.end(), [&](const std::string& role) { return roles.contains(role); });
  });
}

}  // namespace

bool sees(const Record& newest, const Institution& in, const Asking& asking) {
  return !in.sealed() || is_his(newest, in, asking);
}

bool sees(const Record& newest, const Institution& in, const institution::Field& field, const Asking& asking) {
  if (!field.is_private) return sees(newest, in, asking);
  if (!in.sealed() && newest.disclosed.find(field.name) != nullptr) return true;
  if (!asking.actor.empty()) {
    const bool own = field.subject.empty() || field.subject == "self";
    if (own ? newest.id == asking.actor : newest.fields.text(field.subject) == asking.actor) return true;
  }
  return in_charge(newest, in, asking);
}

Part part_of(const log::Leaf& leaf, std::string_view record) {
  if (leaf.change.record == record) return {&leaf.change, ""};
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    if (leaf.effects[i].record == record) return {&leaf.effects[i], "effects/" + std::to_string(i) + "/"};
  }
  return {};
}

base::Result<Record*> Past::find(std::string_view id) {
  const auto place = made_.find(id);
  if (place != made_.end()) return place->second.get();
  LG_TRY(auto made, make(id, true));
  return made_.emplace(std::string(id), std::move(made)).first->second.get();
}

base::Result<std::unique_ptr<Record>> Past::before(std::string_view id) { return make(id, false); }

base::Result<std::unique_ptr<Record>> Past::make(std::string_view id, bool with_last) {
  LG_TRY(const Record* newest, now_.find(id));
  if (newest == nullptr) return std::unique_ptr<Record>();
  const auto acts = newest->acts;  // looking up others may let the newest go
  const auto tree = newest->tree;
  const auto* current = pack_.by_hash(newest->file);
  if (current == nullptr) return std::unique_ptr<Record>();
  std::set<std::string> hidden;
  for (const auto& field : current->fields) {
    if (!sees(*newest, *current, field, asking_)) hidden.insert(field.name);
  }
  std::unique_ptr<Record> record;
  for (const auto seq : acts) {
    const bool is_last = tree == at_.tree && seq == at_.seq;
    if (tree == at_.tree && (seq > at_.seq || (is_last && !with_last))) break;
    LG_TRY(const auto bytes, store_.leaves(tree, seq, 1));
    if (bytes.empty()) return base::fail("a leaf of a record is not in the store: " + std::to_string(seq));
    LG_TRY(const auto leaf, log::decode(bytes.front()));
    if (tree != at_.tree && leaf.time > at_.time) break;
    const Part part = part_of(leaf, id);
    if (part.change == nullptr) return base::fail("a leaf is not about its record: " + std::to_string(seq));
    if (!record) {
      if (part.change->version != 1) {
        return base::refuse("PAPER-09", "记录的最初各条已不在手边，不能重现",
                            "the first acts of this record are no longer at hand", std::string(id));
      }
      record = std::make_unique<Record>(institution::begin_record(*part.change, leaf.actor, leaf.as_of, tree));
    }
    JsonObject secrets;
    for (const auto& [name, commitment] : part.change->commit) {
      if (current->field(name) == nullptr) continue;
      if (hidden.contains(name)) {
        secrets[name] = JsonObject{{"erased", "hidden"}};
        continue;
      }
      LG_TRY(const auto secret, store_.secret(tree, seq, part.prefix + name));
      secrets[name] = secret ? secret->value : Json(JsonObject{{"erased", true}});
    }
    institution::follow(*record, pack_.by_hash(part.change->file), *part.change, secrets, leaf.actor, leaf.time, leaf.as_of,
                        seq);
    // Of a sealed record that is not his he sees nothing but that there is one.
    for (const auto& name : hidden) record->fields[name] = JsonObject{{"erased", "hidden"}};
  }
  return record;
}

base::Result<std::vector<std::string>> Past::index(std::string_view key, bool sealed) {
  LG_TRY(auto ids, now_.index(key, sealed));
  std::vector<std::string> then;
  for (auto& id : ids) {
    LG_TRY(const Record* record, find(id));
    if (record != nullptr) then.push_back(std::move(id));
  }
  return then;
}

Record& Past::add(Record) {
  LG_ASSERT(false, "a record was made in the past");
  std::abort();
}
void Past::touched(Record&) { LG_ASSERT(false, "a record was changed in the past"); }
base::Result<std::int64_t> Past::tally(std::string_view, bool) {
  return base::fail("a figure as of now was asked for in the past");
}
void Past::put_tally(std::string_view, std::int64_t, bool) { LG_ASSERT(false, "a figure was put into the past"); }
void Past::put_index(std::string_view, const std::vector<std::string>&, bool) {
  LG_ASSERT(false, "an index was put into the past");
}

}  // namespace landglass::disclosure
