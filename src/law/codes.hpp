#pragma once
// National codes and their check characters (domain.md §3): grammar and arithmetic, nothing looked up.

#include <cstdint>
#include <string>
#include <string_view>

namespace landglass::law {

// Unified social credit code, GB 32100-2015. Some codes really issued fail the formula: a warning, never a refusal by itself.
bool uscc_valid(std::string_view code);
// Organisation code, GB 11714-1997, nine characters without the hyphen.
bool org_code_valid(std::string_view code);
// Citizen number, GB 11643-1999: check character and date of birth.
bool citizen_id_valid(std::string_view code);

// ISO 7064. The body is of the characters 0-9A-Z; '\0' where it is not.
char mod11_2(std::string_view digits);          // '0'..'9', 'X'
char mod37_36(std::string_view body);           // hybrid, alphanumeric
std::string mod97_10(std::string_view body);    // two digits

// Parcel code (宗地代码, 19) and real-estate unit code (不动产单元代码, 28), GB/T 37346-2019.
bool parcel_code_valid(std::string_view code);
bool unit_code_valid(std::string_view code);
// Exploration and mining licence numbers: 23 characters since 2020, 18 for exploration before.
bool licence_number_valid(std::string_view code);
// Electronic supervision number; where it fails, only a warning: its grammar is from memory.
bool supervision_number_plausible(std::string_view code);

// The platform's own code: type(2) + division(6) + year(4) + serial(8) + MOD 37,36. "LC35010020110000001" + check.
std::string verification_code(std::string_view type, std::string_view division, int year, std::int64_t serial);
bool verification_code_valid(std::string_view code);

}  // namespace landglass::law
