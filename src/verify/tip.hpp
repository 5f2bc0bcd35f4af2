#pragma once
// The receipt of a tip (docs/formats/tips.md): that this ciphertext stood in the roll of an hour, whose root is a leaf of
// the open log. Nothing of what it says, who wrote it, or how many came.

#include <string>
#include <string_view>
#include <vector>

#include "log/policy.hpp"
#include "log/receipt.hpp"
#include "verify/verdict.hpp"

namespace landglass::verify {

struct TipVerdict {
  log::Level level = log::Level::none;
  std::vector<Finding> findings;
  std::string roll;  // the record; to be shown only where level is not none
  std::string document_hash;
};

TipVerdict verify_tip(std::string_view receipt, const log::Policy& trust);

}  // namespace landglass::verify
