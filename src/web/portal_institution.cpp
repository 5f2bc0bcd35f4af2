// An institution as law and as statechart: what may be done where, by whom, under which checks, and what follows.
#include "institution/words.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Effect;
using institution::EffectKind;
using institution::Institution;

namespace {

class Drawn {
 public:
  Drawn(const Institution& in, const institution::Pack& pack, Language language)
      : in_(in), pack_(pack), words_(pack, in), language_(language) {}

  // Before the first state: how a record begins.
  void beginning() {
    JsonArray actions;
    actions.push_back(act(in_.create, in_.main, nullptr));
    states.push_back(JsonObject{{"id", "create"},
                                {"title", both("登记", "Beginning")},
                                {"kind", both("起点", "start")},
                                {"actions", items(std::move(actions))}});
  }
  void region(const institution::Region& region) {
    for (const auto& state : region.states) {
      const auto id = region.name.empty() ? state.name : region.name + "-" + state.name;
      chart_states.push_back(JsonObject{{"id", id}, {"title", label(state.title)}, {"final", state.final}});
      JsonObject entry{{"id", id}, {"title", both(state.title)}};
      if (state.final) entry["kind"] = both("终结", "final");
      if (!region.name.empty()) entry["kind"] = both("并行", "beside");
      JsonArray actions;
      for (const auto& action : state.actions) actions.push_back(act(action, region, &state));
      if (!actions.empty()) entry["actions"] = items(std::move(actions));
      if (auto list = timers(region, state); !list.empty()) entry["timers"] = items(std::move(list));
      states.push_back(std::move(entry));
    }
  }
  void always() {
    if (in_.always.empty()) return;
    JsonArray actions;
    for (const auto& action : in_.always) actions.push_back(act(action, in_.main, nullptr));
    states.push_back(JsonObject{
        {"id", "always"}, {"title", both("各环节均可", "In every state")}, {"actions", items(std::move(actions))}});
  }

  JsonArray chart_states, transitions, states;

 private:
  Json label(const Text& text) const { return Json(web::in(text, language_)); }
  static std::string node(const institution::Region& region, std::string_view state) {
    return region.name.empty() ? std::string(state) : region.name + "-" + std::string(state);
  }
  static Text title_of(const institution::Region& region, std::string_view state) {
    const auto* found = region.find(state);
    return found == nullptr ? base::alike(state) : found->title;
  }

  Json act(const Action& action, const institution::Region& region, const institution::State* from) {
    const auto who = institution::who_may(in_, action, pack_);
    const auto by = who.empty() ? Text{"—", "—"} : who;
    JsonObject item{{"label", both(action.title.empty() ? base::alike(action.name) : action.title)}, {"by", both(by)}};
    JsonArray targets;
    for (const auto& target : action.to) {
      targets.push_back(both(title_of(region, target.state)));
      if (from == nullptr) continue;
      transitions.push_back(JsonObject{{"from", node(region, from->name)},
                                       {"to", node(region, target.state)},
                                       {"label", label(action.title)},
                                       {"by", label(by)},
                                       {"kind", "action"}});
    }
    if (!targets.empty()) {
      Text all;
      for (const auto& one : targets) {
        all.zh += (all.zh.empty() ? "" : " / ") + std::string(one.text("zh"));
        all.en += (all.en.empty() ? "" : " / ") + std::string(one.text("en"));
      }
      item["target"] = both(all);
    }
    JsonArray checks;
    for (const auto& check : action.checks) {
      JsonObject one{{"code", check.code},
                     {"say", both(check.say)},
                     {"in_words", both(check.that.in_words(words_))},
                     {"that", check.that.source()}};
      if (const auto law = pack_.cite(check.law); !law.empty()) one["law"] = law;
      if (check.warn) one["warns"] = true;
      checks.push_back(std::move(one));
    }
    if (!checks.empty()) item["checks"] = items(std::move(checks));
    JsonArray conditions;
    for (const auto& one : manner(action)) conditions.push_back(JsonObject{{"text", both(one)}});
    for (const auto& effect : action.effects) conditions.push_back(JsonObject{{"text", both(said(effect))}});
    for (const auto& follow : action.follow) {
      const auto* other = pack_.current(follow.institution);
      if (other != nullptr)
        conditions.push_back(JsonObject{{"text", both("随后产生：" + other->title.zh, "then makes: " + other->title.en)}});
    }
    if (!conditions.empty()) item["manner"] = items(std::move(conditions));
    return Json(std::move(item));
  }

  // How an act is done: signed, by several, not by the same person as before.
  std::vector<Text> manner(const Action& action) const {
    std::vector<Text> out;
    if (action.is_signed) out.push_back({"以岗位密钥签名", "signed with the key of the post"});
    if (auto joint = institution::together(in_, action, pack_); !joint.empty()) out.push_back(std::move(joint));
    Text others;
    for (const auto& name : action.not_by) {
      const auto title = institution::title_of_action(in_, name);
      others = {others.zh + (others.zh.empty() ? "" : "、") + "“" + title.zh + "”",
                others.en + (others.en.empty() ? "" : ", ") + "“" + title.en + "”"};
    }
    if (!others.empty()) out.push_back({"与" + others.zh + "的办理人不得为同一人", "not by who did " + others.en});
    if (action.witnessed) out.push_back({"须先经见证", "only when witnessed"});
    return out;
  }

