// 办法: how each figure, light, warning and proof comes about, made from the files that decide it. Nothing here is written
// by hand twice: the numbers, rules and counts are those that the engine and the watch read.
#include <algorithm>
#include <utility>

#include "institution/words.hpp"
#include "law/lights.hpp"
#include "watch/watch.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/tables.hpp"

namespace landglass::web {

using base::Json;
using base::Text;
using institution::FactKind;
using institution::Institution;

namespace {

constexpr std::size_t k_years = 4;  // of the calendar, on the page

Text sure_of(std::string_view sure) {
  if (sure == "found") return {"有出处", "found in the source"};
  if (sure == "memory") return {"凭记忆，未核对原文", "from memory, not held against the source"};
  if (sure == "inferred") return {"推断", "inferred"};
  return {"平台设定", "set by this platform"};
}

Section proofs() {
  Section section("proofs", {"核验", "Verification"});
  section.say(
      {"每个行为是日志的一条；日志是一棵 Merkle 树（RFC "
       "6962，SHA-"
       "256），检查点由平台签名并由见证人联署。回执含该条的原文、路径和检查点，任何人用它可以自行算出树根，不必信任本平台。",
       "Each act is one leaf of the log, a Merkle tree (RFC 6962, SHA-256) whose checkpoints are signed here and cosigned "
       "by "
       "witnesses. A receipt holds the leaf, its path and the checkpoint: anybody computes the root from it and need not "
       "trust this site."});
  section.say(
      {"自然人的姓名、号码、地址和每户金额不入日志，日志中只有其承诺：以 32 字节随机盐对规范化内容作 "
       "HMAC-SHA-256；公开时连同盐一并公布，可与承诺核对。",
       "No name, number, address or household amount of a natural person stands in a leaf, but its commitment: HMAC-SHA-256 "
       "over the canonical content under 32 random bytes. What is disclosed comes with them, and can be held against it."});
  section.say(
      {"竞价按公布的规则表由日志逐条重算；两套独立实现（服务器 C++、浏览器 TypeScript）在同一组公开向量上核对。",
       "An auction is run again from its leaves by the published rule sheet; two independent implementations (C++ here, "
       "TypeScript in the browser) are held to the same published vectors."});
  section.link({"核验", "Verify"}, "/verify");
  section.link({"日志", "Log"}, "/log");
  return section;
}

Section lights(Portal& portal) {
  Section section("lights", {"时限与灯", "Terms and lights"});
  const auto* card = portal.pack().current(watch::k_card);
  const auto value = [&](const char* name, const Text& otherwise) {
    const auto* parameter = card == nullptr ? nullptr : card->parameter(name);
    if (parameter == nullptr || parameter->values.empty()) return otherwise;
    return figure_shown(parameter->values.back(), institution::FileWords(portal.pack(), *card));
  };
  const auto reminder = value("reminder_days", {"1工作日", "1 working day"});
  const auto red = value("red_days", {"3工作日", "3 working days"});
  section.say(
      {"灯不由任何人设定，只由日期、日历和两个参数算出：到期前" + reminder.zh + "起提示，过期为黄牌，过期超过" + red.zh +
           "为红牌；中止期间不计，期限届满后才开始的中止不补救。办结的事项保留办结当日的灯。",
       "Nobody sets a light: dates, the calendar and two numbers do. A reminder from " + reminder.en +
           " before the day, yellow past it, red when later by more than " + red.en +
           ". Pauses do not count; one that begins after the day heals nothing. A finished matter keeps the light of the "
           "day it finished."});
  section.say({"起始日不计入；工作日按公布的放假与调休安排；日历日的末日是否顺延由各制度写明。",
               "The first day is not counted. Working days follow the published notices of holidays and make-up days; "
               "whether a last "
               "calendar day moves off a holiday is for each institution to say."});
  section.link({"各单位的灯，在您的浏览器中重算", "The offices' lights, computed again in your browser"}, "/lights");
  return section;
}

Section calendar(Portal& portal) {
  Section section("days", {"工作日历", "The calendar"});
  section.column({"年度", "Year"});
  section.column({"放假日", "Days off"});
  section.column({"调休上班日", "Made-up working days"});
  const auto& days = portal.pack().calendar().published();
  auto years = portal.pack().calendar().known_years();
  std::sort(years.rbegin(), years.rend());
  const auto known = years.size();
  if (known > k_years) years.resize(k_years);  // the others are had as data
  for (const auto year : years) {
    std::string off;
    std::string work;
    for (const auto& [date, is_off] : days) {
      const auto text = base::format_date(date);
      if (text.substr(0, 4) != std::to_string(year)) continue;
      auto& list = is_off ? off : work;
      list += (list.empty() ? "" : " ") + text.substr(5);
    }
    section.row({{std::to_string(year)}, {off}, {work}});
  }
  section.count(known);
  section.say({"列出最近 " + std::to_string(years.size()) + " 年；尚无公布安排的年度只按周末计，结果是暂定的。",
               "The newest " + std::to_string(years.size()) +
                   " years. Of a year without a notice weekends alone count, and the result is provisional."});
  section.link({"全部年度（JSON）", "All years (JSON)"}, "/api/calendar");
  return section;
}

Section rules(Portal& portal) {
  Section section("rules", {"预警规则", "Rules of the watch"});
  section.say(
      {"规则是文件：事件触及它所读的记录时即重新核对，成立则提出疑问，由有关单位说明、他人核查；情形消失自行解除。预警不是结"
       "论，也不公布人名。",
       "A rule is a file: it is looked at again whenever an event touches what it reads. Where it holds, a question is "
       "raised, the "
       "office answers, somebody else judges; it clears itself when its condition is gone. A warning is no verdict and "
       "names nobody."});
  section.column({"代码", "Code"});
  section.column({"规则", "Rule"});
  section.column({"何时自行解除", "What would clear it"});
  section.column({"比较的数", "Numbers it compares with"});
  section.column({"依据", "Legal ground"});
  if (portal.watch() == nullptr) return section;
  const auto running = portal.watch()->rules();
  // By what they look at, in the order of the registers; of one register by code.
  std::vector<const watch::Rule*> rules;
  for (const auto& rule : *running) rules.push_back(&rule);
  std::stable_sort(rules.begin(), rules.end(), [](const auto* a, const auto* b) { return a->subject < b->subject; });
  std::string of;
  for (const auto* each : rules) {
    const auto& rule = *each;
    if (rule.subject != of) {
      of = rule.subject;
      const auto* in = portal.pack().current(of);
      section.group("rules-" + of, in == nullptr ? Text{of, of} : in->title);
    }
    Text numbers;
    for (const auto& one : rule.thresholds) {
      for (const auto& value : one.values) {
        const auto shown = value.value.is_int() ? std::to_string(value.value.as_int()) : base::canonical(value.value);
        const auto from = value.from ? base::format_date(*value.from) : std::string();
        numbers.zh += (numbers.zh.empty() ? "" : "；") + one.title.zh + " " + shown +
                      (from.empty() ? "" : "（自 " + from + "）") + "，" + sure_of(one.sure).zh;
        numbers.en += (numbers.en.empty() ? "" : "; ") + one.title.en + " " + shown +
                      (from.empty() ? "" : " (from " + from + ")") + ", " + sure_of(one.sure).en;
      }
    }
    const Text severity = rule.severity == "grave"     ? Text{"严重", "grave"}
                          : rule.severity == "serious" ? Text{"较重", "serious"}
                                                       : Text{"提示", "notice"};
    const Text kind = rule.missing ? Text{severity.zh + " · 查缺", severity.en + " · looks for what is missing"} : severity;
    section.row({{rule.code, {}, both(kind)},
                 {both(rule.title), {}, rule.hash.substr(0, 16)},
                 {both(rule.clears)},
                 {both(numbers)},
                 {portal.pack().cite(rule.law)}});
  }
  return section;
}

// What a field of the records that are counted has to be: a value, or what the record says for which they are counted.
Text where_is(const institution::Expression& value, const institution::Field& by, const institution::FileWords& words,
              const institution::FileWords& theirs) {
  const auto& source = value.source();
  if (source == "true" || source == "false") return source == "true" ? Text{"：是", ": yes"} : Text{"：否", ": no"};
  if (source.size() > 2 && source.front() == '\'' && source.back() == '\'') {
    const auto key = source.substr(1, source.size() - 2);
    const auto title = theirs.value(by.name, law::Value::text(key));
    return title.empty() ? Text{"为“" + key + "”", " is “" + key + "”"} : Text{"为" + title.zh, " is " + title.en};
  }
  const auto said = value.in_words(words);
  return {"与本件的“" + said.zh + "”相同", " is the same as here: " + said.en};
}

Section figures(Portal& portal) {
  Section section("figures", {"随事件保持的数", "Figures kept with each event"});
  section.say({"下列件数与合计在每个事件的同一事务中更新；检查、灯和报告读的是同一行，不另作统计。",
               "These counts and sums change in the same transaction as each event; checks, lights and the report read the "
               "same row, and "
               "nothing is counted a second time."});
  section.column({"数", "Figure"});
  section.column({"计什么", "Of what"});
  section.column({"条件", "Where"});
  for (const auto* in : portal.pack().all()) {
    if (in->sealed()) continue;
    const institution::FileWords words(portal.pack(), *in);
    bool first = true;
    for (const auto& fact : in->facts) {
      if (fact.kind != FactKind::count && fact.kind != FactKind::sum) continue;
      const auto* other = portal.pack().current(fact.institution);
      if (other == nullptr || other->sealed()) continue;
      if (std::exchange(first, false)) section.group("figures-" + in->name, in->title);
      const auto* field = fact.kind == FactKind::sum ? other->field(fact.field) : nullptr;
      const Text what = field == nullptr ? Text{other->title.zh + "件数", "number of: " + other->title.en}
                                         : Text{other->title.zh + "：" + field->title.zh + "合计",
                                                "sum of " + field->title.en + " of: " + other->title.en};
      Text where;
      const auto add = [&](const std::string& zh, const std::string& en) {
        where.zh += (where.zh.empty() ? "" : "；") + zh;
        where.en += (where.en.empty() ? "" : "; ") + en;
      };
      for (const auto& one : fact.where) {
        if (one.field == "state") {
          Text states;
          for (const auto& name : one.states) {
            const auto* state = other->main.find(name);
            const Text title = state == nullptr ? Text{name, name} : state->title;
            states.zh += (states.zh.empty() ? "" : "、") + title.zh;
            states.en += (states.en.empty() ? "" : ", ") + title.en;
          }
          add("状态为" + states.zh, "state: " + states.en);
        } else if (const auto* by = other->field(one.field); by != nullptr && one.value) {
          const auto is = where_is(*one.value, *by, words, institution::FileWords(portal.pack(), *other));
          add(by->title.zh + is.zh, by->title.en + is.en);
        }
      }
      section.row({{both(words.name(fact.name)), "/i/" + in->name}, {both(what), "/i/" + other->name}, {both(where)}});
    }
  }
  return section;
}

Section parameters(Portal& portal) {
  Section section("parameters", {"参数：每个数、施行日与把握", "Parameters: every number, its date, and how sure it is"});
  section.column({"参数", "Parameter"});
  section.column({"数值", "Value"});
  section.column({"自", "From"});
  section.column({"把握", "How sure"});
  section.column({"依据", "Legal ground"});
  for (const auto* in : portal.pack().all()) {
    if (!in->parameters.empty()) section.group("parameters-" + in->name, in->title);
    const institution::FileWords words(portal.pack(), *in);
    for (const auto& one : in->parameters) {
      const auto title = one.title.empty() ? Text{one.name, one.name} : one.title;
      for (const auto& value : one.values) {
        const auto shown = figure_shown(value, words);
        Text region;
        if (!value.region.empty()) {
          auto code = value.region;
          code.resize(6, '0');
          const auto name = portal.pack().division_name(code);
          region = {name.empty() ? value.region : name, value.region};
        }
        section.row({{both(title), "/i/" + in->name},
                     {both(shown), {}, both(region)},
                     {value.from ? base::format_date(*value.from) : std::string()},
                     {both(sure_of(one.sure))},
                     {portal.pack().cite(one.basis)}});
      }
    }
  }
  return section;
}

}  // namespace

void add_method_pages(Router& router, Portal& portal) {
  router.add(Method::get, "/methods",
             [&portal](const Request& request) {
               auto model = portal.page(request, {"计算与核验方法", "Methods"});
               std::vector<Section> sections;
               sections.push_back(proofs());
               sections.push_back(lights(portal));
               sections.push_back(calendar(portal));
               sections.push_back(rules(portal));
               sections.push_back(figures(portal));
               sections.push_back(parameters(portal));
               model.as_object()["tables"] = tables_of(
                   sections,
                   {"每个数、灯、预警和证明是怎样算出来的。本页由现行制度文件和规则文件生成。",
                    "How every figure, light, warning and proof comes about. This page is made from the files in force."});
               return portal.render("tables", model, request);
             },
             {Access::open, Pace::read, Run::worker});
}

}  // namespace landglass::web
