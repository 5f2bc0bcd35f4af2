#include "disclosure/html.hpp"

#include <algorithm>

namespace landglass::disclosure {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\n': out += "<br>"; break;
      default: out += c;
    }
  }
  return out;
}

std::string as_html(const base::Text& text) {
  std::string out = escaped(text.zh);
  if (!text.en.empty() && text.en != text.zh) out += " <span lang=\"en\">" + escaped(text.en) + "</span>";
  return out;
}

std::string aligned(Align align) {
  if (align == Align::right) return " class=\"right\"";
  if (align == Align::centre) return " class=\"centre\"";
  return "";
}

void write(std::string& out, const Heading& heading) { out += "<h3>" + as_html(heading.text) + "</h3>\n"; }

void write(std::string& out, const Paragraph& paragraph) {
  out += paragraph.indented ? "<p>" : "<p class=\"addressee\">";
  out += escaped(paragraph.text.zh) + "</p>\n";
  if (!paragraph.text.en.empty()) out += "<p lang=\"en\">" + escaped(paragraph.text.en) + "</p>\n";
}

void write(std::string& out, const Table& table) {
  out += table.labelled ? "<table class=\"labelled\">\n" : "<table>\n";
  const bool has_head =
      std::any_of(table.columns.begin(), table.columns.end(), [](const Column& column) { return !column.head.empty(); });
  if (has_head) {
    out += "<thead><tr>";
    for (const Column& column : table.columns) out += "<th scope=\"col\">" + as_html(column.head) + "</th>";
    out += "</tr></thead>\n";
  }
  out += "<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool label = table.labelled && i == 0;
      out += label ? "<th scope=\"row\">" : "<td" + aligned(table.columns[i].align) + ">";
      out += as_html(row[i]) + (label ? "</th>" : "</td>");
    }
    out += "</tr>\n";
  }
  out += "</tbody></table>\n";
}

void write(std::string& out, const Signatures& signatures) {
  out += "<div class=\"signatures\">\n";
  for (const Signature& party : signatures.parties) {
    out += "<p>" + as_html(party.name) + "<br><span class=\"date\">" + escaped(party.date) + "</span></p>\n";
  }
  out += "</div>\n";
}

void write(std::string& out, const Standings& standings) {
  out += "<ul class=\"standings\">\n";
  for (const Standing& one : standings.all) {
    out += std::string("<li class=\"") + (!one.holds ? "off" : one.warns ? "warns" : "holds") + "\">";
    out += (one.holds ? "✓ " : "— ") + as_html(one.name) + "</li>\n";
  }
  out += "</ul>\n";
}

}  // namespace

std::string html(const Document& document) {
  std::string out = "<article class=\"paper\" lang=\"zh-CN\" data-paper=\"" + escaped(document.name) + "\">\n<header>\n";
  if (document.marks.demonstration) {
    out += "<p class=\"demonstration\">演示，非正式文书 <span lang=\"en\">DEMONSTRATION, not an official paper</span></p>\n";
  }
  if (!document.letterhead.empty()) out += "<p class=\"letterhead\">" + as_html(document.letterhead) + "</p>\n";
  if (!document.number.empty()) out += "<p class=\"number\">" + escaped(document.number) + "</p>\n";
  out += "<h2>" + as_html(document.title) + "</h2>\n</header>\n";
  for (const Block& block : document.blocks) {
    std::visit([&](const auto& b) { write(out, b); }, block);
  }
  out += "<footer>\n";
  if (!document.law.empty()) {
    out += "<p class=\"law\">法律依据：" + escaped(document.law.zh);
    if (!document.law.en.empty()) out += " <span lang=\"en\">Legal ground: " + escaped(document.law.en) + "</span>";
    out += "</p>\n";
  }
  if (!document.marks.record.empty()) {
    out += "<p>记录 <span lang=\"en\">Record</span> <code>" + escaped(document.marks.record) + "</code></p>\n";
  }
  if (!document.marks.code.empty()) {
    out += "<p>验证码 <span lang=\"en\">Code</span> <code>" + escaped(document.marks.code) + "</code></p>\n";
  }
  return out + "</footer>\n</article>\n";
}

}  // namespace landglass::disclosure
