#pragma once
// `user`: accounts, sessions and tokens, beside a running server or not. A password is read from the terminal or from the
// standard input, never from an argument.

#include "cli/config.hpp"

namespace landglass::cli {

Command user_command();

// One line: from a terminal with the echo off and asked twice where `twice`, else the first line of the standard input.
base::Result<std::string> read_secret(const base::Text& prompt, bool twice);

}  // namespace landglass::cli
