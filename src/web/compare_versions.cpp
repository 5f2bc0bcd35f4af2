#include "web/compare_versions.hpp"

#include <algorithm>
#include <map>

#include "institution/verbs.hpp"
#include "institution/words.hpp"
#include "web/act_titles.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Institution;
using institution::Pack;

// One line of a version: what it is about, and what the file says there. The key says which line of the other it belongs to.
struct Line {
  std::string key;
  Text about;
  Text text;
  int depth = 0;
  std::string exact = {};  // the conditions as the file has them, where the text says them in words
};
using Lines = std::vector<Line>;

Text plus(const Text& a, const Text& b) { return {a.zh + b.zh, a.en + b.en}; }
Text plain(const std::string& text) { return {text, text}; }
void add(Text& to, const Text& part, const Text& between = {"；", "; "}) {
  if (part.zh.empty()) return;
  to = to.zh.empty() ? part : plus(plus(to, between), part);
}

class Reading {
 public:
  Reading(const Institution& in, const Pack& pack) : in_(in), pack_(pack), words_(pack, in) {}

  Lines head() const {
    Lines lines{{"title", {"名称", "Title"}, in_.title},
                {"about", {"说明", "About"}, in_.about},
                {"version", {"版本", "Version"}, plain(std::to_string(in_.version))},
                {"effective", {"施行日期", "In force from"}, plain(base::format_date(in_.effective))}};
    for (const auto& law : in_.basis)
      lines.push_back({"basis/" + law.rule, {"法律依据", "Legal basis"}, plain(pack_.cite(law))});
    Text seen;
    for (const auto& role : in_.seen_by) add(seen, who(role), {"、", ", "});
    lines.push_back(
        {"tree", {"公开", "Public"}, in_.sealed() ? Text{"密封", "Sealed"} : Text{"公开登记", "An open register"}});
    if (!seen.zh.empty()) lines.push_back({"seen", {"可查阅的岗位", "Posts that may read it"}, seen});
    Text kept;
    for (const auto& field : in_.not_seen_by) add(kept, who("@" + field), {"、", ", "});
    if (!kept.zh.empty())
      lines.push_back({"not-seen", {"不得查阅的人（任何岗位）", "Who may not read it, whatever his post"}, kept});
    return lines;
  }

  Lines parameters() const {
    Lines lines;
    for (const auto& one : in_.parameters) {
      Text text;
      std::string exact;
      for (const auto& value : one.values) {
        const bool yes_or_no = value.value.kind == law::Kind::boolean;
        Text part = yes_or_no ? law::show(value.value) : plain(value.source);
        if (value.from)
          part = plus(part, {"，自" + base::format_date(*value.from), ", from " + base::format_date(*value.from)});
        if (value.to) part = plus(part, {"，至" + base::format_date(*value.to), ", to " + base::format_date(*value.to)});
        if (!value.region.empty()) {
          auto code = value.region;
          code.resize(6, '0');
          const auto place = pack_.division_name(code);
          part = plus(part, {"，" + (place.empty() ? value.region + " 地区" : place),
                             ", in " + (place.empty() ? value.region : place)});
        }
        if (value.when) part = plus(part, plus({"，当 ", ", when "}, said(*value.when, exact)));
        add(text, part);
      }
      if (const auto law = pack_.cite(one.basis); !law.empty()) text = plus(text, {"（" + law + "）", " (" + law + ")"});
      lines.push_back({one.name, one.title.empty() ? plain(one.name) : one.title, text, 0, std::move(exact)});
    }
    return lines;
  }

  Lines fields() const {
    Lines lines;
    for (const auto& field : in_.fields) {
      Text text = kind_of(field);
      if (field.required) add(text, {"必填", "required"});
      if (field.locked) add(text, {"加密给开启人", "locked to openers"});
      if (field.is_private) add(text, {"不公开", "private"});
      if (field.published) add(text, {"文件公开", "the file is public"});
      for (const auto& rule : field.seen_by) add(text, plus({"可查阅：", "read by: "}, reader(rule)));
      for (const auto& state : field.disclose_from) add(text, plus({"公开自：", "disclosed from: "}, state_title(state)));
      if (field.disclose_days > 0)
        add(text,
            {"公开" + std::to_string(field.disclose_days) + "日", "for " + std::to_string(field.disclose_days) + " days"});
      for (const auto& choice : field.values) add(text, choice.title, {"、", ", "});
      lines.push_back({field.name, field.title, text});
    }
    return lines;
  }

  Lines states() const {
    Lines lines;
    act(lines, "", in_.create, 0);
    region(lines, in_.main);
    for (const auto& part : in_.parallel) region(lines, part);
    for (const auto& action : in_.always) act(lines, "always", action, 0);
    return lines;
  }

