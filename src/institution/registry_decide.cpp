// From a command to what it becomes, or to the refusal that says which rule of which law.
#include <algorithm>

#include "base/crypto.hpp"
#include "institution/registry.hpp"
#include "institution/scope.hpp"
#include "law/codes.hpp"

namespace landglass::institution {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

constexpr int k_effect_depth = 6;

std::string digest_of(const JsonObject& fields) {
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(Json(fields)))));
}

class ShelfLook final : public Look {
 public:
  explicit ShelfLook(Shelf& shelf) : shelf_(shelf) {}
  Result<const Record*> record(std::string_view id) override {
    LG_TRY(auto* found, shelf_.find(id));
    return static_cast<const Record*>(found);
  }

 private:
  Shelf& shelf_;
};

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

struct Registry::Work {
  base::Time now;
  base::Time as_of;
  Decided decided;
  std::map<std::string, Record> pending;       // records as they would be, so that a second effect sees the first
  std::map<std::string, std::int64_t> issued;  // series taken in this decision
  int depth = 0;
};

Status Registry::apply_fields(const Institution& in, const Action& action, const JsonObject& given, Record& record,
                              bool creating) const {
  for (const auto& [name, value] : given) {
    const auto* field = in.field(name);
    if (field == nullptr || !contains(action.give, name)) {
      // Words of an office verb that no file declares are kept as the act's outcome, not as fields.
      if (action.verb != Verb::none && contains(action.give, name)) continue;
      auto refusal = base::refuse("EN-10", "此处不得填写：" + (field == nullptr ? name : field->title.zh),
                                  "may not be given here: " + name, name, pack_.cite(action.law));
      return refusal;
    }
    LG_TRY(auto read, read_field(*field, value, pack_));
    if (read.is_null()) {
      record.fields.erase(name);
    } else {
      record.fields[name] = std::move(read);
    }
  }
  for (const auto& name : action.need) {
    const auto* value = given.find(name);
    if (value == nullptr || value->is_null() || (value->is_string() && value->as_string().empty())) {
      const auto* field = in.field(name);
      return base::refuse("EN-08", "缺少：" + (field == nullptr ? name : field->title.zh),
                          "missing: " + (field == nullptr ? name : field->title.en), name, pack_.cite(action.law));
    }
  }
  if (!action.grounds.empty()) {
    const auto* table = pack_.table(action.grounds);
    const auto ground = given.text("ground");
    if (table == nullptr || table->find(ground) == nullptr) {
      return base::refuse("EN-09", "依据情形须取自：" + action.grounds, "the ground must be one of " + action.grounds,
                          "ground", pack_.cite(action.law));
    }
  }
  if (creating) {
    for (const auto& field : in.fields) {
      if (!field.required || record.fields.find(field.name) != nullptr || !contains(action.give, field.name)) continue;
      return base::refuse("EN-08", "缺少：" + field.title.zh, "missing: " + field.title.en, field.name);
    }
  }
  return base::Done{};
}

