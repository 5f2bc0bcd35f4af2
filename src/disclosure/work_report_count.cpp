// The figures of a year, each with the leaves behind it.
#include <algorithm>

#include "disclosure/work_report.hpp"
#include "log/leaf.hpp"

namespace landglass::disclosure {
namespace {

using base::Json;
using base::Result;
using base::Text;

Json bound(const std::string& name, int year) {
  const auto number = std::to_string(year);
  const auto day = [&](const char* rest) { return *base::parse_date(number + rest); };
  if (name == "year") return year;
  if (name == "first") return number + "-01-01";
  if (name == "last") return number + "-12-31";
  if (name == "from") return base::format_utc(base::start_of(day("-01-01")));
  return base::format_utc(base::start_of(day("-12-31") + 1) + -1);  // until
}

// The leaf of the act, the newest of that name; the first of all where the figure names none.
Result<std::optional<std::uint64_t>> leaf_of(store::Reader& reader, const ReportFigure& figure, const std::string& table,
                                             const std::string& record) {
  LG_TRY(const auto rows, reader.query("SELECT doc FROM " + table + "_public WHERE id = ?", {Json(record)}));
  if (rows.empty()) return std::optional<std::uint64_t>();
  LG_TRY(const auto doc, base::parse_json(rows[0][0].as_string(), base::Profile::any));
  const auto* leaves = doc.at("leaves").if_array();
  if (leaves == nullptr || leaves->empty()) return std::optional<std::uint64_t>();
  for (std::size_t i = leaves->size(); i-- > 0;) {
    const auto index = static_cast<std::uint64_t>((*leaves)[figure.act.empty() ? leaves->size() - 1 - i : i].as_int());
    LG_TRY(const auto bytes, reader.leaf(log::Tree::open, index));
    if (!bytes) continue;
    LG_TRY(const auto leaf, log::decode(*bytes));
    const auto is_it = [&](const log::Change& change) {
      return change.record == record && (figure.act.empty() ? change.version == 1 : change.action == figure.act);
    };
    if (is_it(leaf.change) || std::any_of(leaf.effects.begin(), leaf.effects.end(), is_it)) return std::optional(index);
  }
  return std::optional<std::uint64_t>();
}

}  // namespace

Result<CountedReport> count_report(const WorkReport& report, store::Reader& reader, int year, std::size_t events_of_each) {
  if (year < 1950 || year > 9998) return base::refuse("REP-03", "年度不在范围内", "no such year", std::to_string(year));
  CountedReport counted;
  counted.year = year;
  for (const auto& figure : report.figures) {
    std::vector<Json> values;
    for (const auto& name : figure.parameters) values.push_back(bound(name, year));
    const auto rows = reader.query(figure.query, values);
    if (!rows)
      return base::refuse("REP-01", "此日志的登记簿答不出此查询：" + figure.name,
                          "the registers of this log do not answer this query: " + base::explain(rows.trouble()),
                          figure.name);
    auto table = figure.of;
    std::replace(table.begin(), table.end(), '-', '_');
    CountedFigure out;
    for (const auto& row : *rows) {
      const auto* n = figure.adds && row.size() > 1 ? row[1].if_int() : nullptr;
      const std::int64_t adds = !figure.adds ? 1 : n == nullptr ? 0 : *n;
      const auto sum = base::add(out.value, adds);
      if (!sum) return base::refuse("REP-02", "合计超出范围", "a sum does not fit", figure.name);
      out.value = *sum;
      ++out.records;
      if (out.events.size() >= events_of_each) continue;
      LG_TRY(auto leaf, leaf_of(reader, figure, table, row[0].as_string()));
      out.events.push_back({row[0].as_string(), adds, leaf});
    }
    counted.figures.push_back(std::move(out));
  }
  return counted;
}

}  // namespace landglass::disclosure
