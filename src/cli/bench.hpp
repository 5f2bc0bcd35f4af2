#pragma once
// `bench`: runs the benchmark programs that were built beside this one, one after another, and passes on what they print.

#include "cli/command.hpp"

namespace landglass::cli {

Command bench_command();

}  // namespace landglass::cli
