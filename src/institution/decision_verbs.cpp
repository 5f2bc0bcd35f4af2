// Office verbs: what they do beyond an ordinary action.
#include <algorithm>

#include "institution/decision.hpp"
#include "institution/verbs.hpp"

namespace landglass::institution {

using base::Status;

namespace {

// Only the one whose matter it is may do this: to withdraw it is his, returned or not.
bool is_own(const Action& action) {
  return std::all_of(action.by.begin(), action.by.end(),
                     [](const std::string& who) { return who == "creator" || who.starts_with('@'); });
}

bool returned(const Record& record) {
  return std::any_of(record.holds.begin(), record.holds.end(), [&](const Hold& one) { return one.by == record.id; });
}

bool runs(const Record& record, const Pause& pause) {
  const auto running = record.timers.find("pause/" + pause.name);
  return running != record.timers.end() && !running->second.left_ms;
}

// The longest time is that of all its pauses together: who pauses, goes on and pauses again has no more of it.
std::int64_t left_of(const Record& record, const Pause& pause) {
  const auto used = record.timers.find("paused/" + pause.name);
  return used != record.timers.end() ? used->second.left_ms.value_or(0) : std::int64_t{pause.longest_days} * base::k_day;
}

base::Status may_pause(const Record& record, const Pause& pause, const Action& action) {
  for (const auto& name : pause.deadlines) {
    const auto timer = record.timers.find(name);
    if (timer != record.timers.end() && timer->second.left_ms)
      return base::refuse("EN-02", "已在中止中", "already paused", action.name);
  }
  if (left_of(record, pause) <= 0)
    return base::refuse("EN-02", "中止已用满最长期限", "the pause has used its longest time", action.name);
  return base::Done{};
}

base::Status may_take_back(const Institution& in, const Record& record, const Action& action, std::string_view actor) {
  const auto last = record.done.find(record.last_action);
  if (last == record.done.end() || last->second.actor != actor) {
    return base::refuse("EN-05", "只能由最后经办人在他人办理前撤回",
                        "only whoever acted last may take it back, before anybody else acts", action.name);
  }
  if (in.main.find(record.state_before) == nullptr)
    return base::refuse("EN-02", "没有可撤回的环节", "there is nothing to take back", action.name);
  return base::Done{};
}

std::vector<Field> words_of_verbs() {
  std::vector<Field> words;
  const auto add = [&](const char* name, const char* zh, const char* en, const char* type) -> Field& {
    Field word;
    word.name = name;
    word.title = {zh, en};
    word.type = type;
    word.max_length = 2'000;
    if (word.type == "text")  // unlike a private field it has no opening that could be erased
      word.help = {"公开事项的，此处文字写入公开日志，不能删除：不要写个人信息",
                   "Of a public matter this stands in the public log for good: write no personal data"};
    return words.emplace_back(std::move(word));
  };
  add("office", "单位", "Office", "ref").of = "office";
  add("person", "接收人", "To whom", "ref").of = "person";
  add("question", "征求事项", "Question", "text");
  add("opinion", "意见", "Opinion", "text");
  add("dissent", "不同意见", "Dissent", "boolean");
  add("attachment", "材料", "Material", "file");
  add("about", "说明", "What it is", "text");
  return words;
}

}  // namespace

const Field* given_field(const Institution& in, std::string_view name) {
  if (const auto* own = in.field(name)) return own;
  static const auto k_list = words_of_verbs();
  const auto found = std::find_if(k_list.begin(), k_list.end(), [&](const Field& word) { return word.name == name; });
  return found == k_list.end() ? nullptr : &*found;
}

Status verb_fits(const Institution& in, const Record& record, const Action& action, std::string_view actor) {
  const auto not_now = [&](const char* zh, const char* en) { return base::refuse("EN-02", zh, en, action.name); };
  switch (action.verb) {
    case Verb::give_back:
      if (returned(record)) return base::refuse("EN-03", "已退回，尚未补正", "already returned", action.name);
      return base::Done{};
    case Verb::resubmit:
      if (!returned(record)) return not_now("此事项未被退回", "this matter was not returned");
      return base::Done{};
    case Verb::take_back: return may_take_back(in, record, action, actor);
    case Verb::pause: return may_pause(record, *in.pause(action.pause), action);
    case Verb::resume:
      if (!runs(record, *in.pause(action.pause))) return not_now("未在中止", "not paused");
      return base::Done{};
    case Verb::recuse:
      if (contains(record.recused, actor)) return not_now("您已回避此事项", "you stand aside already");
      return base::Done{};
    default: return base::Done{};
  }
}

bool ends_nothing(const Institution& in, const Record& record, const Action& action) {
  return (action.verb == Verb::resume && !runs(record, *in.pause(action.pause))) ||
         (action.verb == Verb::resubmit && !returned(record));
}

bool of_a_state(std::string_view timer) {
  return !timer.starts_with("withdraw/") && !timer.starts_with("pause/") && !timer.starts_with("paused/");
}

bool kept_standing(const Institution& in, const Record& record, std::string_view deadline, std::string_view ending) {
  for (const auto& hold : record.holds) {
    if (hold.by != ending && (hold.by == record.id || contains(hold.deadlines, deadline))) return true;
  }
  return std::any_of(in.pauses.begin(), in.pauses.end(), [&](const Pause& pause) {
    const auto name = "pause/" + pause.name;
    const auto running = record.timers.find(name);
    return name != ending && running != record.timers.end() && !running->second.left_ms &&
           contains(pause.deadlines, deadline);
  });
}

using base::Json;
using base::JsonArray;
using base::JsonObject;

void Decision::stop_timers(Act& act, const std::vector<std::string>& names) const {
  for (const auto& [name, timer] : act.before.timers) {
    if (timer.left_ms || (names.empty() ? !of_a_state(name) : !contains(names, name))) continue;
    act.change.due[name] = JsonObject{{"left_ms", std::max<std::int64_t>(0, timer.due - as_of_)}};
  }
}

void Decision::restart_timers(Act& act, const std::vector<std::string>& names, std::string_view ending) const {
  for (const auto& [name, timer] : act.before.timers) {
    if (!timer.left_ms || name.starts_with("paused/") || (!names.empty() && !contains(names, name))) continue;
    if (kept_standing(act.in, act.before, name, ending)) continue;
    act.change.due[name] = base::format_utc(as_of_ + *timer.left_ms);
  }
}

Status Decision::perform_verb(Act& act) const {
  const auto& given = act.command.fields;
  LG_CHECK(verb_fits(act.in, act.before, act.action, act.command.actor));
  JsonObject words;  // as the act's outcome
  for (const auto& name : act.action.give) {
    if (const auto* value = given.find(name)) words[name] = *value;
  }
  switch (act.action.verb) {
    case Verb::none: return base::Done{};
    case Verb::give_back: LG_CHECK(give_back(act)); break;
    case Verb::resubmit: LG_CHECK(resubmit(act)); break;
    case Verb::refer: act.record.fields["handling_office"] = given.at("office"); break;
    case Verb::hand_over: act.record.fields["handler"] = given.at("person"); break;
    case Verb::consult:
      act.change.outcome["opinions"] = JsonObject{
          {std::string(given.text("office")), JsonObject{{"question", given.at("question")}, {"state", "asked"}}}};
      break;
    case Verb::opine: {
      auto opinion = words;
      opinion["state"] = "given";
      act.change.outcome["opinions"] = JsonObject{{act.seat.office, opinion}};
      break;
    }
    case Verb::take_back: LG_CHECK(take_back(act)); break;
    case Verb::correct: LG_CHECK(correct(act)); break;
    case Verb::pause: LG_CHECK(pause(act)); break;
    case Verb::resume: LG_CHECK(resume(act)); break;
    case Verb::recuse: LG_CHECK(recuse(act)); break;
    case Verb::remind:
    case Verb::attach: break;
  }
  if (!words.empty()) act.change.outcome["words"] = std::move(words);
  return base::Done{};
}

// 退回补正: everything but handing in again is held, and the clock stands still.
Status Decision::give_back(Act& act) const {
  stop_timers(act, {});
  JsonArray actions;
  for (const auto* one : registry_.actions_of(act.before)) {
    if (one->verb != Verb::resubmit && one->verb != Verb::attach && !is_own(*one)) actions.emplace_back(one->name);
  }
  act.change.holds.push_back(JsonObject{{"place", JsonObject{{"by", act.before.id},
                                                             {"zh", "退回补正"},
                                                             {"en", "returned for completion"},
                                                             {"actions", actions},
                                                             {"deadlines", JsonArray{}}}}});
  return base::Done{};
}

Status Decision::resubmit(Act& act) const {
  restart_timers(act, {}, act.before.id);
  act.change.holds.push_back(JsonObject{{"lift", act.before.id}});
  return base::Done{};
}

Status Decision::take_back(Act& act) const {
  const auto& before = act.before;
  const auto& main = act.in.main;
  const auto* back = main.find(before.state_before);
  act.record.state = back->name;
  enter(act.in, main.find(before.state), *back, act.command, act.record, act.change.due, as_of_);
  return base::Done{};
}

// Both versions stay visible: what it was stands in the same leaf as what it is.
Status Decision::correct(Act& act) const {
  JsonObject versions;
  for (const auto& name : act.action.give) {
    const auto* given = act.command.fields.find(name);
    const auto* field = act.in.field(name);
    if (given == nullptr || field == nullptr || field->is_private || name == "reason") continue;
    const auto* was = act.before.fields.find(name);
    versions[name] = JsonObject{{"from", was == nullptr ? Json() : *was}, {"to", *given}};
  }
  if (versions.empty()) return base::refuse("EN-08", "未说明更正何项", "nothing to correct was given", act.action.name);
  act.change.outcome["corrected"] = std::move(versions);
  return base::Done{};
}

// 回避: from here on every act of his on this record is refused.
Status Decision::recuse(Act& act) const {
  act.change.outcome["recused"] = act.command.actor;
  return base::Done{};
}

Status Decision::pause(Act& act) const {
  const auto* pause = act.in.pause(act.action.pause);
  stop_timers(act, pause->deadlines);
  act.change.due["pause/" + pause->name] = base::format_utc(as_of_ + left_of(act.before, *pause));
  return base::Done{};
}

Status Decision::resume(Act& act) const {
  const auto* pause = act.in.pause(act.action.pause);
  const auto name = "pause/" + pause->name;
  const auto running = act.before.timers.find(name);
  restart_timers(act, pause->deadlines, name);
  act.change.due[name] = nullptr;
  act.change.due["paused/" + pause->name] = JsonObject{{"left_ms", std::max<std::int64_t>(0, running->second.due - as_of_)}};
  return base::Done{};
}

}  // namespace landglass::institution
