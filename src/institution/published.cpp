#include "institution/published.hpp"

#include <algorithm>

#include "institution/decision.hpp"
#include "institution/words.hpp"
namespace landglass::institution {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using law::Value;

constexpr std::string_view k_correct = "correct";

// Where an act stands in an institution: where the record is, or else the first state that knows it. What lay between was
// not published; that the act took place says that it had happened.
struct Place {
  const Region* region = nullptr;
  const State* state = nullptr;
  const Action* action = nullptr;
  bool here = false;
};
Place place_of(const Institution& in, const Record& record, std::string_view name) {
  Place first;
  std::vector<const Region*> regions{&in.main};
  for (const auto& region : in.parallel) regions.push_back(&region);
  for (const auto* region : regions) {
    const auto at =
        region->name.empty()
            ? std::string_view(record.state)
            : std::string_view(record.parallel.contains(region->name) ? record.parallel.at(region->name) : region->initial);
    for (const auto& state : region->states) {
      const auto* action = state.find(name);
      if (action == nullptr) continue;
      if (state.name == at) return {region, &state, action, true};
      if (first.action == nullptr) first = {region, &state, action, false};
    }
  }
  if (first.action != nullptr) return first;
  for (const auto& action : in.always) {
    if (action.name == name) return {&in.main, in.main.find(record.state), &action, true};
  }
  return {};
}

void add_all(JsonObject& outcome, const char* key, const std::vector<std::string>& names) {
  if (names.empty()) return;
  JsonArray list;
  for (const auto& name : names) list.emplace_back(name);
  outcome[key] = std::move(list);
}

}  // namespace

void PublishedScope::note_parameter(const Parameter& parameter) const {
  for (const auto& one : parameter.values) {
    if ((one.from || one.to) && !dated_) absent_.insert("as_of");
    if (!one.when) continue;
    for (const auto& path : one.when->reads()) {
      const auto root = path.substr(0, path.find('.'));
      const auto value = RecordScope::name(root);
      if (!value || value->is_null()) absent_.insert(root);
    }
  }
}

Result<Value> PublishedScope::name(std::string_view name) const {
  read_.insert(std::string(name));
  if (name == "now" || name == "today" || name == "created") {
    if (!dated_) {
      absent_.insert("as_of");
      return Value::null();
    }
    return RecordScope::name(name);
  }
  if (name == "actor" || name == "state" || name.starts_with("in_")) absent_.insert(std::string(name));
  if (const auto* parameter = institution().parameter(name)) {
    note_parameter(*parameter);
    if (absent_.contains("as_of")) return Value::null();
    return RecordScope::name(name);
  }
  if (const auto* fact = institution().fact(name);
      fact != nullptr && fact->kind != FactKind::ref && fact->kind != FactKind::one)
    absent_.insert(std::string(name));
  LG_TRY(auto value, RecordScope::name(name));
  if (value.is_null()) absent_.insert(std::string(name));
  return value;
}

Result<Value> PublishedScope::evaluate(const law::Expression& expression) const {
  absent_.clear();
  read_.clear();
  LG_TRY(auto value, expression.evaluate(*this));
  for (const auto& path : expression.reads()) {
    const auto dot = path.find('.');
    if (dot == std::string::npos) continue;
    const auto root = path.substr(0, dot);
    if (!read_.contains(root) || absent_.contains(root)) continue;
    const auto member = path.substr(dot + 1);
    LG_TRY(const auto owner, RecordScope::name(root));
    const auto* held = owner.member(member);
    if (member == "state" || held == nullptr || held->is_null()) absent_.insert(path);
  }
  return value;
}

// One decision under way over published facts.
class PublishedDecision {
 public:
  PublishedDecision(Registry& registry, const Command& command, base::Time now, Findings* findings)
      : registry_(registry),
        pack_(registry.pack_),
        shelf_(registry.shelf_),
        command_(command),
        as_of_(command.as_of.value_or(now)),
        dated_(command.as_of.has_value()),
        findings_(findings) {}
  Status run(const Institution& in, const Place& place, Record record, const JsonObject& given, const std::string& via,
             bool creating);
  Decided decided;

