// Where an act goes, the deadlines that begin and end there, and what a behaviour has to say about it.
#include <algorithm>

#include "institution/decision.hpp"

namespace landglass::institution {

using base::JsonObject;
using base::Result;
using base::Status;

Result<const Record*> DecisionLook::record(std::string_view id) {
  if (const auto place = decision_.pending_.find(std::string(id)); place != decision_.pending_.end())
    return static_cast<const Record*>(&place->second);
  LG_TRY(auto* found, decision_.shelf_.find(id));
  return static_cast<const Record*>(found);
}
Result<std::vector<std::string>> DecisionLook::listed(const Record& record, std::string_view fact) {
  return decision_.registry_.listed(record, fact, decision_.as_of_);
}
Result<law::Value> DecisionLook::fact(const Record& record, std::string_view name) {
  const auto* declared = in_.fact(name);
  if (declared == nullptr) return base::fail(in_.name + " declares no fact " + std::string(name));
  return decision_.registry_.fact(record, in_, *declared, nullptr, decision_.as_of_);
}
Result<law::Value> DecisionLook::parameter(const Record& record, std::string_view name) {
  const auto* declared = in_.parameter(name);
  if (declared == nullptr) return base::fail(in_.name + " declares no parameter " + std::string(name));
  const Command none{};
  return RecordScope(decision_.registry_, in_, record, nullptr, none, nullptr, decision_.as_of_).parameter(*declared);
}
Result<std::string> DecisionLook::file(std::string_view hash) { return decision_.shelf_.file(hash); }

void Decision::enter(const Institution& in, const State* from, const State& to, const Command& command, const Record& record,
                     JsonObject& due, base::Time at_time) const {
  const auto goes_on = [&](const std::string& name) {
    return from != nullptr && record.timers.contains(name) &&
           std::any_of(to.after.begin(), to.after.end(),
                       [&](const Deadline& one) { return one.goes_on && one.name == name; }) &&
           std::any_of(from->after.begin(), from->after.end(), [&](const Deadline& one) { return one.name == name; });
  };
  if (from != nullptr) {
    for (const auto& deadline : from->after) {
      if (record.timers.contains(deadline.name) && !goes_on(deadline.name)) due[deadline.name] = nullptr;
    }
  }
  const RecordScope scope(registry_, in, record, nullptr, command, nullptr, at_time);
  const auto today = base::date_of(at_time);
  for (const auto& deadline : to.after) {
    if (goes_on(deadline.name)) continue;
    std::optional<base::Time> at;
    if (deadline.at) {
      const auto value = deadline.at->evaluate(scope);
      if (value && value->kind == law::Kind::time) at = base::Time{value->number};
      if (value && value->kind == law::Kind::date) at = base::end_of(base::Date{static_cast<std::int32_t>(value->number)});
    } else {
      auto start = today;
      if (deadline.from) {
        const auto value = deadline.from->evaluate(scope);
        if (!value || value->is_null()) continue;
        start = value->kind == law::Kind::time ? base::date_of({value->number})
                                               : base::Date{static_cast<std::int32_t>(value->number)};
      }
      at = base::end_of(pack_.calendar().last_day(start, deadline.in->number, deadline.in->day_kind, true));
    }
    if (at) due[deadline.name] = base::format_utc(*at);
  }
}

// 延长: days are added to what a deadline has left, which keeps the time that it stood still.
Status Decision::extend(Act& act) const {
  const auto scope = this->scope(act);
  for (const auto& [name, days] : act.action.extends) {
    const auto timer = act.before.timers.find(name);
    LG_TRY(const auto more, days.evaluate(scope));
    if (timer == act.before.timers.end() || more.is_null())
      return base::refuse("EN-02", "没有可延长的期限：" + name, "there is no deadline to extend: " + name, act.action.name);
    const auto due = timer->second.left_ms ? as_of_ + *timer->second.left_ms : timer->second.due;
    const auto later = base::end_of(pack_.calendar().last_day(base::date_of(due + -1), more.number, more.day_kind, true));
    if (timer->second.left_ms) {
      act.change.due[name] = base::JsonObject{{"left_ms", later - as_of_}};
    } else {
      act.change.due[name] = base::format_utc(later);
    }
  }
  return base::Done{};
}

Status Decision::find_target(Act& act) const {
  const auto& in = act.in;
  if (act.creating) {
    act.to = in.main.find(in.main.initial);
    act.moved = &in.main;
  }
  if (act.action.to.empty()) return base::Done{};
  const auto here = [&](const Region& region, const std::string& state) {
    const auto* inner = region.find(state);
    return inner != nullptr && inner->find(act.action.name) == &act.action;
  };
  const Region* region = &in.main;
  for (const auto& other : in.parallel) {
    const auto place = act.before.parallel.find(other.name);
    if (place != act.before.parallel.end() && here(other, place->second)) region = &other;
  }
  const auto scope = this->scope(act);
  for (const auto& target : act.action.to) {
    if (target.when) {
      LG_TRY(auto fits, target.when->evaluate(scope));
      if (!fits.is_true()) continue;
    }
    act.to = region->find(target.state);
    if (act.to == nullptr)
      return base::refuse("PACK-08", "去向不存在：" + target.state, "no such state: " + target.state, in.file);
    act.moved = region;
    if (!act.creating)
      act.from = region->find(region->name.empty() ? act.before.state : act.before.parallel.at(region->name));
    break;
  }
  return base::Done{};
}

Status Decision::join_behaviour(Act& act) const {
  const auto& in = act.in;
  if (in.behaviour.empty()) return base::Done{};
  Behaviour* behaving = registry_.behaviour(in.behaviour);
  if (behaving == nullptr) return base::fail("behaviour not built in: " + in.behaviour);
  DecisionLook look(*this, in);
  if (act.moved != nullptr && act.to != nullptr && act.moved->name.empty()) act.record.state = act.to->name;
  Command as_done = act.command;
  as_done.action = act.action.name;
  LG_TRY(act.joined, behaving->joins(act.before, act.record, as_done, now_, look));
  for (const auto& [name, value] : act.joined.set) act.record.fields[name] = value;
  for (const auto& [name, value] : act.joined.outcome) act.change.outcome[name] = value;
  if (act.joined.to.empty()) return base::Done{};
  const auto* other = in.main.find(act.joined.to);
  if (other == nullptr) return base::fail("the behaviour goes to a state the file has not: " + act.joined.to);
  act.from = act.creating ? nullptr : in.main.find(act.before.state);
  act.to = other;
  act.moved = &in.main;
  return base::Done{};
}

// A record goes to a state because its behaviour says so.
Status Decision::go(const Institution& in, const Record& record, std::string_view state, const Command& command,
                    log::Change& change, base::Time at) const {
  if (state.empty() || state == record.state) return base::Done{};
  const auto* to = in.main.find(state);
  if (to == nullptr) return base::fail("the behaviour goes to a state the file has not: " + std::string(state));
  Record after = record;
  after.state = to->name;
  for (const auto& [name, value] : change.set) after.fields[name] = value;
  JsonObject entered;
  enter(in, in.main.find(record.state), *to, command, after, entered, at);
  // What the behaviour itself said of a timer stands.
  for (const auto& [name, value] : entered) {
    if (const auto* there = change.due.find(name); there == nullptr) change.due[name] = value;
  }
  change.state = after.states();
  return base::Done{};
}

// The record that was asked stays as it is: the change is of another one, in its own tree.
Status Decision::answer_elsewhere(const Command& command, BehaviourOutcome joined) {
  LG_TRY(const auto* of, shelf_.find(joined.of));
  const auto* in = of == nullptr ? nullptr : registry_.institution_of(*of);
  if (in == nullptr) return base::fail("a behaviour changes a record that is not there: " + joined.of);
  auto& change = decided.change;
  change.institution = in->name;
  change.file = in->hash;
  change.record = of->id;
  change.action = command.action;
  change.version = of->version + 1;
  change.set = std::move(joined.set);
  change.outcome = std::move(joined.outcome);
  change.state = of->states();
  decided.tree = in->tree;
  return base::Done{};
}

Status Decision::answer(Behaviour& behaviour, const Institution& in, const Record& record, const Command& command) {
  if (const auto* hold = hold_on(record, command.action)) return held(*hold, command.action);
  if (command.actor.starts_with("person/")) LG_CHECK(registry_.impartial(record, command.actor, command.action));
  DecisionLook look(*this, in);
  LG_TRY(auto joined, behaviour.decide(record, command, now_, look));
  if (!joined.of.empty()) return answer_elsewhere(command, std::move(joined));
  auto& change = decided.change;
  change.institution = in.name;
  change.file = in.hash;
  change.record = record.id;
  change.action = command.action;
  change.version = record.version + 1;
  change.set = std::move(joined.set);
  change.outcome = std::move(joined.outcome);
  change.due = std::move(joined.due);
  change.state = record.states();
  decided.tree = in.tree;
  decided.hide_actor = joined.hide_actor;
  for (auto& secret : joined.secrets) {
    if (secret.subject.empty()) secret.subject = record.id;
    decided.secrets.push_back({std::move(secret.path), std::move(secret.subject), std::move(secret.value)});
  }
  return go(in, record, joined.to, command, change, as_of_);
}

}  // namespace landglass::institution
