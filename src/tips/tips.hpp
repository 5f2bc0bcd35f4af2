#pragma once
// The behaviour tips@1 (docs/formats/tips.md): what is handed in must be locked to investigators whose keys are in force, in
// the one size that all messages have, and go past the head of a unit to the level above. The server can read none of it.
//
// Of a tip it reads document, openers, subject_office, about_head, voice, reply_key, sig, received; it sets region,
// commitment, together, investigators. Of a message (a record whose field `tip` names a tip) it reads document, sig, from,
// on; it sets commitment. By the day of receipt (received, on) it judges whose key was in force.

#include <memory>

#include "institution/behaviour.hpp"

namespace landglass::tips {

std::shared_ptr<institution::Behaviour> tips();

}  // namespace landglass::tips
