#pragma once
// What an office verb asks of the record as it stands, whatever is given with it: a page offers it only where this holds.

#include <string_view>

#include "base/result.hpp"
#include "institution/institution.hpp"
#include "institution/record.hpp"

namespace landglass::institution {

// What an office verb asks for beside the fields of the file: office, person, question, opinion, dissent, attachment, about.
// It is no field of the record: it stands in the leaf of its act, as the act's `words`.
// What an act may give under this name: a field of the file, else such a word; null: neither.
const Field* given_field(const Institution& in, std::string_view name);

base::Status verb_fits(const Institution& in, const Record& record, const Action& action, std::string_view actor);
// It ends what is not there: no pause runs, nothing was returned. There is nothing to say about it either.
bool ends_nothing(const Institution& in, const Record& record, const Action& action);

}  // namespace landglass::institution
