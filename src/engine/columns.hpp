#pragma once
// The typed columns of an institution's table: what of a record's fields SQL can ask for (docs/formats/store.md).

#include <string>
#include <vector>

#include "institution/institution.hpp"
#include "store/store.hpp"

namespace landglass::engine {

// The column of a field: its name, or another where a column of every table has that.
std::string column_name(const institution::Field& field);
store::TableShape shape_of(const institution::Institution& in);
// The fields that have a column, in the order of the shape's.
std::vector<const institution::Field*> column_fields(const institution::Institution& in);
// In that order; amounts in fen, areas in 0.01 m².
std::vector<base::Json> columns_of(const std::vector<const institution::Field*>& fields, const base::JsonObject& values);
inline std::vector<base::Json> columns_of(const institution::Institution& in, const base::JsonObject& values) {
  return columns_of(column_fields(in), values);
}

// Conditions on a table of records, each beginning with " AND" or empty, and what they bind: a state of the main chart;
// divisions as in institution::division_within (none, or that of the nation: of all).
std::string in_state(const institution::Institution& in, const std::string& state, std::vector<base::Json>& bind);
std::string in_divisions(const institution::Institution& in, const std::vector<std::string>& regions,
                         std::vector<base::Json>& bind);

}  // namespace landglass::engine
