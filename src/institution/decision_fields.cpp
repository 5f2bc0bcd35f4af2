// The fields of an act: what was given, what becomes public, what stays private and is only committed.
#include "institution/decision.hpp"
#include "institution/verbs.hpp"

namespace landglass::institution {

using base::Json;
using base::JsonObject;
using base::Status;

// The given fields, each against its definition.
Status Decision::read_fields(Act& act) const {
  const auto& given = act.command.fields;
  for (const auto& [name, value] : given) {
    const auto* field = given_field(act.in, name);
    if (field == nullptr || !contains(act.action.give, name)) {
      return base::refuse("EN-10", "此处不得填写：" + (field == nullptr ? name : field->title.zh),
                          "may not be given here: " + name, name, pack_.cite(act.action.law));
    }
    LG_TRY(auto read, read_field(*field, value, pack_));
    if (act.in.field(name) == nullptr) continue;  // a word of the verb: the act's, not the record's
    if (read.is_null()) {
      act.record.fields.erase(name);
    } else {
      act.record.fields[name] = std::move(read);
    }
  }
  for (const auto& name : act.action.need) {
    const auto* value = given.find(name);
    if (value == nullptr || value->is_null() || (value->is_string() && value->as_string().empty())) {
      const auto* field = given_field(act.in, name);
      return base::refuse("EN-08", "缺少：" + (field == nullptr ? name : field->title.zh),
                          "missing: " + (field == nullptr ? name : field->title.en), name, pack_.cite(act.action.law));
    }
  }
  if (!act.action.grounds.empty()) {
    const auto* table = pack_.table(act.action.grounds);
    const auto ground = given.text("ground");
    if (table == nullptr || table->find(ground) == nullptr) {
      return base::refuse("EN-09", "依据情形须取自：" + act.action.grounds,
                          "the ground must be one of " + act.action.grounds, "ground", pack_.cite(act.action.law));
    }
  }
  if (act.creating) {
    for (const auto& field : act.in.fields) {
      if (!field.required || act.record.fields.find(field.name) != nullptr || !contains(act.action.give, field.name))
        continue;
      return base::refuse("EN-08", "缺少：" + field.title.zh, "missing: " + field.title.en, field.name);
    }
  }
  return base::Done{};
}

// What became public into the leaf, what is private as a secret. At creation an absent private field is committed too.
void Decision::tell_fields(Act& act) {
  const std::string prefix = act.main ? "" : "effects/" + std::to_string(decided.effects.size()) + "/";
  for (const auto& field : act.in.fields) {
    const auto* now_value = act.record.fields.find(field.name);
    const auto* was = act.before.fields.find(field.name);
    const bool same =
        (now_value == nullptr && was == nullptr) || (now_value != nullptr && was != nullptr && *now_value == *was);
    const bool stands = !same || contains(act.action.restates, field.name);
    if (field.is_private) {
      if (!stands && !act.creating) continue;
      std::string subject = field.subject == "self" || field.subject.empty()
                                ? act.record.id
                                : std::string(act.record.fields.text(field.subject));
      if (subject.empty()) subject = act.record.id;
      decided.secrets.push_back({prefix + field.name, std::move(subject), now_value == nullptr ? Json() : *now_value});
    } else if (!same || (stands && now_value != nullptr)) {
      act.change.set[field.name] = now_value == nullptr ? Json() : *now_value;
    }
  }
  for (auto& secret : act.joined.secrets)
    decided.secrets.push_back({prefix + secret.path, secret.subject.empty() ? act.record.id : secret.subject, secret.value});
  if (act.joined.hide_actor && act.main) decided.hide_actor = true;
}

void Decision::disclose(const Institution& in, const Record& before, const State& entered, log::Change& change) const {
  JsonObject disclosed;
  for (const auto& field : in.fields) {
    const bool open = before.disclosed.find(field.name) != nullptr;
    if (open && contains(field.disclose_until, entered.name)) {
      disclosed[field.name] = nullptr;
      change.due["withdraw/" + field.name] = nullptr;
    }
    if (!field.is_private || !contains(field.disclose_from, entered.name) || open) continue;
    disclosed[field.name] = base::format_utc(now_);
    if (field.disclose_days > 0) {
      change.due["withdraw/" + field.name] = base::format_utc(base::end_of(base::date_of(now_) + field.disclose_days));
    }
  }
  if (!disclosed.empty()) change.outcome["disclose"] = std::move(disclosed);
}

}  // namespace landglass::institution
