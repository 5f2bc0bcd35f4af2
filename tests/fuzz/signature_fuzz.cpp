// A bid's key (65 bytes), signature (64) and message: a table of the key says what the library says.
// Links: base
#include <cstdint>

#include "base/p256_table.hpp"
#include "base/result.hpp"

using namespace landglass;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 129) return 0;
  const base::BytesView point(data, 65), signature(data + 65, 64), message(data + 129, size - 129);
  const auto key = base::P256PublicKey::parse(point);
  if (!key) return 0;
  LG_ASSERT(base::P256Table(point).fits(base::sha256(message), signature) == key->verify(message, signature),
            "a table and the library differ");
  return 0;
}
