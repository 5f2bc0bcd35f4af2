// What an act does to other records: in the same leaf as effects, or afterwards as leaves of their own.
#include <algorithm>

#include "institution/decision.hpp"
#include "institution/words.hpp"

namespace landglass::institution {
namespace {

constexpr int k_effect_depth = 6;

}  // namespace

using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

// What follows afterwards, one leaf each.
Status Decision::follow_up(const Act& act) {
  const auto scope = this->scope(act);
  for (const auto& follow : act.action.follow) {
    if (follow.when) {
      LG_TRY(auto fits, follow.when->evaluate(scope));
      if (!fits.is_true()) continue;
    }
    if (!follow.institution.empty()) {
      LG_CHECK(follow_by_new(act, follow));
      continue;
    }
    LG_TRY(auto all, registry_.fact(act.record, act.in, *act.in.fact(follow.all), &act.command, as_of_));
    JsonObject fields;
    for (const auto& [name, expression] : follow.with) {
      LG_TRY(auto value, expression.evaluate(scope));
      fields[name] = law::to_json(value);
    }
    const auto to = [&](const law::Value& item) {
      if (const auto* id = item.member("id"))
        decided.follow.push_back({id->text_value, follow.action, fields, "", act.in.name, ""});
    };
    if (all.items == nullptr) to(all);
    for (std::size_t i = 0; all.items != nullptr && i < all.items->size(); ++i) to((*all.items)[i]);
  }
  for (auto follow : act.joined.follow) {
    follow.via = act.in.name;
    decided.follow.push_back(std::move(follow));
  }
  return base::Done{};
}

// A record that comes after, or one for each item of a list of this one.
Status Decision::follow_by_new(const Act& act, const Follow& follow) {
  const auto record_scope = this->scope(act);
  const auto make = [&](const law::Scope& scope) -> Status {
    FollowUp next;
    for (const auto& [name, expression] : follow.with) {
      LG_TRY(auto value, expression.evaluate(scope));
      auto json = law::to_json(value);
      if (!json.is_null()) next.fields[name] = std::move(json);
    }
    next.institution = follow.institution;
    next.via = act.in.name;
    decided.follow.push_back(std::move(next));
    return base::Done{};
  };
  if (follow.each.empty()) return make(record_scope);
  LG_TRY(const auto list, record_scope.name(follow.each));
  for (std::size_t i = 0; list.items != nullptr && i < list.items->size(); ++i)
    LG_CHECK(make(ItemScope(record_scope, (*list.items)[i])));
  return base::Done{};
}

Status Decision::effects(const Act& act) {
  const auto scope = this->scope(act);
  for (const auto& effect : act.action.effects) {
    if (effect.when) {
      LG_TRY(auto fits, effect.when->evaluate(scope));
      if (!fits.is_true()) continue;
    }
    LG_CHECK(this->effect(act, effect));
  }
  return base::Done{};
}

Result<std::vector<std::string>> Decision::targets(const Act& act, const Effect& effect) const {
  std::vector<std::string> list;
  if (const auto* declared = act.in.fact(effect.on)) {
    LG_TRY(auto value, registry_.fact(act.record, act.in, *declared, &act.command, as_of_));
    if (value.items != nullptr) {
      for (const auto& item : *value.items) list.push_back(item.member("id")->text_value);
    } else if (const auto* id = value.member("id")) {
      list.push_back(id->text_value);
    }
  } else if (const auto id = act.record.fields.text(effect.on); !id.empty()) {
    list.emplace_back(id);
  }
  return list;
}

// The acting record names what its effect has made: its change stands already, and says so as well.
void Decision::name_made(const Act& act, const std::string& field, const std::string& id) {
  pending_.at(act.record.id).fields[field] = id;
  auto* own = &decided.change;
  std::string path = field;
  for (std::size_t i = 0; !act.main && i < decided.effects.size(); ++i) {
    if (decided.effects[i].record != act.record.id) continue;
    own = &decided.effects[i];  // the last of it: this act's
    path = "effects/" + std::to_string(i) + "/" + field;
  }
  if (!act.in.field(field)->is_private) {
    own->set[field] = id;
    return;
  }
  std::erase_if(decided.secrets, [&](const auto& secret) { return secret.path == path; });
  decided.secrets.push_back({path, act.record.id, id});
}

Status Decision::effect(const Act& act, const Effect& effect) {
  Command next;
  next.id = act.command.id;
  next.actor = act.command.actor;
  next.action = effect.action;
  const auto scope = this->scope(act);
  for (const auto& [name, expression] : effect.with) {
    LG_TRY(auto value, expression.evaluate(scope));
    auto json = law::to_json(value);
    if (!json.is_null()) next.fields[name] = std::move(json);
  }
  if (effect.kind == EffectKind::create) {
    const auto* other = pack_.current(effect.institution);
    if (other == nullptr) return base::fail("no institution " + effect.institution);
    next.institution = effect.institution;
    Record made;
    made.institution = other->name;
    const JsonObject source{{"c", act.command.id}, {"n", static_cast<int>(decided.effects.size())}};
    made.id = other->name + "/" + digest_of(source).substr(0, 24);
    made.tree = other->tree;
    const auto id = made.id;
    LG_CHECK(run({next, *other, other->create, std::move(made), true, act.in.name, false}));
    if (!effect.on.empty()) name_made(act, effect.on, id);
    return base::Done{};
  }
  LG_TRY(auto targets, this->targets(act, effect));
  for (const auto& target : targets) {
    const Record* there = nullptr;
    if (const auto place = pending_.find(target); place != pending_.end()) {
      there = &place->second;
    } else {
      LG_TRY(there, shelf_.find(target));
    }
    if (there == nullptr)
      return base::refuse("EN-11", "连带对象不存在：" + target, "an effect's object does not exist: " + target,
                          act.action.name);
    const auto* other = registry_.institution_of(*there);
    if (other == nullptr) return base::fail("no institution file for " + target);
    if (effect.kind == EffectKind::hold || effect.kind == EffectKind::lift) {
      LG_CHECK(hold(act, effect, *other, *there));
      continue;
    }
    const auto actions = registry_.actions_of(*there);
    const auto wanted =
        std::find_if(actions.begin(), actions.end(), [&](const Action* one) { return one->name == effect.action; });
    if (wanted == actions.end()) {
      const auto what = title_of_action(*other, effect.action);
      auto refusal =
          base::refuse("EN-11", "连带事项此时不可为：" + what.zh, "an effect cannot happen now: " + what.en, target);
      refusal.detail = base::alike(there->states());
      return refusal;
    }
    next.record = target;
    if (depth_ > k_effect_depth * 16)
      return base::refuse("EN-11", "连带效果过深", "effects nested too deep", act.action.name);
    LG_CHECK(run({next, *other, **wanted, *there, false, act.in.name, false}));
  }
  return base::Done{};
}

// Placing a hold stops the deadlines that it names; lifting it lets them go on with what was left.
Status Decision::hold(const Act& act, const Effect& effect, const Institution& other, const Record& there) {
  const bool places = effect.kind == EffectKind::hold;
  log::Change held;
  held.institution = other.name;
  held.file = other.hash;
  held.record = there.id;
  held.action = places ? "hold" : "lift";
  held.version = there.version + 1;
  held.state = there.states();
  held.outcome["via"] = act.in.name;
  if (places) {
    // Where the effect does not say what it holds, the held institution does; where neither does, everything is held.
    const auto* opening = effect.actions.empty() ? other.opening(act.in.name) : nullptr;
    JsonArray actions;
    for (const auto& one : opening == nullptr ? effect.actions : opening->actions) actions.emplace_back(one);
    auto names = opening == nullptr ? effect.deadlines : opening->deadlines;
    if (contains(names, "all")) {
      names.clear();
      for (const auto& [name, timer] : there.timers) {
        if (of_a_state(name)) names.push_back(name);
      }
    }
    JsonArray deadlines;
    for (const auto& one : names) {
      deadlines.emplace_back(one);
      const auto timer = there.timers.find(one);
      if (timer != there.timers.end() && !timer->second.left_ms)
        held.due[one] = JsonObject{{"left_ms", std::max<std::int64_t>(0, timer->second.due - as_of_)}};
    }
    held.holds.push_back(JsonObject{{"place", JsonObject{{"by", act.record.id},
                                                         {"zh", effect.ground.zh},
                                                         {"en", effect.ground.en},
                                                         {"actions", actions},
                                                         {"deadlines", deadlines}}}});
  } else {
    held.holds.push_back(JsonObject{{"lift", act.record.id}});
    for (const auto& hold : there.holds) {
      if (hold.by != act.record.id) continue;
      for (const auto& one : hold.deadlines) {
        const auto timer = there.timers.find(one);
        if (timer != there.timers.end() && timer->second.left_ms && !kept_standing(other, there, one, act.record.id))
          held.due[one] = base::format_utc(as_of_ + *timer->second.left_ms);
      }
    }
  }
  if (other.tree != decided.tree)
    return base::refuse("PACK-09", "效果不得跨越公开与密封", "an effect may not cross trees", act.in.name);
  Record after = there;
  after.version = held.version;
  pending_[after.id] = std::move(after);
  decided.effects.push_back(std::move(held));
  return base::Done{};
}

}  // namespace landglass::institution
