#pragma once
// `landglass pack trial`: what a change of an institution would do to the whole pack, before it is proposed.

#include "cli/command.hpp"

namespace landglass::cli {

Command pack_command();

}  // namespace landglass::cli
