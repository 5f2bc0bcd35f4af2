#pragma once
// What a row of a published table means as acts of institutions: the `plays` of a column map (docs/formats/import.md). A new
// table is a new map; nothing here knows a table, an institution or a rule by name.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/import_csv.hpp"
#include "institution/pack.hpp"
#include "institution/yaml.hpp"
#include "law/expression.hpp"

namespace landglass::cli {

// How a field of an act is had from the fields of a row.
struct Source {
  enum class Pick : std::uint8_t { whole, only, first, last };
  std::string field;                                        // of the row
  std::string record;                                       // or the id of a record that an earlier play made
  std::vector<std::pair<std::string, std::string>> values;  // as published -> as the institution has it; others are unplaced
  Pick pick = Pick::whole;                                  // of a list
  std::string member;                                       // of the item that was picked
  std::string sums_to;                                      // instalments: the field that they must sum up to, to be whole
  bool percent = false;                                     // the table says 30 where the institution says 30%
};

struct Play {
  std::string name;         // what later plays call its record
  std::string institution;  // create …
  std::string on;           // … or find a record by its name, to act on or only to know it
  std::string action;
  std::string at;  // field of the row that holds the day
  std::vector<std::pair<std::string, Source>> with;
  std::vector<std::string> absent;  // required of the act, and this table has no column for it
  // Played only where that field has one of those values; or where it has none of them.
  std::string when;
  std::vector<std::string> among;
  bool unless = false;
  bool optional = false;  // left out where the row lacks what it requires
};

// What a reader wants to see and no rule of the pack refuses.
struct Remark {
  std::string code;
  law::Expression that;  // over the row's fields: remarked where it is true
  base::Text say;
};

struct Plays {
  std::vector<std::string>
      key;  // fields that name the parcel, the same in every table; where one is empty a row stands alone
  std::vector<std::string> row;  // fields that name a row, where a parcel has several; else the key
  std::vector<Play> plays;
  std::vector<Remark> remarks;
};

// IMP-01 for what is not of the form, with file:line:key. `values_of` names a file beside the map.
base::Result<Plays> read_plays(std::string_view file, std::string_view yaml, const ColumnMap& map);

// A row's value as JSON for a field of an institution. nullopt: the institution has no place for it (several uses, a strict
// bound, a day where an instant is asked): it is left out and said so, never bent.
std::optional<base::Json> placed(const Source& source, const Fields& row, const institution::Field& field);

}  // namespace landglass::cli
