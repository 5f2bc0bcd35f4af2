#include "log/command_id.hpp"

#include <algorithm>
#include <charconv>

#include "base/result.hpp"

namespace landglass::log {
namespace {

constexpr std::size_t k_digits = 32;
constexpr std::size_t k_time_digits = 12;
constexpr std::int64_t k_earliest = 1'167'609'600'000;  // 2007-01-01
constexpr std::int64_t k_latest = 16'725'225'600'000;   // 2500-01-01

std::string digits_of(std::uint64_t ms) {
  std::string digits(k_time_digits, '0');
  for (auto place = k_time_digits; place-- > 0; ms >>= 4U) digits[place] = "0123456789abcdef"[ms & 15U];
  return digits;
}

}  // namespace

std::string command_id(std::optional<base::Time> time, base::BytesView rest) {
  const auto random = base::to_hex(rest);
  if (!time) return random.substr(0, k_digits);
  return digits_of(static_cast<std::uint64_t>(time->ms)) + random.substr(0, k_digits - k_time_digits);
}

std::string made_later(std::string_view id, std::int64_t ms) {
  LG_ASSERT(id.size() == k_digits, "an id of a command has 32 digits");
  std::uint64_t time = 0;
  std::from_chars(id.data(), id.data() + k_time_digits, time, 16);
  time = std::min(time + static_cast<std::uint64_t>(ms), (std::uint64_t{1} << (4 * k_time_digits)) - 1);
  return digits_of(time) + std::string(k_digits - k_time_digits, '0');
}

std::optional<base::Time> time_in_key(std::string_view key) {
  std::string digits;
  for (const char c : key) {
    if (c == '-') continue;
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return std::nullopt;
    digits += c;
  }
  if (digits.size() != k_digits || (key.size() != k_digits && key.size() != 36)) return std::nullopt;
  const auto ms = static_cast<std::int64_t>(std::stoull(digits.substr(0, k_time_digits), nullptr, 16));
  if (ms < k_earliest || ms >= k_latest) return std::nullopt;
  return base::Time{ms};
}

}  // namespace landglass::log
