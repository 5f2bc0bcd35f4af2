#pragma once
// One life of a village, in the process that was forked for it.

#include <string_view>

#include "village.hpp"

namespace landglass::tests {

inline constexpr int k_lived = 0, k_ruined = 86, k_broken = 87;

// Never returns: ends as the plan says, or with k_broken where the program found a fault in itself.
[[noreturn]] void live_here(Village& village, const Plan& plan, int told);
// What came through the pipe, up to where the life ended.
Told read_told(std::string_view text, const Plan& plan);
log::Signer signer_of(const Village& village);

}  // namespace landglass::tests
