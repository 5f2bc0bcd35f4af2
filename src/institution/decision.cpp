// One act from its hold to its leaf, in the order that a refusal is owed: a hold first, then what was given, who may, what
// the checks say; only then what becomes of the record.
#include "institution/decision.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "institution/words.hpp"

namespace landglass::institution {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

bool names(const Record& record, std::string_view field, std::string_view actor) {
  if (actor.empty()) return false;
  const auto* list = record.fields.at(field).if_array();
  return list != nullptr ? std::find(list->begin(), list->end(), Json(actor)) != list->end()
                         : record.fields.text(field) == actor;
}

std::string digest_of(const JsonObject& fields) {
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(Json(fields)))));
}

const Hold* hold_on(const Record& record, const std::string& action) {
  for (const auto& hold : record.holds) {
    if (hold.actions.empty() || contains(hold.actions, action)) return &hold;
  }
  return nullptr;
}

base::Refusal held(const Hold& hold, const std::string& action) {
  auto refusal = base::refuse("EN-03", "此事项已被中止：" + hold.ground.zh, "a hold stands: " + hold.ground.en, action);
  refusal.detail = base::alike(hold.by);
  return refusal;
}

RecordScope Decision::scope(const Act& act) const {
  return {registry_, act.in, act.record, act.creating ? nullptr : &act.before, act.command, &act.seat, as_of_};
}

Status Decision::run(Act act) {
  const auto& [command, in, action] = std::tie(act.command, act.in, act.action);
  if (++depth_ > 64) return base::refuse("EN-11", "连带效果过多", "too many effects", action.name);
  const bool past_holds = action.verb == Verb::resubmit || action.verb == Verb::attach || action.verb == Verb::recuse;
  if (const auto* hold = act.creating || past_holds ? nullptr : hold_on(act.record, action.name))
    return held(*hold, action.name);
  if (!act.creating && !in.held_with.empty()) {
    LG_TRY(const auto shared, registry_.shared_hold(act.record, in, action.name, &command, as_of_));
    if (shared) return held(*shared, action.name);
  }
  // The region of a new record decides who has it in his charge, so fields are read before permission, and checked after it.
  LG_CHECK(read_fields(act));
  LG_CHECK(registry_.permit(act.creating ? act.record : act.before, in, action, command.actor, command.post, act.via,
                            base::date_of(now_), &act.seat));
  if (act.by_hand() && action.verb != Verb::recuse) LG_CHECK(registry_.impartial(act.record, command.actor, action.name));
  if (action.is_signed && act.by_hand()) LG_CHECK(check_signature(act));
  if (action.witnessed && !act.creating && !shelf_.witnessed(act.before)) {
    return base::refuse("EN-12", "记录尚未经见证，暂不得终局", "not yet witnessed: no final act on this record",
                        action.name);
  }

  auto& record = act.record;
  auto& change = act.change;
  change.institution = in.name;
  change.file = in.hash;
  change.record = record.id;
  change.action = action.name;
  change.version = act.before.version + 1;
  if (action.hidden && act.main) decided.hide_actor = true;
  if (!act.seat.post.empty() && !decided.hide_actor) change.outcome["post"] = act.seat.post;
  if (!act.via.empty()) change.outcome["via"] = act.via;
  if (command.late_entry && act.main) change.outcome["late_entry"] = true;
  record.version = change.version;
  if (act.creating) {
    record.state = in.main.initial;
    for (const auto& region : in.parallel) record.parallel[region.name] = region.initial;
    record.created = as_of_;
  }
  JsonArray raised;
  LG_CHECK(settle(act, raised));
  LG_TRY(const auto waits, concur(act));
  if (waits) return base::Done{};
  LG_CHECK(number(act));
  LG_CHECK(find_target(act));
  LG_CHECK(join_behaviour(act));
  if (act.to != nullptr) (act.moved->name.empty() ? record.state : record.parallel[act.moved->name]) = act.to->name;
  if (act.changes_state()) enter(in, act.from, *act.to, command, record, change.due, as_of_);
  if (act.creating) {
    for (const auto& region : in.parallel)
      enter(in, nullptr, *region.find(region.initial), command, record, change.due, as_of_);
  }
  LG_CHECK(perform_verb(act));
  if (!action.restart.empty()) {
    const auto* state = in.main.find(record.state);
    JsonObject all;
    if (state != nullptr) enter(in, nullptr, *state, command, record, all, as_of_);
    for (const auto& name : action.restart) {
      if (const auto* due = all.find(name)) change.due[name] = *due;
    }
  }
  LG_CHECK(extend(act));
  for (const auto& [name, due] : act.joined.due) change.due[name] = due;
  tell_fields(act);
  if (act.changes_state() || record.fields != act.before.fields) give_anew(act.before, change);
  if (act.changes_state() && act.moved->name.empty()) disclose(in, act.before, *act.to, change);
  if (!raised.empty()) change.outcome["raise"] = raised;
  if (!action.papers.empty()) {
    JsonArray papers;
    for (const auto& paper : action.papers) {
      papers.emplace_back(paper);
      decided.papers.push_back({record.id, paper});
    }
    change.outcome["papers"] = papers;
  }
  change.state = record.states();
  LG_CHECK(follow_up(act));
  return stand(act);
}

