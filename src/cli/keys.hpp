#pragma once
// `key`: the keys of a house (docs/keys.md). Private keys are made and stay in files of mode 0600; none is ever printed.

#include "cli/config.hpp"

namespace landglass::cli {

Command key_command();

}  // namespace landglass::cli
