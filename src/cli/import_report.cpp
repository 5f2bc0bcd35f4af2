#include "cli/import_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <set>

#include "base/csv.hpp"
#include "base/json.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

constexpr std::array k_verdicts = {Verdict::imported, Verdict::refused, Verdict::incomplete, Verdict::malformed,
                                   Verdict::unchanged};

struct Tally {
  std::size_t rows = 0;
  base::Text say;
  std::string law;
  std::string example;
};
struct Totals {
  std::array<std::size_t, k_verdicts.size()> verdicts{};
  std::size_t corrected = 0;
  std::map<std::string, Tally> refused, warned, stopped, remarked, problems;
  std::map<std::string, std::size_t> missing, held, unchecked;
  std::map<std::string, std::set<std::string>> unchecked_for;  // code -> what the table does not have
  std::map<std::string, std::size_t> reached;
};

Totals totals_of(const ImportReport& report, std::size_t file) {
  Totals totals;
  const auto count = [](std::map<std::string, Tally>& into, const auto& list) {
    std::set<std::string> once;
    for (const auto& one : list) {
      auto& tally = into[one.code];
      if (once.insert(one.code).second) ++tally.rows;
      if (tally.say.empty()) {
        tally.say = one.say;
        tally.law = one.law;
        tally.example = one.detail.zh;
      }
    }
  };
  for (const auto& row : report.rows) {
    if (row.file != file) continue;
    ++totals.verdicts[static_cast<std::size_t>(row.verdict)];
    if (row.corrected) ++totals.corrected;
    count(totals.refused, row.findings.failed);
    count(totals.warned, row.findings.warned);
    count(totals.stopped, row.stops);
    for (const auto& [code, say] : row.remarks) {
      ++totals.remarked[code].rows;
      totals.remarked[code].say = say;
    }
    std::set<std::string> once;
    for (const auto& one : row.problems) {
      const auto key = one.column.empty() ? one.code : one.code + " " + one.column;
      auto& tally = totals.problems[key];
      if (once.insert(key).second) ++tally.rows;
      tally.say = one.say;
      if (tally.example.empty()) tally.example = one.text;
    }
    for (const auto& field : row.missing) ++totals.missing[field];
    once = {row.findings.held.begin(), row.findings.held.end()};
    for (const auto& code : once) ++totals.held[code];
    once.clear();
    for (const auto& one : row.findings.unchecked) {
      if (once.insert(one.code).second) ++totals.unchecked[one.code];
      totals.unchecked_for[one.code].insert(one.absent.begin(), one.absent.end());
    }
    if (!row.reached.empty()) ++totals.reached[row.reached.zh + " / " + row.reached.en];
  }
  return totals;
}

std::size_t rows_of(const ImportReport& report, std::size_t file) {
  return static_cast<std::size_t>(
      std::count_if(report.rows.begin(), report.rows.end(), [&](const ImportedRow& row) { return row.file == file; }));
}

std::string joined(const auto& list, const auto& text_of, const char* between) {
  std::string out;
  for (const auto& one : list) out += (out.empty() ? "" : between) + std::string(text_of(one));
  return out;
}
std::string same(const std::string& text) { return text; }

// "LL-04 挂牌时间不足 (国土资源部令第39号 第18条): 9 日 < 10 日"
std::string said(const base::Refusal& one) {
  return one.code + " " + one.say.zh + (one.law.empty() ? "" : "（" + one.law + "）") +
         (one.detail.empty() ? "" : "：" + one.detail.zh) +
         (one.detail.empty() && !one.where.empty() ? "：" + one.where : "");
}
std::string said(const Problem& one) {
  return one.code + " " + one.where + (one.column.empty() ? "" : " " + one.column) + " " + one.say.zh +
         (one.text.empty() ? "" : "：" + one.text);
}
std::string said(const institution::Unchecked& one) { return one.code + "(" + joined(one.absent, same, " ") + ")"; }

