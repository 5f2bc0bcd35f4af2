#include "base/units.hpp"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>

namespace landglass::base {
namespace {

__extension__ typedef __int128 Wide;

std::optional<std::int64_t> narrow(Wide value) {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// "123.4" -> 12340 hundredths; at most `places` decimals, no sign but a leading '-', no leading zeros, no exponent.
std::optional<std::int64_t> parse_decimal(std::string_view text, int places) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto rest = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return std::nullopt;
  if (point != std::string_view::npos && rest.empty()) return std::nullopt;
  if (rest.size() > static_cast<std::size_t>(places) || whole.size() > 19) return std::nullopt;
  Wide value = 0;
  for (const char c : whole) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (int i = 0; i < places; ++i) {
    const char c = static_cast<std::size_t>(i) < rest.size() ? rest[static_cast<std::size_t>(i)] : '0';
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return narrow(negative ? -value : value);
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

std::string hundredths(std::int64_t value) {
  const auto size = magnitude(value);
  const auto cents = size % 100;
  return (value < 0 ? "-" : "") + std::to_string(size / 100) + "." + (cents < 10 ? "0" : "") + std::to_string(cents);
}

std::string grouped(std::string text) {
  const auto start = text.starts_with('-') ? 1 : 0;
  auto end = text.find('.');
  if (end == std::string::npos) end = text.size();
  for (int i = static_cast<int>(end) - 3; i > start; i -= 3) text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

std::string trimmed(std::string text) {
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::optional<std::int64_t> add(std::int64_t a, std::int64_t b) { return narrow(Wide{a} + b); }
std::optional<std::int64_t> subtract(std::int64_t a, std::int64_t b) { return narrow(Wide{a} - b); }
std::optional<std::int64_t> multiply(std::int64_t a, std::int64_t b) { return narrow(Wide{a} * b); }

std::optional<Ratio> make_ratio(std::int64_t num, std::int64_t den) {
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  if (den == 0 || den == lowest || num == lowest) return std::nullopt;
  if (den < 0) {
    num = -num;
    den = -den;
  }
  const auto divisor = std::gcd(num, den);
  return Ratio{num / divisor, den / divisor};
}

std::optional<std::int64_t> scale(std::int64_t value, Ratio ratio) {
  const Wide product = Wide{value} * ratio.num;
  const Wide half = ratio.den / 2;
  const Wide rounded = product >= 0 ? (product + half) / ratio.den : -((-product + half) / ratio.den);
  return narrow(rounded);
}

int compare_scaled(std::int64_t value, std::int64_t base, Ratio ratio) {
  const Wide left = Wide{value} * ratio.den;
  const Wide right = Wide{base} * ratio.num;
  return left < right ? -1 : left > right ? 1 : 0;
}

std::string money_text(Money money) { return hundredths(money.fen); }
std::optional<Money> parse_money(std::string_view text) {
  const auto fen = parse_decimal(text, 2);
  if (!fen) return std::nullopt;
  return Money{*fen};
}
std::string money_yuan(Money money) { return grouped(hundredths(money.fen)) + " 元"; }
std::string money_zh(Money money) {
  const auto size = magnitude(money.fen);
  if (size < 1'000'000 || size % 100 != 0) return money_yuan(money);
  const auto yuan = size / 100;
  const auto fraction = std::to_string(10'000 + yuan % 10'000).substr(1);
  return (money.fen < 0 ? "-" : "") + grouped(trimmed(std::to_string(yuan / 10'000) + "." + fraction)) + " 万元";
}

std::string money_upper(Money money) {
  static constexpr const char* k_digit[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};
  static constexpr const char* k_unit[] = {"", "拾", "佰", "仟"};
  static constexpr const char* k_group[] = {"", "万", "亿", "万亿", "亿亿"};
  const auto size = magnitude(money.fen);
  const auto yuan = size / 100;
  const auto jiao = size / 10 % 10;
  const auto fen = size % 10;
  std::string text = "人民币";
  if (money.fen < 0) text += "负";
  bool spoken = false;
  bool gap = false;  // a zero waits to be spoken before the next digit
  for (int group = 4; group >= 0; --group) {
    std::uint64_t divisor = 1;
    for (int i = 0; i < group; ++i) divisor *= 10'000;
    const auto part = yuan / divisor % 10'000;
    if (part == 0) {
      gap = spoken;
      continue;
    }
    std::uint64_t place = 1'000;
    for (int unit = 3; unit >= 0; --unit, place /= 10) {
      const auto digit = part / place % 10;
      if (digit == 0) {
        gap = spoken;
        continue;
      }
      if (gap) text += k_digit[0];
      gap = false;
      spoken = true;
      text += k_digit[digit];
      text += k_unit[unit];
    }
    // 零 is spoken inside a group and between groups, not for zeros that end a group before its unit.
    text += k_group[group];
    gap = part % 10 == 0 && group > 0 ? true : false;
  }
  if (spoken) text += "元";
  if (jiao == 0 && fen == 0) return text + (spoken ? "整" : "零元整");
  if (jiao != 0) {
    text += std::string(k_digit[jiao]) + "角";
  } else if (spoken) {
    text += "零";
  }
  if (fen != 0) {
    text += std::string(k_digit[fen]) + "分";
  } else {
    text += "整";
  }
  return text;
}

std::string area_text(Area area) { return hundredths(area.cm2x100); }
std::optional<Area> parse_area(std::string_view text) {
  const auto value = parse_decimal(text, 2);
  if (!value) return std::nullopt;
  return Area{*value};
}
std::string area_zh(Area area) {
  // 1 公顷 = 10,000 m² = 15 亩, so four decimals of a hectare are exact m² and 亩 = m² × 15 / 10,000.
  const auto hectares = scale(area.cm2x100, {1, 100}).value_or(0);  // in m², rounded = 0.0001 公顷
  const auto mu = scale(area.cm2x100, {15, 10'000}).value_or(0);    // in 0.01 亩
  const auto fraction = std::to_string(10'000 + magnitude(hectares) % 10'000).substr(1);
  return std::string(hectares < 0 ? "-" : "") + grouped(std::to_string(magnitude(hectares) / 10'000)) + "." + fraction +
         " 公顷（" + grouped(hundredths(mu)) + " 亩）";
}

std::string ratio_text(Ratio ratio) {
  if (const auto basis = multiply(ratio.num, 10'000); basis && *basis % ratio.den == 0) {
    return trimmed(hundredths(*basis / ratio.den)) + "%";
  }
  return std::to_string(ratio.num) + "/" + std::to_string(ratio.den);
}

std::optional<Ratio> parse_ratio(std::string_view text) {
  if (text.ends_with('%')) {
    const auto number = text.substr(0, text.size() - 1);
    if (const auto value = parse_decimal(number, 4)) return make_ratio(*value, 1'000'000);
    const auto basis_points = parse_decimal(number, 2);  // what ratio_text writes may be too large for four decimals
    return basis_points ? make_ratio(*basis_points, 10'000) : std::nullopt;
  }
  if (text.ends_with("‰")) {
    const auto value = parse_decimal(text.substr(0, text.size() - 3), 4);
    return value ? make_ratio(*value, 10'000'000) : std::nullopt;
  }
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto num = parse_decimal(text.substr(0, slash), 0);
  const auto den = parse_decimal(text.substr(slash + 1), 0);
  if (!num || !den || *den <= 0) return std::nullopt;
  return make_ratio(*num, *den);
}

}  // namespace landglass::base
