#pragma once
// Events of a sale as they stand in leaves: an action, its public fields, and for some a committed value. Server and
// verifier read them with the same words. docs/formats/auction.md, "What stands in the log".

#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "law/auction_ladder.hpp"

namespace landglass::law {

// "offer", "tick", … ; "wish" is one too, though it stands in the sealed tree.
bool is_sale_action(std::string_view action);
// The path of the action's committed value: "bidder" of an offer, "bidders" of a beginning, else empty.
std::string_view sale_secret(std::string_view action);

// Refuses AU-04 a field that is missing or malformed. `secret` is the committed value, or null where it is not open: then an
// offer has plate and counter 0, as a blind ladder wants it. Fields of other kinds in `set` are passed over.
base::Result<sale::Event> sale_event(std::string_view action, const base::JsonObject& set, const base::Json& secret,
                                     base::Time time);

// The action and the public fields of an event: the inverse.
std::string_view sale_action(const sale::Event& event);
base::JsonObject sale_set(const sale::Event& event);

}  // namespace landglass::law
