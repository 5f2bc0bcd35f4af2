#pragma once
// What a leaf names by keys, in the words of a pack that the reader has (`--pack`). The leaf says by SHA-256 which file
// ruled it: where the pack has another version the keys stand alone, since they may have meant something else. Proven are
// the keys (decision 0194).

#include <memory>

#include "base/result.hpp"
#include "institution/pack.hpp"
#include "log/leaf.hpp"

namespace landglass::cli {

class LeafWords {
 public:
  static base::Result<LeafWords> of(const std::string& pack, const std::string& data);  // of no pack: the keys

  std::string record(const log::Change& change) const;
  std::string action(const log::Change& change) const;
  std::string state(const log::Change& change) const;
  base::Text field(const log::Change& change, std::string_view name) const;
  base::Text opened(const log::Leaf& leaf, std::string_view path) const;  // of an opening
  // Where its words come from, or why there are none; empty without a pack.
  base::Text note(const log::Change& change) const;

 private:
  const institution::Institution* file_of(const log::Change& change) const;
  std::shared_ptr<const institution::Pack> pack_;
};

}  // namespace landglass::cli
