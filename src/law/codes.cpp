#include "law/codes.hpp"

#include "base/time.hpp"
#include "law/check_digits.hpp"

namespace landglass::law {
namespace {

constexpr std::string_view k_certificate_root = "1.2.156.3005.2.";
constexpr std::string_view k_capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}
bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
int number(std::string_view text) {
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}
bool a_year(std::string_view text) { return digits(text) && (text.starts_with("19") || text.starts_with("20")); }
bool year_month(std::string_view text) {  // YYYYMM
  if (text.size() != 6 || !digits(text) || !a_year(text.substr(0, 4))) return false;
  const int month = number(text.substr(4));
  return month >= 1 && month <= 12;
}
bool a_division(std::string_view text) { return text.size() == 6 && digits(text) && text[0] != '0'; }

Fault uscc(std::string_view code) {
  if (code.size() != 18 || !digits(code.substr(2, 6)) || uscc_check(code) == '\0') return Fault::form;
  return uscc_check(code.substr(0, 17)) == code[17] ? Fault::none : Fault::check;
}

Fault organisation(std::string_view code) {
  if (code.size() != 9) return Fault::form;
  const char check = org_code_check(code.substr(0, 8));
  if (check == '\0' || !one_of(code[8], "0123456789X")) return Fault::form;
  return check == code[8] ? Fault::none : Fault::check;
}

Fault citizen(std::string_view code) {
  if (code.size() != 18 || !digits(code.substr(0, 17)) || code[0] == '0' || !one_of(code[17], "0123456789X"))
    return Fault::form;
  std::string date(code.substr(6, 8));
  date.insert(6, "-").insert(4, "-");
  if (!base::parse_date(date)) return Fault::date;
  return mod11_2(code.substr(0, 17)) == code[17] ? Fault::none : Fault::check;
}

// County 6, cadastral zone 3 and sub-zone 3, feature 2, serial 5.
Fault parcel(std::string_view code, const ParcelLetters& letters) {
  const bool good = code.size() == 19 && digits(code.substr(0, 12)) && code[0] != '0' &&
                    one_of(code[12], letters.ownership) && one_of(code[13], letters.right) && digits(code.substr(14)) &&
                    code.substr(14) != "00000";
  return good ? Fault::none : Fault::form;
}

// Parcel 19, feature of the fixture 1, number of the fixture 8: all zero where there is none (W).
Fault unit(std::string_view code, const ParcelLetters& letters) {
  if (code.size() != 28 || parcel(code.substr(0, 19), letters) != Fault::none) return Fault::form;
  if (!one_of(code[19], letters.fixture) || !digits(code.substr(20))) return Fault::form;
  return code[19] != 'W' || code.substr(20) == "00000000" ? Fault::none : Fault::form;
}

// 23: C or T, issuer 6, YYYYMM, 4 not decoded, serial 6. 18: T or D, issuer 2, mode 1, YYYYMM, class 2, serial 6.
Fault licence(std::string_view code) {
  if (code.size() == 23) {
    if (!one_of(code[0], "CT") || !digits(code.substr(1))) return Fault::form;
    return year_month(code.substr(7, 6)) ? Fault::none : Fault::date;
  }
  if (code.size() != 18 || !one_of(code[0], "TD") || !digits(code.substr(1))) return Fault::form;
  if (code[10] != '0' || code[11] > '4') return Fault::form;
  return year_month(code.substr(4, 6)) ? Fault::none : Fault::date;
}

// County 6, year 4, class letter, serial 5 (in Foshan a letter and 4), and a suffix -1 where the same matter stands again.
Fault supervision(std::string_view code) {
  if (code.size() < 16 || !a_division(code.substr(0, 6)) || !one_of(code[10], k_capitals) || !digits(code.substr(12, 4)) ||
      !(digits(code.substr(11, 1)) || one_of(code[11], k_capitals))) {
    return Fault::form;
  }
  if (code.size() > 16 && (code[16] != '-' || !digits(code.substr(17)) || code.size() > 32)) return Fault::form;
  return a_year(code.substr(6, 4)) ? Fault::none : Fault::form;
}

Fault certificate(std::string_view code) {
  if (!code.starts_with(k_certificate_root)) return Fault::form;
  std::string_view part[5];
  auto rest = code.substr(k_certificate_root.size());
  for (int i = 0; i < 5; ++i) {
    const auto dot = rest.find('.');
    if ((dot == std::string_view::npos) != (i == 4)) return Fault::form;
    part[i] = rest.substr(0, dot);
    if (i < 4) rest.remove_prefix(dot + 1);
  }
  const auto whole = certificate_identifier(part[0], part[1], part[2], part[3]);
  if (whole.empty() || part[4].size() != 1) return Fault::form;
  return whole.back() == part[4][0] ? Fault::none : Fault::check;
}

Fault verification(std::string_view code) {
  if (code.size() != 21 || !one_of(code[0], k_capitals) || !one_of(code[1], k_capitals) || !digits(code.substr(2, 18))) {
    return Fault::form;
  }
  return mod37_36(code.substr(0, 20)) == code[20] ? Fault::none : Fault::check;
}

Fault fault_of(Code kind, std::string_view code, const ParcelLetters& letters) {
  switch (kind) {
    case Code::uscc: return uscc(code);
    case Code::organisation: return organisation(code);
    case Code::citizen: return citizen(code);
    case Code::parcel: return parcel(code, letters);
    case Code::unit: return unit(code, letters);
    case Code::licence: return licence(code);
    case Code::supervision: return supervision(code);
    case Code::certificate: return certificate(code);
    case Code::verification: return verification(code);
  }
  return Fault::form;
}

base::Text name_of(Code kind) {
  switch (kind) {
    case Code::uscc: return {"统一社会信用代码", "unified social credit code"};
    case Code::organisation: return {"组织机构代码", "organisation code"};
    case Code::citizen: return {"公民身份号码", "citizen number"};
    case Code::parcel: return {"宗地代码", "parcel code"};
    case Code::unit: return {"不动产单元代码", "real-estate unit code"};
    case Code::licence: return {"矿业权许可证号", "licence number"};
    case Code::supervision: return {"电子监管号", "supervision number"};
    case Code::certificate: return {"电子证照标识", "certificate identifier"};
    case Code::verification: return {"验证码", "verification code"};
  }
  return {};
}

base::Text say(Code kind, Fault fault) {
  const auto name = name_of(kind);
  switch (fault) {
    case Fault::none: return {};
    case Fault::form: return {name.zh + "格式不符", "the " + name.en + " has another form"};
    case Fault::date: return {name.zh + "中的日期不存在", "the " + name.en + " holds a date that does not exist"};
    case Fault::check: return {name.zh + "校验位不符", "the check character of the " + name.en + " does not fit"};
  }
  return {};
}

bool without_fault(Code kind, std::string_view code) { return fault_of(kind, code, {}) == Fault::none; }

std::string padded(std::int64_t number, std::size_t width) {
  const auto text = std::to_string(number);
  return text.size() >= width ? text : std::string(width - text.size(), '0') + text;
}

}  // namespace