  Text named(std::string_view name) const {
    auto title = words_.name(name);
    return title.empty() ? base::alike(name) : title;
  }
  Text said(const Effect& effect) const {
    const auto* other = pack_.current(effect.institution);
    const auto on = named(effect.on);
    switch (effect.kind) {
      case EffectKind::create:
        return other == nullptr ? base::alike(effect.institution)
                                : Text{"同时产生：" + other->title.zh, "makes as well: " + other->title.en};
      case EffectKind::hold:
        return {"同时中止：" + on.zh + "（" + effect.ground.zh + "）", "holds: " + on.en + " (" + effect.ground.en + ")"};
      case EffectKind::lift: return {"同时解除中止：" + on.zh, "lifts its hold on: " + on.en};
      case EffectKind::act: break;
    }
    const auto* fact = in_.fact(effect.on);
    const auto* field = in_.field(effect.on);
    const auto* there = pack_.current(fact != nullptr ? fact->institution : field != nullptr ? field->of : std::string());
    const auto what = there == nullptr ? base::alike(effect.action) : institution::title_of_action(*there, effect.action);
    return {"同时对" + on.zh + "：" + what.zh, "on " + on.en + " as well: " + what.en};
  }

  JsonArray timers(const institution::Region& region, const institution::State& state) {
    JsonArray list;
    for (const auto& deadline : state.after) {
      const auto title = deadline_title(in_, deadline);
      JsonObject one{{"text", both(title)}};
      if (const auto law = deadline.raise ? pack_.cite(deadline.raise->law) : pack_.cite(deadline.law); !law.empty())
        one["law"] = law;
      list.push_back(std::move(one));
      if (!deadline.to.empty())
        transitions.push_back(JsonObject{{"from", node(region, state.name)},
                                         {"to", node(region, deadline.to)},
                                         {"label", label(title)},
                                         {"by", "—"},
                                         {"kind", "timer"}});
    }
    return list;
  }

  const Institution& in_;
  const institution::Pack& pack_;
  institution::FileWords words_;
  Language language_;
};

// Every version that is or was in force, and each against the one before it.
JsonArray versions_of(const Institution& in, const institution::Pack& pack) {
  JsonArray versions;
  const Institution* before = nullptr;
  for (const auto* version : pack.versions(in.name)) {
    const auto label = "v" + std::to_string(version->version) + " · " + base::format_date(version->effective);
    JsonObject one{{"label", label}, {"to", "/i/" + in.name + "/file/" + version->hash}};
    if (version == &in) one["current"] = true;
    versions.push_back(std::move(one));
    if (before != nullptr)
      versions.push_back(JsonObject{{"label", both("与前一版对照", "against the one before")},
                                    {"to", "/i/" + in.name + "/compare/" + before->hash + "/" + version->hash}});
    before = version;
  }
  return versions;
}

JsonArray parameters_of(const Institution& in, const institution::Pack& pack) {
  const institution::FileWords words(pack, in);
  JsonArray parameters;
  for (const auto& parameter : in.parameters) {
    for (const auto& value : parameter.values) {
      const auto title = parameter.title.empty() ? base::alike(parameter.name) : parameter.title;
      JsonObject one{
          {"label", both(title)},
          {"text", both(figure_shown(value, words))},
          {"from", value.from ? base::format_date(*value.from) : std::string("—")},
          {"sure", parameter.sure == "found"
                       ? Json(JsonObject{{"text", both("有出处", "found in the source")}, {"tone", "good"}})
                       : Json(JsonObject{{"text", parameter.sure == "design" ? both("平台设定", "set by this platform")
                                                                             : both("未经核实", "not verified")},
                                         {"tone", "warn"}})}};
      if (const auto law = pack.cite(parameter.basis); !law.empty()) one["law"] = law;
      parameters.push_back(std::move(one));
    }
  }
  return parameters;
}

}  // namespace

Response Portal::institution_page(const Request& request) {
  const std::string name(request.parameter("institution"));
  const auto* in = pack_.current(name);
  if (in == nullptr) return refuse(base::refuse("EN-01", "没有此制度", "no such institution", name), request);
  auto model = page(request, in->title);
  JsonObject out{{"id", in->name},
                 {"version", std::to_string(in->version)},
                 {"effective", base::format_date(in->effective)},
                 {"hash", in->hash},
                 {"source", "/i/" + in->name + "/file"}};
  if (!in->about.empty()) out["summary"] = both(in->about);
  if (auto versions = versions_of(*in, pack_); versions.size() > 1) out["versions"] = items(std::move(versions));
  JsonArray basis;
  for (const auto& law : in->basis) basis.push_back(JsonObject{{"text", pack_.cite(law)}});
  if (basis.empty()) basis.push_back(JsonObject{{"text", both("平台规则", "Rules of this platform")}});
  out["basis"] = items(std::move(basis));
  Drawn drawn(*in, pack_, request.language());
  drawn.beginning();
  drawn.region(in->main);
  for (const auto& region : in->parallel) drawn.region(region);
  drawn.always();
  out["chart"] = base::canonical(Json(JsonObject{{"initial", in->main.initial},
                                                 {"states", std::move(drawn.chart_states)},
                                                 {"transitions", std::move(drawn.transitions)}}));
  out["states"] = items(std::move(drawn.states));
  // What its checks read beyond the record: nothing else is looked up.
  JsonArray reads;
  for (const auto& fact : in->facts) {
    const auto* other = pack_.current(fact.institution);
    JsonObject one{{"text", both(institution::title_of(fact, *in, pack_))}};
    if (other != nullptr) one["from"] = both(other->title);
    if (other != nullptr) one["to"] = "/i/" + other->name;
    reads.push_back(std::move(one));
  }
  if (!reads.empty()) out["reads"] = items(std::move(reads));
  if (auto parameters = parameters_of(*in, pack_); !parameters.empty()) out["parameters"] = items(std::move(parameters));
  model.as_object()["institution"] = std::move(out);
  return render("institution", model, request);
}

}  // namespace landglass::web
