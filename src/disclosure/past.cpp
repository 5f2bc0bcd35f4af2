#include "disclosure/past.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "disclosure/slip.hpp"

namespace landglass::disclosure {

using base::Json;
using base::JsonObject;
using institution::Institution;
using institution::Record;

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

base::Result<std::string> Past::slip(std::string_view id) {
  LG_TRY(const Record* newest, now_.find(id));
  const auto* in = newest == nullptr ? nullptr : pack_.by_hash(newest->file);
  if (in == nullptr || in->slip.empty()) return std::string();
  if (!sees(*newest, *in, *in->field(in->slip.front()), asking_)) return std::string("（不公开）");
  return slip_code_of(store_, Record(*newest), *in);
}

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