// The deadlines of the state that is entered, and the end of those of the state that is left.
void Registry::enter(const Institution& in, const Region&, const State* from, const State& to, const Command& command,
                     Record& record, JsonObject& due, base::Time now) {
  if (from != nullptr) {
    for (const auto& deadline : from->after) {
      if (record.timers.contains(deadline.name)) due[deadline.name] = nullptr;
    }
  }
  const RecordScope scope(*this, in, record, nullptr, command, nullptr, now);
  const auto today = base::date_of(now);
  for (const auto& deadline : to.after) {
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

namespace {

// The words of an office verb, as the act's outcome.
JsonObject words_of(const Action& action, const JsonObject& given) {
  JsonObject words;
  for (const auto& name : action.give) {
    if (const auto* value = given.find(name)) words[name] = *value;
  }
  return words;
}

std::string padded(std::int64_t n, int width) {
  auto text = std::to_string(n);
  if (static_cast<int>(text.size()) < width) text.insert(0, static_cast<std::size_t>(width) - text.size(), '0');
  return text;
}

}  // namespace

Status Registry::run(Work& work, const Command& command, const Institution& in, const Action& action, Record record,
                     bool creating, const std::string& via, bool main) {
  if (++work.depth > 64) return base::refuse("EN-11", "连带效果过多", "too many effects", action.name);
  const Record before = record;
  Seat seat;
  if (!creating) {
    for (const auto& hold : record.holds) {
      if (action.verb == Verb::resubmit || action.verb == Verb::attach) break;
      if (hold.actions.empty() || contains(hold.actions, action.name)) {
        auto refusal =
            base::refuse("EN-03", "此事项已被中止：" + hold.ground.zh, "a hold stands: " + hold.ground.en, action.name);
        refusal.detail = hold.by;
        return refusal;
      }
    }
  }
  // The region of a new record decides who has it in his charge, so fields are read before permission, and checked after it.
  LG_CHECK(apply_fields(in, action, command.fields, record, creating));
  LG_CHECK(permit(creating ? record : before, in, action, command.actor, command.post, via, base::date_of(work.now), &seat));
  if (action.is_signed && via.empty() && command.actor != "system" && command.actor != "genesis" && !command.sig) {
    return base::refuse("EN-13", "此行为须以岗位密钥签名", "this act must be signed with the key of the post", action.name,
                        pack_.cite(action.law));
  }
  if (action.witnessed && !creating && !shelf_.witnessed(before)) {
    return base::refuse("EN-12", "记录尚未经见证，暂不得终局", "not yet witnessed: no final act on this record",
                        action.name);
  }

  log::Change change;
  change.institution = in.name;
  change.file = in.hash;
  change.record = record.id;
  change.action = action.name;
  change.version = before.version + 1;
  if (!seat.post.empty()) change.outcome["post"] = seat.post;
  if (!via.empty()) change.outcome["via"] = via;
  if (command.late_entry && main) change.outcome["late_entry"] = true;

  if (creating) {
    record.state = in.main.initial;
    for (const auto& region : in.parallel) record.parallel[region.name] = region.initial;
  }
  record.version = change.version;
  if (creating) record.created = work.as_of;
  const RecordScope scope(*this, in, record, creating ? nullptr : &before, command, &seat, work.as_of);

  for (const auto& [name, expression] : action.set) {
    LG_TRY(auto value, expression.evaluate(scope));
    const auto json = law::to_json(value);
    if (json.is_null()) {
      record.fields.erase(name);
    } else {
      record.fields[name] = json;
    }
  }
  const auto label = [&](std::string_view path) -> std::string {
    const auto* field = in.field(path.substr(0, path.find('.')));
    if (field != nullptr) return field->title.zh;
    const auto* parameter = in.parameter(path);
    if (parameter != nullptr && !parameter->title.zh.empty()) return parameter->title.zh;
    return std::string(path);
  };
  JsonArray raised;
  for (const auto& check : action.checks) {
    const auto held = check.that.require(scope, label);
    if (held) continue;
    if (held.failed()) return held.trouble();
    if (check.warn) {
      raised.push_back(JsonObject{{"code", check.code}, {"detail", held.refusal().detail}});
      continue;
    }
    base::Refusal refusal = held.refusal();
    refusal.code = check.code;
    refusal.say = check.say;
    refusal.law = pack_.cite(check.law);
    refusal.where = action.name;
    return refusal;
  }
  if (action.raise) raised.push_back(JsonObject{{"code", action.raise->code}, {"detail", action.raise->say.zh}});

  // A joint act takes place when so many different people have given the same.
  if (action.joint > 1 && via.empty() && command.actor != "system" && command.actor != "genesis") {
    const auto digest = digest_of(command.fields);
    const auto* waiting = before.joint.find(action.name);
    JsonArray actors;
    if (waiting != nullptr && waiting->text("digest") == digest) actors = waiting->at("actors").as_array();
    for (const auto& one : actors) {
      if (one.as_string() == command.actor) {
        return base::refuse("EN-14", "须由另一人会同办理", "another person must concur", action.name,
                            pack_.cite(action.law));
      }
    }
    actors.emplace_back(command.actor);
    if (static_cast<int>(actors.size()) < action.joint) {
      record = before;
      record.version = change.version;
      change.action = action.name + ":concur";
      change.outcome["joint"] = JsonObject{{action.name, JsonObject{{"digest", digest}, {"actors", actors}}}};
      change.state = creating ? std::string() : before.states();
      if (creating) return base::refuse("PACK-07", "创建不能会同", "a creation cannot be joint", action.name);
      work.decided.change = std::move(change);
      work.decided.tree = in.tree;
      return base::Done{};
    }
    change.outcome["joint"] = JsonObject{{action.name, nullptr}};
    change.outcome["concurred"] = actors;
  }

  // Numbers: a series per office (or region) and year; issued in the leaf, so never twice and never a silent gap.
  for (const auto& number : action.numbers) {
    if (const auto* there = record.fields.find(number.field); there != nullptr && !there->is_null() && !number.code.empty())
      continue;
    if (number.code == "plate") {
      // Plates must not tell how many came before: drawn from the command's id, and drawn again where one is taken.
      const auto* taken = in.fact("same_plate");
      for (int i = 0; taken != nullptr; ++i) {
        const auto hash = base::sha256(base::as_bytes(command.id + record.id + std::to_string(i)));
        record.fields[number.field] = std::int64_t{100 + (hash[0] * 256 + hash[1]) % 9'900};
        LG_TRY(auto there, fact(record, in, *taken, &command, work.as_of));
        if (there.number == 0) break;
      }
      continue;
    }
    const auto civil = base::to_civil(base::date_of(work.as_of));
    const auto region = std::string(record.fields.text("region"));
    const std::string owner = seat.office.empty() ? region : seat.office;
    const std::string key =
        "no|" + number.series + "|" + (number.code.empty() ? owner : region) + "|" + std::to_string(civil.year);
    auto [place, fresh] = work.issued.try_emplace(key, 0);
    if (fresh) {
      LG_TRY(place->second, shelf_.tally(key, in.sealed()));
    }
    const auto n = ++place->second;
    std::string text;
    if (!number.code.empty()) {
      text = law::verification_code(number.code, region, civil.year, n);
      if (text.empty()) {
        return base::refuse("EN-16", "无法编码：行政区、年度或序号不合规范",
                            "no code can be made of this division, year or serial", number.field);
      }
    } else {
      std::string short_name;
      if (!seat.office.empty()) {
        LG_TRY(auto* office, shelf_.find(seat.office));
        if (office != nullptr) short_name = office->fields.text("short");
      }
      text = number.format;
      const auto put = [&](const std::string& what, const std::string& with) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
          text.replace(at, what.size(), with);
      };
      put("{office.short}", short_name);
      put("{year}", std::to_string(civil.year));
      put("{region}", region);
      put("{n}", std::to_string(n));
      for (int width = 2; width <= 9; ++width) put("{n:" + std::to_string(width) + "}", padded(n, width));
    }
    record.fields[number.field] = text;
    auto& series = change.outcome["series"];
    if (!series.is_object()) series = JsonObject();
    series.as_object()[key] = n;
  }

  // Where it goes.
  const State* from = nullptr;
  const Region* moved = nullptr;
  const State* to = nullptr;
  if (creating) {
    to = in.main.find(in.main.initial);
    moved = &in.main;
  }
  if (!action.to.empty()) {
    const auto here = [&](const Region& region, const std::string& state) {
      const auto* inner = region.find(state);
      return inner != nullptr && inner->find(action.name) == &action;
    };
    const Region* region = &in.main;
    for (const auto& other : in.parallel) {
      const auto place = before.parallel.find(other.name);
      if (place != before.parallel.end() && here(other, place->second)) region = &other;
    }
    for (const auto& target : action.to) {
      if (target.when) {
        LG_TRY(auto fits, target.when->evaluate(scope));
        if (!fits.is_true()) continue;
      }
      to = region->find(target.state);
      if (to == nullptr)
        return base::refuse("PACK-08", "去向不存在：" + target.state, "no such state: " + target.state, in.file);
      moved = region;
      if (!creating) from = region->find(region->name.empty() ? before.state : before.parallel.at(region->name));
      break;
    }
  }

  // Behaviour.
  BehaviourOutcome joined;
  Behaviour* behaving = in.behaviour.empty() ? nullptr : behaviour(in.behaviour);
  if (!in.behaviour.empty() && behaving == nullptr) return base::fail("behaviour not built in: " + in.behaviour);
  if (behaving != nullptr) {
    ShelfLook look(shelf_);
    if (moved != nullptr && to != nullptr && moved->name.empty()) record.state = to->name;
    Command as_done = command;
    as_done.action = action.name;
    LG_TRY(joined, behaving->joins(before, record, as_done, work.now, look));
    for (const auto& [name, value] : joined.set) record.fields[name] = value;
    for (const auto& [name, value] : joined.outcome) change.outcome[name] = value;
    if (!joined.to.empty()) {
      const auto* other = in.main.find(joined.to);
      if (other == nullptr) return base::fail("the behaviour goes to a state the file has not: " + joined.to);
      from = creating ? nullptr : in.main.find(before.state);
      to = other;
      moved = &in.main;
    }
  }

  if (to != nullptr) {
    if (moved->name.empty()) {
      record.state = to->name;
    } else {
      record.parallel[moved->name] = to->name;
    }
  }
  const bool changes_state = to != nullptr && (creating || from != to);
  if (changes_state) enter(in, *moved, from, *to, command, record, change.due, work.as_of);
  if (creating) {
    for (const auto& region : in.parallel)
      enter(in, region, nullptr, *region.find(region.initial), command, record, change.due, work.as_of);
  }

  // Office verbs and pauses.
  const auto pause_timers = [&](const std::vector<std::string>& names) {
    for (const auto& [name, timer] : before.timers) {
      if (timer.left_ms || (!names.empty() && !contains(names, name))) continue;
      change.due[name] = JsonObject{{"left_ms", std::max<std::int64_t>(0, timer.due - work.as_of)}};
    }
  };
  const auto resume_timers = [&](const std::vector<std::string>& names) {
    for (const auto& [name, timer] : before.timers) {
      if (!timer.left_ms || (!names.empty() && !contains(names, name))) continue;
      change.due[name] = base::format_utc(work.as_of + *timer.left_ms);
    }
  };
  const auto words = words_of(action, command.fields);
  switch (action.verb) {
    case Verb::none: break;
    case Verb::give_back: {
      for (const auto& hold : before.holds) {
        if (hold.by == before.id) return base::refuse("EN-03", "已退回，尚未补正", "already returned", action.name);
      }
      pause_timers({});
      JsonArray actions;
      for (const auto* one : actions_of(before)) {
        if (one->verb != Verb::resubmit && one->verb != Verb::attach) actions.emplace_back(one->name);
      }
      change.holds.push_back(JsonObject{{"place", JsonObject{{"by", before.id},
                                                             {"zh", "退回补正"},
                                                             {"en", "returned for completion"},
                                                             {"actions", actions},
                                                             {"deadlines", JsonArray{}}}}});
      break;
    }
    case Verb::resubmit: {
      const bool returned =
          std::any_of(before.holds.begin(), before.holds.end(), [&](const Hold& one) { return one.by == before.id; });
      if (!returned) return base::refuse("EN-02", "此事项未被退回", "this matter was not returned", action.name);
      for (const auto& [name, value] : command.fields) (void)name, (void)value;
      resume_timers({});
      change.holds.push_back(JsonObject{{"lift", before.id}});
      break;
    }
    case Verb::refer: record.fields["handling_office"] = command.fields.at("office"); break;
    case Verb::hand_over: record.fields["handler"] = command.fields.at("person"); break;
    case Verb::consult:
      change.outcome["opinions"] = JsonObject{{std::string(command.fields.text("office")),
                                               JsonObject{{"question", command.fields.at("question")}, {"state", "asked"}}}};
      break;
    case Verb::opine: {
      auto opinion = words;
      opinion["state"] = "given";
      change.outcome["opinions"] = JsonObject{{seat.office, opinion}};
      break;
    }
    case Verb::take_back: {
      if (before.last_action.empty() || before.done.at(before.last_action).actor != command.actor) {
        return base::refuse("EN-05", "只能由最后经办人在他人办理前撤回",
                            "only whoever acted last may take it back, before anybody else acts", action.name);
      }
      const auto* back = in.main.find(before.state_before);
      if (back == nullptr) return base::refuse("EN-02", "没有可撤回的环节", "there is nothing to take back", action.name);
      record.state = back->name;
      enter(in, in.main, in.main.find(before.state), *back, command, record, change.due, work.as_of);
      break;
    }
    case Verb::correct: {
      JsonObject versions;
      for (const auto& name : action.give) {
        const auto* given = command.fields.find(name);
        const auto* field = in.field(name);
        if (given == nullptr || field == nullptr || field->is_private || name == "reason") continue;
        const auto* was = before.fields.find(name);
        versions[name] = JsonObject{{"from", was == nullptr ? Json() : *was}, {"to", *given}};
      }
      if (versions.empty()) return base::refuse("EN-08", "未说明更正何项", "nothing to correct was given", action.name);
      change.outcome["corrected"] = versions;
      break;
    }
    case Verb::pause: {
      const auto* pause = in.pause(action.pause);
      for (const auto& name : pause->deadlines) {
        const auto timer = before.timers.find(name);
        if (timer != before.timers.end() && timer->second.left_ms)
          return base::refuse("EN-02", "已在中止中", "already paused", action.name);
      }
      pause_timers(pause->deadlines);
      change.due["pause/" + pause->name] = base::format_utc(work.as_of + std::int64_t{pause->longest_days} * base::k_day);
      break;
    }
    case Verb::resume: {
      const auto* pause = in.pause(action.pause);
      if (!before.timers.contains("pause/" + pause->name))
        return base::refuse("EN-02", "未在中止", "not paused", action.name);
      resume_timers(pause->deadlines);
      change.due["pause/" + pause->name] = nullptr;
      break;
    }
    case Verb::remind:
    case Verb::attach: break;
  }
  if (action.verb != Verb::none && !words.empty()) change.outcome["words"] = words;

  if (!action.restart.empty()) {
    const auto* state = in.main.find(record.state);
    JsonObject all;
    if (state != nullptr) enter(in, in.main, nullptr, *state, command, record, all, work.as_of);
    for (const auto& name : action.restart) {
      if (const auto* due = all.find(name)) change.due[name] = *due;
    }
  }
  for (const auto& [name, due] : joined.due) change.due[name] = due;

  // Fields: what became public into the leaf, what is private as a secret. At creation an absent private field is committed
  // too.
  const std::string prefix = main ? "" : "effects/" + std::to_string(work.decided.effects.size()) + "/";
  for (const auto& field : in.fields) {
    const auto* now_value = record.fields.find(field.name);
    const auto* was = before.fields.find(field.name);
    const bool same =
        (now_value == nullptr && was == nullptr) || (now_value != nullptr && was != nullptr && *now_value == *was);
    if (field.is_private) {
      if (same && !creating) continue;
      std::string subject =
          field.subject == "self" || field.subject.empty() ? record.id : std::string(record.fields.text(field.subject));
      if (subject.empty()) subject = record.id;
      work.decided.secrets.push_back({prefix + field.name, std::move(subject), now_value == nullptr ? Json() : *now_value});
    } else if (!same) {
      change.set[field.name] = now_value == nullptr ? Json() : *now_value;
    }
  }
  for (auto& secret : joined.secrets)
    work.decided.secrets.push_back(
        {prefix + secret.path, secret.subject.empty() ? record.id : secret.subject, secret.value});
  if (joined.hide_actor && main) work.decided.hide_actor = true;

  // Disclosure of private fields when a state is entered, for its term.
  if (changes_state && moved->name.empty()) {
    JsonObject disclose;
    for (const auto& field : in.fields) {
      if (!field.is_private || !contains(field.disclose_from, to->name) || before.disclosed.find(field.name) != nullptr)
        continue;
      disclose[field.name] = base::format_utc(work.now);
      if (field.disclose_days > 0) {
        change.due["withdraw/" + field.name] = base::format_utc(base::end_of(base::date_of(work.now) + field.disclose_days));
      }
    }
    if (!disclose.empty()) change.outcome["disclose"] = std::move(disclose);
  }
  if (!raised.empty()) change.outcome["raise"] = raised;
  if (!action.papers.empty()) {
    JsonArray papers;
    for (const auto& paper : action.papers) {
      papers.emplace_back(paper);
      work.decided.papers.push_back({record.id, paper});
    }
    change.outcome["papers"] = papers;
  }
  change.state = record.states();

  // What follows afterwards, one leaf each.
  for (const auto& follow : action.follow) {
    LG_TRY(auto all, fact(record, in, *in.fact(follow.all), &command, work.as_of));
    if (all.items == nullptr) continue;
    JsonObject fields;
    for (const auto& [name, expression] : follow.with) {
      LG_TRY(auto value, expression.evaluate(scope));
      fields[name] = law::to_json(value);
    }
    for (const auto& item : *all.items) {
      const auto* id = item.member("id");
      if (id != nullptr) work.decided.follow.push_back({id->text_value, follow.action, fields});
    }
  }

  work.pending[record.id] = record;
  if (main) {
    work.decided.change = std::move(change);
    work.decided.tree = in.tree;
  } else {
    if (in.tree != work.decided.tree)
      return base::refuse("PACK-09", "效果不得跨越公开与密封", "an effect may not cross from one tree to the other",
                          in.name);
    work.decided.effects.push_back(std::move(change));
    if (work.decided.effects.size() > log::k_max_effects)
      return base::refuse("EN-11", "连带效果过多", "too many effects", action.name);
  }

  for (const auto& effect : action.effects) {
    if (effect.when) {
      LG_TRY(auto fits, effect.when->evaluate(scope));
      if (!fits.is_true()) continue;
    }
    Command next;
    next.id = command.id;
    next.actor = command.actor;
    next.action = effect.action;
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
      LG_TRY(made.id, [&]() -> Result<std::string> {
        return other->name + "/" +
               digest_of(JsonObject{{"c", command.id}, {"n", static_cast<int>(work.decided.effects.size())}}).substr(0, 24);
      }());
      made.tree = other->tree;
      LG_CHECK(run(work, next, *other, other->create, std::move(made), true, in.name, false));
      continue;
    }
    std::vector<std::string> targets;
    if (const auto* declared = in.fact(effect.on)) {
      LG_TRY(auto value, fact(record, in, *declared, &command, work.as_of));
      if (value.items != nullptr) {
        for (const auto& item : *value.items) targets.push_back(item.member("id")->text_value);
      } else if (const auto* id = value.member("id")) {
        targets.push_back(id->text_value);
      }
    } else if (const auto id = record.fields.text(effect.on); !id.empty()) {
      targets.emplace_back(id);
    }
    for (const auto& target : targets) {
      const Record* there = nullptr;
      if (const auto place = work.pending.find(target); place != work.pending.end()) {
        there = &place->second;
      } else {
        LG_TRY(auto* found, shelf_.find(target));
        there = found;
      }
      if (there == nullptr)
        return base::refuse("EN-11", "连带对象不存在：" + target, "an effect's object does not exist: " + target,
                            action.name);
      const auto* other = institution_of(*there);
      if (other == nullptr) return base::fail("no institution file for " + target);
      if (effect.kind == EffectKind::hold || effect.kind == EffectKind::lift) {
        log::Change held;
        held.institution = other->name;
        held.file = other->hash;
        held.record = there->id;
        held.action = effect.kind == EffectKind::hold ? "hold" : "lift";
        held.version = there->version + 1;
        held.state = there->states();
        held.outcome["via"] = in.name;
        if (effect.kind == EffectKind::hold) {
          JsonArray actions;
          for (const auto& one : effect.actions) actions.emplace_back(one);
          JsonArray deadlines;
          for (const auto& one : effect.deadlines) {
            deadlines.emplace_back(one);
            const auto timer = there->timers.find(one);
            if (timer != there->timers.end() && !timer->second.left_ms) {
              held.due[one] = JsonObject{{"left_ms", std::max<std::int64_t>(0, timer->second.due - work.as_of)}};
            }
          }
          held.holds.push_back(JsonObject{{"place", JsonObject{{"by", record.id},
                                                               {"zh", effect.ground.zh},
                                                               {"en", effect.ground.en},
                                                               {"actions", actions},
                                                               {"deadlines", deadlines}}}});
        } else {
          held.holds.push_back(JsonObject{{"lift", record.id}});
          for (const auto& hold : there->holds) {
            if (hold.by != record.id) continue;
            for (const auto& one : hold.deadlines) {
              const auto timer = there->timers.find(one);
              if (timer != there->timers.end() && timer->second.left_ms)
                held.due[one] = base::format_utc(work.as_of + *timer->second.left_ms);
            }
          }
        }
        if (other->tree != work.decided.tree)
          return base::refuse("PACK-09", "效果不得跨越公开与密封", "an effect may not cross trees", in.name);
        Record after = *there;
        after.version = held.version;
        work.pending[after.id] = std::move(after);
        work.decided.effects.push_back(std::move(held));
        continue;
      }
      const auto actions = actions_of(*there);
      const auto wanted =
          std::find_if(actions.begin(), actions.end(), [&](const Action* one) { return one->name == effect.action; });
      if (wanted == actions.end()) {
        auto refusal = base::refuse("EN-11", "连带事项此时不可为：" + effect.action,
                                    "an effect cannot happen now: " + effect.action, target);
        refusal.detail = there->states();
        return refusal;
      }
      next.record = target;
      if (work.depth > k_effect_depth * 16)
        return base::refuse("EN-11", "连带效果过深", "effects nested too deep", action.name);
      LG_CHECK(run(work, next, *other, **wanted, *there, false, in.name, false));
    }
  }
  return base::Done{};
}

Result<Decided> Registry::decide(const Command& command, base::Time now) {
  Work work;
  work.now = now;
  work.as_of = command.as_of.value_or(now);
  if (command.record.empty()) {
    const auto* in = pack_.current(command.institution);
    if (in == nullptr)
      return base::refuse("EN-01", "没有此制度：" + command.institution, "no such institution: " + command.institution,
                          "institution");
    if (!command.action.empty() && command.action != in->create.name) {
      return base::refuse("EN-02", "此制度以“" + in->create.title.zh + "”开始", "records begin by " + in->create.name,
                          "action");
    }
    if (command.as_of && now - *command.as_of > std::int64_t{std::max(0, in->lateness_days)} * base::k_day &&
        !command.late_entry) {
      return base::refuse("EN-07", "补录超过时限", "entered too late: mark it a late entry", "as_of");
    }
    Record record;
    record.institution = in->name;
    record.tree = in->tree;
    const auto& given = command.fields;
    const auto civil = base::to_civil(base::date_of(work.as_of));
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
        return base::refuse("EN-15", "已有同号记录：" + record.id, "a record of this name exists: " + record.id,
                            in->id_from);
    } else {
      const auto region = given.text("region").empty() ? std::string("000000") : std::string(given.text("region"));
      series_key = "id|" + in->name + "|" + region + "|" + std::to_string(civil.year);
      LG_TRY(n, shelf_.tally(series_key, false));
      ++n;
      record.id = in->name + "/" + region + "-" + std::to_string(civil.year) + "-" + padded(n, 6);
    }
    LG_CHECK(run(work, command, *in, in->create, std::move(record), true, "", true));
    if (!series_key.empty()) {
      auto& series = work.decided.change.outcome["series"];
      if (!series.is_object()) series = JsonObject();
      series.as_object()[series_key] = n;
    }
    return std::move(work.decided);
  }
  LG_TRY(auto* record, shelf_.find(command.record));
  if (record == nullptr)
    return base::refuse("EN-01", "没有此记录：" + command.record, "no such record: " + command.record, "record");
  const auto* in = institution_of(*record);
  if (in == nullptr) return base::fail("no institution file for " + command.record);
  if (command.as_of && now - *command.as_of > std::int64_t{std::max(0, in->lateness_days)} * base::k_day &&
      !command.late_entry) {
    return base::refuse("EN-07", "补录超过时限", "entered too late: mark it a late entry", "as_of");
  }
  // The hot path: what a behaviour answers itself.
  if (!in->behaviour.empty()) {
    const auto* state = in->main.find(record->state);
    auto* one = behaviour(in->behaviour);
    if (one == nullptr) return base::fail("behaviour not built in: " + in->behaviour);
    if (state != nullptr && one->answers(state->phase, command.action)) {
      for (const auto& hold : record->holds) {
        if (hold.actions.empty() || contains(hold.actions, command.action)) {
          return base::refuse("EN-03", "此事项已被中止：" + hold.ground.zh, "a hold stands: " + hold.ground.en,
                              command.action);
        }
      }
      ShelfLook look(shelf_);
      LG_TRY(auto joined, one->decide(*record, command, now, look));
      auto& change = work.decided.change;
      change.institution = in->name;
      change.file = in->hash;
      change.record = record->id;
      change.action = command.action;
      change.version = record->version + 1;
      change.set = std::move(joined.set);
      change.outcome = std::move(joined.outcome);
      change.due = std::move(joined.due);
      change.state = record->states();
      work.decided.tree = in->tree;
      work.decided.hide_actor = joined.hide_actor;
      for (auto& secret : joined.secrets) {
        work.decided.secrets.push_back({std::move(secret.path),
                                        secret.subject.empty() ? record->id : std::move(secret.subject),
                                        std::move(secret.value)});
      }
      if (!joined.to.empty() && joined.to != record->state) {
        const auto* to = in->main.find(joined.to);
        if (to == nullptr) return base::fail("the behaviour goes to a state the file has not: " + joined.to);
        Record after = *record;
        after.state = to->name;
        for (const auto& [name, value] : change.set) after.fields[name] = value;
        JsonObject due;
        enter(*in, in->main, state, *to, command, after, due, work.as_of);
        for (const auto& [name, value] : due) {
          if (change.due.find(name) == nullptr) change.due[name] = value;
        }
        change.state = after.states();
      }
      return std::move(work.decided);
    }
  }
  if (command.expects && *command.expects != record->version) {
    auto refusal = base::refuse("EN-06", "记录已有更新，请刷新后再办", "the record has changed: look again", "version");
    refusal.detail = std::to_string(*command.expects) + " ≠ " + std::to_string(record->version);
    return refusal;
  }
  const auto actions = actions_of(*record);
  const auto wanted =
      std::find_if(actions.begin(), actions.end(), [&](const Action* one) { return one->name == command.action; });
  if (wanted == actions.end()) {
    const auto* state = in->main.find(record->state);
    auto refusal =
        base::refuse("EN-02", "此时不可为此动作：" + command.action, "this cannot be done now: " + command.action, "action");
    refusal.detail = state == nullptr ? record->states() : state->title.zh;
    return refusal;
  }
  LG_CHECK(run(work, command, *in, **wanted, *record, false, "", true));
  return std::move(work.decided);
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
  Work work;
  work.now = now;
  work.as_of = due;  // judged by when it was due, not by when it ran
  const auto base_change = [&](std::string action) {
    log::Change change;
    change.institution = in->name;
    change.file = in->hash;
    change.record = record->id;
    change.action = std::move(action);
    change.version = record->version + 1;
    change.state = record->states();
    change.due[timer] = nullptr;
    change.outcome["due"] = base::format_utc(due);
    return change;
  };
  if (timer.starts_with("withdraw/")) {
    work.decided.change = base_change("withdraw-disclosure");
    work.decided.change.outcome["disclose"] = JsonObject{{std::string(timer.substr(9)), nullptr}};
    work.decided.tree = in->tree;
    return std::move(work.decided);
  }
  const auto* state = in->main.find(record->state);
  auto* one = in->behaviour.empty() ? nullptr : behaviour(in->behaviour);
  const std::string due_action = "due:" + std::string(timer);
  if (one != nullptr && one->answers(state == nullptr ? std::string_view() : std::string_view(state->phase), due_action)) {
    command.action = due_action;
    command.as_of = due;
    ShelfLook look(shelf_);
    LG_TRY(auto joined, one->decide(*record, command, now, look));
    auto change = base_change(std::string(timer));
    for (const auto& [name, value] : joined.outcome) change.outcome[name] = value;
    for (const auto& [name, value] : joined.due) change.due[name] = value;
    change.set = std::move(joined.set);
    for (auto& secret : joined.secrets) {
      work.decided.secrets.push_back({secret.path, secret.subject.empty() ? record->id : secret.subject, secret.value});
    }
    if (!joined.to.empty() && joined.to != record->state) {
      const auto* to = in->main.find(joined.to);
      if (to == nullptr) return base::fail("the behaviour goes to a state the file has not: " + joined.to);
      Record after = *record;
      after.state = to->name;
      for (const auto& [name, value] : change.set) after.fields[name] = value;
      JsonObject entered;
      enter(*in, in->main, state, *to, command, after, entered, due);
      for (const auto& [name, value] : entered) {
        if (const auto* there = joined.due.find(name); there == nullptr) change.due[name] = value;
      }
      change.state = after.states();
    }
    work.decided.change = std::move(change);
    work.decided.tree = in->tree;
    return std::move(work.decided);
  }
  const Deadline* deadline = nullptr;
  const Region* region = nullptr;
  const auto seek = [&](const Region& where, const State* here) {
    if (here == nullptr) return;
    for (const auto& candidate : here->after) {
      if (candidate.name == timer) {
        deadline = &candidate;
        region = &where;
      }
    }
  };
  seek(in->main, state);
  for (const auto& other : in->parallel) {
    const auto place = record->parallel.find(other.name);
    if (place != record->parallel.end()) seek(other, other.find(place->second));
  }
  JsonArray raised;
  if (timer.starts_with("pause/")) raised.push_back(JsonObject{{"code", "EN-PAUSE"}, {"detail", "中止超过最长期限"}});
  if (deadline != nullptr && deadline->raise) {
    raised.push_back(JsonObject{{"code", deadline->raise->code}, {"detail", deadline->raise->say.zh}});
  }
  if (deadline != nullptr && !deadline->action.empty()) {
    const auto actions = actions_of(*record);
    const auto wanted =
        std::find_if(actions.begin(), actions.end(), [&](const Action* a) { return a->name == deadline->action; });
    if (wanted != actions.end()) {
      command.action = deadline->action;
      auto status = run(work, command, *in, **wanted, *record, false, "", true);
      if (status) {
        auto& change = work.decided.change;
        if (change.due.find(timer) == nullptr) change.due[timer] = nullptr;
        change.outcome["due"] = base::format_utc(due);
        if (!raised.empty()) {
          auto& list = change.outcome["raise"];
          if (!list.is_array()) list = JsonArray();
          for (auto& one_raised : raised) list.as_array().push_back(one_raised);
        }
        return std::move(work.decided);
      }
      if (status.failed()) return status.trouble();
      // The machine was refused too: the deadline has still passed, and that shows.
      work = Work{};
      raised.push_back(
          JsonObject{{"code", status.refusal().code}, {"detail", status.refusal().say.zh + " " + status.refusal().detail}});
    }
  }
  auto change = base_change(due_action);
  if (deadline != nullptr && !deadline->to.empty()) {
    const auto* to = region->find(deadline->to);
    if (to == nullptr)
      return base::refuse("PACK-08", "去向不存在：" + deadline->to, "no such state: " + deadline->to, in->file);
    Record after = *record;
    if (region->name.empty()) {
      after.state = to->name;
    } else {
      after.parallel[region->name] = to->name;
    }
    JsonObject entered;
    enter(*in, *region, region->name.empty() ? state : region->find(record->parallel.at(region->name)), *to, command, after,
          entered, due);
    for (const auto& [name, value] : entered) change.due[name] = value;
    if (change.due.find(timer) == nullptr) change.due[timer] = nullptr;
    change.state = after.states();
    JsonObject disclose;
    for (const auto& field : in->fields) {
      if (field.is_private && region->name.empty() && contains(field.disclose_from, to->name) &&
          record->disclosed.find(field.name) == nullptr) {
        disclose[field.name] = base::format_utc(now);
        if (field.disclose_days > 0) {
          change.due["withdraw/" + field.name] = base::format_utc(base::end_of(base::date_of(now) + field.disclose_days));
        }
      }
    }
    if (!disclose.empty()) change.outcome["disclose"] = std::move(disclose);
  }
  if (!raised.empty()) change.outcome["raise"] = raised;
  work.decided.change = std::move(change);
  work.decided.tree = in->tree;
  return std::move(work.decided);
}

}  // namespace landglass::institution
