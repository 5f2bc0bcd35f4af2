#include "institution/registry.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "base/crypto.hpp"
#include "base/json_text.hpp"
#include "institution/decision.hpp"
#include "institution/record_text.hpp"
#include "institution/sight.hpp"
#include "institution/texts.hpp"
#include "institution/words.hpp"

namespace landglass::institution {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using law::Value;

const State* state_in(const Institution& in, const Record& record, const Region& region) {
  if (&region == &in.main || region.name.empty()) return in.main.find(record.state);
  const auto place = record.parallel.find(region.name);
  return place == record.parallel.end() ? nullptr : region.find(place->second);
}

// Whether he did it last, alone or with others (a joint act), or gave it where it waits for others still.
bool did(const Record& record, const std::string& action, const std::string& actor) {
  const auto done = record.done.find(action);
  if (done != record.done.end() && done->second.actor == actor) return true;
  const auto given = action + ":concur";
  for (auto one = record.done.lower_bound(given); one != record.done.end() && one->first.starts_with(given); ++one) {
    if (one->second.actor == actor) return true;
  }
  return false;
}

}  // namespace

Registry::Registry(Pack& pack, Shelf& shelf, std::vector<std::shared_ptr<Behaviour>> behaviours)
    : pack_(pack), shelf_(shelf) {
  for (auto& one : behaviours) behaviours_.emplace(std::string(one->name()), std::move(one));
  own_kept_["appointment"].push_back({FactKind::all, "seats", "appointment", "", {"person"}, {"active"}});
  own_kept_["delegation"].push_back({FactKind::all, "lent", "delegation", "", {"to_person"}, {"active"}});
  own_kept_["interest"].push_back({FactKind::all, "interests", "interest", "", {"person"}, {"declared"}});
  own_kept_["post-key"].push_back({FactKind::all, "post-keys", "post-key", "", {"person"}, {"active"}});
}

Behaviour* Registry::behaviour(std::string_view name) const {
  const auto found = behaviours_.find(name);
  return found == behaviours_.end() ? nullptr : found->second.get();
}

const Institution* Registry::institution_of(const Record& record) const {
  if (const auto* governed = pack_.by_hash(record.file)) return governed;
  return pack_.current(record.institution);
}

Result<std::vector<Seat>> Registry::seats(std::string_view actor, base::Date today) {
  std::vector<Seat> list;
  if (!actor.starts_with("person/")) return list;
  // Who has left, a post that was closed and an office that was abolished have no power, whatever appointment still stands.
  const auto ended = [&](const Record* record) {
    const auto* in = record == nullptr ? nullptr : institution_of(*record);
    const auto* state = in == nullptr ? nullptr : in->main.find(record->state);
    return state != nullptr && state->final;
  };
  LG_TRY(auto* person, shelf_.find(actor));
  if (ended(person)) return list;
  std::vector<std::pair<std::string, std::pair<std::string, std::string>>> held;  // post, (from, to)
  LG_TRY(auto appointments, shelf_.index("seats|" + std::string(actor), false));
  LG_TRY(auto lent, shelf_.index("lent|" + std::string(actor), false));
  appointments.insert(appointments.end(), lent.begin(), lent.end());
  for (const auto& id : appointments) {
    LG_TRY(auto* appointment, shelf_.find(id));
    if (appointment == nullptr) continue;
    const auto& fields = appointment->fields;
    const auto from = base::parse_date(fields.text("from"));
    const auto to = base::parse_date(fields.text(appointment->institution == "delegation" ? "until" : "to"));
    if ((from && today < *from) || (to && *to < today)) continue;
    LG_TRY(auto* post, shelf_.find(fields.text("post")));
    if (post == nullptr || ended(post)) continue;
    const auto& post_fields = post->fields;
    LG_TRY(auto* office, shelf_.find(post_fields.text("office")));
    if (ended(office)) continue;
    Seat seat;
    seat.post = post->id;
    seat.office = post_fields.text("office");
    if (office != nullptr) seat.region = office->fields.text("region");
    seat.roles = texts(post_fields.at("roles"));
    list.push_back(std::move(seat));
  }
  return list;
}