// The act stands: its own change first, then those of its effects, in one leaf of one tree.
Status Decision::stand(Act& act) {
  pending_[act.record.id] = act.record;
  if (act.main) {
    decided.change = std::move(act.change);
    decided.tree = act.in.tree;
  } else {
    if (act.in.tree != decided.tree)
      return base::refuse("PACK-09", "效果不得跨越公开与密封", "an effect may not cross from one tree to the other",
                          act.in.name);
    foresee(act);
    decided.effects.push_back(std::move(act.change));
    if (decided.effects.size() > log::k_max_effects)
      return base::refuse("EN-11", "连带效果过多", "too many effects", act.action.name);
  }
  return effects(act);
}

// A second effect on the same record is decided on what its behaviour has become by the first.
void Decision::foresee(const Act& act) {
  auto* behaving = act.in.behaviour.empty() ? nullptr : registry_.behaviour(act.in.behaviour);
  if (behaving == nullptr) return;
  const std::string prefix = "effects/" + std::to_string(decided.effects.size()) + "/";
  JsonObject opened;
  for (const auto& secret : decided.secrets) {
    if (secret.path.starts_with(prefix)) opened[secret.path.substr(prefix.size())] = secret.value;
  }
  behaving->evolve(pending_.at(act.record.id), act.change, opened, now_);
}

// What the file sets, checks and raises.
Status Decision::settle(Act& act, JsonArray& raised) const {
  const auto& in = act.in;
  const auto scope = this->scope(act);
  for (const auto& [name, expression] : act.action.set) {
    LG_TRY(auto value, expression.evaluate(scope));
    const auto json = law::to_json(value);
    if (json.is_null()) {
      act.record.fields.erase(name);
    } else {
      act.record.fields[name] = json;
    }
  }
  const FileWords words(pack_, in);
  std::optional<base::Refusal> first;
  for (const auto& check : act.action.checks) {
    const auto fulfilled = check.that.require(scope, words);
    if (fulfilled) continue;
    if (fulfilled.failed()) return fulfilled.trouble();
    if (check.warn) {
      if (first) continue;
      raised.push_back(JsonObject{{"code", check.code}, {"detail", fulfilled.refusal().detail.zh}});
      continue;
    }
    base::Refusal refusal = fulfilled.refusal();
    refusal.code = check.code;
    refusal.say = check.say;
    refusal.law = pack_.cite(check.law);
    refusal.where = act.action.name;
    if (!act.action.tells_all) return refusal;
    if (first) {
      first->also.push_back(std::move(refusal));
    } else {
      first = std::move(refusal);
    }
  }
  if (first) return std::move(*first);
  if (const auto& raise = act.action.raise) raised.push_back(JsonObject{{"code", raise->code}, {"detail", raise->say.zh}});
  return base::Done{};
}

}  // namespace landglass::institution
