// From a command to what it becomes, or to the refusal that says which rule of which law.
#include <algorithm>

#include "institution/decision.hpp"
#include "institution/sight.hpp"
#include "institution/signed_act.hpp"
#include "institution/words.hpp"

namespace landglass::institution {
namespace {

using base::JsonObject;
using base::Result;
using base::Status;

// 补录: an act that took place some time ago may be entered so much later as its file allows.
// No act is done tomorrow: with a day to come every term and quota that the file counts by days would be past.
Status in_time(const Institution& in, const Command& command, base::Time now) {
  if (!command.as_of) return base::Done{};
  if (*command.as_of > now)
    return base::refuse("EN-21", "办理时间不得晚于现在", "an act is not done later than now", "as_of");
  if (command.late_entry) return base::Done{};
  if (now - *command.as_of <= std::int64_t{std::max(0, in.lateness_days)} * base::k_day) return base::Done{};
  return base::refuse("EN-07", "补录超过时限", "entered too late: mark it a late entry", "as_of");
}

}  // namespace

Result<Decided> Registry::decide(const Command& command, base::Time now) {
  if (command.record.empty()) return decide_new(command, now);
  LG_TRY(auto* record, shelf_.find(command.record));
  if (record == nullptr) return no_such(command.record);
  const auto* in = institution_of(*record);
  if (in == nullptr) return base::fail("no institution file for " + command.record);
  // Whom a sealed record is about learns from no refusal that it is there.
  if (command.via.empty() && kept_from(*record, *in, command.actor, find_action(*in, command.action)))
    return no_such(record->id);
  LG_CHECK(in_time(*in, command, now));
  Decision decision(*this, now, command.as_of.value_or(now));
  if (command.action == "@version" && command.actor == "system") {
    const auto* to = pack_.by_hash(command.fields.text("file"));
    if (to == nullptr) return base::fail("no such version of " + in->name);
    LG_CHECK(decision.change_version(*to, *record, command));
    return std::move(decision.decided);
  }
  if (command.action.starts_with("due:"))
    return base::refuse("EN-04", "期限由系统到时执行，不由任何人办理", "a deadline falls by the clock and by nobody's hand",
                        "action");
  const auto* state = in->main.find(record->state);
  // The hot path: what a behaviour answers itself.
  if (!in->behaviour.empty()) {
    auto* one = behaviour(in->behaviour);
    if (one == nullptr) return base::fail("behaviour not built in: " + in->behaviour);
    if (state != nullptr && one->answers(state->phase, command.action)) {
      LG_CHECK(decision.answer(*one, *in, *record, command));
      return std::move(decision.decided);
    }
  }
  if (command.expects && *command.expects != record->version) {
    auto refusal = base::refuse("EN-06", "记录已有更新，请刷新后再办", "the record has changed: look again", "version");
    refusal.detail = base::alike(std::to_string(*command.expects) + " ≠ " + std::to_string(record->version));
    return refusal;
  }
  auto actions = actions_of(*record);
  if (state != nullptr && !state->final) actions.push_back(&recusal());
  const auto wanted =
      std::find_if(actions.begin(), actions.end(), [&](const Action* one) { return one->name == command.action; });
  if (wanted == actions.end()) {
    const auto what = title_of_action(*in, command.action);
    auto refusal = base::refuse("EN-02", "此时不可为此动作：" + what.zh, "this cannot be done now: " + what.en, "action");
    refusal.detail = state == nullptr ? base::alike(record->states()) : state->title;
    return refusal;
  }
  LG_CHECK(decision.run({command, *in, **wanted, *record, false, command.via, true}));
  return std::move(decision.decided);
}

// A record's name: the command's for what must not be counted, a field's where the file says so, else region, year and
// serial.
Result<Decided> Registry::decide_new(const Command& command, base::Time now) {
  const auto* in = pack_.current(command.institution);
  if (in == nullptr)
    return base::refuse("EN-01", "没有此制度：" + command.institution, "no such institution: " + command.institution,
                        "institution");
  if (!command.action.empty() && command.action != in->create.name) {
    return base::refuse("EN-02", "此制度以“" + in->create.title.zh + "”开始", "records begin by " + in->create.name,
                        "action");
  }
  LG_CHECK(in_time(*in, command, now));
  const auto as_of = command.as_of.value_or(now);
  Record record;
  record.institution = in->name;
  record.tree = in->tree;
  const auto& given = command.fields;
  std::string series_key;
  std::int64_t n = 0;
  if (in->sealed()) {
    record.id = in->name + "/" + command.id;
  } else if (!in->id_from.empty()) {
    const auto key = given.text(in->id_from);
    if (key.empty()) return base::refuse("EN-08", "缺少：" + in->id_from, "missing: " + in->id_from, in->id_from);
    record.id = in->name + "/" + std::string(key);
    LG_TRY(auto* taken, shelf_.find(record.id));
    if (taken != nullptr)
      return base::refuse("EN-15", "已有同号记录：" + record.id, "a record of this name exists: " + record.id, in->id_from);
  } else {
    const auto region = given.text("region").empty() ? std::string("000000") : std::string(given.text("region"));
    const auto year = std::to_string(base::to_civil(base::date_of(as_of)).year);
    series_key = "id|" + in->name + "|" + region + "|" + year;
    LG_TRY(n, shelf_.tally(series_key, false));
    ++n;
    record.id = in->name + "/" + region + "-" + year + "-" + padded(n, 6);
  }
  Decision decision(*this, now, as_of);
  LG_CHECK(decision.run({command, *in, in->create, std::move(record), true, command.via, true}));
  if (!series_key.empty()) {
    auto& series = decision.decided.change.outcome["series"];
    if (!series.is_object()) series = JsonObject();
    series.as_object()[series_key] = n;
  }
  return std::move(decision.decided);
}

Result<Decided> Registry::decide_due(std::string_view record_id, std::string_view timer, const std::string& command_id,
                                     base::Time due, base::Time now) {
  LG_TRY(auto* record, shelf_.find(record_id));
  if (record == nullptr) return base::fail("a timer of no record: " + std::string(record_id));
  const auto* in = institution_of(*record);
  if (in == nullptr) return base::fail("no institution file for " + std::string(record_id));
  Command command;
  command.id = command_id;
  command.record = record_id;
  command.actor = "system";
  Decision decision(*this, now, due);
  LG_CHECK(decision.due(*in, *record, timer, std::move(command), due));
  return std::move(decision.decided);
}

}  // namespace landglass::institution