Finding examine(Code kind, std::string_view code, const ParcelLetters& letters) {
  const auto fault = fault_of(kind, code, letters);
  if (fault == Fault::none) return {};
  const bool misissued = kind == Code::uscc && fault == Fault::check;
  const bool from_memory = kind == Code::supervision || (kind == Code::certificate && fault == Fault::form);
  return {fault, misissued || from_memory, say(kind, fault)};
}

bool uscc_valid(std::string_view code) { return without_fault(Code::uscc, code); }
bool org_code_valid(std::string_view code) { return without_fault(Code::organisation, code); }
bool citizen_id_valid(std::string_view code) { return without_fault(Code::citizen, code); }
bool parcel_code_valid(std::string_view code) { return without_fault(Code::parcel, code); }
bool unit_code_valid(std::string_view code) { return without_fault(Code::unit, code); }
bool licence_number_valid(std::string_view code) { return without_fault(Code::licence, code); }
bool supervision_number_plausible(std::string_view code) { return without_fault(Code::supervision, code); }
bool certificate_identifier_valid(std::string_view code) { return without_fault(Code::certificate, code); }
bool verification_code_valid(std::string_view code) { return without_fault(Code::verification, code); }

std::string certificate_identifier(std::string_view type, std::string_view issuer, std::string_view serial,
                                   std::string_view version) {
  const auto shaped = [](std::string_view code) { return code.size() == 18 && uscc_check(code) != '\0'; };
  if (type.size() != 21 || !shaped(type.substr(0, 18)) || !digits(type.substr(18)) || !shaped(issuer)) return {};
  if (serial.empty() || serial.size() > 32 || version.size() != 3 || !digits(version)) return {};
  std::string body(type);
  body.append(issuer).append(serial).append(version);
  const char check = mod37_36(body);
  if (check == '\0') return {};
  std::string whole(k_certificate_root);
  for (const auto part : {type, issuer, serial, version}) whole.append(part).append(".");
  return whole + check;
}

std::string verification_code(std::string_view type, std::string_view division, int year, std::int64_t serial) {
  if (type.size() != 2 || !one_of(type[0], k_capitals) || !one_of(type[1], k_capitals)) return {};
  if (year < 0 || year > 9999 || serial < 0 || serial > 99'999'999) return {};
  std::string body(type);
  body += division.size() == 6 && digits(division) ? division : "000000";
  body += padded(year, 4) + padded(serial, 8);
  return body + mod37_36(body);
}

}  // namespace landglass::law
