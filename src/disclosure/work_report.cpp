// From the report's file to a WorkReport.
#include "disclosure/work_report.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/crypto.hpp"
#include "institution/load.hpp"
#include "institution/signed_act.hpp"

namespace landglass::disclosure {
namespace {

using base::Refusal;
using base::Result;
using base::Status;
using base::Text;
using institution::Loading;
using institution::Node;

constexpr std::string_view k_bound[] = {"year", "first", "last", "from", "until"};

Refusal unfit(const Loading& at, const Node& node, std::string_view key, std::string zh, std::string en) {
  return base::refuse("PACK-12", std::move(zh), std::move(en),
                      at.file + ":" + std::to_string(node.line) + ":" + std::string(key));
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

// The names that follow a colon outside of a quoted text, each once, as SQLite numbers them.
std::vector<std::string> parameters_of(std::string_view sql) {
  std::vector<std::string> out;
  char quote = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (quote != 0) {
      if (sql[i] == quote) quote = 0;
    } else if (sql[i] == '\'' || sql[i] == '"') {
      quote = sql[i];
    } else if (sql[i] == ':') {
      std::size_t end = i + 1;
      while (end < sql.size() && is_word(sql[end])) ++end;
      std::string name(sql.substr(i + 1, end - i - 1));
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
      i = end - 1;
    }
  }
  return out;
}

Result<ReportFigure> load_figure(const Loading& at, const institution::Pack& pack, std::string name, const Node& node) {
  LG_CHECK(institution::only(at, node, {"title", "unit", "money", "of", "act", "query"}));
  ReportFigure figure;
  figure.name = std::move(name);
  LG_TRY(figure.title, institution::load_text(at, node.at("title")));
  LG_TRY(figure.unit, institution::load_text(at, node.at("unit")));
  figure.money = node.at("money").is_true();
  figure.of = node.text("of");
  const auto* in = pack.current(figure.of);
  if (in == nullptr) return at.bad(node, "of", "没有此制度", "no such institution: " + figure.of);
  if (in->sealed())
    return unfit(at, node, "of", "封存的登记不公开其数量", "the number of what is sealed is not public: " + figure.of);
  figure.act = node.text("act");
  if (!figure.act.empty() && institution::find_action(*in, figure.act) == nullptr)
    return at.bad(node, "act", "该制度没有此动作", "this institution has no such action: " + figure.act);
  figure.query = node.text("query");
  if (!figure.query.starts_with("SELECT ") || figure.query.find(" AS record") == std::string::npos)
    return unfit(at, node, "query", "查询须为一条给出 record 列的 SELECT",
                 "the query is a SELECT that gives a column record");
  figure.adds = figure.query.substr(0, figure.query.find(" FROM ")).find(" AS n") != std::string::npos;
  figure.parameters = parameters_of(figure.query);
  for (const auto& one : figure.parameters) {
    if (std::find(std::begin(k_bound), std::end(k_bound), one) == std::end(k_bound))
      return unfit(at, node, "query", "未定义的参数 :" + one, "no such parameter: :" + one);
  }
  return figure;
}

// What a text says may hold no digit but those of a figure.
Status look_through(const Loading& at, const Node& node, const Text& text, const WorkReport& report,
                    std::set<std::string>& shown) {
  for (const auto* one : {&text.zh, &text.en}) {
    for (std::size_t i = 0; i < one->size(); ++i) {
      const char c = (*one)[i];
      if (c >= '0' && c <= '9')
        return unfit(at, node, "paragraphs", "数字不得手写，须由查询得出", "a figure is counted, never written: " + *one);
      if (c != '{') continue;
      const auto close = one->find('}', i);
      const auto name = one->substr(i + 1, close == std::string::npos ? close : close - i - 1);
      if (close == std::string::npos || (name != "year" && report.figure(name) == nullptr))
        return unfit(at, node, "paragraphs", "没有此数字：" + name, "no such figure: " + name);
      shown.insert(name);
      i = close;
    }
  }
  return base::Done{};
}

Result<ReportSection> load_section(const Loading& at, const Node& node, const WorkReport& report,
                                   std::set<std::string>& shown) {
  LG_CHECK(institution::only(at, node, {"title", "paragraphs", "not_counted"}));
  ReportSection section;
  LG_TRY(section.title, institution::load_text(at, node.at("title")));
  LG_CHECK(look_through(at, node, section.title, report, shown));
  for (const auto& item : node.at("paragraphs").items) {
    LG_TRY(auto text, institution::load_text(at, item));
    LG_CHECK(look_through(at, item, text, report, shown));
    section.paragraphs.push_back(std::move(text));
  }
  if (!node.at("not_counted").is_absent()) {
    LG_TRY(section.not_counted, institution::load_text(at, node.at("not_counted")));
    LG_CHECK(look_through(at, node.at("not_counted"), section.not_counted, report, shown));
  }
  if (section.paragraphs.empty() && section.not_counted.empty())
    return unfit(at, node, "not_counted", "既无数字，须说明为何不计",
                 "a section without figures says why nothing is counted");
  return section;
}

}  // namespace

const ReportFigure* WorkReport::figure(std::string_view wanted) const {
  const auto found = std::find_if(figures.begin(), figures.end(), [&](const auto& one) { return one.name == wanted; });
  return found == figures.end() ? nullptr : &*found;
}

Result<WorkReport> load_work_report(const std::string& pack_folder, const institution::Pack& pack, const std::string& name) {
  const auto path = std::filesystem::path(pack_folder) / "report" / (name + ".yaml");
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::refuse("PACK-03", "没有此报告文件", "no such report", path.string());
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const Loading at{(std::filesystem::path(pack_folder).filename() / "report" / (name + ".yaml")).string()};
  LG_TRY(const auto root, institution::read_yaml(bytes.str(), at.file));
  LG_CHECK(institution::only(at, root, {"report", "title", "basis", "figures", "parts"}));
  WorkReport report;
  report.name = root.text("report");
  if (report.name != name) return at.bad(root, "report", "文件名须与报告名一致", "the file must be named after its report");
  report.hash = base::to_hex(base::sha256(base::as_bytes(bytes.str())));
  LG_TRY(report.title, institution::load_text(at, root.at("title")));
  for (const auto& item : root.at("basis").items) {
    LG_TRY(auto law, institution::load_law(at, item));
    if (pack.rule(law.rule) == nullptr)
      return at.bad(item, "basis", "rules.yaml 中没有此规则", "not in rules.yaml: " + law.rule);
    report.basis.push_back(std::move(law));
  }
  for (const auto& [key, node] : root.at("figures").members) {
    LG_TRY(auto figure, load_figure(at, pack, key, node));
    report.figures.push_back(std::move(figure));
  }
  std::set<std::string> shown;
  LG_CHECK(look_through(at, root.at("title"), report.title, report, shown));
  for (const auto& item : root.at("parts").items) {
    LG_CHECK(institution::only(at, item, {"part", "title", "about", "sections"}));
    ReportPart part;
    part.name = item.text("part");
    LG_TRY(part.title, institution::load_text(at, item.at("title")));
    if (!item.at("about").is_absent()) {
      LG_TRY(part.about, institution::load_text(at, item.at("about")));
    }
    for (const auto& section : item.at("sections").items) {
      LG_TRY(auto read, load_section(at, section, report, shown));
      part.sections.push_back(std::move(read));
    }
    report.parts.push_back(std::move(part));
  }
  for (const auto& figure : report.figures) {
    if (!shown.contains(figure.name))
      return unfit(at, root.at("figures").at(figure.name), figure.name, "没有一处用到此数字", "no text shows this figure");
  }
  return report;
}

}  // namespace landglass::disclosure
