#pragma once
// What a form's browser needs to look at an act's checks itself, before it is sent: the checks that read nothing but the
// form, the record's public fields, the day and the institution's numbers. The server decides all the same.

#include "base/json.hpp"
#include "institution/pack.hpp"

namespace landglass::web {

// `record`: the record's document, null for a new one. Null where no check can be looked at (docs/formats/page-model.md).
base::Json form_checks(const institution::Institution& in, const institution::Action& action, const base::Json* record,
                       const institution::Pack& pack, base::Time now);

}  // namespace landglass::web
