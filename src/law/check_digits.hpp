#pragma once
// Check characters of the older national standards: inside the law layer only. Those of ISO 7064 stand in codes.hpp.

#include <string_view>

namespace landglass::law {

char uscc_check(std::string_view body);      // of the 17 before it; '\0' where one is not of the alphabet
char org_code_check(std::string_view body);  // of the 8 before it

}  // namespace landglass::law
