#include <algorithm>

#include "institution/load.hpp"

namespace landglass::institution {
namespace {

using base::Result;
using base::Status;

constexpr int k_most_joint = 9;

Result<bool> load_yes(const Loading& at, const Node& node, std::string_view key) {
  if (node.is_absent()) return false;
  if (node.quoted || (node.scalar != "true" && node.scalar != "false"))
    return at.bad(node, key, "须为 true 或 false", "true or false is expected");
  return node.is_true();
}

Result<Raise> load_raise(const Loading& at, const Node& node) {
  LG_CHECK(only(at, node, {"code", "say", "law"}));
  Raise raise;
  raise.code = node.text("code");
  LG_TRY(raise.say, load_text(at, node.at("say")));
  LG_TRY(raise.law, load_law(at, node.at("law")));
  if (raise.code.empty() || raise.say.empty())
    return at.bad(node, "raise", "警示缺少代码或说明", "a warning needs code and say");
  return raise;
}

Result<Check> load_check(const Institution& in, const Loading& at, const Node& node) {
  LG_CHECK(only(at, node, {"code", "that", "say", "law", "warn"}));
  LG_TRY(auto that, load_expression(in, at, node.at("that")));
  if (that.type().kind != law::Kind::boolean) return at.bad(node, "that", "检查须为真假", "a check must be true or false");
  LG_TRY(auto say, load_text(at, node.at("say")));
  LG_TRY(auto law, load_law(at, node.at("law")));
  Check check{std::string(node.text("code")), std::move(that), std::move(say), std::move(law), node.at("warn").is_true()};
  if (check.code.empty()) return at.bad(node, "code", "检查缺少代码", "a check needs a code");
  if (check.say.empty()) return at.bad(node, "say", "检查缺少说明", "a check needs say");
  return check;
}

// `joint: 3`: so many of those who may. `joint: [director, [auditor, discipline]]`: one person for each entry, here a
// director and either an auditor or discipline.
Status load_joint(const Loading& at, const Node& root, Action& action) {
  const auto& node = root.at("joint");
  if (!node.is_sequence()) {
    if (!node.is_absent()) action.joint = static_cast<int>(node.integer().value_or(0));
    if (action.joint < 1 || action.joint > k_most_joint)
      return at.bad(root, "joint", "joint 须为 1 至 9，或列明各岗", "joint is 1 to 9, or a list of who");
    return base::Done{};
  }
  std::vector<std::string> placed;
  for (const auto& item : node.items) {
    LG_TRY(auto either, load_names(at, item));
    for (const auto& who : either) {
      if (std::find(action.by.begin(), action.by.end(), who) == action.by.end())
        return at.bad(node, who, "会同的岗位不在 by 之列", "joint names who may not do it: " + who + " is not in `by`");
      if (who.starts_with("via:") || who == "system" || who == "anyone" || who == "official" || who == "party" ||
          who == "person" || who == "creator" || who == "consulted")
        return at.bad(node, who, "会同须列明岗位职责或 @字段", "joint names roles or @fields: not " + who);
      placed.push_back(who);
    }
    if (either.empty()) return at.bad(node, "joint", "会同的一席须列明何人", "a place of joint says who takes it");
    action.joint_of.push_back(std::move(either));
  }
  action.joint = static_cast<int>(action.joint_of.size());
  if (action.joint < 2 || action.joint > k_most_joint)
    return at.bad(node, "joint", "会同须列明二至九人", "joint lists 2 to 9");
  for (const auto& who : action.by) {
    if (std::find(placed.begin(), placed.end(), who) == placed.end())
      return at.bad(node, who, "by 中有人在会同中无席", "`by` names who has no place in joint: " + who);
  }
  return base::Done{};
}

Result<std::vector<Target>> load_targets(const Institution& in, const Loading& at, const Node& node) {
  std::vector<Target> targets;
  if (node.is_absent()) return targets;
  if (node.is_scalar()) {
    targets.push_back({std::nullopt, node.scalar});
    return targets;
  }
  for (const auto& item : node.items) {
    LG_CHECK(only(at, item, {"if", "to"}));
    Target target;
    target.state = item.text("to");
    if (!item.at("if").is_absent()) {
      LG_TRY(target.when, load_expression(in, at, item.at("if")));
    }
    targets.push_back(std::move(target));
  }
  if (targets.empty() || targets.back().when)
    return at.bad(node, "to", "须以无条件的去向结尾", "the last target has no `if`");
  return targets;
}

Result<Effect> load_effect(const Institution& in, const Loading& at, const Node& node) {
  LG_CHECK(only(at, node, {"on", "do", "create", "as", "with", "hold", "lift", "actions", "deadlines", "ground", "when"}));
  Effect effect;
  if (!node.at("create").is_absent()) {
    effect.kind = EffectKind::create;
    effect.institution = node.text("create");
    effect.on = node.text("as");
    const auto* field = in.field(effect.on);
    if (!effect.on.empty() && (field == nullptr || !field->refers_to(effect.institution) || field->locked))
      return at.bad(node.at("as"), effect.on, "as 须为指向该制度的引用字段", "as names a ref field to what is made");
  } else if (!node.at("hold").is_absent()) {
    effect.kind = EffectKind::hold;
    effect.on = node.text("hold");
    LG_TRY(effect.actions, load_names(at, node.at("actions")));
    LG_TRY(effect.deadlines, load_names(at, node.at("deadlines")));
    LG_TRY(effect.ground, load_text(at, node.at("ground")));
  } else if (!node.at("lift").is_absent()) {
    effect.kind = EffectKind::lift;
    effect.on = node.text("lift");
  } else {
    effect.on = node.text("on");
    effect.action = node.text("do");
    if (effect.on.empty() || effect.action.empty())
      return at.bad(node, "on/do", "效果须说明对象和动作", "an effect says on and do");
  }
  LG_TRY(effect.with, load_settings(in, at, node.at("with")));
  if (!node.at("when").is_absent()) {
    LG_TRY(effect.when, load_expression(in, at, node.at("when")));
  }
  if (effect.kind == EffectKind::hold && effect.ground.empty())
    return at.bad(node, effect.on, "中止须说明理由", "a hold says its ground");
  if (effect.kind != EffectKind::create && in.fact(effect.on) == nullptr && in.field(effect.on) == nullptr) {
    return at.bad(node, effect.on, "效果的对象既非事实也非引用字段", "an effect's object is neither a fact nor a ref field");
  }
  return effect;
}

// What follows: an act on each record of a fact, or a new record, one or as many as a list field has items.
Result<Follow> load_follow(const Institution& in, const Loading& at, const Node& node) {
  LG_CHECK(only(at, node, {"all", "do", "create", "each", "with", "when"}));
  Follow follow;
  follow.all = node.text("all");
  follow.action = node.text("do");
  follow.institution = node.text("create");
  follow.each = node.text("each");
  if (follow.institution.empty() ? in.fact(follow.all) == nullptr : !follow.all.empty() || !follow.action.empty())
    return at.bad(node, follow.all, "须为已声明的事实，或以 create 新建记录",
                  "all names a declared fact, or create makes a record");
  law::Schema schema = in.schema;
  if (!follow.each.empty()) {
    const auto* list = in.field(follow.each);
    if (follow.institution.empty() || list == nullptr || list->type != "list" || !list->items)
      return at.bad(node, follow.each, "each 须为列表字段，且用于 create", "each is a list field, and goes with create");
    schema.names.emplace_back("item", list->items->value_type);
  }
  for (const auto& [name, value] : node.at("with").members) {
    LG_TRY(auto expression, load_expression(schema, at, value));
    follow.with.emplace_back(name, std::move(expression));
  }
  if (!node.at("when").is_absent()) {
    LG_TRY(follow.when, load_expression(in, at, node.at("when")));
  }
  return follow;
}

Result<Deadline> load_deadline(const Institution& in, const Loading& at, const Node& node) {
  LG_CHECK(only(at, node, {"name", "title", "at", "in", "from", "to", "do", "raise", "law", "goes_on"}));
  Deadline deadline;
  deadline.name = node.text("name");
  LG_TRY(deadline.title, load_text(at, node.at("title")));
  if (deadline.name.empty()) return at.bad(node, "name", "期限缺少名称", "a deadline needs a name");
  if (!node.at("at").is_absent()) {
    LG_TRY(deadline.at, load_expression(in, at, node.at("at")));
    const auto kind = deadline.at->type().kind;
    if (kind != law::Kind::time && kind != law::Kind::date)
      return at.bad(node, "at", "须为时刻或日期", "a time or date is expected");
  }
  if (!node.at("in").is_absent()) {
    const auto& text = node.at("in");
    if (const auto* parameter = in.parameter(text.scalar)) {
      // A dated parameter: resolved when the state is entered. `in` stays as the mark of a term counted in days (lights).
      deadline.in = law::Value::days(0, law::DayKind::calendar);
      LG_TRY(deadline.at,
             Expression::compile("add(" + (node.at("from").is_absent() ? std::string("today") : node.at("from").scalar) +
                                     ", " + parameter->name + ")",
                                 in.schema));
    } else {
      LG_TRY(deadline.in, load_literal(at, text));
      if (deadline.in->kind != law::Kind::days) return at.bad(node, "in", "须为天数", "a number of days is expected");
    }
  }
  if (!node.at("from").is_absent()) {
    LG_TRY(deadline.from, load_expression(in, at, node.at("from")));
  }
  if (!deadline.at && !deadline.in) return at.bad(node, deadline.name, "期限缺少 at 或 in", "a deadline needs at or in");
  deadline.goes_on = node.at("goes_on").is_true();
  deadline.to = node.text("to");
  deadline.action = node.text("do");
  if (!node.at("raise").is_absent()) {
    LG_TRY(deadline.raise, load_raise(at, node.at("raise")));
  }
  LG_TRY(deadline.law, load_law(at, node.at("law")));
  if (deadline.to.empty() && deadline.action.empty() && !deadline.raise) {
    return at.bad(node, deadline.name, "期限无后果", "a deadline needs to, do or raise");
  }
  return deadline;
}

Action verb(std::string name, Verb kind, base::Text title, std::vector<std::string> by, std::vector<std::string> need) {
  Action action;
  action.name = std::move(name);
  action.verb = kind;
  action.title = std::move(title);
  action.by = std::move(by);
  action.give = need;
  action.need = std::move(need);
  return action;
}

// The office verbs that a state allows, as actions; `handlers` are the roles of the state's own actions.
Status add_verbs(const Institution& in, const Loading& at, const Node& node, State& state) {
  if (node.is_absent()) return base::Done{};
  std::vector<std::string> handlers;
  for (const auto& action : state.actions) {
    for (const auto& role : action.by) {
      if (role.starts_with("via:") || role == "system" || role == "anyone" || role.starts_with("@")) continue;
      if (std::find(handlers.begin(), handlers.end(), role) == handlers.end()) handlers.push_back(role);
    }
  }
  struct Told {  // what a file says of a verb besides its name
    std::vector<std::string> by;
    std::vector<std::string> not_by;
    std::vector<Check> checks;
    std::string with;                                 // of a return, a fact: what is returned with it
    std::vector<std::string> resubmit = {"creator"};  // who hands it in again
  };
  const auto add = [&](std::string_view word, const Told& told) -> Status {
    const auto& by = told.by.empty() ? handlers : told.by;
    if (by.empty())
      return at.bad(node, word, "该动词无人可用", "nobody may use this verb: say {" + std::string(word) + ": {by: …}}");
    const auto first = state.actions.size();
    const auto put = [&](Verb kind, base::Text title, std::vector<std::string> need) -> Action& {
      auto action = verb(std::string(word), kind, std::move(title), by, std::move(need));
      action.not_by = told.not_by;
      action.checks = told.checks;
      return state.actions.emplace_back(std::move(action));
    };
    if (word == "return") {
      put(Verb::give_back, {"退回补正", "Return for completion"}, {"reason"});
      state.actions.push_back(verb("resubmit", Verb::resubmit, {"补正重报", "Resubmit"}, told.resubmit, {}));
      if (!told.with.empty()) {  // what was asked about it stands still with it
        Effect stop;
        stop.kind = EffectKind::hold;
        stop.on = told.with;
        stop.deadlines = {"all"};
        stop.ground = {"所附事项已退回补正", "the matter was returned for completion"};
        Effect go_on;
        go_on.kind = EffectKind::lift;
        go_on.on = told.with;
        state.actions[first].effects.push_back(std::move(stop));
        state.actions.back().effects.push_back(std::move(go_on));
      }
    } else if (word == "refer") {
      put(Verb::refer, {"转办", "Refer"}, {"office", "reason"});
    } else if (word == "consult") {
      put(Verb::consult, {"征求会签意见", "Consult"}, {"office", "question"});
      state.actions.push_back(
          verb("opine", Verb::opine, {"会签意见", "Give an opinion"}, {"consulted"}, {"opinion", "dissent"}));
    } else if (word == "remind") {
      put(Verb::remind, {"催办", "Remind"}, {"reason"});
    } else if (word == "hand-over") {
      put(Verb::hand_over, {"移交", "Hand over"}, {"person", "reason"});
    } else if (word == "take-back") {
      put(Verb::take_back, {"撤回", "Take back"}, {"reason"});
    } else if (word == "correct") {
      auto& action = put(Verb::correct, {"更正", "Correct"}, {"reason"});
      for (const auto& field : state.correctable) action.give.push_back(field);
    } else if (word == "attach") {
      put(Verb::attach, {"附加材料", "Attach"}, {"attachment", "about"});
    } else {
      return at.bad(node, word, "未知的公文动词", "unknown office verb");
    }
    return base::Done{};
  };
  for (const auto& item : node.items) {
    if (item.is_scalar()) {
      LG_CHECK(add(item.scalar, {}));
    } else {
      for (const auto& [word, more] : item.members) {
        LG_CHECK(only(at, more, {"by", "not", "check", "with", "resubmit"}));
        Told told;
        LG_TRY(told.by, load_names(at, more.at("by")));
        LG_TRY(told.not_by, load_names(at, more.at("not")));
        for (const auto& one : more.at("check").items) {
          LG_TRY(auto check, load_check(in, at, one));
          told.checks.push_back(std::move(check));
        }
        told.with = more.text("with");
        if (!more.at("resubmit").is_absent()) {
          LG_TRY(told.resubmit, load_names(at, more.at("resubmit")));
        }
        if (word != "return" && (!told.with.empty() || !more.at("resubmit").is_absent()))
          return at.bad(more, word, "with 与 resubmit 只用于退回", "with and resubmit are of return");
        if (!told.with.empty() && in.fact(told.with) == nullptr)
          return at.bad(more, told.with, "未声明的事实", "a fact that is not declared");
        LG_CHECK(add(word, told));
      }
    }
  }
  return base::Done{};
}

}  // namespace

Result<Expression> load_expression(const Institution& in, const Loading& at, const Node& node) {
  return load_expression(in.schema, at, node);
}

Result<Expression> load_expression(const law::Schema& schema, const Loading& at, const Node& node) {
  if (!node.is_scalar()) return at.bad(node, "", "须为表达式", "an expression is expected");
  auto expression = Expression::compile(node.scalar, schema);
  if (!expression) {
    if (expression.failed()) return expression.trouble();
    auto refusal = expression.refusal();
    refusal.where = at.file + ":" + std::to_string(node.line) + ": " + node.scalar + " (" + refusal.where + ")";
    return refusal;
  }
  return expression;
}

Result<std::vector<std::pair<std::string, Expression>>> load_settings(const Institution& in, const Loading& at,
                                                                      const Node& node) {
  std::vector<std::pair<std::string, Expression>> settings;
  for (const auto& [name, value] : node.members) {
    LG_TRY(auto expression, load_expression(in, at, value));
    settings.emplace_back(name, std::move(expression));
  }
  return settings;
}

Result<Number> load_number(const Institution& in, const Loading& at, const Node& item) {
  LG_CHECK(only(at, item, {"field", "format", "series", "code"}));
  Number one{std::string(item.text("field")), std::string(item.text("format")), std::string(item.text("series")),
             std::string(item.text("code"))};
  if (in.field(one.field) == nullptr)
    return at.bad(item, one.field, "编号写入未定义的字段", "a number for a field that the record has not");
  if (one.format.empty() && one.code.empty())
    return at.bad(item, one.field, "编号缺少 format 或 code", "a number needs format or code");
  if (one.series.empty()) one.series = in.name + "." + one.field;
  return one;
}

void number_documents(const Institution& in, Action& action) {
  const bool has =
      std::any_of(action.numbers.begin(), action.numbers.end(), [](const auto& one) { return one.code.empty(); });
  if (in.documents && !action.papers.empty() && !has) action.numbers.push_back(*in.documents);
}

Result<Action> load_action(const Institution& in, const Loading& at, std::string name, const Node& node) {
  LG_CHECK(only(at, node, {"action", "title", "about",   "by",      "not",      "joint", "signed",   "give",    "hidden",
                           "need",   "set",   "check",   "to",      "number",   "paper", "restates", "effects", "follow",
                           "raise",  "final", "restart", "grounds", "evidence", "law",   "extends",  "tell"}));
  Action action;
  action.name = std::move(name);
  LG_TRY(action.title, load_text(at, node.at("title")));
  LG_TRY(action.about, load_text(at, node.at("about")));
  if (action.title.empty()) return at.bad(node, action.name, "动作缺少名称", "an action needs a title");
  LG_TRY(action.by, load_names(at, node.at("by")));
  if (action.by.empty()) return at.bad(node, action.name, "无人可为此动作", "nobody may do this action: `by` is missing");
  LG_TRY(action.not_by, load_names(at, node.at("not")));
  LG_CHECK(load_joint(at, node, action));
  LG_TRY(action.is_signed, load_yes(at, node.at("signed"), "signed"));
  LG_TRY(action.hidden, load_yes(at, node.at("hidden"), "hidden"));
  if (action.hidden && (action.is_signed || action.joint > 1))
    return at.bad(node, action.name, "不署名的行为不能签署或会同", "a hidden act is neither signed nor joint");
  LG_TRY(action.give, load_names(at, node.at("give")));
  LG_TRY(action.need, load_names(at, node.at("need")));
  action.grounds = node.text("grounds");
  LG_TRY(action.evidence, load_yes(at, node.at("evidence"), "evidence"));
  if (!action.grounds.empty()) action.need.emplace_back("ground");
  if (action.evidence) action.need.emplace_back("evidence");
  for (const auto& field : action.need) {
    if (std::find(action.give.begin(), action.give.end(), field) == action.give.end()) action.give.push_back(field);
  }
  for (const auto& field : action.give) {
    if (in.field(field) == nullptr)
      return at.bad(node, field, "动作给出未定义的字段", "an action gives a field that the record has not");
  }
  LG_TRY(action.set, load_settings(in, at, node.at("set")));
  for (const auto& [field, expression] : action.set) {
    if (in.field(field) == nullptr) return at.bad(node, field, "设定未定义的字段", "set of a field that the record has not");
  }
  for (const auto& item : node.at("check").items) {
    LG_TRY(auto check, load_check(in, at, item));
    action.checks.push_back(std::move(check));
  }
  if (const auto& tell = node.at("tell"); !tell.is_absent()) {
    if (tell.scalar != "all") return at.bad(node, "tell", "tell 须为 all", "tell says all, or is left out");
    action.tells_all = true;
  }
  LG_TRY(action.to, load_targets(in, at, node.at("to")));
  const auto& number = node.at("number");
  const auto add_number = [&](const Node& item) -> Status {
    LG_TRY(auto one, load_number(in, at, item));
    action.numbers.push_back(std::move(one));
    return base::Done{};
  };
  if (number.is_mapping()) LG_CHECK(add_number(number));
  for (const auto& item : number.items) LG_CHECK(add_number(item));
  LG_TRY(action.papers, load_names(at, node.at("paper")));
  number_documents(in, action);
  LG_TRY(action.restates, load_names(at, node.at("restates")));
  for (const auto& field : action.restates) {
    if (in.field(field) == nullptr)
      return at.bad(node, field, "重述未定义的字段", "restates a field that the record has not");
  }
  for (const auto& item : node.at("effects").items) {
    LG_TRY(auto effect, load_effect(in, at, item));
    action.effects.push_back(std::move(effect));
  }
  for (const auto& item : node.at("follow").items) {
    LG_TRY(auto follow, load_follow(in, at, item));
    action.follow.push_back(std::move(follow));
  }
  if (!node.at("raise").is_absent()) {
    LG_TRY(action.raise, load_raise(at, node.at("raise")));
  }
  action.witnessed = node.text("final") == "witnessed";
  LG_TRY(action.restart, load_names(at, node.at("restart")));
  LG_TRY(action.extends, load_settings(in, at, node.at("extends")));
  for (const auto& [deadline, days] : action.extends) {
    if (days.type().kind != law::Kind::days) return at.bad(node, deadline, "须为天数", "a number of days is expected");
  }
  LG_TRY(action.law, load_law(at, node.at("law")));
  return action;
}

Result<Region> load_region(const Institution& in, const Loading& at, std::string name, const Node& node) {
  Region region;
  region.name = std::move(name);
  region.initial = node.text("initial");
  for (const auto& [state_name, body] : node.at("states").members) {
    State state;
    state.name = state_name;
    LG_CHECK(only(at, body, {"title", "actions", "after", "final", "behaviour", "verbs", "correct"}));
    LG_TRY(state.title, load_text(at, body.at("title")));
    if (state.title.empty()) return at.bad(body, state_name, "状态缺少名称", "a state needs a title");
    state.final = body.at("final").is_true();
    state.phase = body.text("behaviour");
    LG_TRY(state.correctable, load_names(at, body.at("correct")));
    for (const auto& [action_name, action_body] : body.at("actions").members) {
      LG_TRY(auto action, load_action(in, at, action_name, action_body));
      state.actions.push_back(std::move(action));
    }
    for (const auto& item : body.at("after").items) {
      LG_TRY(auto deadline, load_deadline(in, at, item));
      // A deadline comes when it comes: it cannot wait for witnesses. Let it do an act that orders the final one (follow).
      if (const auto* action = state.find(deadline.action); action != nullptr && action->witnessed)
        return at.bad(item, deadline.name, "期限不得直接办理须见证的终局行为",
                      "a deadline cannot do what is final only when witnessed");
      state.after.push_back(std::move(deadline));
    }
    LG_CHECK(add_verbs(in, at, body.at("verbs"), state));
    region.states.push_back(std::move(state));
  }
  if (region.find(region.initial) == nullptr) {
    return at.bad(node, "initial", "初始状态不存在", "the initial state does not exist: " + region.initial);
  }
  return region;
}

}  // namespace landglass::institution
