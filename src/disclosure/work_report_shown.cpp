// A counted report as JSON, and as a document for the press.
#include <algorithm>

#include "disclosure/work_report.hpp"

namespace landglass::disclosure {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

std::string grouped(std::int64_t value) {
  auto digits = std::to_string(value);
  const std::size_t sign = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

// Text in which each {name} became what `say` makes of it.
template <class Say>
std::string filled(const std::string& text, Say say) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto open = text.find('{', i);
    out += text.substr(i, open == std::string::npos ? open : open - i);
    if (open == std::string::npos) break;
    const auto close = text.find('}', open);
    out += say(text.substr(open + 1, close - open - 1));
    i = close + 1;
  }
  return out;
}

std::string value_of(const WorkReport& report, const CountedReport& counted, const std::string& name) {
  if (name == "year") return std::to_string(counted.year);
  for (std::size_t i = 0; i < report.figures.size(); ++i) {
    if (report.figures[i].name == name) return figure_text(report.figures[i], counted.figures[i].value);
  }
  return {};
}

Text said(const WorkReport& report, const CountedReport& counted, const Text& text) {
  const auto say = [&](const std::string& name) { return value_of(report, counted, name); };
  return {filled(text.zh, say), filled(text.en, say)};
}

Json told_in_both(const Text& text) { return JsonObject{{"zh", text.zh}, {"en", text.en}, {"both", true}}; }

// A text in pieces: what is a figure leads to where it is counted.
Json pieces(const WorkReport& report, const CountedReport& counted, const std::string& text) {
  JsonArray out;
  for (std::size_t i = 0; i < text.size();) {
    const auto open = text.find('{', i);
    const auto plain = text.substr(i, open == std::string::npos ? open : open - i);
    if (!plain.empty()) out.push_back(JsonObject{{"plain", plain}});
    if (open == std::string::npos) break;
    const auto close = text.find('}', open);
    const auto name = text.substr(open + 1, close - open - 1);
    JsonObject figure{{"value", value_of(report, counted, name)}};
    if (name != "year") figure["to"] = "#" + name;
    out.push_back(JsonObject{{"figure", std::move(figure)}});
    i = close + 1;
  }
  return out;
}

Json figure_json(const ReportFigure& figure, const CountedFigure& counted, int year) {
  JsonObject one{{"name", figure.name},
                 {"title", told_in_both(figure.title)},
                 {"unit", told_in_both(figure.unit)},
                 {"value", counted.value},
                 {"shown", figure_text(figure, counted.value)},
                 {"of", figure.of},
                 {"query", figure.query},
                 {"year", year},
                 {"records", counted.records},
                 {"register", "/csv/" + figure.of}};
  if (figure.money) one["money"] = true;  // the value is in fen
  if (!figure.act.empty()) one["act"] = figure.act;
  JsonArray events;
  for (const auto& event : counted.events) {
    JsonObject row{{"record", event.record}, {"to", "/r/" + event.record}};
    if (figure.adds) row["n"] = event.n;
    if (event.leaf) row["leaf"] = JsonObject{{"index", *event.leaf}, {"to", "/log/" + std::to_string(*event.leaf)}};
    events.push_back(std::move(row));
  }
  if (counted.records > counted.events.size()) one["more"] = counted.records - counted.events.size();
  if (!events.empty()) one["events"] = JsonObject{{"items", std::move(events)}};
  return one;
}

}  // namespace

std::string figure_text(const ReportFigure& figure, std::int64_t value) {
  if (!figure.money) return grouped(value);
  const auto cents = std::to_string(value % 100);
  return grouped(value / 100) + "." + (cents.size() < 2 ? "0" : "") + cents;
}

