#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace landglass::base {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The largest whole number that stands in JSON as the log writes it: 2^53 - 1, as large as -1 times it is small (RFC 8785).
inline constexpr std::int64_t k_safe_integer = (std::int64_t{1} << 53) - 1;

// A whole number in decimal digits, with a minus where `T` has one, and nothing else beside: nothing where the text is
// empty, is another thing, or says more than `T` can hold.
template <std::integral T = int>
std::optional<T> whole_number(std::string_view text) {
  T number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

}  // namespace landglass::base