 private:
  Text reader(const institution::SeenBy& rule) const {
    auto text = who(rule.role);
    const auto title = [&](const std::string& name) {
      const auto* field = in_.field(name);
      return field == nullptr ? plain(name) : field->title;
    };
    if (!rule.at.empty()) text = plus(text, plus({"，限", ", of: "}, title(rule.at)));
    if (!rule.when.empty()) text = plus(text, plus({"，须", ", while: "}, title(rule.when)));
    return text;
  }

  Text said(const institution::Expression& condition, std::string& exact) const {
    exact += (exact.empty() ? "" : "; ") + condition.source();
    return condition.in_words(words_);
  }

  Text kind_of(const institution::Field& field) const {
    static const std::map<std::string_view, Text> k_kinds{{"text", {"文字", "words"}},
                                                          {"integer", {"整数", "a whole number"}},
                                                          {"money", {"金额", "money"}},
                                                          {"area", {"面积", "an area"}},
                                                          {"ratio", {"比例", "a ratio"}},
                                                          {"date", {"日期", "a date"}},
                                                          {"time", {"时间", "a time"}},
                                                          {"days", {"天数", "a number of days"}},
                                                          {"boolean", {"是或否", "yes or no"}},
                                                          {"code", {"选项", "a choice"}},
                                                          {"file", {"文件", "a file"}},
                                                          {"list", {"列表", "a list"}},
                                                          {"record", {"一组内容", "several values"}},
                                                          {"ref", {"记录", "a record"}}};
    const auto* other = field.of.empty() ? nullptr : pack_.current(field.of);
    if (other != nullptr) return {"记录（" + other->title.zh + "）", "a record (" + other->title.en + ")"};
    const auto found = k_kinds.find(field.type);
    return found == k_kinds.end() ? plain(field.type) : found->second;
  }

  Text who(const std::string& name) const {
    const auto* roles = pack_.table("roles");
    const auto* role = roles == nullptr ? nullptr : roles->find(name);
    if (role != nullptr) return role->title;
    if (name.starts_with("@")) {
      const auto* field = in_.field(std::string_view(name).substr(1));
      return field == nullptr ? plain(name) : field->title;
    }
    return plain(name);
  }

  Text state_title(std::string_view name) const {
    const auto* state = in_.main.find(name);
    return state == nullptr ? plain(std::string(name)) : state->title;
  }

  void region(Lines& lines, const institution::Region& part) const {
    for (const auto& state : part.states) {
      const auto key = (part.name.empty() ? "" : part.name + ":") + state.name;
      Text text = state.title;
      if (state.name == part.initial) add(text, {"起始", "initial"}, {"，", ", "});
      if (state.final) add(text, {"终结", "final"}, {"，", ", "});
      lines.push_back({key, plus({"状态：", "State: "}, state.title), text, 0});
      for (const auto& action : state.actions) act(lines, key, action, 1);
      for (const auto& deadline : state.after) {
        Text term;
        std::string exact;
        if (deadline.in) term = law::show(*deadline.in);
        if (deadline.at) add(term, plus({"于 ", "at "}, said(*deadline.at, exact)));
        if (deadline.from) add(term, plus({"自 ", "from "}, said(*deadline.from, exact)));
        if (!deadline.to.empty()) add(term, plus({"转为：", "then: "}, state_title(deadline.to)));
        if (!deadline.action.empty()) add(term, plus({"执行：", "does: "}, action_title(in_, deadline.action)));
        if (deadline.raise) add(term, plus(plain(deadline.raise->code + " "), deadline.raise->say));
        lines.push_back({key + "/after/" + deadline.name, plus({"期限：", "Deadline: "}, deadline_title(in_, deadline)),
                         term, 2, std::move(exact)});
      }
    }
  }

  void act(Lines& lines, const std::string& place, const Action& action, int depth) const {
    const auto key = place + "/" + action.name;
    std::string exact;
    auto text = plus({"由 ", "By "}, institution::who_may(in_, action, pack_));
    Text to;
    for (const auto& target : action.to) {
      auto one = state_title(target.state);
      if (target.when) one = plus(one, plus(plus({"（当 ", " (when "}, said(*target.when, exact)), {"）", ")"}));
      add(to, one, {" / ", " / "});
    }
    if (!to.zh.empty()) add(text, plus({"转为 ", "to "}, to));
    if (const auto joint = institution::together(in_, action, pack_); !joint.empty()) add(text, joint);
    if (action.is_signed) add(text, {"须签名", "signed"});
    Text not_by;
    for (const auto& other : action.not_by) add(not_by, action_title(in_, other), {"、", ", "});
    if (!not_by.zh.empty()) add(text, plus({"不得与此前同一人：", "another person than at: "}, not_by));
    Text need;
    for (const auto& name : action.need) {
      add(need, institution::given_field(in_, name)->title, {"、", ", "});
    }
    if (!need.zh.empty()) add(text, plus({"须填 ", "must give "}, need));
    if (action.witnessed) add(text, {"须经见证", "witnessed first"});
    if (!action.papers.empty()) add(text, {"出具文书", "with a paper"});
    for (const auto& paper : action.papers) exact += (exact.empty() ? "" : "; ") + paper;
    lines.push_back({key, action.title, text, depth, std::move(exact)});
    for (const auto& check : action.checks) {
      Text told = check.say;
      std::string condition;
      if (check.warn) told = plus(told, {"（仅预警）", " (warns only)"});
      told = plus(told, plus({"；条件：", "; condition: "}, said(check.that, condition)));
      if (const auto law = pack_.cite(check.law); !law.empty()) told = plus(told, {"（" + law + "）", " (" + law + ")"});
      lines.push_back(
          {key + "/" + check.code, {"检查 " + check.code, "Check " + check.code}, told, depth + 1, std::move(condition)});
    }
  }

