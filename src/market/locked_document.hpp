#pragma once
// The behaviour locked@1: a record that holds a locked document (docs/formats/locked.md). It sees to it that what is handed
// in is locked to the openers who were announced, that openers pass on the same document, and that what they say was in it
// is what was committed. The server itself can read none of it before.
//
// Fields that it reads: document, tender (the record that names `openers` and `together`), commitment, salt, value, lot,
// plate, bid_key. Fields that it sets: commitment; of an opened tender valid, void_reason, price, undertakings, volume.

#include <memory>

#include "institution/behaviour.hpp"

namespace landglass::market {

std::shared_ptr<institution::Behaviour> locked_document();

}  // namespace landglass::market
