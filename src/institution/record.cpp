#include "institution/record.hpp"

namespace landglass::institution {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

Json texts(const std::vector<std::string>& list) {
  JsonArray array;
  for (const auto& text : list) array.emplace_back(text);
  return array;
}
std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> list;
  if (const auto* array = json.if_array()) {
    for (const auto& item : *array) list.push_back(item.as_string());
  }
  return list;
}
base::Time time_of(const Json& json) {
  const auto* text = json.if_string();
  return text == nullptr ? base::Time{} : base::parse_time(*text).value_or(base::Time{});
}

}  // namespace

Record::Record(const Record& other)
    : id(other.id),
      institution(other.institution),
      file(other.file),
      version(other.version),
      state(other.state),
      parallel(other.parallel),
      fields(other.fields),
      timers(other.timers),
      holds(other.holds),
      done(other.done),
      last_action(other.last_action),
      state_before(other.state_before),
      created(other.created),
      changed(other.changed),
      tree(other.tree),
      last_leaf(other.last_leaf),
      leaves(other.leaves),
      acts(other.acts),
      joint(other.joint),
      opinions(other.opinions),
      disclosed(other.disclosed),
      recused(other.recused),
      behaviour(other.behaviour ? other.behaviour->copy() : nullptr) {}

Record& Record::operator=(const Record& other) {
  if (this != &other) *this = Record(other);
  return *this;
}

std::string Record::states() const {
  std::string text = state;
  for (const auto& [region, inner] : parallel) text += "|" + region + ":" + inner;
  return text;
}

Json save(const Record& record) {
  JsonObject doc;
  doc["id"] = record.id;
  doc["institution"] = record.institution;
  doc["file"] = record.file;
  doc["version"] = record.version;
  doc["state"] = record.state;
  JsonObject parallel;
  for (const auto& [region, state] : record.parallel) parallel[region] = state;
  doc["parallel"] = std::move(parallel);
  doc["fields"] = record.fields;
  JsonObject timers;
  for (const auto& [name, timer] : record.timers) {
    timers[name] = timer.left_ms ? Json(JsonObject{{"left_ms", *timer.left_ms}}) : Json(base::format_utc(timer.due));
  }
  doc["timers"] = std::move(timers);
  JsonArray holds;
  for (const auto& hold : record.holds) {
    holds.push_back(JsonObject{{"by", hold.by},
                               {"zh", hold.ground.zh},
                               {"en", hold.ground.en},
                               {"actions", texts(hold.actions)},
                               {"deadlines", texts(hold.deadlines)}});
  }
  doc["holds"] = std::move(holds);
  JsonObject done;
  for (const auto& [action, who] : record.done) {
    done[action] = JsonObject{{"actor", who.actor}, {"post", who.post}, {"time", base::format_utc(who.time)}};
  }
  doc["done"] = std::move(done);
  doc["last_action"] = record.last_action;
  doc["state_before"] = record.state_before;
  doc["created"] = base::format_utc(record.created);
  doc["changed"] = base::format_utc(record.changed);
  doc["tree"] = static_cast<int>(record.tree);
  doc["last_leaf"] = record.last_leaf;
  JsonArray leaves;
  for (const auto leaf : record.leaves) leaves.emplace_back(leaf);
  doc["leaves"] = std::move(leaves);
  JsonArray acts;
  for (const auto act : record.acts) acts.emplace_back(act);
  doc["acts"] = std::move(acts);
  if (!record.joint.empty()) doc["joint"] = record.joint;
  if (!record.opinions.empty()) doc["opinions"] = record.opinions;
  if (!record.disclosed.empty()) doc["disclosed"] = record.disclosed;
  if (!record.recused.empty()) doc["recused"] = texts(record.recused);
  if (record.behaviour) doc["behaviour"] = record.behaviour->save();
  return doc;
}

base::Result<Record> load_record(const Json& doc, const Behaviour* behaviour) {
  if (!doc.is_object() || doc.text("id").empty()) return base::fail("a record's document does not read");
  Record record;
  record.id = doc.text("id");
  record.institution = doc.text("institution");
  record.file = doc.text("file");
  record.version = static_cast<std::uint64_t>(doc.at("version").as_int());
  record.state = doc.text("state");
  for (const auto& [region, state] : doc.at("parallel").as_object()) record.parallel[region] = state.as_string();
  record.fields = doc.at("fields").as_object();
  for (const auto& [name, timer] : doc.at("timers").as_object()) {
    if (timer.is_object()) {
      record.timers[name].left_ms = timer.at("left_ms").as_int();
    } else {
      record.timers[name].due = time_of(timer);
    }
  }
  for (const auto& hold : doc.at("holds").as_array()) {
    record.holds.push_back({std::string(hold.text("by")),
                            {std::string(hold.text("zh")), std::string(hold.text("en"))},
                            texts(hold.at("actions")),
                            texts(hold.at("deadlines"))});
  }
  for (const auto& [action, who] : doc.at("done").as_object()) {
    record.done[action] = {std::string(who.text("actor")), std::string(who.text("post")), time_of(who.at("time"))};
  }
  record.last_action = doc.text("last_action");
  record.state_before = doc.text("state_before");
  record.created = time_of(doc.at("created"));
  record.changed = time_of(doc.at("changed"));
  record.tree = static_cast<log::Tree>(doc.at("tree").as_int());
  record.last_leaf = static_cast<std::uint64_t>(doc.at("last_leaf").as_int());
  for (const auto& leaf : doc.at("leaves").as_array()) record.leaves.push_back(static_cast<std::uint64_t>(leaf.as_int()));
  if (const auto* acts = doc.at("acts").if_array()) {
    for (const auto& act : *acts) record.acts.push_back(static_cast<std::uint64_t>(act.as_int()));
  }
  if (const auto* joint = doc.at("joint").if_object()) record.joint = *joint;
  if (const auto* opinions = doc.at("opinions").if_object()) record.opinions = *opinions;
  if (const auto* disclosed = doc.at("disclosed").if_object()) record.disclosed = *disclosed;
  record.recused = texts(doc.at("recused"));
  if (behaviour != nullptr && !doc.at("behaviour").is_null()) record.behaviour = behaviour->load(doc.at("behaviour"));
  return record;
}

}  // namespace landglass::institution