 private:
  Status fields(const Institution& in, const Action& action, const JsonObject& given, Record& record, bool creating,
                JsonObject& outcome);
  Status checks(const Institution& in, const Action& action, const PublishedScope& scope, JsonObject& outcome);
  Status deadlines(const State& state, const PublishedScope& scope, JsonObject& outcome);
  Status effects(const Institution& in, const Action& action, const Record& record);
  Result<const State*> target(const Institution& in, const Place& place, const Record& before, const PublishedScope& scope);
  void tell_fields(const Institution& in, const Record& before, const Record& record, bool creating, bool main,
                   log::Change& change);

  Registry& registry_;
  Pack& pack_;
  Shelf& shelf_;
  const Command& command_;
  base::Time as_of_;
  bool dated_;
  Findings* findings_;  // null: refuse at the first that fails
  int depth_ = 0;
};

// Given fields into the record; which required ones are missing, which the source cannot have.
Status PublishedDecision::fields(const Institution& in, const Action& action, const JsonObject& given, Record& record,
                                 bool creating, JsonObject& outcome) {
  for (const auto& [name, value] : given) {
    const auto* field = in.field(name);
    if (field == nullptr) {
      if (action.verb != Verb::none || name == "ground" || name == "evidence") continue;
      return base::refuse("EN-10", "此处不得填写：" + name, "may not be given here: " + name, name);
    }
    // A county that is no more was one when the table was published.
    const bool former = field->table == "divisions" && value.is_string() && pack_.former_division(value.as_string());
    LG_TRY(auto read, former ? Result<Json>(value) : read_field(*field, value, pack_));
    if (!read.is_null()) record.fields[name] = std::move(read);
  }
  std::vector<std::string> wanted = action.need;
  for (const auto& field : in.fields) {
    if (creating && field.required && contains(action.give, field.name) && !contains(wanted, field.name))
      wanted.push_back(field.name);
  }
  if (!action.grounds.empty() && !contains(wanted, "ground")) wanted.push_back("ground");
  if (action.evidence && !contains(wanted, "evidence")) wanted.push_back("evidence");
  std::vector<std::string> absent;
  for (const auto& name : wanted) {
    if (record.fields.find(name) != nullptr && (creating || given.find(name) != nullptr)) continue;
    if (given.find(name) != nullptr) continue;
    if (contains(command_.absent, name)) {
      absent.push_back(name);
    } else if (findings_ != nullptr) {
      findings_->missing.push_back(name);
    } else {
      const auto* field = in.field(name);
      return base::refuse("EN-08", "缺少：" + (field == nullptr ? name : field->title.zh),
                          "missing: " + (field == nullptr ? name : field->title.en), name, pack_.cite(action.law));
    }
  }
  add_all(outcome, "absent", absent);
  if (findings_ != nullptr) findings_->absent.insert(findings_->absent.end(), absent.begin(), absent.end());
  return base::Done{};
}

Status PublishedDecision::checks(const Institution& in, const Action& action, const PublishedScope& scope,
                                 JsonObject& outcome) {
  JsonArray raised;
  std::vector<std::string> held;
  std::vector<std::string> unchecked;
  for (const auto& check : action.checks) {
    LG_TRY(const auto value, scope.evaluate(check.that));
    if (!scope.absent().empty()) {
      unchecked.push_back(check.code);
      if (findings_ != nullptr) findings_->unchecked.push_back({check.code, {scope.absent().begin(), scope.absent().end()}});
      continue;
    }
    if (value.is_true()) {
      held.push_back(check.code);
      if (findings_ != nullptr) findings_->held.push_back(check.code);
      continue;
    }
    const auto why = check.that.require(scope, FileWords(pack_, in));
    if (why.failed()) return why.trouble();
    auto refusal = base::Refusal{check.code,
                                 check.say,
                                 pack_.cite(check.law),
                                 action.name,
                                 why.refused() ? why.refusal().detail : base::Text{},
                                 check.that.source(),
                                 {}};
    if (check.warn) {
      raised.push_back(JsonObject{{"code", check.code}, {"detail", refusal.detail.zh}});
      if (findings_ != nullptr) findings_->warned.push_back(std::move(refusal));
    } else if (findings_ != nullptr) {
      findings_->failed.push_back(std::move(refusal));
    } else {
      return refusal;
    }
  }
  add_all(outcome, "held", held);
  add_all(outcome, "unchecked", unchecked);
  if (!raised.empty()) outcome["raise"] = std::move(raised);
  return base::Done{};
}

