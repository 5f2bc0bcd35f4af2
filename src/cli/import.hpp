#pragma once
// `landglass import`: published tables played through the institutions, each parcel at its own dates, into a log of its own
// that can never be opened as a live one; and a report of every row (docs/formats/import.md, decisions/0082).

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/command.hpp"
#include "cli/import_csv.hpp"
#include "institution/published.hpp"

namespace landglass::cli {

struct ImportOptions {
  std::vector<std::string> maps;   // one for each file in order, or one for all
  std::vector<std::string> files;  // CSV
  std::string folder;  // <folder>/data and <folder>/keys; made where absent, gone on with where it is an import's
  std::string origin = "import.landglass.invalid/published";
  std::string pack = "packs/cn-land";
  std::string data = "build/data";
  std::string report;  // .csv, .json or .html
  bool json = false;
};

enum class Verdict : std::uint8_t { imported, refused, incomplete, malformed, unchanged };
std::string_view name_of(Verdict verdict);
base::Text title_of(Verdict verdict);

struct ImportedRow {
  std::size_t file = 0;  // index into ImportReport::files
  std::size_t line = 0;
  std::string key;  // its parcel's name, as published; empty where the row stands alone
  Verdict verdict = Verdict::malformed;
  bool corrected = false;            // an earlier file had this parcel's row otherwise
  std::vector<std::string> changed;  // … in these columns
  base::Text reached;                // "出让：公告中"
  std::string record;                // the last that was entered
  std::int64_t leaf = -1;            // of its last act
  std::string row_record;            // the row's own record, in whose leaf the verdict stands
  institution::Findings findings;
  std::vector<std::string> missing;   // fields
  std::vector<std::string> unplaced;  // "use: 商业/住宅": published, and no institution has a place for it
  std::vector<base::Refusal> stops;   // why it goes no further though nothing is wrong: not in force then, no such record
  std::vector<Problem> problems;
  std::vector<std::pair<std::string, base::Text>> remarks;
};

struct ImportReport {
  struct File {
    std::string name;
    std::string map;
    base::Text title;
    std::string hash;
  };
  std::string origin;
  std::vector<File> files;
  std::vector<ImportedRow> rows;
  std::uint64_t leaves = 0;
  double seconds = 0;
};

base::Result<ImportReport> import_tables(const ImportOptions& options);
Command import_command();

}  // namespace landglass::cli
