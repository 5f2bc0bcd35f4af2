#include "law/codes.hpp"

#include <array>

#include "base/time.hpp"

namespace landglass::law {
namespace {

constexpr std::string_view k_uscc = "0123456789ABCDEFGHJKLMNPQRTUWXY";

int value36(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return -1;
}
bool digits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return !text.empty();
}
int number(std::string_view text) {
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}
bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
bool year_month(std::string_view text) {  // YYYYMM
  if (!digits(text) || text.size() != 6) return false;
  const int year = number(text.substr(0, 4));
  const int month = number(text.substr(4));
  return year >= 1900 && year <= 2099 && month >= 1 && month <= 12;
}

}  // namespace

bool uscc_valid(std::string_view code) {
  if (code.size() != 18) return false;
  int sum = 0;
  int weight = 1;
  for (std::size_t i = 0; i < 17; ++i) {
    const auto value = k_uscc.find(code[i]);
    if (value == std::string_view::npos) return false;
    sum += static_cast<int>(value) * weight;
    weight = weight * 3 % 31;
  }
  return digits(code.substr(2, 6)) && code[17] == k_uscc[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

bool org_code_valid(std::string_view code) {
  static constexpr std::array k_weight = {3, 7, 9, 10, 5, 8, 4, 2};
  if (code.size() != 9) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const int value = value36(code[i]);
    if (value < 0) return false;
    sum += value * k_weight[i];
  }
  const int check = 11 - sum % 11;
  return code[8] == (check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check));
}

char mod11_2(std::string_view body) {
  int sum = 0;
  for (const char c : body) {
    if (c < '0' || c > '9') return '\0';
    sum = (sum + (c - '0')) * 2 % 11;
  }
  const int check = (12 - sum) % 11;
  return check == 10 ? 'X' : static_cast<char>('0' + check);
}

bool citizen_id_valid(std::string_view code) {
  if (code.size() != 18 || !digits(code.substr(0, 17))) return false;
  const std::string date = std::string(code.substr(6, 4)) + "-" + std::string(code.substr(10, 2)) + "-" + std::string(code.substr(12, 2));
  return base::parse_date(date) && mod11_2(code.substr(0, 17)) == code[17];
}

char mod37_36(std::string_view body) {
  int p = 36;
  for (const char c : body) {
    const int value = value36(c);
    if (value < 0) return '\0';
    int s = (p + value) % 36;
    if (s == 0) s = 36;
    p = 2 * s % 37;
  }
  return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37 - p) % 36];
}

std::string mod97_10(std::string_view body) {
  int rest = 0;
  for (const char c : body) {
    const int value = value36(c);
    if (value < 0) return {};
    rest = value < 10 ? (rest * 10 + value) % 97 : (rest * 100 + value) % 97;
  }
  rest = rest * 100 % 97;
  const int check = 98 - rest;
  return {static_cast<char>('0' + check / 10), static_cast<char>('0' + check % 10)};
}

bool parcel_code_valid(std::string_view code) {
  return code.size() == 19 && code[0] != '0' && digits(code.substr(0, 12)) && one_of(code[12], "GJZ") && one_of(code[13], "ABCDEFGHSXWY") &&
         digits(code.substr(14)) && number(code.substr(14)) > 0;
}
bool unit_code_valid(std::string_view code) {
  if (code.size() != 28 || !parcel_code_valid(code.substr(0, 19))) return false;
  if (!one_of(code[19], "WFLQ") || !digits(code.substr(20))) return false;
  return code[19] != 'W' || code.substr(20) == "00000000";
}
bool licence_number_valid(std::string_view code) {
  if (code.size() == 23) {
    return one_of(code[0], "CT") && digits(code.substr(1)) && year_month(code.substr(7, 6));
  }
  if (code.size() == 18) {
    return one_of(code[0], "TD") && digits(code.substr(1)) && year_month(code.substr(4, 6)) && code[10] == '0' && code[11] <= '4';
  }
  return false;
}
bool supervision_number_plausible(std::string_view code) {
  if (code.size() < 16 || code.size() > 20 || !digits(code.substr(0, 10)) || code[10] < 'A' || code[10] > 'Z') return false;
  const int year = number(code.substr(6, 4));
  if (year < 1900 || year > 2099 || !digits(code.substr(11, 5))) return false;
  return code.size() == 16 || (code[16] == '-' && digits(code.substr(17)));
}

std::string verification_code(std::string_view type, std::string_view division, int year, std::int64_t serial) {
  const auto pad = [](std::int64_t n, std::size_t width) {
    auto text = std::to_string(n);
    return text.size() >= width ? text : std::string(width - text.size(), '0') + text;
  };
  std::string body(type);
  body += division.size() == 6 ? std::string(division) : "000000";
  body += pad(year, 4) + pad(serial, 8);
  return body + mod37_36(body);
}
bool verification_code_valid(std::string_view code) {
  return code.size() == 21 && digits(code.substr(2, 18)) && mod37_36(code.substr(0, 20)) == code[20];
}

}  // namespace landglass::law
