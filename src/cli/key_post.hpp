#pragma once
// `landglass key post`: the key of a post without a browser, for machines and for who keeps his key on a card reader's host.

#include "cli/command.hpp"

namespace landglass::cli {

Command key_post_command();

}  // namespace landglass::cli
