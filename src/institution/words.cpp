#include "institution/words.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace landglass::institution {
namespace {

using base::Text;

struct Named {
  std::string_view name;
  Text title;
};

// What every check may read beside its file's own names.
const Text& title_in(const std::vector<Named>& list, std::string_view name) {
  static const Text none;
  const auto found = std::find_if(list.begin(), list.end(), [&](const Named& one) { return one.name == name; });
  return found == list.end() ? none : found->title;
}
const Text& title_of_own(std::string_view name) {
  static const std::vector<Named> all{
      {"id", {"编号", "number"}},       {"state", {"状态", "state"}},  {"created", {"建立日期", "begun on"}},
      {"now", {"此刻", "now"}},         {"today", {"当日", "today"}},  {"actor", {"办理人", "whoever acts"}},
      {"old", {"原记录", "as it was"}}, {"item", {"该项", "the item"}}};
  return title_in(all, name);
}
const Text& title_of_actors(std::string_view name) {
  static const std::vector<Named> all{{"id", {"身份", "identity"}},   {"post", {"岗位", "post"}},
                                      {"office", {"机构", "office"}}, {"region", {"行政区", "division"}},
                                      {"roles", {"职责", "roles"}},   {"person", {"本人", "person"}}};
  return title_in(all, name);
}
const Text& title_of_any(std::string_view name) {
  static const std::vector<Named> all{{"id", {"编号", "number"}},
                                      {"institution", {"制度", "institution"}},
                                      {"state", {"状态", "state"}},
                                      {"created", {"建立日期", "begun on"}},
                                      {"region", {"行政区", "division"}},
                                      {"offices", {"经办机构", "offices that acted"}},
                                      {"hands", {"经办人", "who acted"}},
                                      {"parties", {"所涉当事人", "parties named"}},
                                      {"open_to", {"此时可附加的事项", "what may attach to it now"}}};
  return title_in(all, name);
}

Text joined(const Text& owner, const Text& part) {
  return owner.empty() ? part : Text{owner.zh + "的" + part.zh, owner.en + ": " + part.en};
}

const Field* member_of(const Field& field, std::string_view name) {
  const auto& members = field.type == "list" && field.items ? field.items->members : field.members;
  const auto found = std::find_if(members.begin(), members.end(), [&](const Field& one) { return one.name == name; });
  return found == members.end() ? nullptr : &*found;
}

const Region* region_of(const Institution& in, std::string_view name) {
  const auto found =
      std::find_if(in.parallel.begin(), in.parallel.end(), [&](const Region& one) { return one.name == name; });
  return found == in.parallel.end() ? nullptr : &*found;
}

}  // namespace

namespace {

// On whichever of the file's acts it is given.
const Choice* ground_of(const Pack& pack, const Institution& in, std::string_view key) {
  const Choice* found = nullptr;
  const auto look = [&](const Action& action) {
    const auto* table = found != nullptr || action.grounds.empty() ? nullptr : pack.table(action.grounds);
    if (table != nullptr) found = table->find(key);
  };
  look(in.create);
  for (const auto& action : in.always) look(action);
  for (const auto& state : in.main.states) {
    for (const auto& action : state.actions) look(action);
  }
  return found;
}

}  // namespace

Text title_of(const Fact& fact, const Institution& in, const Pack& pack) {
  if (!fact.title.empty()) return fact.title;
  if (fact.kind == FactKind::ref) {
    const auto* field = in.field(fact.field);
    return field == nullptr ? base::alike(fact.name) : field->title;
  }
  const auto* other = pack.current(fact.institution);
  if (other == nullptr) return base::alike(fact.name);
  if (fact.kind != FactKind::sum) return other->title;
  const auto* field = other->field(fact.field);
  return field == nullptr ? other->title
                          : Text{other->title.zh + "的" + field->title.zh + "合计",
                                 other->title.en + ": " + field->title.en + ", in all"};
}

Text title_of_action(const Institution& in, std::string_view action) {
  const auto titled = [&](const std::vector<Action>& list) -> const Action* {
    const auto found = std::find_if(list.begin(), list.end(), [&](const Action& one) { return one.name == action; });
    return found == list.end() || found->title.empty() ? nullptr : &*found;
  };
  if (in.create.name == action && !in.create.title.empty()) return in.create.title;
  if (const auto* one = titled(in.always)) return one->title;
  const auto within = [&](const Region& region) -> const Action* {
    for (const auto& state : region.states) {
      if (const auto* one = titled(state.actions)) return one;
    }
    return nullptr;
  };
  if (const auto* one = within(in.main)) return one->title;
  for (const auto& region : in.parallel) {
    if (const auto* one = within(region)) return one->title;
  }
  return base::alike(action);
}