JsonObject json_of(const base::Refusal& one) {
  JsonObject out{{"code", one.code}, {"say", JsonObject{{"zh", one.say.zh}, {"en", one.say.en}}}};
  if (!one.law.empty()) out["law"] = one.law;
  if (!one.detail.empty()) out["detail"] = one.detail.zh;
  if (!one.where.empty()) out["where"] = one.where;
  return out;
}
JsonArray texts(const std::vector<std::string>& list) {
  JsonArray out;
  for (const auto& one : list) out.emplace_back(one);
  return out;
}

JsonObject json_of(const ImportReport& report, const ImportedRow& row) {
  JsonObject out{{"file", report.files[row.file].name},
                 {"line", static_cast<std::int64_t>(row.line)},
                 {"verdict", std::string(name_of(row.verdict))},
                 {"row_record", row.row_record}};
  if (!row.key.empty()) out["key"] = row.key;
  if (row.corrected) out["corrected"] = texts(row.changed);
  if (!row.reached.empty()) out["reached"] = JsonObject{{"zh", row.reached.zh}, {"en", row.reached.en}};
  if (!row.record.empty()) out["record"] = row.record;
  if (row.leaf >= 0) out["leaf"] = row.leaf;
  const auto refusals = [](const std::vector<base::Refusal>& list) {
    JsonArray array;
    for (const auto& one : list) array.emplace_back(json_of(one));
    return array;
  };
  if (!row.findings.failed.empty()) out["refused"] = refusals(row.findings.failed);
  if (!row.findings.warned.empty()) out["warned"] = refusals(row.findings.warned);
  if (!row.stops.empty()) out["stops"] = refusals(row.stops);
  if (!row.missing.empty()) out["missing"] = texts(row.missing);
  if (!row.unplaced.empty()) out["unplaced"] = texts(row.unplaced);
  if (!row.findings.held.empty()) out["held"] = texts(row.findings.held);
  if (!row.findings.unchecked.empty()) {
    JsonArray array;
    for (const auto& one : row.findings.unchecked)
      array.emplace_back(JsonObject{{"code", one.code}, {"absent", texts(one.absent)}});
    out["unchecked"] = std::move(array);
  }
  if (!row.remarks.empty()) {
    JsonArray array;
    for (const auto& [code, say] : row.remarks)
      array.emplace_back(JsonObject{{"code", code}, {"say", JsonObject{{"zh", say.zh}, {"en", say.en}}}});
    out["remarks"] = std::move(array);
  }
  if (!row.problems.empty()) {
    JsonArray array;
    for (const auto& one : row.problems)
      array.emplace_back(JsonObject{{"code", one.code},
                                    {"column", one.column},
                                    {"where", one.where},
                                    {"say", JsonObject{{"zh", one.say.zh}, {"en", one.say.en}}},
                                    {"text", one.text}});
    out["problems"] = std::move(array);
  }
  return out;
}

JsonObject counts(const std::map<std::string, Tally>& tallies) {
  JsonObject out;
  for (const auto& [code, tally] : tallies) out[code] = static_cast<std::int64_t>(tally.rows);
  return out;
}
JsonObject counts(const std::map<std::string, std::size_t>& tallies) {
  JsonObject out;
  for (const auto& [code, rows] : tallies) out[code] = static_cast<std::int64_t>(rows);
  return out;
}

Json totals(const ImportReport& report) {
  JsonArray files;
  for (std::size_t i = 0; i < report.files.size(); ++i) {
    const auto all = totals_of(report, i);
    JsonObject verdicts;
    for (const auto verdict : k_verdicts)
      verdicts[name_of(verdict)] = static_cast<std::int64_t>(all.verdicts[static_cast<std::size_t>(verdict)]);
    files.emplace_back(JsonObject{{"file", report.files[i].name},
                                  {"map", report.files[i].map},
                                  {"sha256", report.files[i].hash},
                                  {"rows", static_cast<std::int64_t>(rows_of(report, i))},
                                  {"verdicts", std::move(verdicts)},
                                  {"corrected", static_cast<std::int64_t>(all.corrected)},
                                  {"refused", counts(all.refused)},
                                  {"warned", counts(all.warned)},
                                  {"stopped", counts(all.stopped)},
                                  {"remarked", counts(all.remarked)},
                                  {"problems", counts(all.problems)},
                                  {"missing", counts(all.missing)},
                                  {"held", counts(all.held)},
                                  {"unchecked", counts(all.unchecked)},
                                  {"reached", counts(all.reached)}});
  }
  return JsonObject{{"origin", report.origin}, {"leaves", report.leaves}, {"files", std::move(files)}};
}

