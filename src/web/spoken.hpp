#pragma once
// What a refusal says, for people: the ids of records in it are read as what those are called.

#include "base/result.hpp"
#include "web/called.hpp"

namespace landglass::web {

base::Text spoken(Names& names, const institution::Pack& pack, const base::Text& text);

}  // namespace landglass::web