// Deadlines of the state that an act leaves: both ends are published, so whether it was kept is a matter of reading.
Status PublishedDecision::deadlines(const State& state, const PublishedScope& scope, JsonObject& outcome) {
  if (!dated_) return base::Done{};
  for (const auto& deadline : state.after) {
    if (!deadline.raise || !deadline.at) continue;
    LG_TRY(const auto due, scope.evaluate(*deadline.at));
    if (!scope.absent().empty()) continue;
    std::optional<base::Date> last;
    if (due.kind == law::Kind::date) last = base::Date{static_cast<std::int32_t>(due.number)};
    if (due.kind == law::Kind::time) last = base::date_of({due.number});
    if (!last || base::date_of(as_of_) <= *last) continue;
    const auto detail = base::format_date(*last) + " < " + base::format_date(base::date_of(as_of_));
    auto& raised = outcome["raise"];
    if (!raised.is_array()) raised = JsonArray();
    raised.as_array().push_back(JsonObject{{"code", deadline.raise->code}, {"detail", detail}});
    if (findings_ != nullptr)
      findings_->warned.push_back(
          {deadline.raise->code, deadline.raise->say, pack_.cite(deadline.raise->law), deadline.name, base::alike(detail)});
  }
  return base::Done{};
}

Result<const State*> PublishedDecision::target(const Institution& in, const Place& place, const Record& before,
                                               const PublishedScope& scope) {
  for (const auto& one : place.action->to) {
    if (one.when) {
      LG_TRY(const auto fits, scope.evaluate(*one.when));
      if (!fits.is_true() || !scope.absent().empty()) continue;
    }
    return place.region->find(one.state);
  }
  // Where only the behaviour knows the way on, a sale that stood still goes back to where it stood.
  if (place.action->to.empty() && !in.behaviour.empty() && place.state != nullptr && place.state->phase.empty()) {
    if (const auto* back = place.region->find(before.state_before)) return back;
  }
  return place.state;
}

void PublishedDecision::tell_fields(const Institution& in, const Record& before, const Record& record, bool creating,
                                    bool main, log::Change& change) {
  const std::string prefix = main ? "" : "effects/" + std::to_string(decided.effects.size()) + "/";
  for (const auto& field : in.fields) {
    const auto* now_value = record.fields.find(field.name);
    const auto* was = before.fields.find(field.name);
    const bool same =
        (now_value == nullptr && was == nullptr) || (now_value != nullptr && was != nullptr && *now_value == *was);
    if (field.is_private) {
      if (same && !creating) continue;
      decided.secrets.push_back({prefix + field.name, record.id, now_value == nullptr ? Json() : *now_value});
    } else if (!same) {
      change.set[field.name] = now_value == nullptr ? Json() : *now_value;
    }
  }
}

Status PublishedDecision::effects(const Institution& in, const Action& action, const Record& record) {
  for (const auto& effect : action.effects) {
    if (effect.kind != EffectKind::act) continue;
    std::string target(record.fields.text(effect.on));
    if (const auto* declared = in.fact(effect.on)) {
      LG_TRY(const auto value, registry_.fact(record, in, *declared, &command_, as_of_));
      if (const auto* id = value.member("id")) target = id->text_value;
    }
    if (target.empty()) continue;
    LG_TRY(auto* there, shelf_.find(target));
    if (there == nullptr) continue;  // not in the source
    const auto* other = registry_.institution_of(*there);
    if (other == nullptr) return base::fail("no institution file for " + target);
    const auto place = place_of(*other, *there, effect.action);
    if (place.action == nullptr)
      return base::refuse("EN-11", "连带事项不存在：" + effect.action, "no such effect: " + effect.action, target);
    LG_CHECK(run(*other, place, *there, {}, in.name, false));
  }
  return base::Done{};
}

