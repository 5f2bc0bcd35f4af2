#pragma once
// A page that says no ends nobody's way: what he may have looked for, what he can do instead (docs/formats/page-model.md,
// MessagePage).

#include "web/http.hpp"

namespace landglass::web {

// The links of a message, its search and its list of ways, into the model of the message.
void put_ways_on(base::JsonObject& message, int status, const Request& request);

}  // namespace landglass::web
