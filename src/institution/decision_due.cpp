// A deadline that has come: judged by when it was due, not by when it ran.
#include <algorithm>

#include "institution/decision.hpp"

namespace landglass::institution {
namespace {

struct Standing {
  const Deadline* deadline = nullptr;
  const Region* region = nullptr;
  const State* state = nullptr;  // that the record is in there
};

Standing seek(const Institution& in, const Record& record, std::string_view timer) {
  Standing place;
  const auto look = [&](const Region& region, const State* here) {
    if (here == nullptr) return;
    for (const auto& candidate : here->after) {
      if (candidate.name == timer) place = {&candidate, &region, here};
    }
  };
  look(in.main, in.main.find(record.state));
  for (const auto& other : in.parallel) {
    const auto where = record.parallel.find(other.name);
    if (where != record.parallel.end()) look(other, other.find(where->second));
  }
  return place;
}

}  // namespace

using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

Status Decision::change_version(const Institution& to, const Record& record, const Command& command) {
  const auto rule = to.running.find(record.state);
  if (rule == to.running.end() || !rule->second.move || record.file == to.hash)
    return base::refuse("EN-02", "此记录沿用原制度", "this record keeps its version", "@version");
  Act act{command, to, to.create, record, false, {}, true};
  auto& change = act.change;
  change.institution = to.name;
  change.file = to.hash;
  change.record = record.id;
  change.action = "@version";
  change.version = record.version + 1;
  change.outcome["file"] = record.file;
  const auto scope = this->scope(act);
  for (const auto& [name, expression] : rule->second.with) {
    LG_TRY(auto value, expression.evaluate(scope));
    act.record.fields[name] = law::to_json(value);
  }
  if (!rule->second.to.empty()) act.record.state = rule->second.to;
  // Deadlines that both versions know go on with what is left; the others end, or begin today.
  const auto* state = to.main.find(act.record.state);
  if (state == nullptr)
    return base::refuse("PACK-08", "去向不存在：" + act.record.state, "no such state: " + act.record.state, to.file);
  JsonObject due;
  enter(to, nullptr, *state, command, act.record, due, as_of_);
  for (const auto& [name, timer] : record.timers) {
    const bool kept = std::any_of(state->after.begin(), state->after.end(),
                                  [&name = name](const Deadline& one) { return one.name == name; });
    if (!kept && of_a_state(name)) change.due[name] = nullptr;
  }
  for (const auto& [name, at] : due) {
    if (!record.timers.contains(name)) change.due[name] = at;
  }
  tell_fields(act);
  change.state = act.record.states();
  decided.change = std::move(change);
  decided.tree = to.tree;
  return base::Done{};
}

log::Change Decision::passed(const Institution& in, const Record& record, std::string action, base::Time due) const {
  log::Change change;
  change.institution = in.name;
  change.file = in.hash;
  change.record = record.id;
  change.action = std::move(action);
  change.version = record.version + 1;
  change.state = record.states();
  change.outcome["due"] = base::format_utc(due);
  return change;
}

Status Decision::due_of_behaviour(Behaviour& behaviour, const Institution& in, const Record& record, std::string_view timer,
                                  const Command& command, base::Time due) {
  DecisionLook look(*this, in);
  LG_TRY(auto joined, behaviour.decide(record, command, now_, look));
  auto change = passed(in, record, std::string(timer), due);
  for (const auto& [name, value] : joined.outcome) change.outcome[name] = value;
  change.due = std::move(joined.due);
  change.set = std::move(joined.set);
  for (auto& secret : joined.secrets) {
    decided.secrets.push_back({secret.path, secret.subject.empty() ? record.id : secret.subject, secret.value});
  }
  LG_CHECK(go(in, record, joined.to, command, change, due));
  decided.change = std::move(change);
  return base::Done{};
}

// The action that a deadline names. False: the machine was refused too; the deadline has still passed, and that shows.
Result<bool> Decision::due_act(const Institution& in, const Record& record, const Deadline& deadline, Command command,
                               base::Time due, JsonArray& raised) {
  const auto actions = registry_.actions_of(record);
  const auto wanted =
      std::find_if(actions.begin(), actions.end(), [&](const Action* one) { return one->name == deadline.action; });
  if (wanted == actions.end()) return false;
  command.action = deadline.action;
  const auto status = run({command, in, **wanted, record, false, "", true});
  if (status.failed()) return status.trouble();
  if (!status) {
    decided = {};
    pending_.clear();
    issued_.clear();
    const auto& no = status.refusal();
    raised.push_back(JsonObject{{"code", no.code}, {"detail", no.say.zh + " " + no.detail.zh}});
    return false;
  }
  auto& change = decided.change;
  change.outcome["due"] = base::format_utc(due);
  if (!raised.empty()) {
    auto& list = change.outcome["raise"];
    if (!list.is_array()) list = JsonArray();
    for (auto& one : raised) list.as_array().push_back(one);
  }
  return true;
}

Status Decision::due(const Institution& in, const Record& record, std::string_view timer, Command command, base::Time due) {
  // A deadline that came is over, unless the state that is entered begins it anew.
  const auto over = [&]() -> Status {
    auto& change = decided.change;
    if (change.due.find(timer) == nullptr) change.due[timer] = nullptr;
    decided.tree = in.tree;
    return base::Done{};
  };
  if (timer.starts_with("withdraw/")) {
    decided.change = passed(in, record, "withdraw-disclosure", due);
    decided.change.outcome["disclose"] = JsonObject{{std::string(timer.substr(9)), nullptr}};
    return over();
  }
  const auto* state = in.main.find(record.state);
  auto* behaving = in.behaviour.empty() ? nullptr : registry_.behaviour(in.behaviour);
  const std::string due_action = "due:" + std::string(timer);
  const std::string_view phase = state == nullptr ? std::string_view() : std::string_view(state->phase);
  if (behaving != nullptr && behaving->answers(phase, due_action)) {
    command.action = due_action;
    command.as_of = due;
    LG_CHECK(due_of_behaviour(*behaving, in, record, timer, command, due));
    return over();
  }
  const auto [deadline, region, here] = seek(in, record, timer);
  JsonArray raised;
  const auto* pause = timer.starts_with("pause/") ? in.pause(timer.substr(6)) : nullptr;
  if (timer.starts_with("pause/"))
    raised.push_back(JsonObject{{"code", "EN-PAUSE"}, {"detail", "中止超过最长期限，期限续算"}});
  if (deadline != nullptr && deadline->raise) {
    raised.push_back(JsonObject{{"code", deadline->raise->code}, {"detail", deadline->raise->say.zh}});
  }
  if (deadline != nullptr && !deadline->action.empty()) {
    LG_TRY(const auto done, due_act(in, record, *deadline, command, due, raised));
    if (done) return over();
  }
  auto change = passed(in, record, due_action, due);
  // Whoever forgets to go on does not keep the clock standing: past the longest time it goes on by itself.
  if (pause != nullptr) {
    for (const auto& name : pause->deadlines) {
      const auto stood = record.timers.find(name);
      if (stood == record.timers.end() || !stood->second.left_ms || kept_standing(in, record, name, timer)) continue;
      change.due[name] = base::format_utc(due + *stood->second.left_ms);
    }
    change.due["paused/" + pause->name] = JsonObject{{"left_ms", std::int64_t{0}}};
  }
  if (deadline != nullptr && !deadline->to.empty()) {
    const auto* to = region->find(deadline->to);
    if (to == nullptr)
      return base::refuse("PACK-08", "去向不存在：" + deadline->to, "no such state: " + deadline->to, in.file);
    Record after = record;
    (region->name.empty() ? after.state : after.parallel[region->name]) = to->name;
    enter(in, here, *to, command, after, change.due, due);
    change.state = after.states();
    give_anew(record, change);
    if (region->name.empty()) disclose(in, record, *to, change);
  }
  if (!raised.empty()) change.outcome["raise"] = raised;
  decided.change = std::move(change);
  return over();
}

}  // namespace landglass::institution