  const Institution& in_;
  const Pack& pack_;
  institution::FileWords words_;
};

struct Counts {
  std::size_t changed = 0, fresh = 0, gone = 0;
};

// The newer version's order; what is gone stands after what it stood after.
Json section(const char* id, Text title, const Lines& was, const Lines& is, Counts& counts) {
  struct Pair {
    const Line* was = nullptr;
    const Line* is = nullptr;
  };
  std::vector<Pair> pairs;
  std::map<std::string_view, const Line*> before;
  std::map<std::string_view, const Line*> after;
  for (const auto& line : was) before.emplace(line.key, &line);
  for (const auto& line : is) after.emplace(line.key, &line);
  for (const auto& line : is) {
    const auto found = before.find(line.key);
    pairs.push_back({found == before.end() ? nullptr : found->second, &line});
  }
  const Line* previous = nullptr;
  for (const auto& line : was) {
    if (after.find(line.key) == after.end()) {
      auto place = std::find_if(pairs.begin(), pairs.end(), [&](const Pair& one) { return one.was == previous; });
      pairs.insert(previous == nullptr || place == pairs.end() ? pairs.begin() : place + 1, {&line, nullptr});
    }
    previous = &line;
  }
  JsonArray rows;
  for (const auto& [older, newer] : pairs) {
    const auto& line = newer == nullptr ? *older : *newer;
    JsonObject row{{"about", both(line.about)}, {"depth", std::to_string(line.depth)}};
    // Two conditions that read alike and are not: each as its file has it.
    const bool alike =
        older != nullptr && newer != nullptr && older->text.zh == newer->text.zh && older->exact != newer->exact;
    const auto side = [&](const Line& one) {
      return both(alike ? plus(one.text, plain(" [" + one.exact + "]")) : one.text);
    };
    if (older != nullptr && !older->text.zh.empty()) row["before"] = side(*older);
    if (newer != nullptr && !newer->text.zh.empty()) row["after"] = side(*newer);
    const auto mark = [&](const char* name, const char* tone, Text text, std::size_t& count) {
      row["mark"] = name;
      row["state"] = JsonObject{{"text", both(text)}, {"tone", tone}};
      ++count;
    };
    if (older == nullptr) {
      mark("fresh", "good", {"新增", "New"}, counts.fresh);
    } else if (newer == nullptr) {
      mark("gone", "bad", {"删除", "Gone"}, counts.gone);
    } else if (alike || older->text.zh != newer->text.zh || older->text.en != newer->text.en ||
               older->about.zh != newer->about.zh) {
      mark("changed", "warn", {"修改", "Changed"}, counts.changed);
    } else {
      row["mark"] = "same";
    }
    rows.push_back(std::move(row));
  }
  return JsonObject{{"id", id}, {"title", both(title)}, {"rows", items(std::move(rows))}};
}

Json side(const Institution& in) {
  return JsonObject{{"version", std::to_string(in.version)},
                    {"effective", base::format_date(in.effective)},
                    {"hash", in.hash},
                    {"to", "/i/" + in.name + "/file/" + in.hash}};
}

}  // namespace

JsonObject compare_versions(const Institution& was, const Institution& is, const Pack& pack) {
  const Reading older(was, pack);
  const Reading newer(is, pack);
  Counts counts;
  JsonArray sections{section("head", {"概要", "Head"}, older.head(), newer.head(), counts),
                     section("parameters", {"参数", "Parameters"}, older.parameters(), newer.parameters(), counts),
                     section("states", {"状态、行为、检查与期限", "States, acts, checks and deadlines"}, older.states(),
                             newer.states(), counts),
                     section("fields", {"字段", "Fields"}, older.fields(), newer.fields(), counts)};
  std::erase_if(sections, [](const Json& one) { return one.at("rows").at("items").as_array().empty(); });
  const auto number = [](std::size_t n) { return std::to_string(n); };
  return JsonObject{{"id", is.name},
                    {"was", side(was)},
                    {"now", side(is)},
                    {"lead", both("修改 " + number(counts.changed) + " 处，新增 " + number(counts.fresh) + " 处，删除 " +
                                      number(counts.gone) + " 处。",
                                  number(counts.changed) + " changed, " + number(counts.fresh) + " new, " +
                                      number(counts.gone) + " gone.")},
                    {"sections", items(std::move(sections))}};
}

}  // namespace landglass::web
