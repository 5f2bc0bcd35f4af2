#include "web/form_checks.hpp"

#include <algorithm>
#include <set>

#include "institution/words.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using institution::Action;
using institution::Institution;

// As the vectors of docs/formats/expression.md write types.
Json type_json(const law::Type& type) {
  switch (type.kind) {
    case law::Kind::null: return "any";
    case law::Kind::boolean: return "boolean";
    case law::Kind::integer: return "integer";
    case law::Kind::money: return "money";
    case law::Kind::area: return "area";
    case law::Kind::ratio: return "ratio";
    case law::Kind::date: return "date";
    case law::Kind::time: return "time";
    case law::Kind::days:
      return !type.day_kind ? "days" : *type.day_kind == law::DayKind::working ? "working_days" : "calendar_days";
    case law::Kind::text: return "text";
    case law::Kind::list: return JsonArray{type.element == nullptr ? Json("any") : type_json(*type.element)};
    case law::Kind::record: break;
  }
  JsonObject members;
  if (type.members != nullptr) {
    for (const auto& [name, member] : *type.members) members[name] = type_json(member);
  }
  return Json(std::move(members));
}

std::string root_of(std::string_view path) { return std::string(path.substr(0, path.find('.'))); }

class Gathering {
 public:
  Gathering(const Institution& in, const Action& action, const Json* record, const institution::Pack& pack, base::Time now)
      : in_(in), action_(action), record_(record), words_(pack, in), now_(now) {
    for (const auto& [name, value] : action.set) set_.insert(name);
  }

  // Whether the browser can know every name; those it needs are gathered.
  bool knows(const law::Expression& expression) {
    std::set<std::string> names;
    for (const auto& path : expression.reads()) {
      const auto name = root_of(path);
      if (!may(name)) return false;
      names.insert(name);
    }
    for (const auto& name : names) take(name);
    return true;
  }

  JsonObject types, values, labels, parameters;

 private:
  bool may(const std::string& name) {
    if (name == "today" || name == "now") return true;
    if (name == "state") return record_ != nullptr;
    if (set_.count(name) != 0) return false;  // the act itself puts it otherwise
    if (const auto* field = in_.field(name)) {
      const bool given = std::find(action_.give.begin(), action_.give.end(), name) != action_.give.end();
      const bool plain = field->type != "list" && field->type != "record" && field->type != "json" && field->type != "file";
      return plain && (given || (!field->is_private && !in_.sealed()));
    }
    const auto* parameter = in_.parameter(name);
    if (parameter == nullptr) return false;  // a fact: the server's to look up
    return std::all_of(parameter->values.begin(), parameter->values.end(), [&](const institution::ParameterValue& one) {
      return !one.when || std::all_of(one.when->reads().begin(), one.when->reads().end(), [&](const std::string& path) {
        const auto inner = root_of(path);
        return in_.field(inner) != nullptr && may(inner);
      });
    });
  }

  void take(const std::string& name) {
    const auto* type = in_.schema.find(name);
    if (type == nullptr || types.find(name) != nullptr) return;
    types[name] = type_json(*type);
    labels[name] = called(name);
    if (const auto* field = in_.field(name)) {
      if (record_ == nullptr || field->is_private) return;
      if (const auto* held = record_->at("fields").as_object().find(name); held != nullptr && !held->is_null())
        values[name] = *held;
      return;
    }
    const auto* parameter = in_.parameter(name);
    if (parameter == nullptr) return;
    // By the day the browser need not choose; by the region and the case it does, as the record's fields are typed.
    auto day = base::date_of(now_);
    if (parameter->at_start && record_ != nullptr) {
      if (const auto created = base::parse_date(record_->text("created").substr(0, 10))) day = *created;
    }
    JsonArray list;
    for (const auto& one : parameter->values) {
      if ((one.from && day < *one.from) || (one.to && *one.to < day)) continue;
      JsonObject value{{"value", law::to_json(one.value)}};
      if (!one.region.empty()) value["region"] = one.region;
      if (one.when) {
        value["when"] = one.when->source();
        for (const auto& path : one.when->reads()) take(root_of(path));
      }
      list.push_back(std::move(value));
    }
    parameters[name] = std::move(list);
  }

  // What it is called, and its values where they are a few words.
  Json called(const std::string& name) const {
    const auto title = words_.name(name);
    auto said = title.empty() ? both(base::alike(name)) : both(title);
    JsonObject words;
    const auto add = [&](const std::string& key) { words[key] = both(words_.value(name, law::Value::text(key))); };
    if (const auto* field = in_.field(name)) {
      for (const auto& choice : field->values) add(choice.key);
    } else if (name == "state") {
      for (const auto& state : in_.main.states) add(state.name);
    }
    if (!words.empty()) said.as_object()["values"] = std::move(words);
    return said;
  }

  const Institution& in_;
  const Action& action_;
  const Json* record_;
  institution::FileWords words_;
  base::Time now_;
  std::set<std::string> set_;
};

}  // namespace

Json form_checks(const Institution& in, const Action& action, const Json* record, const institution::Pack& pack,
                 base::Time now) {
  Gathering gathering(in, action, record, pack, now);
  JsonArray checks;
  for (const auto& check : action.checks) {
    if (!gathering.knows(check.that)) continue;
    JsonObject one{{"code", check.code}, {"that", check.that.source()}, {"say", both(check.say)}};
    if (const auto law = pack.cite(check.law); !law.empty()) one["law"] = law;
    if (check.warn) one["warn"] = true;
    for (const auto& path : check.that.reads()) {
      const auto name = root_of(path);
      if (std::find(action.give.begin(), action.give.end(), name) == action.give.end()) continue;
      one["at"] = name;
      break;
    }
    if (one.find("at") == nullptr) continue;  // nothing that is typed here decides it
    checks.push_back(std::move(one));
  }
  if (checks.empty()) return Json();
  JsonObject out{{"checks", std::move(checks)},
                 {"types", std::move(gathering.types)},
                 {"labels", std::move(gathering.labels)},
                 {"now", base::format_utc(now)}};
  if (record != nullptr) out["state"] = std::string(record->text("state"));
  if (!gathering.values.empty()) out["values"] = std::move(gathering.values);
  if (!gathering.parameters.empty()) out["parameters"] = std::move(gathering.parameters);
  return Json(std::move(out));
}

}  // namespace landglass::web
