#include "watch/lights.hpp"

#include <algorithm>

#include "engine/cache.hpp"
#include "watch/watch.hpp"

namespace landglass::watch {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Action;
using institution::Deadline;
using institution::Institution;
using law::Light;

namespace {

bool is_role(const std::string& who) {
  return !who.starts_with('@') && !who.starts_with("via:") && who != "party" && who != "person" && who != "anyone" &&
         who != "official" && who != "system" && who != "creator" && who != "consulted";
}

bool is_term(const Deadline& deadline) { return deadline.in && deadline.to.empty() && deadline.action.empty(); }

// The last day of a term whose deadline falls at this instant: at midnight it is the day that ends.
base::Date last_day(base::Time due) { return base::date_of(due + -1); }

}  // namespace

std::string turn_of(const institution::State& state) {
  for (const auto& action : state.actions) {
    if (action.to.empty() || !action.grounds.empty() || action.raise) continue;
    for (const auto& who : action.by) {
      if (is_role(who)) return who;
    }
  }
  // A behaviour moves it on: whoever may act in it at all.
  for (const auto& action : state.actions) {
    for (const auto& who : action.by) {
      if (is_role(who)) return who;
    }
  }
  return {};
}

std::set<std::string> states_with_terms(const Institution& in) {
  std::set<std::string> states;
  for (const auto& state : in.main.states) {
    if (std::any_of(state.after.begin(), state.after.end(), is_term) && !turn_of(state).empty()) states.insert(state.name);
  }
  return states;
}

std::vector<Matter> matters_of(const Institution& in, const Json& doc) {
  std::vector<Matter> list;
  const auto* state = in.main.find(doc.text("state"));
  if (state == nullptr || state->final) return list;
  const auto role = turn_of(*state);
  if (role.empty()) return list;
  for (const auto& deadline : state->after) {
    if (!is_term(deadline)) continue;
    Matter matter{std::string(doc.text("id")), deadline.name, deadline.title, deadline.law, role, {}, false};
    if (matter.title.empty() && deadline.raise) matter.title = deadline.raise->say;
    if (matter.law.rule.empty() && deadline.raise) matter.law = deadline.raise->law;
    const auto& timer = doc.at("timers").at(deadline.name);
    const auto& passed = doc.at("done").at("due:" + deadline.name);
    if (timer.is_object()) {
      matter.paused = true;
    } else if (timer.is_string()) {
      matter.due = last_day(base::parse_time(timer.as_string()).value_or(base::Time{}));
    } else if (passed.is_object()) {
      // It fell, and the state that it was for has not been left: each entry would have set it anew.
      matter.due = last_day(base::parse_time(passed.text("time")).value_or(base::Time{}));
    } else {
      continue;
    }
    list.push_back(std::move(matter));
  }
  return list;
}

Light light_of(const Matter& matter, base::Date today, const law::Calendar& calendar, const law::LightThresholds& by) {
  if (matter.paused) return Light::none;
  // The engine moved the due day by every pause already; what the leaf says now is what counts.
  return law::light_of({matter.due, law::DayKind::working, false, {}, std::nullopt}, today, calendar, by);
}

Lights::Lights(const institution::Pack& pack, store::Reader& reader, Tell tell)
    : pack_(pack), reader_(reader), tell_(std::move(tell)) {
  if (pack_.current(k_card) == nullptr) return;
  for (const auto* in : pack_.all()) {
    if (in->sealed() || in->name == k_card) continue;
    if (auto states = states_with_terms(*in); !states.empty()) terms_.emplace(in->name, std::move(states));
  }
}

law::LightThresholds Lights::thresholds(base::Date today) const {
  law::LightThresholds by;
  const auto read = [&](const char* name, std::int64_t& out) {
    const auto* parameter = pack_.current(k_card)->parameter(name);
    if (parameter == nullptr) return;
    for (const auto& value : parameter->values) {
      if (!value.from || *value.from <= today) out = value.value.number;
    }
  };
  read("reminder_days", by.reminder_working_days);
  read("red_days", by.red_after_working_days);
  return by;
}

Result<Json> Lights::document(const std::string& record) {
  const auto table = engine::Cache::table_of(record.substr(0, record.find('/')));
  LG_TRY(const auto rows, reader_.query("SELECT doc FROM \"" + table + "\" WHERE id = ?", {Json(record)}));
  if (rows.empty()) return Json();
  return base::parse_json(rows.front()[0].as_string(), base::Profile::any);
}

Status Lights::begin(base::Time now) {
  if (pack_.current(k_card) == nullptr) return base::Done{};
  const std::string cards = engine::Cache::table_of(k_card);
  LG_TRY(const auto ids, reader_.query("SELECT id FROM \"" + cards + "\" ORDER BY id", {}));
  for (const auto& row : ids) LG_CHECK(follow_card(row[0].as_string()));
  for (const auto& [institution, states] : terms_) {
    std::string list;
    for (const auto& state : states) {
      // A parallel region stands behind a bar in the column, which sorts after every letter.
      list += (list.empty() ? "" : " OR ") + std::string("state = '") + state + "' OR (state > '" + state +
              "|' AND state < '" + state + "}')";
    }
    for (std::string after;;) {
      LG_TRY(const auto rows, reader_.query("SELECT id FROM \"" + engine::Cache::table_of(institution) +
                                                "\" WHERE id > ? AND (" + list + ") ORDER BY id LIMIT 1000",
                                            {Json(after)}));
      for (const auto& row : rows) LG_CHECK(look(row[0].as_string(), now));
      if (rows.size() < 1000) break;
      after = rows.back()[0].as_string();
    }
  }
  // Cards of matters that ended while nobody looked.
  std::vector<std::string> records;
  for (const auto& [record, deadlines] : of_record_) records.push_back(record);
  for (const auto& record : records) LG_CHECK(look(record, now));
  return base::Done{};
}

Status Lights::follow_card(const std::string& id) {
  LG_TRY(const auto doc, document(id));
  if (doc.is_null()) return base::Done{};
  const auto& fields = doc.at("fields");
  const Key key{std::string(fields.text("matter")), std::string(fields.text("deadline"))};
  const auto* state = pack_.current(k_card)->main.find(doc.text("state"));
  // One that has ended and may still be appealed against answers its day as one that is over does.
  const bool over = state == nullptr || state->final || state->find("end") == nullptr;
  const auto held = cards_.find(key);
  if (over) {
    if (const auto due = base::parse_date(fields.text("due"))) over_.emplace(key, *due);
    if (held != cards_.end() && held->second.id == id) cards_.erase(held);
    return base::Done{};
  }
  cards_[key] = {id, std::string(doc.text("state")), !fields.text("ended_on").empty()};
  of_record_[key.first].insert(key.second);
  return base::Done{};
}

Status Lights::look(const std::string& record, base::Time now) {
  LG_TRY(const auto doc, document(record));
  const auto* in = doc.is_null() ? nullptr : pack_.by_hash(doc.text("file"));
  const auto matters = in == nullptr ? std::vector<Matter>() : matters_of(*in, doc);
  const auto today = base::date_of(now);
  const auto by = thresholds(today);
  std::optional<base::Time> again;
  const auto then = [&](base::Date day) {
    const auto at = base::start_of(day);
    if (at > now && (!again || at < *again)) again = at;
  };
  for (const auto& matter : matters) {
    const auto light = light_of(matter, today, pack_.calendar(), by);
    LG_CHECK(bring_to(matter, light));
    if (matter.paused) continue;
    then(pack_.calendar().last_day(matter.due, -by.reminder_working_days, law::DayKind::working));
    then(matter.due + 1);
    then(pack_.calendar().last_day(matter.due, by.red_after_working_days + 1, law::DayKind::working));
  }
  plan(record, again);
  if (const auto known = of_record_.find(record); known != of_record_.end()) {
    const auto deadlines = known->second;
    for (const auto& deadline : deadlines) {
      const bool on =
          std::any_of(matters.begin(), matters.end(), [&](const Matter& one) { return one.deadline == deadline; });
      const auto card = cards_.find({record, deadline});
      if (on || card == cards_.end()) continue;
      LG_CHECK(end(card->second, now));
    }
  }
  return base::Done{};
}

Status Lights::bring_to(const Matter& matter, Light light) {
  if (light == Light::none) return base::Done{};
  const Key key{matter.record, matter.deadline};
  const auto act = [&](const std::string& record, const char* action, JsonObject fields) {
    engine::Command command;
    command.actor = "system";
    command.record = record;
    if (record.empty()) command.institution = k_card;
    command.action = action;
    command.fields = std::move(fields);
    return tell_(std::move(command));
  };
  if (!cards_.contains(key)) {
    // A card that is over (revoked, closed) was the answer to this very day: it opens no second one.
    if (over_.contains({key, matter.due})) return base::Done{};
    LG_TRY(const auto doc, document(matter.record));
    const std::string region(doc.at("fields").text("region"));
    LG_TRY(auto office, office_of(matter.role, region));
    JsonObject fields{{"matter", matter.record},
                      {"institution_name", matter.record.substr(0, matter.record.find('/'))},
                      {"deadline", matter.deadline},
                      {"term", matter.title.zh.empty() ? matter.deadline : matter.title.zh},
                      {"law", pack_.cite(matter.law)},
                      {"role", matter.role},
                      {"due", base::format_date(matter.due)}};
    if (!region.empty()) fields["region"] = region;
    if (!office.empty()) fields["office"] = std::move(office);
    LG_CHECK(act("", "", std::move(fields)));
  }
  const auto card = cards_.find(key);
  if (card == cards_.end()) return base::Done{};  // it was refused; the metrics say so
  if (light != Light::reminder && card->second.state == "reminded") LG_CHECK(act(card->second.id, "late", {}));
  const auto again = cards_.find(key);
  if (light == Light::red && again != cards_.end() &&
      (again->second.state == "yellow_proposed" || again->second.state == "yellow"))
    LG_CHECK(act(again->second.id, "late-long", {}));
  return base::Done{};
}

Status Lights::end(const Card& card, base::Time now) {
  if (card.ended) return base::Done{};
  engine::Command command;
  command.actor = "system";
  command.record = card.id;
  command.action = "end";
  command.fields = {{"ended_on", base::format_date(base::date_of(now))}};
  return tell_(std::move(command));
}

Result<std::string> Lights::office_of(const std::string& role, std::string_view region, const std::string& rather) {
  LG_TRY(const auto rows,
         reader_.query("SELECT p.office, o.region FROM post p JOIN office o ON o.id = p.office, "
                       "json_each(p.doc, '$.fields.roles') r WHERE r.value = ? AND p.state = 'active' ORDER BY p.id",
                       {Json(role)}));
  std::string best;
  std::size_t depth = 0;
  for (const auto& row : rows) {
    const auto* of = row[1].if_string();
    if (of == nullptr || !institution::division_within(region, *of)) continue;
    const auto at = of->find_last_not_of('0') + 1;
    const auto& office = row[0].as_string();
    if (best.empty() || at > depth || (at == depth && office == rather)) {
      best = office;
      depth = at;
    }
  }
  return best;
}

void Lights::plan(const std::string& record, std::optional<base::Time> at) {
  if (const auto held = planned_.find(record); held != planned_.end()) {
    due_.erase({held->second, record});
    planned_.erase(held);
  }
  if (!at) return;
  planned_.emplace(record, *at);
  due_.emplace(*at, record);
}

std::optional<base::Time> Lights::next() const { return due_.empty() ? std::nullopt : std::optional(due_.begin()->first); }

Status Lights::due(base::Time now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto record = due_.begin()->second;
    plan(record, std::nullopt);
    LG_CHECK(look(record, now));
  }
  return base::Done{};
}

}  // namespace landglass::watch
