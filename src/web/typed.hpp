#pragma once
// Numbers, codes and names as people type them, against those that stand in a register.

#include <string>
#include <string_view>

namespace landglass::web {

// Without spaces of any width, full-width forms as half-width ones, any dash as the hyphen: what a Chinese keyboard gives
// is how somebody types, not what he means.
std::string plainly_typed(std::string_view text);

}  // namespace landglass::web
