#pragma once
// Money in fen and areas in 0.01 m², as integers: no sum of either is ever a float. In JSON both are strings:
// money "1800000.00" (元, two decimals), area "66666.67" (m², two decimals).

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace landglass::base {

struct Money {
  std::int64_t fen = 0;
  auto operator<=>(const Money&) const = default;
};

struct Area {
  std::int64_t cm2x100 = 0;  // hundredths of a square metre
  auto operator<=>(const Area&) const = default;
};

// An exact fraction in lowest terms, denominator > 0: 20% is 1/5.
struct Ratio {
  std::int64_t num = 0;
  std::int64_t den = 1;
  bool operator==(const Ratio&) const = default;
};

// nullopt on overflow: a sum that does not fit refuses, it never wraps.
std::optional<std::int64_t> add(std::int64_t a, std::int64_t b);
std::optional<std::int64_t> subtract(std::int64_t a, std::int64_t b);
std::optional<std::int64_t> multiply(std::int64_t a, std::int64_t b);
std::optional<Ratio> make_ratio(std::int64_t num, std::int64_t den);
// value * ratio, rounded half away from zero.
std::optional<std::int64_t> scale(std::int64_t value, Ratio ratio);
// exact comparison of value with base * ratio: -1, 0, 1; no rounding and no overflow.
int compare_scaled(std::int64_t value, std::int64_t base, Ratio ratio);

std::string money_text(Money money);                      // "1800000.00", the form in JSON
std::optional<Money> parse_money(std::string_view text);  // "1800000.00" or "1800000"; at most two decimals
std::string money_zh(Money money);     // "1,800,000.00 元", or "180 万元" where it is exact to 0.0001 万元
std::string money_yuan(Money money);   // "1,800,000.00 元"
std::string money_upper(Money money);  // 人民币壹佰捌拾万元整 (大写)

std::string area_text(Area area);  // "66666.67", the form in JSON, m²
std::optional<Area> parse_area(std::string_view text);
std::string area_zh(Area area);                           // "6.6667 公顷（100.00 亩）"
std::string ratio_text(Ratio ratio);                      // "20%" where it is a whole number of basis points, else "1/3"
std::optional<Ratio> parse_ratio(std::string_view text);  // "20%", "0.5%", "1‰", "1/3"

}  // namespace landglass::base
