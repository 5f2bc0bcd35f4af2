#pragma once
// `landglass tender sign`: the value that a tenderer locks (docs/formats/tender.md), for who has no browser at hand. What it
// prints goes into `landglass lock`; price and key stay on this machine.

#include "cli/command.hpp"

namespace landglass::cli {

Command tender_command();

}  // namespace landglass::cli
