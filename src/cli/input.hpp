#pragma once
// Files that a command is given by name.

#include <string>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace landglass::cli {

// All of a file; "-" is standard input. CLI-03 where it cannot be read.
base::Result<std::string> read_input(const std::string& path);
// A P-256 private key as `landglass key post make` writes it, 64 hex digits; KEY-FILE where it is none.
base::Result<base::P256Key> read_p256_key(const std::string& path);

}  // namespace landglass::cli
