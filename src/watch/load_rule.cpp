// From a rule's file to a Rule. What its SQL reads is looked at in rule_check.cpp, with the tables at hand.
#include <algorithm>
#include <map>

#include "institution/load.hpp"
#include "watch/rule.hpp"

namespace landglass::watch {
namespace {

using base::Json;
using base::Result;
using base::Status;
using institution::Loading;
using institution::Node;

Result<Json> number_of(const Loading& at, const Node& node) {
  LG_TRY(const auto value, institution::load_literal(at, node));
  switch (value.kind) {
    case law::Kind::integer:
    case law::Kind::money:
    case law::Kind::area:
    case law::Kind::days: return Json(value.number);
    case law::Kind::ratio: {
      if (value.denominator == 0 || value.number * 10'000 % value.denominator != 0) break;
      return Json(value.number * 10'000 / value.denominator);
    }
    default: break;
  }
  return at.bad(node, "value", "须为整数、金额、面积、天数或万分之整数的比例",
                "a whole number, an amount, an area, days, or a ratio in whole ten-thousandths is expected");
}

Result<Threshold> load_threshold(const Loading& at, std::string name, const Node& node) {
  LG_CHECK(institution::only(at, node, {"title", "basis", "sure", "value", "values", "note"}));
  Threshold one;
  one.name = std::move(name);
  LG_TRY(one.title, institution::load_text(at, node.at("title")));
  LG_TRY(one.basis, institution::load_law(at, node.at("basis")));
  one.sure = node.text("sure");
  if (one.sure != "found" && one.sure != "memory" && one.sure != "inferred" && one.sure != "design")
    return at.bad(node, one.name, "sure 须为 found、memory、inferred 或 design",
                  "sure is found, memory, inferred or design");
  if (!node.at("value").is_absent()) {
    LG_TRY(auto value, number_of(at, node.at("value")));
    one.values.push_back({std::move(value), std::nullopt});
  }
  for (const auto& item : node.at("values").items) {
    LG_CHECK(institution::only(at, item, {"value", "from"}));
    LG_TRY(auto value, number_of(at, item.at("value")));
    std::optional<base::Date> from;
    if (!item.at("from").is_absent()) {
      from = base::parse_date(item.text("from"));
      if (!from) return at.bad(item, one.name, "日期有误", "not a date: " + std::string(item.text("from")));
    }
    one.values.push_back({std::move(value), from});
  }
  if (one.values.empty()) return at.bad(node, one.name, "参数无值", "a parameter needs value or values");
  return one;
}

Result<Touch> load_touch(const Loading& at, const institution::Pack& pack, const Rule& rule, const Node& node) {
  LG_CHECK(institution::only(at, node, {"institution", "actions", "via", "find"}));
  Touch touch;
  touch.institution = node.text("institution");
  const auto* in = pack.current(touch.institution);
  if (in == nullptr) return at.bad(node, "institution", "没有此制度", "no such institution: " + touch.institution);
  LG_TRY(touch.actions, institution::load_names(at, node.at("actions")));
  touch.via = node.text("via");
  touch.find = node.text("find");
  if (!touch.via.empty() && !touch.find.empty())
    return at.bad(node, "find", "via 与 find 只能取一", "a touch says via or find, not both");
  if (touch.via.empty() && touch.find.empty() && touch.institution != rule.subject)
    return at.bad(node, "via", "须以 via 或 find 指明对象", "say by via or find which " + rule.subject + " it touches");
  if (!touch.via.empty()) {
    const auto* field = in->field(touch.via);
    if (field == nullptr || field->type != "ref" || field->of != rule.subject)
      return at.bad(node, "via", "须为指向对象的引用字段", "via is a field that refers to a " + rule.subject);
    const bool may_change = std::any_of(in->main.states.begin(), in->main.states.end(), [&](const auto& state) {
      return std::find(state.correctable.begin(), state.correctable.end(), touch.via) != state.correctable.end();
    });
    if (may_change)
      return at.bad(node, "via", "此字段可更正，原对象将漏查",
                    "this field may be corrected: its former subject would be missed");
  }
  return touch;
}

Result<Rule> load_rule(const Node& root, const Loading& at, const institution::Pack& pack) {
  LG_CHECK(institution::only(at, root,
                             {"rule", "code", "title", "say", "clears", "law", "severity", "missing", "subject",
                              "parameters", "when", "recheck", "touched_by", "evidence", "asks", "columns", "off"}));
  Rule rule;
  rule.name = root.text("rule");
  rule.file = at.file;
  rule.code = root.text("code");
  if (rule.code.empty()) return at.bad(root, "code", "规则缺少代码", "a rule needs a code");
  LG_TRY(rule.title, institution::load_text(at, root.at("title")));
  LG_TRY(rule.say, institution::load_text(at, root.at("say")));
  LG_TRY(rule.clears, institution::load_text(at, root.at("clears")));
  for (const auto& [key, text] : {std::pair("title", &rule.title), {"say", &rule.say}, {"clears", &rule.clears}}) {
    if (text->zh.empty() || text->en.empty()) return at.bad(root, key, "缺少中英文本", "a text {zh, en} is expected");
  }
  LG_TRY(rule.law, institution::load_law(at, root.at("law")));
  if (rule.law.rule.empty()) return at.bad(root, "law", "规则缺少法律依据", "a rule needs its legal ground");
  if (pack.rule(rule.law.rule) == nullptr)
    return at.bad(root, "law", "rules.yaml 中没有此规则", "not in rules.yaml: " + rule.law.rule);
  rule.severity = root.text("severity");
  if (rule.severity != "notice" && rule.severity != "serious" && rule.severity != "grave")
    return at.bad(root, "severity", "须为 notice、serious 或 grave", "severity is notice, serious or grave");
  rule.missing = root.at("missing").is_true();
  rule.off = root.at("off").is_true();
  rule.subject = root.text("subject");
  if (pack.current(rule.subject) == nullptr)
    return at.bad(root, "subject", "没有此制度", "no such institution: " + rule.subject);
  for (const auto& [name, node] : root.at("parameters").members) {
    LG_TRY(auto threshold, load_threshold(at, name, node));
    if (pack.rule(threshold.basis.rule) == nullptr)
      return at.bad(node, "basis", "rules.yaml 中没有此规则", "not in rules.yaml: " + threshold.basis.rule);
    rule.thresholds.push_back(std::move(threshold));
  }
  rule.when = root.text("when");
  rule.line_when = root.at("when").line;
  rule.recheck = root.text("recheck");
  rule.line_recheck = root.at("recheck").line;
  if (rule.when.empty()) return at.bad(root, "when", "规则缺少查询", "a rule needs its query");
  for (const auto& node : root.at("touched_by").items) {
    LG_TRY(auto touch, load_touch(at, pack, rule, node));
    rule.touched_by.push_back(std::move(touch));
  }
  if (rule.touched_by.empty()) return at.bad(root, "touched_by", "缺少触发来源", "say what touches the rule");
  LG_TRY(rule.evidence, institution::load_names(at, root.at("evidence")));
  rule.asks = root.text("asks");
  if (!rule.asks.empty() && std::find(rule.evidence.begin(), rule.evidence.end(), rule.asks) == rule.evidence.end())
    return at.bad(root, "asks", "须为证据列之一", "asks is one of the columns of evidence");
  for (const auto& [name, node] : root.at("columns").members) {
    LG_TRY(auto title, institution::load_text(at, node));
    rule.columns.emplace_back(name, std::move(title));
  }
  return rule;
}

}  // namespace

Result<std::vector<Rule>> load_rules(const std::vector<institution::RuleFile>& files, const institution::Pack& pack) {
  std::vector<Rule> rules;
  std::map<std::string, std::string> codes;
  for (const auto& file : files) {
    const Loading at{file.file};
    LG_TRY(const auto root, institution::read_yaml(file.bytes, at.file));
    LG_TRY(auto rule, load_rule(root, at, pack));
    rule.hash = file.hash;
    const auto [place, fresh] = codes.emplace(rule.code, at.file);
    if (!fresh) return at.bad(root, "code", "代码重复", "the code stands in " + place->second + " already");
    rules.push_back(std::move(rule));
  }
  std::sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) { return a.code < b.code; });
  return rules;
}

const Json* value_on(const Threshold& threshold, base::Date today) {
  const Json* found = nullptr;
  for (const auto& one : threshold.values) {
    if (!one.from || *one.from <= today) found = &one.value;
  }
  return found;
}

}  // namespace landglass::watch
