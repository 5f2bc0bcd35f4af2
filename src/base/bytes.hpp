#pragma once
// Bytes, and the text forms in which they stand in files: lower-case hex and base64 (RFC 4648, padded).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landglass::base {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes to_bytes(std::string_view text) {
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

std::string to_hex(BytesView bytes);
std::optional<Bytes> from_hex(std::string_view text);  // lower case only, so that one value has one form

std::string to_base64(BytesView bytes);
std::optional<Bytes> from_base64(std::string_view text);  // strict: padded, no spaces, canonical last symbol
std::string to_base64url(BytesView bytes);                // without padding
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace landglass::base