std::string csv(const ImportReport& report) {
  std::string out =
      "file,line,key,verdict,corrected,reached,record,leaf,refused,warned,missing,unplaced,stops,remarks,problems,held,"
      "unchecked,row_record\n";
  for (const auto& row : report.rows) {
    const auto say = [](const auto& one) { return said(one); };
    const std::vector<std::string> fields = {
        report.files[row.file].name,
        std::to_string(row.line),
        row.key,
        std::string(name_of(row.verdict)),
        row.corrected ? "1" : "",
        row.reached.zh,
        row.record,
        row.leaf < 0 ? "" : std::to_string(row.leaf),
        joined(row.findings.failed, say, "; "),
        joined(row.findings.warned, say, "; "),
        joined(row.missing, same, "; "),
        joined(row.unplaced, same, "; "),
        joined(row.stops, say, "; "),
        joined(
            row.remarks, [](const auto& one) { return one.first + " " + one.second.zh; }, "; "),
        joined(row.problems, say, "; "),
        joined(row.findings.held, same, " "),
        joined(row.findings.unchecked, say, " "),
        row.row_record};
    std::string line;
    for (const auto& field : fields)
      line += (line.empty() && &field == &fields.front() ? "" : ",") + base::csv_quoted(field);
    out += line + "\n";
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}
std::string both(const base::Text& text) { return escaped(text.zh) + " <span lang=\"en\">" + escaped(text.en) + "</span>"; }

constexpr const char* k_style =
    "body{font:15px/1.6 'Noto Sans CJK SC','Noto Sans SC',sans-serif;margin:2rem auto;max-width:76rem;padding:0 "
    "1rem;color:#1b1f24}"
    "h1,h2{font-weight:600}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{border-bottom:1px solid #d5d9de;padding:.3rem .5rem;text-align:left;vertical-align:top}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}[lang=en]{color:#4a5260;font-size:.9em}"
    ".refused{color:#9b1c1c}.imported{color:#14622f}.incomplete,.malformed{color:#7a4d00}div.wide{overflow-x:auto}";

std::string html(const ImportReport& report) {
  std::string out =
      "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>导入报告</title>"
      "<meta name=\"viewport\" content=\"width=device-width\"><style>" +
      std::string(k_style) + "</style></head><body>\n<h1>" + both({"导入报告", "Report of an import"}) + "</h1>\n<p>" +
      both({"公布的表格逐行对照制度，判定依据为各行日期当时施行的规则；表中没有的事实不作推定，相应检查注明“未检查”。",
            "Published tables held against the institutions row by row, under the rules in force on each row's dates. "
            "What a table does not say is not assumed: checks that need it are named as not checked."}) +
      "</p>\n<p>" + both({"日志", "log"}) + "：<code>" + escaped(report.origin) + "</code></p>\n";
  for (std::size_t i = 0; i < report.files.size(); ++i) {
    const auto all = totals_of(report, i);
    out += "<h2>" + both(report.files[i].title) + " · " + escaped(report.files[i].name) + "</h2>\n<p>SHA-256 <code>" +
           report.files[i].hash + "</code></p>\n<table><thead><tr><th>" + both({"结论", "verdict"}) + "</th><th>" +
           both({"行数", "rows"}) + "</th></tr></thead><tbody>";
    for (const auto verdict : k_verdicts)
      out += "<tr><td>" + both(title_of(verdict)) + "</td><td class=\"n\">" +
             std::to_string(all.verdicts[static_cast<std::size_t>(verdict)]) + "</td></tr>";
    out += "<tr><td>" + both({"合计", "total"}) + "</td><td class=\"n\">" + std::to_string(rows_of(report, i)) +
           "</td></tr></tbody></table>\n";
    const auto table = [&](const base::Text& title, const std::map<std::string, Tally>& tallies) {
      if (tallies.empty()) return;
      out += "<h3>" + both(title) + "</h3><table><tbody>";
      for (const auto& [code, tally] : tallies)
        out += "<tr><td><code>" + escaped(code) + "</code></td><td>" + both(tally.say) + "</td><td>" + escaped(tally.law) +
               "</td><td>" + escaped(tally.example) + "</td><td class=\"n\">" + std::to_string(tally.rows) + "</td></tr>";
      out += "</tbody></table>\n";
    };
    table({"拒绝：所违规则（依据、例）", "Refused: rule broken, ground, an example"}, all.refused);
    table({"警示", "Warnings"}, all.warned);
    table({"止步", "Goes no further"}, all.stopped);
    table({"附注", "Remarks"}, all.remarked);
    table({"读取有误", "Malformed cells"}, all.problems);
    out += "<h3>" + both({"检查", "Checks"}) + "</h3><table><thead><tr><th>" + both({"代码", "code"}) + "</th><th>" +
           both({"符合", "held"}) + "</th><th>" + both({"未检查：表中没有", "not checked: not in the table"}) +
           "</th><th></th></tr></thead><tbody>";
    std::set<std::string> codes;
    for (const auto& [code, rows] : all.held) codes.insert(code);
    for (const auto& [code, rows] : all.unchecked) codes.insert(code);
    const auto at = [](const auto& map, const std::string& key) {
      const auto found = map.find(key);
      return std::to_string(found == map.end() ? 0 : found->second);
    };
    for (const auto& code : codes) {
      const auto why = all.unchecked_for.find(code);
      out += "<tr><td><code>" + escaped(code) + "</code></td><td class=\"n\">" + at(all.held, code) +
             "</td><td class=\"n\">" + at(all.unchecked, code) + "</td><td>" +
             escaped(why == all.unchecked_for.end() ? "" : joined(why->second, same, ", ")) + "</td></tr>";
    }
    out += "</tbody></table>\n";
  }
  out += "<h2>" + both({"逐行", "Row by row"}) + "</h2><div class=\"wide\"><table><thead><tr><th>" + both({"行", "line"}) +
         "</th><th>" + both({"宗地", "parcel"}) + "</th><th>" + both({"结论", "verdict"}) + "</th><th>" +
         both({"至何环节", "as far as"}) + "</th><th>" + both({"缘由", "why"}) + "</th><th>" + both({"叶", "leaf"}) +
         "</th></tr></thead><tbody>\n";
  for (const auto& row : report.rows) {
    std::string why;
    const auto put = [&](const std::string& text) { why += (why.empty() ? "" : "<br>") + escaped(text); };
    for (const auto& one : row.findings.failed) put(said(one));
    for (const auto& one : row.problems) put(said(one));
    if (!row.missing.empty()) put("缺：" + joined(row.missing, same, "、"));
    for (const auto& one : row.stops) put(said(one));
    for (const auto& one : row.findings.warned) put("警示 " + said(one));
    for (const auto& one : row.unplaced) put("制度中无处安放 " + one);
    for (const auto& [code, say] : row.remarks) put("附注 " + code + " " + say.zh);
    if (row.corrected) put("更正：" + joined(row.changed, same, "、"));
    out += "<tr><td>" + escaped(report.files[row.file].name) + ":" + std::to_string(row.line) + "</td><td>" +
           escaped(row.key) + "</td><td class=\"" + std::string(name_of(row.verdict)) + "\">" +
           escaped(title_of(row.verdict).zh) + "</td><td>" + escaped(row.reached.zh) + "</td><td>" + why +
           "</td><td class=\"n\">" + (row.leaf < 0 ? "" : std::to_string(row.leaf)) + "</td></tr>\n";
  }
  return out + "</tbody></table></div></body></html>\n";
}

}  // namespace

