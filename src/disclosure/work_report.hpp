#pragma once
// The yearly work report (docs/formats/report.md): its shape and its queries are a file of the pack, its figures are counted
// over what is public, and behind each stand the records and the leaves that made it. No figure is written by hand.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "disclosure/document.hpp"
#include "institution/pack.hpp"
#include "store/store.hpp"

namespace landglass::disclosure {

struct ReportFigure {
  std::string name;
  base::Text title, unit;
  bool money = false;                   // n is in fen
  std::string of;                       // the institution whose records it counts
  std::string act;                      // the act whose leaf is the event; empty: the one that made the record
  std::string query;                    // one SELECT: record, and n where more than one is counted by a record
  std::vector<std::string> parameters;  // in the order in which SQLite numbers them
  bool adds = false;                    // the query has a column n
};

struct ReportSection {
  base::Text title;
  std::vector<base::Text> paragraphs;  // {figure} stands for its value
  base::Text not_counted;              // what the source says there and no register counts
};
struct ReportPart {
  std::string name;
  base::Text title, about;
  std::vector<ReportSection> sections;
};

struct WorkReport {
  std::string name;
  base::Text title;
  std::vector<institution::Law> basis;
  std::vector<ReportFigure> figures;
  std::vector<ReportPart> parts;
  std::string hash;  // hex SHA-256 of the file
  const ReportFigure* figure(std::string_view name) const;
};

// <pack>/report/<name>.yaml. Refuses PACK-01, PACK-02 what does not read; PACK-12 a digit or an unknown figure in a text, a
// figure that no text shows, a query that names no record, with file and line.
base::Result<WorkReport> load_work_report(const std::string& pack_folder, const institution::Pack& pack,
                                          const std::string& name = "annual");

struct ReportEvent {
  std::string record;
  std::int64_t n = 1;
  std::optional<std::uint64_t> leaf;  // index in the open tree; none where the record's kept leaves no longer name it
};
struct CountedFigure {
  std::int64_t value = 0;
  std::uint64_t records = 0;
  std::vector<ReportEvent> events;  // the first of them, as many as were asked for
};
struct CountedReport {
  int year = 0;
  std::string origin;
  std::uint64_t leaves = 0;  // of the open tree, as of which it was counted
  bool demonstration = false;
  std::vector<CountedFigure> figures;  // beside WorkReport::figures
};
// Over a reader of the open sight; `origin` and `leaves` say what it reads. Refuses REP-01 a query that this log's tables do
// not answer, REP-02 a sum that does not fit.
base::Result<CountedReport> count_report(const WorkReport& report, store::Reader& reader, int year,
                                         std::size_t events_of_each);

// "330,000", or "12,500.00" of an amount.
std::string figure_text(const ReportFigure& figure, std::int64_t value);
// Everything of it: texts with their figures, queries with what was bound, events. What pages are drawn from, too: its texts
// are {zh, en, both}, so that a page shows both side by side.
base::Json report_json(const WorkReport& report, const CountedReport& counted);
// For the press: the parts, then every figure with its query and how many records it counts.
Document report_document(const WorkReport& report, const CountedReport& counted, Marks marks);

}  // namespace landglass::disclosure
