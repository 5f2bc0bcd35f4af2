#pragma once
// National codes and their check characters: grammar and arithmetic, nothing looked up. docs/formats/codes.md is the
// contract.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace landglass::law {

enum class Code : std::uint8_t {
  uscc,          // 统一社会信用代码, GB 32100-2015, 18
  organisation,  // 组织机构代码, GB 11714-1997, 9 without the hyphen
  citizen,       // 公民身份号码, GB 11643-1999, 18
  parcel,        // 宗地代码, GB/T 37346-2019, 19
  unit,          // 不动产单元代码, GB/T 37346-2019, 28
  licence,       // 采矿许可证号 23, 勘查许可证号 23 since 2020-07-10 and 18 from 2008
  supervision,   // 电子监管号, 16, with a suffix where a matter was entered again
  certificate,   // 电子证照标识, GB/T 36904-2018, with its root and dots
  verification,  // of this platform: type 2, division 6, year 4, serial 8, MOD 37,36
};
enum class Fault : std::uint8_t { none, form, date, check };

// What is wrong with a code. `only_warns`: codes really issued are known to fail here, or the grammar is not from the
// standard's own text: say so beside it, never refuse for it.
struct Finding {
  Fault fault = Fault::none;
  bool only_warns = false;
  base::Text say;
};

// The feature letters of GB/T 37346: later editions may add some.
struct ParcelLetters {
  std::string ownership = "GJZ";       // first of the parcel
  std::string right = "ABCDEFGHSXWY";  // second of the parcel
  std::string fixture = "WFLQ";        // of the unit
};
Finding examine(Code kind, std::string_view code, const ParcelLetters& letters = {});

// examine() without a fault.
bool uscc_valid(std::string_view code);
bool org_code_valid(std::string_view code);
bool citizen_id_valid(std::string_view code);
bool parcel_code_valid(std::string_view code);
bool unit_code_valid(std::string_view code);
bool licence_number_valid(std::string_view code);
bool supervision_number_plausible(std::string_view code);
bool certificate_identifier_valid(std::string_view code);
bool verification_code_valid(std::string_view code);

// ISO 7064. '\0' or "" where the body has another character.
char mod11_2(std::string_view digits);        // '0'..'9', 'X'
char mod37_36(std::string_view body);         // hybrid, 0-9A-Z
std::string mod97_10(std::string_view body);  // two digits, "02".."98"
bool mod97_10_valid(std::string_view whole);

// "1.2.156.3005.2.<type: definer's USCC + 3>.<issuer's USCC>.<serial>.<version: 3>.<check>"; "" where a part has another
// form.
std::string certificate_identifier(std::string_view type, std::string_view issuer, std::string_view serial,
                                   std::string_view version);
// "LC350101201100000001M". `division` that is no six digits is 000000; "" where another part does not fit its width.
std::string verification_code(std::string_view type, std::string_view division, int year, std::int64_t serial);

}  // namespace landglass::law