Result<const Record*> Registry::post_key(std::string_view person, std::string_view post, std::string_view key) {
  LG_TRY(const auto ids, shelf_.index("post-keys|" + std::string(person), false));
  for (const auto& id : ids) {
    LG_TRY(const auto* record, shelf_.find(id));
    if (record != nullptr && record->fields.text("post") == post && (key.empty() || record->fields.text("key") == key))
      return record;
  }
  return static_cast<const Record*>(nullptr);
}

// Who may: a role of a seat in whose charge the record's region lies, the party a field names, the system, an effect of
// another.
Status Registry::permit(const Record& record, const Institution& in, const Action& action, const std::string& actor,
                        const std::string& post, const std::string& via, base::Date today, Seat* used) {
  const auto& fields = record.fields;
  const auto region = fields.text("region");
  LG_TRY(auto chairs, seats(actor, today));
  const auto creator = record.done.find("@create");
  bool fits = false;
  for (const auto& who : action.by) {
    if (who.starts_with("via:")) {
      fits = !via.empty() && who.substr(4) == via;
    } else if (who == "system") {
      fits = actor == "system" || actor == "genesis";
    } else if (who == "anyone") {
      fits = true;
    } else if (who == "party" || who == "person") {
      fits = actor.starts_with(who + "/");
    } else if (who == "official") {
      for (const auto& seat : chairs) {
        if ((!post.empty() && seat.post != post) || (!region.empty() && !division_within(region, seat.region))) continue;
        if (used != nullptr) *used = seat;
        fits = true;
        break;
      }
    } else if (who == "creator") {
      fits = creator != record.done.end() && creator->second.actor == actor;
    } else if (who == "consulted") {
      for (const auto& seat : chairs) fits = fits || record.opinions.find(seat.office) != nullptr;
    } else if (who.starts_with('@')) {
      fits = names(record, who.substr(1), actor);
    } else {
      for (const auto& seat : chairs) {
        if (!post.empty() && seat.post != post) continue;
        if (std::find(seat.roles.begin(), seat.roles.end(), who) == seat.roles.end()) continue;
        if (!region.empty() && !division_within(region, seat.region)) continue;
        if (used != nullptr) *used = seat;
        fits = true;
        break;
      }
    }
    if (fits) break;
  }
  if (!fits) {
    std::string list;
    for (const auto& who : action.by) list += (list.empty() ? "" : ", ") + who;
    auto refusal =
        base::refuse("EN-04", "您无权作此操作", "this act is not yours to do", action.name, pack_.cite(action.law));
    refusal.that = "by: [" + list + "]";
    if (const auto who = who_may(in, action, pack_); !who.empty()) {
      refusal.detail = {"由" + who.zh + "办理", "For: " + who.en};
      const auto* divisions = pack_.table("divisions");
      if (const auto* place = divisions == nullptr ? nullptr : divisions->find(region)) {
        refusal.detail.zh += "（" + place->title.zh + "）";
        refusal.detail.en += " (" + place->title.en + ")";
      }
    }
    return refusal;
  }
  if (used != nullptr && used->post.empty() && !chairs.empty()) *used = chairs.front();
  if (actor == "genesis") return base::Done{};
  for (const auto& earlier : action.not_by) {
    if (did(record, earlier == in.create.name ? "@create" : earlier, actor)) {
      const auto did_before = title_of_action(in, earlier);
      return base::refuse("EN-05", "经办人不得办理此环节：已办理“" + did_before.zh + "”",
                          "whoever did “" + did_before.en + "” may not do this", action.name, pack_.cite(action.law));
    }
  }
  return base::Done{};
}

