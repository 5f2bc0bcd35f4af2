// What a rule's queries may read, and that nothing they depend on goes unheard: an incremental run can equal a batch run
// only where every table that is read is also listened to.
#include <algorithm>

#include "engine/cache.hpp"
#include "store/store.hpp"
#include "watch/rule_book.hpp"
#include "watch/words_read.hpp"

namespace landglass::watch {

using base::Refusal;
using base::Result;
using base::Status;
using engine::Cache;
using store::RuleReader;

namespace {

Refusal unfit(const Rule& rule, int line, std::string_view key, std::string zh, std::string en) {
  return base::refuse("PACK-11", std::move(zh), std::move(en),
                      rule.file + (line > 0 ? ":" + std::to_string(line) : "") + ":" + std::string(key));
}

// A query of a rule, told with its file and key where it does not read.
Result<RuleReader::Description> described(RuleReader& reader, const Rule& rule, const std::string& sql, int line,
                                          std::string_view key) {
  auto read = reader.describe(sql);
  if (read) return read;
  if (read.refused())
    return unfit(rule, line, key, "规则只可为一条只读查询，且只读各制度的表",
                 "a rule is one SELECT over the institutions' tables and nothing else");
  std::string why = read.failure().what;
  if (why.starts_with(sql)) why.erase(0, sql.size() + 2);
  std::set<std::string> over{rule.subject};
  for (const auto& touch : rule.touched_by) over.insert(touch.institution);
  std::string list;
  for (const auto& one : over) list += (list.empty() ? "" : ", ") + one;
  return unfit(rule, line, key, "查询无法编译：" + why + "（所读制度：" + list + "）",
               "the query does not compile: " + why + " (it reads " + list + ")");
}

void placeholders(std::string_view text, std::vector<std::string>& out) {
  for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return;
    out.emplace_back(text.substr(open + 1, close - open - 1));
  }
}

}  // namespace

Status RuleBook::check_reads(const Rule& rule, const RuleReader::Description& read, int line, const char* key) const {
  for (const auto& [table, column] : read.reads) {
    if (table == "json_each" || table == "json_tree") continue;
    std::string name;
    for (const auto* in : pack_.all()) {
      const auto own = Cache::table_of(in->name);
      if (own == table || (!in->sealed() && !in->behaviour.empty() && own + "_behaviour" == table)) name = in->name;
    }
    if (name.empty())
      return unfit(rule, line, key, "只可读各制度的表：" + table, "only institutions' tables may be read: " + table);
    const bool heard = std::any_of(rule.touched_by.begin(), rule.touched_by.end(),
                                   [&](const Touch& touch) { return touch.institution == name; });
    if (!heard)
      return unfit(rule, line, key, "读了 " + name + "，touched_by 却未列它：其变化将漏查",
                   "it reads " + name + ", which touched_by does not name: its changes would be missed");
  }
  return base::Done{};
}

// Places in documents that no record has are as wrong as a column that is not there.
Status RuleBook::check_words(const Rule& rule, const std::string& sql, const RuleReader::Description& read, int line,
                             const char* key) const {
  std::set<std::string> tables;
  for (const auto& [table, column] : read.reads) tables.insert(table);
  const auto all = pack_.all();
  for (const auto& word : words_read(sql, tables)) {
    if (!word.in_doc) continue;
    const bool known = std::any_of(all.begin(), all.end(), [&](const auto* in) {
      return word.tables.contains(Cache::table_of(in->name)) && has_word(*in, word);
    });
    if (!known)
      return unfit(rule, line, key, "所读制度的记录中没有此处：" + word.word,
                   "the records that it reads have no such place: " + word.word);
  }
  return base::Done{};
}

Status RuleBook::check_parameters(const Rule& rule, const RuleReader::Description& read, int line, const char* key,
                                  bool& timed) const {
  for (const auto& name : read.parameters) {
    if (name == "subject") continue;
    if (name == "now" || name == "today") {
      timed = true;
      continue;
    }
    const bool known =
        std::any_of(rule.thresholds.begin(), rule.thresholds.end(), [&](const Threshold& one) { return one.name == name; });
    if (!known)
      return unfit(rule, line, key, "未定义的参数 :" + name, "a parameter that the rule does not define: :" + name);
  }
  if (std::find(read.parameters.begin(), read.parameters.end(), "subject") == read.parameters.end())
    return unfit(rule, line, key, "查询未限定 :subject", "the query does not look at :subject");
  return base::Done{};
}