Json report_json(const WorkReport& report, const CountedReport& counted) {
  JsonArray parts;
  for (const auto& part : report.parts) {
    JsonArray sections;
    for (const auto& section : part.sections) {
      JsonArray paragraphs;
      for (const auto& text : section.paragraphs) {
        const auto whole = said(report, counted, text);
        paragraphs.push_back(JsonObject{{"zh", whole.zh},
                                        {"en", whole.en},
                                        {"pieces_zh", pieces(report, counted, text.zh)},
                                        {"pieces_en", pieces(report, counted, text.en)}});
      }
      JsonObject one{{"title", told_in_both(section.title)}};
      if (!paragraphs.empty()) one["paragraphs"] = std::move(paragraphs);
      if (!section.not_counted.empty()) one["not_counted"] = told_in_both(section.not_counted);
      sections.push_back(std::move(one));
    }
    JsonObject one{{"name", part.name}, {"title", told_in_both(part.title)}, {"sections", std::move(sections)}};
    if (!part.about.empty()) one["about"] = told_in_both(part.about);
    parts.push_back(std::move(one));
  }
  JsonArray figures;
  for (std::size_t i = 0; i < report.figures.size(); ++i)
    figures.push_back(figure_json(report.figures[i], counted.figures[i], counted.year));
  return JsonObject{{"report", report.name},     {"file", report.hash},
                    {"year", counted.year},      {"origin", counted.origin},
                    {"leaves", counted.leaves},  {"title", told_in_both(said(report, counted, report.title))},
                    {"parts", std::move(parts)}, {"figures", std::move(figures)}};
}

Document report_document(const WorkReport& report, const CountedReport& counted, Marks marks) {
  Document document;
  document.name = "work-report";
  document.title = said(report, counted, report.title);
  marks.demonstration = counted.demonstration;
  document.marks = std::move(marks);
  const auto leaves = std::to_string(counted.leaves);
  document.blocks.push_back(
      Paragraph{{"数字均由公开登记簿按文末所列查询得出，截至日志 " + counted.origin + " 第 " + leaves +
                     " 条。此处之外的文字出自模板，不含数字。",
                 "Every figure is counted from the public registers by the queries at the end, as of leaf " + leaves +
                     " of " + counted.origin + ". The text around is a template without figures."}});
  for (const auto& part : report.parts) {
    document.blocks.push_back(Heading{part.title});
    if (!part.about.empty()) document.blocks.push_back(Paragraph{part.about});
    for (const auto& section : part.sections) {
      document.blocks.push_back(Paragraph{section.title, false});
      for (const auto& text : section.paragraphs) document.blocks.push_back(Paragraph{said(report, counted, text)});
      if (!section.not_counted.empty())
        document.blocks.push_back(
            Paragraph{{"不计数：" + section.not_counted.zh, "Not counted: " + section.not_counted.en}});
    }
  }
  document.blocks.push_back(Heading{{"数字的来源", "Where the figures come from"}});
  Table table;
  table.columns = {{{"数字", "Figure"}, 3, Align::left},
                   {{"得数", "Value"}, 2, Align::right},
                   {{"查询及其所计记录", "Query, and what it counts"}, 7, Align::left}};
  for (std::size_t i = 0; i < report.figures.size(); ++i) {
    const auto& figure = report.figures[i];
    const auto& one = counted.figures[i];
    std::string what = figure.query + " · " + std::to_string(one.records) + " × " + figure.of;
    if (!figure.act.empty()) what += " (" + figure.act + ")";
    if (!one.events.empty() && one.events.front().leaf) {
      what += " · " + one.events.front().record + " #" + std::to_string(*one.events.front().leaf);
      if (one.records > 1) what += " …";
    }
    table.rows.push_back({figure.title, {figure_text(figure, one.value) + " " + figure.unit.zh, ""}, {std::move(what), ""}});
  }
  document.blocks.push_back(std::move(table));
  Text law;
  for (const auto& basis : report.basis) law.zh += (law.zh.empty() ? "" : "、") + basis.rule;
  document.law = {"报告的体例：" + law.zh, "Shape of the report: " + law.zh};
  return document;
}

}  // namespace landglass::disclosure
