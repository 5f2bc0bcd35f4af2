#include "institution/sight.hpp"

#include <algorithm>
#include <set>

#include "institution/decision.hpp"

namespace landglass::institution {
namespace {

// A party's own, or the party that the record itself is.
bool is_his(const Record& record, const Institution& in, const Asking& asking) {
  if (asking.actor.empty()) return false;
  if (record.id == asking.actor) return true;
  return std::any_of(in.fields.begin(), in.fields.end(), [&](const Field& field) {
    return field.type == "ref" && field.of == "party" && record.fields.text(field.name) == asking.actor;
  });
}

std::set<std::string> roles_of(const Institution& in) {
  std::set<std::string> roles;
  const auto add = [&](const Action& action) { roles.insert(action.by.begin(), action.by.end()); };
  add(in.create);
  for (const auto& action : in.always) add(action);
  const auto of_region = [&](const Region& region) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) add(action);
    }
  };
  of_region(in.main);
  for (const auto& region : in.parallel) of_region(region);
  return roles;
}

bool reads(const Record& record, const SeenBy& rule, const Seat& seat) {
  if (std::find(seat.roles.begin(), seat.roles.end(), rule.role) == seat.roles.end()) return false;
  if (!rule.at.empty() && record.fields.text(rule.at) != seat.office) return false;
  const auto* consent = rule.when.empty() ? nullptr : record.fields.find(rule.when);
  return rule.when.empty() || (consent != nullptr && consent->is_bool() && consent->as_bool());
}

// Where the field says who may read it, these alone; else every role that the institution knows.
bool in_charge(const Record& record, const Institution& in, const Field& field, const Asking& asking) {
  if (asking.seats.empty() || in.sealed()) return false;
  const auto roles = roles_of(in);
  const auto region = record.fields.text("region");
  const bool nowhere = region.empty() && !field.seen_by.empty();  // lies in nobody's charge: those that the file names
  return std::any_of(asking.seats.begin(), asking.seats.end(), [&](const Seat& seat) {
    if (!nowhere && !division_within(region, seat.region)) return false;
    if (field.seen_by.empty())
      return std::any_of(seat.roles.begin(), seat.roles.end(), [&](const auto& role) { return roles.contains(role); });
    return std::any_of(field.seen_by.begin(), field.seen_by.end(),
                       [&](const SeenBy& rule) { return reads(record, rule, seat); });
  });
}

}  // namespace

bool kept_from(const Record& record, const Institution& in, std::string_view actor, const Action* act) {
  bool kept = false;
  for (const auto& field : in.not_seen_by) {
    if (!names(record, field, actor)) continue;
    if (act != nullptr && std::find(act->by.begin(), act->by.end(), "@" + field) != act->by.end()) return false;
    kept = true;
  }
  return kept;
}

base::Refusal no_such(const std::string& record) {
  return base::refuse("EN-01", "没有此记录：" + record, "no such record: " + record, "record");
}

bool reads_sealed(const Record& record, const Institution& in, const Asking& asking, base::Date today) {
  if (asking.actor.empty() || kept_from(record, in, asking.actor)) return false;
  const bool his = std::any_of(in.seen_by.begin(), in.seen_by.end(), [&](const std::string& who) {
    return who.starts_with('@') && names(record, who.substr(1), asking.actor);
  });
  if (his) return true;
  if (const auto read = record.done.find(in.seen_after); read != record.done.end() && read->second.actor == asking.actor &&
                                                         today <= base::date_of(read->second.time) + (in.seen_days - 1))
    return true;
  const auto region = record.fields.text("region");
  return std::any_of(asking.seats.begin(), asking.seats.end(), [&](const Seat& seat) {
    if (!region.empty() && !division_within(region, seat.region)) return false;
    return std::any_of(in.seen_by.begin(), in.seen_by.end(), [&](const std::string& who) {
      // A role, or the posts of an office that a field names.
      return std::find(seat.roles.begin(), seat.roles.end(), who) != seat.roles.end() ||
             (who.starts_with('@') && !seat.office.empty() && record.fields.text(who.substr(1)) == seat.office);
    });
  });
}

bool sees(const Record& newest, const Institution& in, const Asking& asking) {
  return !in.sealed() || (is_his(newest, in, asking) && !kept_from(newest, in, asking.actor));
}

namespace {

bool sees_private(const Record& newest, const Institution& in, const Field& field, const Asking& asking) {
  if (kept_from(newest, in, asking.actor)) return false;
  if (!in.sealed() && newest.disclosed.find(field.name) != nullptr) return true;
  if (!asking.actor.empty()) {
    const bool own = field.subject.empty() || field.subject == "self";
    if (own ? newest.id == asking.actor : newest.fields.text(field.subject) == asking.actor) return true;
  }
  return in_charge(newest, in, field, asking);
}

}  // namespace

bool sees(const Record& newest, const Institution& in, const Field& field, const Asking& asking) {
  return field.is_private ? sees_private(newest, in, field, asking) : sees(newest, in, asking);
}

bool opens(const Record& newest, const Institution& in, const Field& field, const Asking& asking) {
  if (field.published) return sees(newest, in, asking);
  return sees_private(newest, in, field, asking);
}

void leave_readable(base::JsonObject& fields, const Record& newest, const Institution& in, const Asking& asking) {
  for (const auto& field : in.fields) {
    // A sealed record is read whole by whoever reads it, but for what its file shows to some of them alone.
    if (field.is_private && (!in.sealed() || !field.seen_by.empty()) && !sees(newest, in, field, asking))
      fields.erase(field.name);
  }
}

}  // namespace landglass::institution
