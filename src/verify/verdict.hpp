#pragma once
// What a verifier found, in words for people. Nothing here asks a server, a clock or a random source.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "log/leaf.hpp"
#include "log/receipt.hpp"

namespace landglass::verify {

// One thing that was looked at. `code` stands for bad findings only (docs/formats/receipt.md lists them).
struct Finding {
  bool good = false;
  std::string code;
  base::Text say;
  std::string detail;
};

Finding good(std::string zh, std::string en, std::string detail = {});
Finding bad(std::string code, std::string zh, std::string en, std::string detail = {});

}  // namespace landglass::verify
