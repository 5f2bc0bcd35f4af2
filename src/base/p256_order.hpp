#pragma once
// What a verification on P-256 reckons modulo n, the order of the curve (FIPS 186-5, 6.4.2), with the library's numbers.

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace landglass::base {

using P256Scalar = std::array<std::uint64_t, 4>;  // the lowest limb first

// That the generator and the key so many times, added up, are a point with this x: or, where there is room for it below p,
// with the other.
struct P256Claim {
  P256Scalar of_generator{}, of_key{};
  std::array<std::uint8_t, 32> x{};                     // r
  std::optional<std::array<std::uint8_t, 32>> other_x;  // r + n
};

// Nothing where r or s (64 bytes, r‖s) is not in 1 … n - 1.
std::optional<P256Claim> p256_claim(const Hash& digest, BytesView signature);

}  // namespace landglass::base