namespace {

// Whom a word of `by` means.
Text title_of_whom(const Institution& in, std::string_view by, const Pack& pack) {
  static const std::vector<Named> beside{{"creator", {"登记人", "whoever made the record"}},
                                         {"official", {"当地在岗人员", "an official in charge of the place"}},
                                         {"party", {"市场主体", "a party"}},
                                         {"person", {"自然人", "a person"}},
                                         {"anyone", {"任何人", "anyone"}},
                                         {"consulted", {"被征求意见的单位", "the office consulted"}},
                                         {"system", {"系统（届时自动）", "the machine, when it is due"}}};
  const auto* roles = pack.table("roles");
  if (const auto* role = roles == nullptr ? nullptr : roles->find(by)) return role->title;
  if (by.starts_with('@')) {
    const auto* field = in.field(by.substr(1));
    return field == nullptr ? Text{} : field->title;
  }
  if (by.starts_with("via:")) {
    const auto* other = pack.current(by.substr(4));
    return other == nullptr ? Text{}
                            : Text{"“" + other->title.zh + "”的后果", "what follows from “" + other->title.en + "”"};
  }
  return title_in(beside, by);
}

Text listed(const Institution& in, const std::vector<std::string>& names, const Pack& pack, const Text& between) {
  Text all;
  for (const auto& name : names) {
    const auto one = title_of_whom(in, name, pack);
    if (one.empty()) continue;
    all.zh += (all.zh.empty() ? "" : between.zh) + one.zh;
    all.en += (all.en.empty() ? "" : between.en) + one.en;
  }
  return all;
}

}  // namespace

Text who_may(const Institution& in, const Action& action, const Pack& pack) {
  return listed(in, action.by, pack, {"、", ", "});
}

Text together(const Institution& in, const Action& action, const Pack& pack) {
  if (action.joint <= 1) return {};
  const auto count = std::to_string(action.joint);
  if (action.joint_of.empty()) return {count + "人会同办理", count + " people together"};
  Text each;
  for (const auto& place : action.joint_of) {
    const auto one = listed(in, place, pack, {"或", " or "});
    each.zh += (each.zh.empty() ? "" : "、") + one.zh;
    each.en += (each.en.empty() ? "" : ", ") + one.en;
  }
  return {each.zh + "各一人会同办理", "together, one of each: " + each.en};
}

FileWords::Step FileWords::first(std::string_view name) const {
  Step step;
  if (const auto* field = in_.field(name)) {
    step.name = field->title;
    step.field = field;
    step.list = field->type == "list";
    return step;
  }
  if (const auto* parameter = in_.parameter(name)) {
    step.name = parameter->title;
    return step;
  }
  if (const auto* fact = in_.fact(name)) {
    step.name = title_of(*fact, in_, pack_);
    step.counted = fact->kind == FactKind::count;
    step.list = fact->kind == FactKind::all;
    step.any = fact->institution == k_any;
    if (!step.any && fact->kind != FactKind::count && fact->kind != FactKind::sum)
      step.record = pack_.current(fact->institution);
    return step;
  }
  if (name.starts_with("in_")) {
    step.name = {"状态", "state"};
    return step;
  }
  step.name = title_of_own(name);
  if (name == "state" || name == "old") step.record = &in_;
  step.state = name == "state";
  return step;
}

FileWords::Step FileWords::next(const Step& owner, std::string_view name) const {
  Step step;
  if (owner.any) {
    step.name = title_of_any(name);
  } else if (owner.record != nullptr && !owner.state) {
    if (const auto* field = owner.record->field(name)) {
      step.name = field->title;
      step.field = field;
      step.list = field->type == "list";
    } else {
      step.name = name.starts_with("in_") ? Text{"状态", "state"} : title_of_own(name);
      step.state = name == "state";
      step.record = step.state ? owner.record : nullptr;
    }
  } else if (owner.field != nullptr) {
    step.field = member_of(*owner.field, name);
    if (step.field != nullptr) step.name = step.field->title;
  } else {
    step.name = title_of_actors(name);
  }
  return step;
}

// What is read of one element of a list is named without the list: "第 2 项：份额".
FileWords::Step FileWords::last(std::string_view path, Text* whole) const {
  const auto end = path.find('.');
  auto step = first(path.substr(0, end));
  Text said = step.name;
  for (auto at = end; at != std::string_view::npos && !step.name.empty();) {
    const auto from = at + 1;
    at = path.find('.', from);
    const bool list = step.list;
    step = next(step, path.substr(from, at == std::string_view::npos ? at : at - from));
    if (step.name.empty()) break;
    said = list ? step.name : joined(said, step.name);
  }
  if (whole != nullptr) *whole = step.name.empty() ? Text{} : said;
  return step;
}

