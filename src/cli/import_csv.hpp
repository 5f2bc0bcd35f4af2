#pragma once
// Published tables of the land market, row by row, as typed fields. Nothing is dropped and nothing repaired: each line of
// the file is parsed, incomplete (which fields) or malformed (which cells, why), and what does read of it is kept in each
// case.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "base/result.hpp"
#include "cli/import_map.hpp"
#include "law/value.hpp"

namespace landglass::cli {

// Value kinds by cell type: text, division, choice: text · integer: integer · decimal: ratio · bound: record {value: ratio,
// strict: boolean} · money, area · date · time · moment: date or time · terms: list of {use: text or null, years: ratio} ·
// instalments: list of {number: integer or null, due: date or null, amount: money, note: text or null}.
using Fields = std::map<std::string, law::Value>;

struct Problem {
  std::string code;  // IMP-10 … IMP-19, or the CSV's own
  std::string column;
  std::string where;  // file:line:column
  base::Text say;
  std::string text;  // what stood there, cut at 120 bytes
};

enum class RowStatus : std::uint8_t { parsed, incomplete, malformed };
std::string_view name_of(RowStatus status);

struct ImportRow {
  std::size_t line = 0;
  RowStatus status = RowStatus::parsed;
  Fields fields;
  std::vector<std::string> missing;  // required and absent; alternatives as "a|b". Named for malformed rows too
  std::vector<Problem> problems;
  std::vector<std::string> cells;    // as they stand, in the file's order; of a line that is no CSV none
  std::vector<std::string> columns;  // their names
};

struct ImportCounts {
  std::size_t rows = 0, parsed = 0, incomplete = 0, malformed = 0;
  std::map<std::string, std::size_t> missing;                           // field -> rows
  std::map<std::pair<std::string, std::string>, std::size_t> problems;  // (column, code) -> cells
};

// Reads a table and gives each row to `take` in the file's order; holds one row at a time. Refuses as a whole only what has
// no rows to speak of: IMP-02 a column of the file that the map does not name, IMP-03 a column of the map that the file does
// not have, IMP-04 no header.
base::Result<ImportCounts> read_table(const ColumnMap& map, std::string_view name, std::string_view bytes,
                                      const std::function<void(ImportRow)>& take);

// One cell that is not empty. `unit` is the column's, or the one its unit column names.
base::Result<law::Value> read_cell(CellType type, const Unit& unit, const Column& column, std::string_view text);

}  // namespace landglass::cli
