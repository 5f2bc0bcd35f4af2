#pragma once
// Numbers, codes and names as people type them, against those that stand in a register.

#include <string>
#include <string_view>

namespace landglass::web {

// Without spaces of any width, full-width forms as half-width ones, any dash as the hyphen: what a Chinese keyboard gives
// is how somebody types, not what he means.
std::string plainly_typed(std::string_view text);
// A number as it is printed: the brackets of Chinese print, whichever a phone's keyboard gave, and capitals, since codes of
// parcels, units and verification have no other letters.
std::string number_as_printed(std::string_view typed);

}  // namespace landglass::web