Status Registry::may(const Record& record, const Action& action, const std::string& actor, const std::string& post,
                     base::Time now) {
  const auto* in = institution_of(record);
  if (in == nullptr) return base::fail("no institution file for " + record.id);
  if (kept_from(record, *in, actor, &action)) return no_such(record.id);
  const bool past_holds = action.verb == Verb::resubmit || action.verb == Verb::attach || action.verb == Verb::recuse;
  if (const auto* hold = past_holds ? nullptr : hold_on(record, action.name)) return held(*hold, action.name);
  LG_TRY(const auto shared, shared_hold(record, *in, action.name, nullptr, now));
  if (shared) return held(*shared, action.name);
  LG_CHECK(permit(record, *in, action, actor, post, "", base::date_of(now), nullptr));
  return action.verb == Verb::recuse ? Status(base::Done{}) : impartial(record, actor, action.name);
}

std::vector<const Action*> Registry::actions_of(const Record& record) const {
  std::vector<const Action*> list;
  const auto* in = institution_of(record);
  if (in == nullptr) return list;
  const auto* state = in->main.find(record.state);
  if (state != nullptr) {
    for (const auto& action : state->actions) list.push_back(&action);
    if (!state->final) {
      for (const auto& action : in->always) list.push_back(&action);
    }
  }
  for (const auto& region : in->parallel) {
    const auto* inner = state_in(*in, record, region);
    if (inner == nullptr) continue;
    for (const auto& action : inner->actions) list.push_back(&action);
  }
  return list;
}

// Of a record of whichever institution an expression reads what all have. A sealed one does not show that it is there.
Result<Value> Registry::any_record(const Record& record) {
  const auto* in = institution_of(record);
  if (in == nullptr || in->sealed()) return Value::null();
  std::set<std::string> offices;
  std::set<std::string> hands;
  std::set<std::string> parties;
  for (const auto& [action, done] : record.done) {
    if (action == "hold" || action == "lift" || !done.actor.starts_with("person/")) continue;
    hands.insert(done.actor);
    if (done.post.empty()) continue;
    LG_TRY(const auto* post, shelf_.find(done.post));
    if (post != nullptr && !post->fields.text("office").empty()) offices.insert(std::string(post->fields.text("office")));
  }
  for (const auto& field : in->fields) {
    if (field.type == "ref" && field.of == "party" && !field.is_private && !record.fields.text(field.name).empty())
      parties.insert(std::string(record.fields.text(field.name)));
  }
  law::List open_to;
  for (const auto& opening : in->open_to) {
    if (contains(opening.states, record.state)) open_to.push_back(Value::text(opening.institution));
  }
  const auto list = [](const std::set<std::string>& names) {
    law::List values;
    for (const auto& name : names) values.push_back(Value::text(name));
    return Value::list(std::move(values));
  };
  const auto region = record.fields.text("region");
  return Value::record({{"id", Value::text(record.id)},
                        {"institution", Value::text(record.institution)},
                        {"state", Value::text(record.state)},
                        {"created", Value::date(base::date_of(record.created))},
                        {"region", region.empty() ? Value::null() : Value::text(std::string(region))},
                        {"offices", list(offices)},
                        {"hands", list(hands)},
                        {"parties", list(parties)},
                        {"open_to", Value::list(std::move(open_to))}});
}

Result<std::optional<Hold>> Registry::shared_hold(const Record& record, const Institution& in, const std::string& action,
                                                  const Command* command, base::Time now) {
  for (const auto& with : in.held_with) {
    if (!contains(with.actions, action)) continue;
    LG_TRY(const auto value, fact(record, in, *in.fact(with.fact), command, now));
    std::vector<std::string> ids;
    if (const auto* id = value.member("id")) ids.push_back(id->text_value);
    for (std::size_t i = 0; value.items != nullptr && i < value.items->size(); ++i)
      ids.push_back((*value.items)[i].member("id")->text_value);
    for (const auto& id : ids) {
      LG_TRY(const auto* there, shelf_.find(id));
      const auto* hold = there == nullptr ? nullptr : hold_on(*there, action);
      if (hold != nullptr) return std::optional<Hold>(*hold);
    }
  }
  return std::optional<Hold>();
}

