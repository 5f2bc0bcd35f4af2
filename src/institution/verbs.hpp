#pragma once
// What an office verb asks of the record as it stands, whatever is given with it: a page offers it only where this holds.

#include <string_view>

#include "base/result.hpp"
#include "institution/institution.hpp"
#include "institution/record.hpp"

namespace landglass::institution {

base::Status verb_fits(const Institution& in, const Record& record, const Action& action, std::string_view actor);
// It ends what is not there: no pause runs, nothing was returned. There is nothing to say about it either.
bool ends_nothing(const Institution& in, const Record& record, const Action& action);

}  // namespace landglass::institution
