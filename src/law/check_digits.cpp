// ISO 7064's systems, and the two older sums of the national standards.

#include "law/check_digits.hpp"

#include <array>

#include "law/codes.hpp"

namespace landglass::law {
namespace {

constexpr std::string_view k_alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view k_uscc = "0123456789ABCDEFGHJKLMNPQRTUWXY";  // without I O S V Z

int value36(char c) {
  const auto place = k_alphanumeric.find(c);
  return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

// The number written by 0-9A-Z with A = 10 … Z = 35, modulo 97; -1 where it is none.
int modulo_97(std::string_view text) {
  int rest = 0;
  for (const char c : text) {
    const int value = value36(c);
    if (value < 0) return -1;
    rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
  }
  return rest;
}

}  // namespace

char uscc_check(std::string_view body) {
  int sum = 0;
  int weight = 1;
  for (const char c : body) {
    const auto value = k_uscc.find(c);
    if (value == std::string_view::npos) return '\0';
    sum += static_cast<int>(value) * weight;
    weight = weight * 3 % 31;
  }
  return k_uscc[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

char org_code_check(std::string_view body) {
  static constexpr std::array k_weight = {3, 7, 9, 10, 5, 8, 4, 2};
  if (body.size() != k_weight.size()) return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const int value = value36(body[i]);
    if (value < 0) return '\0';
    sum += value * k_weight[i];
  }
  return "0X987654321"[sum % 11];
}

char mod11_2(std::string_view digits) {
  int sum = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return '\0';
    sum = (sum + (c - '0')) * 2 % 11;
  }
  return "10X98765432"[sum];
}

char mod37_36(std::string_view body) {
  int p = 36;
  for (const char c : body) {
    const int value = value36(c);
    if (value < 0) return '\0';
    const int s = (p + value) % 36;
    p = 2 * (s == 0 ? 36 : s) % 37;
  }
  return k_alphanumeric[static_cast<std::size_t>((37 - p) % 36)];
}

std::string mod97_10(std::string_view body) {
  const int rest = modulo_97(body);
  if (rest < 0) return {};
  const int check = 98 - rest * 100 % 97;
  return {static_cast<char>('0' + check / 10), static_cast<char>('0' + check % 10)};
}

bool mod97_10_valid(std::string_view whole) { return whole.size() > 2 && modulo_97(whole) == 1; }

}  // namespace landglass::law