Text FileWords::name(std::string_view path) const {
  Text whole;
  last(path, &whole);
  return whole;
}

Text FileWords::value(std::string_view path, const law::Value& value) const {
  const auto step = last(path, nullptr);
  if (value.kind == law::Kind::integer && step.counted) {
    const auto count = std::to_string(value.number);
    return {count + " 件", count + (value.number == 1 ? " record" : " records")};
  }
  if (value.kind != law::Kind::text) return {};
  const auto* roles = path == "actor.roles" ? pack_.table("roles") : nullptr;
  if (const auto* role = roles == nullptr ? nullptr : roles->find(value.text_value)) return role->title;
  const auto quoted = [](const Text& title) { return Text{"“" + title.zh + "”", "“" + title.en + "”"}; };
  if (step.state) {
    const auto* state = step.record->main.find(value.text_value);
    return state == nullptr || state->title.empty() ? Text{} : quoted(state->title);
  }
  if (path.starts_with("in_")) {
    const auto* region = region_of(in_, path.substr(3));
    const auto* state = region == nullptr ? nullptr : region->find(value.text_value);
    return state == nullptr || state->title.empty() ? Text{} : quoted(state->title);
  }
  const auto& what = step.name.zh;
  if (step.field == nullptr && (what == title_of_any("institution").zh || what == title_of_any("open_to").zh)) {
    const auto* in = pack_.current(value.text_value);
    return in == nullptr ? Text{} : quoted(in->title);
  }
  if (path == "ground") {
    if (const auto* ground = ground_of(pack_, in_, value.text_value)) return quoted(ground->title);
  }
  const auto* field = step.field != nullptr && step.field->type == "list" ? step.field->items.get() : step.field;
  if (field == nullptr || field->type != "code") return {};
  for (const auto& choice : field->values) {
    if (choice.key == value.text_value) return quoted(choice.title);
  }
  const auto* table = field->table.empty() ? nullptr : pack_.table(field->table);
  const auto* choice = table == nullptr ? nullptr : table->find(value.text_value);
  return choice == nullptr ? Text{} : quoted(choice->title);
}

Text FileWords::call(std::string_view function, const std::vector<Text>& arguments, bool held) const {
  const auto a = arguments.empty() ? Text{} : arguments[0];
  const auto b = arguments.size() < 2 ? Text{} : arguments[1];
  if (function == "within")
    return held ? Text{a.zh + " 在 " + b.zh + " 之内", a.en + " lies within " + b.en}
                : Text{a.zh + " 不在 " + b.zh + " 之内", a.en + " does not lie within " + b.en};
  if (function == "opens")
    return held ? Text{"所公布的数额与此前的承诺相符", "what was opened fits what was committed to"}
                : Text{"所公布的数额与此前的承诺不符", "what was opened does not fit what was committed to"};
  if (function == "uscc_ok" || function == "parcel_code_ok" || function == "unit_code_ok")
    return held ? Text{a.zh + " 合乎编码规则", a.en + " is well formed"}
                : Text{a.zh + " 不合编码规则（长度、区划或校验位）",
                       a.en + " is not well formed (length, division or check digit)"};
  if (function == "starts_with") {  // what kind of record an id is of
    const auto* in = b.zh.ends_with('/') ? pack_.current(b.zh.substr(0, b.zh.size() - 1)) : nullptr;
    if (in == nullptr) return {};
    return held ? Text{a.zh + " 是" + in->title.zh, a.en + " is of: " + in->title.en}
                : Text{a.zh + " 不是" + in->title.zh, a.en + " is not of: " + in->title.en};
  }
  if (function == "code_in_force")
    return held ? Text{a.zh + " 是在用的代码", a.en + " is a code in force"}
                : Text{a.zh + " 不是在用的代码", a.en + " is no code in force"};
  if (function == "parcel_owner") return {a.zh + "中的所有权代码", "the owner's letter in " + a.en};
  if (function == "name_core") return {a.zh + " 的字号", a.en + " without its form"};
  if (function == "above") return {a.zh + " 的上级行政区", "the division above " + a.en};
  if (function == "cited_by") return {"引用 " + a.zh + " 的制度", "the institutions that cite " + a.en};
  return {};
}

}  // namespace landglass::institution
