// JSON: what parses is written in one form, and that form parses to the same.
// Links: base
#include <cstdint>
#include <string_view>

#include "base/json.hpp"

using namespace landglass;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto profile : {base::Profile::any, base::Profile::leaf}) {
    const auto value = base::parse_json(text, profile);
    if (!value) continue;
    const auto bytes = base::canonical(*value);
    const auto again = base::parse_json(bytes, profile);
    LG_ASSERT(again, "canonical JSON does not parse");
    LG_ASSERT(base::canonical(*again) == bytes, "canonical JSON has two forms");
    if (profile == base::Profile::leaf) LG_ASSERT(*again == *value, "a value does not come back");
  }
  return 0;
}
