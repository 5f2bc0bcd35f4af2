#pragma once
// A public register as one file: the rows that a reader of the open tables gave, as a table or as JSON.

#include <string>
#include <vector>

#include "institution/institution.hpp"
#include "store/store.hpp"
#include "web/called.hpp"
#include "web/http.hpp"

namespace landglass::web {

class Portal;

// Columns: number, name, state, when it changed, then a column a field; values as in JSON (amounts in 元, areas in m², times
// in UTC), a list of single values joined with "；", any other list as JSON. `rows`: id, state, changed, doc.
std::string csv_of(const institution::Institution& in, const std::vector<store::Row>& rows, Names& names,
                   const Portal& portal, Language language);
// The documents of the same rows, each with what the record is called.
base::JsonArray records_of(const institution::Institution& in, const std::vector<store::Row>& rows, Names& names);

}  // namespace landglass::web
