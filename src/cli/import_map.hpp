#pragma once
// A column map: which column of a published table is which field, in which unit (packs/<pack>/import/*.yaml,
// docs/formats/import.md). Every column of the table is named in its map, if only to say why it is left out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace landglass::institution {
class Node;
}

namespace landglass::cli {

enum class CellType : std::uint8_t {
  text,         // as it stands
  division,     // six digits, GB/T 2260
  integer,      // 70
  decimal,      // 2.45, exact
  bound,        // 2.45, or >2.45 and <2.45: a strict bound
  money,        // in the column's unit, exact to the fen, not below zero
  area,         // in the column's unit, exact to 0.01 m², not below zero
  date,         // 2019-05-31
  latest,       // 2019-05-31, or 2019 for its last day
  time,         // 2019-07-01T16:00:00+08:00
  moment,       // either
  choice,       // one of `values`
  terms,        // 70, or per use: 住宅70/商业40, 高档住宅用地70年; 批发零售用地40年;
  instalments,  // 1670.0000; or 1/2019-08-26/76.9703 (number/due/amount), in the column's unit
};

// How many units of the field's type (fen, 0.01 m²) one unit of the column is.
struct Unit {
  std::string name;
  std::int64_t factor = 1;
};
std::optional<Unit> unit_named(std::string_view name);  // 元 万元 亿元 元/平方米 …; 平方米 亩 公顷 平方公里

struct Column {
  std::string name;
  std::string field;
  CellType type = CellType::text;
  Unit unit;
  std::string unit_column;                                       // the unit stands in that column …
  std::vector<std::pair<std::string, std::string>> unit_fields;  // … and says to which field the amount goes
  std::vector<std::pair<std::string, std::string>> suffixes;     // a unit written in the cell itself -> its field
  std::vector<std::pair<std::string, std::string>> values;       // of a choice: as published -> ours
  std::string ignored;                                           // why it is left out
};

// At least one of `fields` must be there, but for rows whose field `unless` is `is`.
struct Required {
  std::vector<std::string> fields;
  std::string unless, is;
};

struct ColumnMap {
  std::string name;  // "land-notices"
  base::Text title;
  std::vector<Column> columns;  // in the order of the map
  std::vector<Required> required;
  const Column* find(std::string_view column) const;
};

// IMP-01 a map that is not of the format, with file:line:key.
base::Result<ColumnMap> read_column_map(std::string_view file, std::string_view yaml);

// IMP-01: what is wrong in a column map or a play, with file, line and key.
base::Refusal wrong_map(std::string_view file, const institution::Node& node, std::string_view key, std::string zh,
                        std::string en);

}  // namespace landglass::cli
