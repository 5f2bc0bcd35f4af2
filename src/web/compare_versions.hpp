#pragma once
// Two versions of an institution side by side: what each says of states, acts, checks, deadlines, fields and numbers, part
// by part, with what changed marked.

#include "base/json.hpp"
#include "institution/pack.hpp"

namespace landglass::web {

// The `compare` of docs/formats/page-model.md, without what a page has besides.
base::JsonObject compare_versions(const institution::Institution& was, const institution::Institution& is,
                                  const institution::Pack& pack);

}  // namespace landglass::web
