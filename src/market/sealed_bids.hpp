#pragma once
// What would show by its mere existence that there is one more bidder: a wish in the inquiry, an offer that joins at the
// ceiling. Each is a change of the bidder's own application, in the sealed tree; the open leaf that ends the phase commits
// to all of them (docs/formats/auction.md, "What hides").

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "institution/behaviour.hpp"
#include "institution/record.hpp"
#include "law/auction_ladder.hpp"
#include "log/leaf.hpp"

namespace landglass::market {

// Judged by the ladder as it stands, which they leave as it is. Refuses as the ladder does, and AU-16 what was said before.
base::Result<institution::BehaviourOutcome> wish_sealed(const law::Ladder& ladder, const institution::Record& lot,
                                                        const institution::Record& application, std::uint32_t plate,
                                                        base::Time now);
base::Result<institution::BehaviourOutcome> join_sealed(const law::Ladder& ladder, const institution::Record& lot,
                                                        const institution::Record& application,
                                                        const law::sale::Offer& offer, const log::LeafSignature& sig);

// Where inquiry or ceiling is over by `now`: collects what the applications of this lot hold, lets the ladder follow it, and
// adds the one committed value, "wishes" or "joined".
base::Status end_sealed_phase(law::Ladder& ladder, base::Time now, const institution::Record& lot, institution::Look& look,
                              institution::BehaviourOutcome& out);

// The same out of a leaf's private values.
void follow_sealed(law::Ladder& ladder, const base::JsonObject& secrets);

}  // namespace landglass::market
