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
// In the order of the shape's columns; amounts in fen, areas in 0.01 m².
std::vector<base::Json> columns_of(const institution::Institution& in, const base::JsonObject& fields);

}  // namespace landglass::engine
