// 会同: an act that takes place when several different people have given the same. Either so many of those who may, or one
// for each place that the file lists, and nobody sits on two.
#include <algorithm>

#include "institution/decision.hpp"
#include "institution/words.hpp"

namespace landglass::institution {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

using Names = std::vector<std::string>;

// Whether the people from this one on can each have a place of their own; at most nine.
bool seated(const std::vector<Names>& places, const std::vector<Names>& people, std::size_t person,
            std::vector<bool>& taken) {
  if (person == people.size()) return true;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool fits = std::any_of(places[i].begin(), places[i].end(),
                                  [&](const std::string& who) { return contains(people[person], who); });
    if (taken[i] || !fits) continue;
    taken[i] = true;
    if (seated(places, people, person + 1, taken)) return true;
    taken[i] = false;
  }
  return false;
}
bool seated(const std::vector<Names>& places, const std::vector<Names>& people) {
  std::vector<bool> taken(places.size(), false);
  return seated(places, people, 0, taken);
}

Names names_of(const Json& list) {
  Names names;
  if (const auto* array = list.if_array()) {
    for (const auto& one : *array) names.push_back(one.as_string());
  }
  return names;
}

// Whose the first private value is that the act gives, else the record's own.
std::string subject_of(const Act& act) {
  for (const auto& field : act.in.fields) {
    if (!field.is_private || field.subject.empty() || act.command.fields.find(field.name) == nullptr) continue;
    if (const auto whose = act.before.fields.text(field.subject); !whose.empty()) return std::string(whose);
  }
  return act.before.id;
}

}  // namespace

// By the one post that he acts from: who holds two gives the act from the one, or from the other.
std::vector<std::string> Decision::takes(const Act& act) const {
  Names list;
  for (const auto& place : act.action.joint_of) {
    for (const auto& who : place) {
      const bool his =
          who.starts_with('@') ? names(act.before, who.substr(1), act.command.actor) : contains(act.seat.roles, who);
      if (his && !contains(list, who)) list.push_back(who);
    }
  }
  return list;
}

// Who gave his part of a joint act gave it on the record as it stood: once a field or its state is another, it is given
// anew, else two would have signed what a third put there afterwards. What a behaviour answers by itself (an offer) changes
// nothing of what they looked at.
void Decision::give_anew(const Record& before, log::Change& change) {
  if (before.joint.empty()) return;
  JsonObject ended;
  for (const auto& [name, waiting] : before.joint) ended[name] = nullptr;
  change.outcome["joint"] = std::move(ended);
}

Result<bool> Decision::concur(Act& act) {
  const auto& action = act.action;
  if (action.joint <= 1 || !act.by_hand()) return false;
  const auto& name = action.name;
  const auto digest = digest_of(act.command.fields);
  const auto* waiting = act.before.joint.find(name);
  JsonArray actors;
  JsonArray takes;  // beside each: which of the names in `joint` he is
  if (waiting != nullptr && waiting->text("digest") == digest) {
    actors = waiting->at("actors").as_array();
    if (const auto* list = waiting->at("takes").if_array()) takes = *list;
  }
  const bool by_place = !action.joint_of.empty();
  if (by_place && takes.size() != actors.size()) actors.clear(), takes.clear();  // begun before the file asked for places
  const auto refuse = [&](std::string zh, std::string en) {
    auto refusal = base::refuse("EN-14", std::move(zh), std::move(en), name, pack_.cite(action.law));
    if (by_place) refusal.detail = together(act.in, action, pack_);
    return refusal;
  };
  for (const auto& one : actors) {
    if (one.as_string() == act.command.actor) return refuse("须由另一人会同办理", "another person must concur");
  }
  actors.emplace_back(act.command.actor);
  if (by_place) {
    JsonArray his;
    for (auto& who : this->takes(act)) his.emplace_back(std::move(who));
    takes.emplace_back(std::move(his));
    std::vector<Names> people;
    people.reserve(takes.size());
    for (const auto& one : takes) people.push_back(names_of(one));
    if (!seated(action.joint_of, people))
      return refuse("须由另一岗位的人会同办理", "a person of the other post must concur");
  }
  if (static_cast<int>(actors.size()) < action.joint) {
    if (act.creating) return base::refuse("PACK-07", "创建不能会同", "a creation cannot be joint", name);
    act.change.action = name + ":concur";
    JsonObject waits{{"actors", actors}};
    if (by_place) waits["takes"] = takes;
    act.change.outcome["joint"] = JsonObject{{name, std::move(waits)}};
    act.change.state = act.before.states();
    // Whoever can guess the fields could confirm them from a bare digest: the leaf holds a commitment to it, which goes when
    // he whom the act is about is erased.
    decided.secrets.push_back({std::string(k_joint_path) + name, subject_of(act), digest});
    decided.change = std::move(act.change);
    decided.tree = act.in.tree;
    return true;
  }
  act.change.outcome["joint"] = JsonObject{{name, nullptr}};
  act.change.outcome["concurred"] = actors;
  return false;
}

}  // namespace landglass::institution
