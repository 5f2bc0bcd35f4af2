#pragma once
// One receipt against what the reader trusts: is this leaf in the tree that the log signed, and did the witnesses see it?

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/leaf.hpp"
#include "log/policy.hpp"
#include "log/receipt.hpp"
#include "verify/verdict.hpp"

namespace landglass::verify {

struct ReceiptVerdict {
  log::Level level = log::Level::none;  // none where any finding but VER-09 is bad
  std::vector<Finding> findings;
  std::optional<log::Leaf> leaf;  // to be shown only where level is not none
  std::optional<log::Checkpoint> head;
  std::vector<std::string> witnesses;  // names in the policy whose cosignature verifies
  std::optional<base::Time> seen;      // latest time of theirs
  std::vector<log::Opening> openings;  // that fit
};

ReceiptVerdict verify_receipt(std::string_view receipt, const log::Policy& trust);

// Whether the opening opens a commitment of this leaf: "field" of its change, or "effects/<i>/<field>".
bool verify_opening(const log::Leaf& leaf, const log::Opening& opening);

}  // namespace landglass::verify
