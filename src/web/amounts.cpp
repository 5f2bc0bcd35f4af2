#include "web/amounts.hpp"

#include <cstdint>

namespace landglass::web {

using base::Text;

namespace {

// "1234567.50" with commas in its whole part, and without a fraction of nothing.
std::string grouped(const std::string& decimal) {
  const auto dot = std::min(decimal.find('.'), decimal.size());
  std::string out = decimal.substr(0, dot);
  const std::size_t first = out.starts_with('-') ? 1 : 0;
  for (auto at = out.size(); at > first + 3;) {
    at -= 3;
    out.insert(at, ",");
  }
  const auto fraction = decimal.substr(dot);
  return fraction == ".00" ? out : out + fraction;
}

// Below a thousand.
std::string hundreds(std::uint64_t part) {
  static constexpr const char* k_small[] = {"",         "one",     "two",     "three",     "four",     "five",    "six",
                                            "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
                                            "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
  static constexpr const char* k_tens[] = {"",      "",      "twenty",  "thirty", "forty",
                                           "fifty", "sixty", "seventy", "eighty", "ninety"};
  std::string text;
  if (part >= 100) text = std::string(k_small[part / 100]) + " hundred";
  part %= 100;
  if (part == 0) return text;
  if (!text.empty()) text += " and ";
  if (part < 20) return text + k_small[part];
  text += k_tens[part / 10];
  return part % 10 == 0 ? text : text + "-" + k_small[part % 10];
}

std::string spelled(std::int64_t fen) {
  static constexpr const char* k_groups[] = {"", " thousand", " million", " billion", " trillion", " quadrillion"};
  const auto size = fen < 0 ? 0 - static_cast<std::uint64_t>(fen) : static_cast<std::uint64_t>(fen);
  auto whole = size / 100;
  std::string text;
  for (int group = 0; whole > 0; whole /= 1'000, ++group) {
    if (const auto part = hundreds(whole % 1'000); !part.empty())
      text = part + k_groups[group] + (text.empty() ? "" : " " + text);
  }
  text = (fen < 0 ? "minus " : "") + (text.empty() ? std::string("zero") : text) + " yuan";
  const auto cents = size % 100;
  return cents == 0 ? text : text + " and " + hundreds(cents) + " fen";
}

}  // namespace

Text money_shown(base::Money money) { return {base::money_zh(money), grouped(base::money_text(money)) + " yuan"}; }
Text money_spelled(base::Money money) { return {base::money_upper(money), spelled(money.fen)}; }

Text area_shown(base::Area area) {
  auto zh = base::area_zh(area);
  // 亩 as it stands there, so that both pages say the same.
  const auto open = zh.find("（"), close = zh.find(" 亩");
  auto en = grouped(base::area_text(area)) + " m²";
  if (open != std::string::npos && close != std::string::npos) {
    const auto from = open + std::string_view("（").size();
    en += " (" + zh.substr(from, close - from) + " mu)";
  }
  return {std::move(zh), std::move(en)};
}

}  // namespace landglass::web
