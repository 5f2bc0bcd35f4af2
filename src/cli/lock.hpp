#pragma once
// `landglass lock`, `open` and `opener`: what is locked to k of n openers (docs/formats/locked.md), for who has no browser
// at hand. An opener's key stays in his file.

#include "cli/command.hpp"

namespace landglass::cli {

Command lock_command();    // a value into a document for the openers
Command open_command();    // peels what one opener's key may open; at the last one gives the value
Command opener_command();  // `opener key`: makes the key of an opener

}  // namespace landglass::cli