Status PublishedDecision::run(const Institution& in, const Place& place, Record record, const JsonObject& given,
                              const std::string& via, bool creating) {
  const auto& action = *place.action;
  if (++depth_ > 16) return base::refuse("EN-11", "连带效果过多", "too many effects", action.name);
  if (dated_ && base::date_of(as_of_) < in.effective)
    return base::refuse("EN-17", "此制度当时尚未施行：" + in.title.zh, "not in force on that day: " + in.title.en,
                        base::format_date(in.effective), in.basis.empty() ? std::string() : pack_.cite(in.basis.front()));
  const Record before = record;
  const bool main = via.empty();
  log::Change change;
  change.institution = in.name;
  change.file = in.hash;
  change.record = record.id;
  change.action = action.name;
  change.version = before.version + 1;
  change.outcome[main ? "late_entry" : "via"] = main ? Json(true) : Json(via);
  LG_CHECK(fields(in, action, given, record, creating, change.outcome));
  record.version = change.version;
  if (creating) {
    record.created = as_of_;
    record.state = in.main.initial;
    for (const auto& one : in.parallel) record.parallel[one.name] = one.initial;
  }
  const PublishedScope scope(registry_, in, record, creating ? nullptr : &before, command_, as_of_, dated_);
  for (const auto& [name, expression] : action.set) {
    LG_TRY(const auto value, scope.evaluate(expression));
    if (!scope.absent().empty() || given.find(name) != nullptr) continue;
    if (auto json = law::to_json(value); !json.is_null()) record.fields[name] = std::move(json);
  }
  LG_CHECK(checks(in, action, scope, change.outcome));
  if (!creating) {
    if (place.state != nullptr) LG_CHECK(deadlines(*place.state, scope, change.outcome));
    LG_TRY(const auto* to, target(in, place, before, scope));
    const auto& region = place.region->name;
    if (to != nullptr) (region.empty() ? record.state : record.parallel[region]) = to->name;
    if (!place.here) change.outcome["past"] = "not-published";
  }
  if (action.name == k_correct) {
    JsonObject versions;
    for (const auto& [name, value] : given) {
      const auto* field = in.field(name);
      const auto* was = before.fields.find(name);
      if (field == nullptr || field->is_private) continue;
      versions[name] = JsonObject{{"from", was == nullptr ? Json() : *was}, {"to", record.fields.at(name)}};
    }
    change.outcome["corrected"] = std::move(versions);
  }
  tell_fields(in, before, record, creating, main, change);
  change.state = record.states();
  if (main) {
    decided.change = std::move(change);
    decided.tree = in.tree;
  } else {
    decided.effects.push_back(std::move(change));
  }
  return effects(in, action, record);
}

Result<Decided> Registry::decide_published(const Command& command, base::Time now, Findings* findings) {
  if (command.actor != k_importer)
    return base::refuse("EN-04", "导入日志只录入公布的事实", "a log of imports takes published facts alone", "actor");
  if (!command.as_of && findings == nullptr)
    return base::refuse("EN-08", "缺少：日期", "missing: the day of the act", "as_of");
  PublishedDecision decision(*this, command, now, findings);
  if (command.record.empty()) {
    const auto* in = pack_.current(command.institution);
    if (in == nullptr)
      return base::refuse("EN-01", "没有此制度：" + command.institution, "no such institution: " + command.institution,
                          "institution");
    if (in->sealed())
      return base::refuse("PACK-09", "公布的事实不入密封树", "what was published is not sealed", command.institution);
    Record record;
    record.institution = in->name;
    record.tree = in->tree;
    record.id = in->name + "/" + command.id;
    const Place made{&in->main, nullptr, &in->create, true};
    LG_CHECK(decision.run(*in, made, std::move(record), command.fields, "", true));
    return std::move(decision.decided);
  }
  LG_TRY(auto* record, shelf_.find(command.record));
  if (record == nullptr)
    return base::refuse("EN-01", "没有此记录：" + command.record, "no such record: " + command.record, "record");
  const auto* in = institution_of(*record);
  if (in == nullptr) return base::fail("no institution file for " + command.record);
  Action correct;
  correct.name = k_correct;
  auto place = place_of(*in, *record, command.action);
  // A later table says otherwise: whatever the record's state, its fields are set right and both versions stand in the leaf.
  if (command.action == k_correct) place = {&in->main, nullptr, &correct, true};
  if (place.action == nullptr)
    return base::refuse("EN-02", "此制度没有此动作：" + command.action, "no such act: " + command.action, "action");
  LG_CHECK(decision.run(*in, place, *record, command.fields, "", false));
  return std::move(decision.decided);
}

}  // namespace landglass::institution
