// Leaves: whatever is read has exactly one form.
// Links: log
#include <cstdint>
#include <string_view>

#include "log/leaf.hpp"

using namespace landglass;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto leaf = log::decode(text);
  if (!leaf) {
    LG_ASSERT(leaf.refused(), "bytes from outside are refused, not failed");
    return 0;
  }
  const auto again = log::encode(*leaf);
  LG_ASSERT(base::parse_json(text, base::Profile::leaf), "a leaf is JSON that the general parser reads");
  LG_ASSERT(again && *again == text, "a leaf that is read is written to the same bytes");
  return 0;
}
