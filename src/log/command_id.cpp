#include "log/command_id.hpp"

#include <algorithm>

namespace landglass::log {
namespace {

constexpr std::size_t k_digits = 32;
constexpr std::size_t k_time_digits = 12;
constexpr std::int64_t k_earliest = 1'167'609'600'000;  // 2007-01-01
constexpr std::int64_t k_latest = 16'725'225'600'000;   // 2500-01-01

}  // namespace

std::string command_id(std::optional<base::Time> time, base::BytesView rest) {
  const auto random = base::to_hex(rest);
  if (!time) return random.substr(0, k_digits);
  std::string id(k_time_digits, '0');
  auto ms = static_cast<std::uint64_t>(time->ms);
  for (auto place = k_time_digits; place-- > 0; ms >>= 4U) id[place] = "0123456789abcdef"[ms & 15U];
  return id + random.substr(0, k_digits - k_time_digits);
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