std::string totals_text(const ImportReport& report) {
  std::string out;
  const auto line = [&](const std::string& text, std::size_t rows, const std::string& more = {}) {
    auto figure = std::to_string(rows);
    if (figure.size() < 7) figure.insert(0, 7 - figure.size(), ' ');
    out += figure + "  " + text + (more.empty() ? "" : "  " + more) + "\n";
  };
  for (std::size_t i = 0; i < report.files.size(); ++i) {
    const auto all = totals_of(report, i);
    out += "== " + report.files[i].title.zh + " " + report.files[i].title.en + "  " + report.files[i].name + "\n";
    line("行 rows", rows_of(report, i));
    for (const auto verdict : k_verdicts) {
      const auto title = title_of(verdict);
      line(title.zh + " " + title.en, all.verdicts[static_cast<std::size_t>(verdict)]);
    }
    if (all.corrected > 0) line("更正 corrected", all.corrected);
    const auto table = [&](const char* title, const std::map<std::string, Tally>& tallies) {
      if (tallies.empty()) return;
      out += std::string("-- ") + title + "\n";
      for (const auto& [code, tally] : tallies)
        line(code + " " + tally.say.zh + " " + tally.say.en, tally.rows,
             tally.law + (tally.example.empty() ? "" : "  例 e.g. " + tally.example));
    };
    table("拒绝 refused, by code", all.refused);
    table("警示 warned", all.warned);
    table("止步 goes no further", all.stopped);
    table("附注 remarks", all.remarked);
    table("读取有误 malformed cells", all.problems);
    const auto figures = [&](const char* title, const std::map<std::string, std::size_t>& list) {
      if (list.empty()) return;
      out += std::string("-- ") + title + "\n";
      for (const auto& [name, rows] : list) line(name, rows);
    };
    figures("缺项 missing", all.missing);
    figures("至何环节 as far as", all.reached);
    if (!all.held.empty() || !all.unchecked.empty()) {
      out += "-- 检查 checks: 符合 held / 未检查 not checked (表中没有 not in the table)\n";
      std::set<std::string> codes;
      for (const auto& [code, rows] : all.held) codes.insert(code);
      for (const auto& [code, rows] : all.unchecked) codes.insert(code);
      for (const auto& code : codes) {
        const auto held = all.held.find(code);
        const auto not_checked = all.unchecked.find(code);
        out += "         " + code + "  " + std::to_string(held == all.held.end() ? 0 : held->second) + " / " +
               std::to_string(not_checked == all.unchecked.end() ? 0 : not_checked->second);
        if (const auto why = all.unchecked_for.find(code); why != all.unchecked_for.end())
          out += "  (" + joined(why->second, same, ", ") + ")";
        out += "\n";
      }
    }
  }
  char tail[200];
  std::snprintf(tail, sizeof tail, "%zu 行 rows, %llu 叶 leaves, %.1f 秒 s, %.0f 行/秒 rows/s\n", report.rows.size(),
                static_cast<unsigned long long>(report.leaves), report.seconds,
                report.seconds > 0 ? static_cast<double>(report.rows.size()) / report.seconds : 0.0);
  return out + tail;
}

std::string totals_json(const ImportReport& report) { return base::canonical(totals(report)); }

base::Status write_report(const ImportReport& report, const std::string& path) {
  std::string text;
  if (path.ends_with(".csv")) {
    text = csv(report);
  } else if (path.ends_with(".json")) {
    JsonArray rows;
    for (const auto& row : report.rows) rows.emplace_back(json_of(report, row));
    auto all = totals(report);
    all.as_object()["rows"] = std::move(rows);
    text = base::canonical(all) + "\n";
  } else if (path.ends_with(".html")) {
    text = html(report);
  } else {
    return base::refuse("IMP-22", "报告只有 .csv、.json、.html 三种", "a report is .csv, .json or .html", path);
  }
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) return base::fail("the report could not be written: " + path);
  return base::Done{};
}

}  // namespace landglass::cli
