#pragma once
// `landglass bank`: what the custodian bank and the finance desk do without a browser. `check` reads a statement as the
// server will; `import` hands it in; `orders` prints the refunds that the bank is to pay.

#include "cli/command.hpp"

namespace landglass::cli {

Command bank_command();

}  // namespace landglass::cli
