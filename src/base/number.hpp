#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace landglass::base {

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
