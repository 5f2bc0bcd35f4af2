#include "institution/record.hpp"

#include "base/json_text.hpp"
#include "institution/record_text.hpp"
#include "institution/texts.hpp"

namespace landglass::institution {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

void append_texts(std::string& out, const std::vector<std::string>& list) {
  base::ArrayText array(out);
  for (const auto& text : list) base::append_json_string(array.next(), text);
  array.end();
}
void append_numbers(std::string& out, const std::vector<std::uint64_t>& list) {
  base::ArrayText array(out);
  for (const auto number : list) base::ObjectText::append_integer(array.next(), static_cast<std::int64_t>(number));
  array.end();
}
void append_hold(std::string& out, const Hold& hold) {
  base::ObjectText doc(out);
  append_texts(doc.member("actions"), hold.actions);
  doc.text("by", hold.by);
  append_texts(doc.member("deadlines"), hold.deadlines);
  doc.text("en", hold.ground.en);
  doc.text("zh", hold.ground.zh);
  doc.end();
}
// A map's members, in its own order: names of actions, timers and regions are ASCII.
template <class Map, class Append>
void append_map(std::string& out, const Map& map, const Append& append) {
  char before = '{';
  for (const auto& [name, value] : map) {
    out += before;
    before = ',';
    base::append_json_string(out, name);
    out += ':';
    append(value);
  }
  out += map.empty() ? "{}" : "}";
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

Json StateText::save() const {
  std::string text;
  save_to(text);
  return base::read_own(text);
}
Json StateText::publish() const {
  std::string text;
  publish_to(text);
  return base::read_own(text);
}

void append_state(std::string& out, const BehaviourState& state) {
  if (const auto* text = dynamic_cast<const StateText*>(&state)) return text->save_to(out);
  base::append_canonical(out, state.save());
}

void append_public_state(std::string& out, const BehaviourState& state) {
  if (const auto* text = dynamic_cast<const StateText*>(&state)) return text->publish_to(out);
  base::append_canonical(out, state.publish());
}

void append_saved(std::string& out, const Record& record, bool behaviour_apart) {
  base::ObjectText doc(out);
  append_numbers(doc.member("acts"), record.acts);
  if (record.behaviour) {
    auto& at = doc.member("behaviour");
    if (behaviour_apart) {
      at += "null";
    } else {
      append_state(at, *record.behaviour);
    }
  }
  doc.time("changed", record.changed);
  doc.time("created", record.created);
  if (!record.disclosed.empty()) doc.object("disclosed", record.disclosed);
  append_map(doc.member("done"), record.done, [&out](const Done& who) {
    base::ObjectText inner(out);
    inner.text("actor", who.actor);
    inner.text("post", who.post);
    inner.time("time", who.time);
    inner.end();
  });
  doc.object("fields", record.fields);
  doc.text("file", record.file);
  base::ArrayText holds(doc.member("holds"));
  for (const auto& hold : record.holds) append_hold(holds.next(), hold);
  holds.end();
  doc.text("id", record.id);
  doc.text("institution", record.institution);
  if (!record.joint.empty()) doc.object("joint", record.joint);
  doc.text("last_action", record.last_action);
  doc.integer("last_leaf", record.last_leaf);
  append_numbers(doc.member("leaves"), record.leaves);
  if (!record.opinions.empty()) doc.object("opinions", record.opinions);
  append_map(doc.member("parallel"), record.parallel,
             [&out](const std::string& state) { base::append_json_string(out, state); });
  if (!record.recused.empty()) append_texts(doc.member("recused"), record.recused);
  doc.text("state", record.state);
  doc.text("state_before", record.state_before);
  append_map(doc.member("timers"), record.timers, [&out](const Timer& timer) {
    if (!timer.left_ms) return base::ObjectText::append_time(out, timer.due);
    base::ObjectText inner(out);
    inner.integer("left_ms", *timer.left_ms);
    inner.end();
  });
  doc.integer("tree", static_cast<std::int64_t>(record.tree));
  doc.integer("version", record.version);
  doc.end();
}

bool is_public(const Field& field, const Record& record) {
  return !field.is_private || record.disclosed.find(field.name) != nullptr;
}

void append_public(std::string& out, const Record& record, const Institution& in) {
  base::ObjectText doc(out);
  if (record.behaviour) append_public_state(doc.member("behaviour"), *record.behaviour);
  doc.time("changed", record.changed);
  doc.time("created", record.created);
  doc.member("fields");
  char before = '{';
  for (const auto& [name, value] : record.fields) {
    const auto* field = value.is_null() ? nullptr : in.field(name);
    if (field == nullptr || !is_public(*field, record)) continue;
    out += std::exchange(before, ',');
    base::append_json_string(out, name);
    out += ':';
    base::append_canonical(out, value);
  }
  out += before == '{' ? "{}" : "}";
  doc.text("file", record.file);
  base::ArrayText holds(doc.member("holds"));
  for (const auto& hold : record.holds) {
    base::ObjectText one(holds.next());
    one.text("by", hold.by);
    one.text("en", hold.ground.en);
    one.text("zh", hold.ground.zh);
    one.end();
  }
  holds.end();
  doc.text("id", record.id);
  doc.text("institution", record.institution);
  doc.integer("last_leaf", record.last_leaf);
  append_numbers(doc.member("leaves"), record.leaves);
  append_map(doc.member("parallel"), record.parallel,
             [&out](const std::string& state) { base::append_json_string(out, state); });
  doc.text("state", record.state);
  base::ObjectText timers(doc.member("timers"));
  for (const auto& [name, timer] : record.timers) {
    if (!timer.left_ms) timers.time(name, timer.due);
  }
  timers.end();
  doc.integer("version", record.version);
  doc.end();
}

Json save(const Record& record) {
  std::string text;
  append_saved(text, record, false);
  return base::read_own(text);
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