Status RuleBook::prepare(const Rule& rule, Prepared& out) {
  LG_TRY(const auto when, described(*reader_, rule, rule.when, rule.line_when, "when"));
  out.columns = when.columns;
  out.parameters = when.parameters;
  out.reads = when.reads;
  LG_CHECK(check_reads(rule, when, rule.line_when, "when"));
  LG_CHECK(check_words(rule, rule.when, when, rule.line_when, "when"));
  bool timed = false;
  LG_CHECK(check_parameters(rule, when, rule.line_when, "when", timed));
  if (timed && rule.recheck.empty())
    return unfit(rule, rule.line_when, "recheck", "查询依赖时间，须说明何时复查",
                 "the query depends on the time: say when to look again");
  if (!timed && !rule.recheck.empty())
    return unfit(rule, rule.line_recheck, "recheck", "查询不依赖时间，无须复查", "the query does not depend on the time");
  if (!rule.recheck.empty()) {
    LG_TRY(const auto recheck, described(*reader_, rule, rule.recheck, rule.line_recheck, "recheck"));
    LG_CHECK(check_reads(rule, recheck, rule.line_recheck, "recheck"));
    LG_CHECK(check_words(rule, rule.recheck, recheck, rule.line_recheck, "recheck"));
    bool ignored = false;
    LG_CHECK(check_parameters(rule, recheck, rule.line_recheck, "recheck", ignored));
    out.recheck_parameters = recheck.parameters;
    out.reads.insert(recheck.reads.begin(), recheck.reads.end());
  }
  for (const auto& touch : rule.touched_by) {
    if (touch.find.empty()) {
      if (!touch.via.empty()) out.reads.emplace(Cache::table_of(touch.institution), touch.via);
      continue;
    }
    LG_TRY(const auto find, described(*reader_, rule, touch.find, 0, "touched_by." + touch.institution + ".find"));
    if (find.parameters != std::vector<std::string>{"record"} || find.columns.size() != 1)
      return unfit(rule, 0, "touched_by." + touch.institution + ".find", "须以 :record 查出对象编号一列",
                   "it takes :record and gives one column, the subjects' ids");
    LG_CHECK(check_reads(rule, find, 0, "touched_by.find"));
    LG_CHECK(check_words(rule, touch.find, find, 0, "touched_by.find"));
    out.reads.insert(find.reads.begin(), find.reads.end());
  }
  const auto has = [&](const std::string& column) {
    return std::find(out.columns.begin(), out.columns.end(), column) != out.columns.end();
  };
  for (const auto& column : rule.evidence) {
    if (!has(column)) return unfit(rule, 0, "evidence", "查询无此列：" + column, "the query has no column " + column);
  }
  for (const auto& [column, title] : rule.columns) {
    if (!has(column)) return unfit(rule, 0, "columns", "查询无此列：" + column, "the query has no column " + column);
  }
  std::vector<std::string> named;
  placeholders(rule.say.zh, named);
  placeholders(rule.say.en, named);
  for (const auto& column : named) {
    if (!has(column)) return unfit(rule, 0, "say", "查询无此列：" + column, "the query has no column " + column);
    if (std::find(rule.evidence.begin(), rule.evidence.end(), column) != rule.evidence.end())
      return unfit(rule, 0, "say", "证据列不入文字：" + column,
                   "a column of evidence does not stand in the text: " + column);
  }
  return base::Done{};
}

Result<std::vector<Rule>> checked_rules(const std::vector<institution::RuleFile>& files, const institution::Pack& pack) {
  LG_TRY(auto rules, load_rules(files, pack));
  std::erase_if(rules, [](const Rule& rule) { return rule.off; });
  if (rules.empty()) return rules;
  LG_TRY(const auto store, store::open_sqlite({":memory:", {}, false, 0, {}}));
  LG_CHECK(store->shape(Cache::shapes(pack)));
  LG_TRY(auto reader, store::rule_reader(*store));
  LG_TRY(const auto book, RuleBook::open(rules, pack, std::move(reader)));
  return rules;
}

}  // namespace landglass::watch