Result<Value> Registry::fact(const Record& record, const Institution& in, const Fact& fact, const Command* command,
                             base::Time now) {
  if (fact.institution == k_any) {
    const auto id = record.fields.text(fact.field);
    LG_TRY(const auto* found, id.empty() ? Result<Record*>(nullptr) : shelf_.find(id));
    return found == nullptr ? Result<Value>(Value::null()) : any_record(*found);
  }
  const auto* other = pack_.current(fact.institution);
  if (other == nullptr) return base::fail("no institution " + fact.institution);
  if (fact.kind == FactKind::ref) {
    const auto id = record.fields.text(fact.field);
    if (id.empty()) return Value::null();
    LG_TRY(auto* found, shelf_.find(id));
    if (found == nullptr) return Value::null();
    return value_of(*found, *other);
  }
  // One key, or, where a value is a list, one for each different value in it: whichever of them the other record has.
  std::vector<std::string> keys{fact.key};
  const Command none{};
  const RecordScope scope(*this, in, record, nullptr, command == nullptr ? none : *command, nullptr, now);
  for (const auto& where : fact.where) {
    if (where.field == "state") continue;
    LG_TRY(auto value, where.value->evaluate(scope));
    std::vector<std::string> ends;
    const auto end_of = [](const Value& one) {
      const auto json = law::to_json(one);
      return "|" + (json.is_string() ? json.as_string() : base::canonical(json));
    };
    if (where.value->type().kind == law::Kind::list) {
      std::unordered_set<std::string> taken;  // a roll names a thousand people
      for (std::size_t i = 0; value.items != nullptr && i < value.items->size(); ++i) {
        const auto& one = (*value.items)[i];
        if (one.is_null()) continue;
        auto end = end_of(one);
        if (taken.insert(end).second) ends.push_back(std::move(end));
      }
    } else if (!value.is_null()) {
      ends.push_back(end_of(value));
    }
    std::vector<std::string> longer;
    longer.reserve(keys.size() * ends.size());
    for (const auto& key : keys) {
      for (const auto& end : ends) longer.push_back(key + end);
    }
    keys = std::move(longer);
  }
  std::vector<std::string> by;
  for (const auto& where : fact.where) by.push_back(where.field);
  const bool sealed = other->sealed() || tells_private(*other, by);
  if (fact.kind == FactKind::count || fact.kind == FactKind::sum) {
    Value value;
    value.kind = fact.type.kind;
    for (const auto& key : keys) {
      LG_TRY(const auto figure, shelf_.tally(key, sealed));
      value.number += figure;
    }
    return value;
  }
  if (fact.kind == FactKind::one) {
    if (keys.empty()) return Value::null();
    LG_TRY(auto ids, shelf_.index(keys[0], sealed));
    if (ids.empty()) return Value::null();
    LG_TRY(auto* found, shelf_.find(ids.back()));
    return found == nullptr ? Result<Value>(Value::null()) : value_of(*found, *other);
  }
  law::List list;
  for (const auto& key : keys) {
    LG_TRY(auto ids, shelf_.index(key, sealed));
    for (const auto& id : ids) {
      LG_TRY(auto* found, shelf_.find(id));
      if (found == nullptr) continue;
      LG_TRY(auto value, value_of(*found, *other));
      list.push_back(std::move(value));
    }
  }
  return Value::list(std::move(list));
}

Result<std::vector<std::string>> Registry::listed(const Record& record, std::string_view name, base::Time now) {
  std::vector<std::string> ids;
  const auto* in = institution_of(record);
  const auto* declared = in == nullptr ? nullptr : in->fact(name);
  if (declared == nullptr || declared->kind != FactKind::all) return ids;
  LG_TRY(auto value, fact(record, *in, *declared, nullptr, now));
  if (value.items == nullptr) return ids;
  for (const auto& item : *value.items) {
    if (const auto* id = item.member("id")) ids.push_back(id->text_value);
  }
  return ids;
}

bool Registry::append_public(std::string& out, const Record& record) const {
  const auto* in = record.tree == log::Tree::sealed ? nullptr : institution_of(record);
  if (in == nullptr) return false;
  institution::append_public(out, record, *in);
  return true;
}
std::optional<Json> Registry::publish(const Record& record) const {
  std::string text;
  if (!append_public(text, record)) return std::nullopt;
  return base::read_own(text);
}

}  // namespace landglass::institution
