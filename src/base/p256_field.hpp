#pragma once
// The field of P-256: numbers below p = 2^256 - 2^224 + 2^192 + 2^96 - 1, held as x * 2^256 mod p (Montgomery). For what is
// public alone: no step takes care to last as long for one value as for another.

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace landglass::base {

struct P256Field {
  std::array<std::uint64_t, 4> limbs{};  // the lowest first

  bool operator==(const P256Field&) const = default;
  bool is_zero() const { return (limbs[0] | limbs[1] | limbs[2] | limbs[3]) == 0; }

  static P256Field one();
  static P256Field from_bytes(BytesView big_endian);  // of 32 bytes that are a number below p
  std::array<std::uint8_t, 32> bytes() const;
  P256Field inverse() const;  // of zero: zero
};

namespace p256_detail {

__extension__ typedef unsigned __int128 Wide;
using Limb = std::uint64_t;
inline constexpr std::array<Limb, 4> k_p{0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};

// a + b and a - b of one place each, with what is carried to the next: 0 or 1. The compilers here make chains of carries of
// the first spelling alone.
#if defined(__x86_64__)
using Carry = unsigned char;
inline Limb added(Limb a, Limb b, Carry& carry) {
  unsigned long long out = 0;
  carry = _addcarry_u64(carry, a, b, &out);
  return out;
}
inline Limb taken(Limb a, Limb b, Carry& borrow) {
  unsigned long long out = 0;
  borrow = _subborrow_u64(borrow, a, b, &out);
  return out;
}
#else
using Carry = Limb;
inline Limb added(Limb a, Limb b, Carry& carry) {
  const auto one = static_cast<Wide>(a) + b + carry;
  carry = static_cast<Limb>(one >> 64);
  return static_cast<Limb>(one);
}
inline Limb taken(Limb a, Limb b, Carry& borrow) {
  const auto one = static_cast<Wide>(a) - b - borrow;
  borrow = static_cast<Limb>(one >> 64) & 1;
  return static_cast<Limb>(one);
}
#endif
inline Limb low(Wide product) { return static_cast<Limb>(product); }
inline Limb high(Wide product) { return static_cast<Limb>(product >> 64); }

// What is below 2p, `t4` the limb above the four: less p where it is p or more.
inline P256Field reduced(Limb t0, Limb t1, Limb t2, Limb t3, Limb t4) {
  Carry borrow = 0;
  const auto l0 = taken(t0, k_p[0], borrow), l1 = taken(t1, k_p[1], borrow);
  const auto l2 = taken(t2, k_p[2], borrow), l3 = taken(t3, k_p[3], borrow);
  taken(t4, 0, borrow);
  const auto keep = Limb{0} - static_cast<Limb>(borrow);  // all ones: it was below p
  return {{(l0 & ~keep) | (t0 & keep), (l1 & ~keep) | (t1 & keep), (l2 & ~keep) | (t2 & keep), (l3 & ~keep) | (t3 & keep)}};
}

}  // namespace p256_detail

inline P256Field operator+(const P256Field& a, const P256Field& b) {
  using namespace p256_detail;
  Carry carry = 0;
  const auto t0 = added(a.limbs[0], b.limbs[0], carry), t1 = added(a.limbs[1], b.limbs[1], carry);
  const auto t2 = added(a.limbs[2], b.limbs[2], carry), t3 = added(a.limbs[3], b.limbs[3], carry);
  return reduced(t0, t1, t2, t3, carry);
}

inline P256Field operator-(const P256Field& a, const P256Field& b) {
  using namespace p256_detail;
  Carry borrow = 0;
  const auto t0 = taken(a.limbs[0], b.limbs[0], borrow), t1 = taken(a.limbs[1], b.limbs[1], borrow);
  const auto t2 = taken(a.limbs[2], b.limbs[2], borrow), t3 = taken(a.limbs[3], b.limbs[3], borrow);
  const auto below = Limb{0} - static_cast<Limb>(borrow);  // all ones: p is due
  Carry carry = 0;
  const auto l0 = added(t0, k_p[0] & below, carry), l1 = added(t1, k_p[1] & below, carry);
  const auto l2 = added(t2, k_p[2] & below, carry), l3 = added(t3, k_p[3] & below, carry);
  return {{l0, l1, l2, l3}};
}

// a * b / 2^256 mod p. Before each round what stands in t is below 2p. A round adds a * b[i], which stays below 2^320, and
// then m * p, where m is the lowest limb: p ends in 2^64 - 1, so that limb falls to zero, and all moves down by one.
inline P256Field operator*(const P256Field& a, const P256Field& b) {
  using namespace p256_detail;
  Limb t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
  const auto round = [&](Limb by) __attribute__((always_inline)) {
    const auto p0 = static_cast<Wide>(a.limbs[0]) * by, p1 = static_cast<Wide>(a.limbs[1]) * by;
    const auto p2 = static_cast<Wide>(a.limbs[2]) * by, p3 = static_cast<Wide>(a.limbs[3]) * by;
    Carry carry = 0;
    const auto m = added(t0, low(p0), carry);
    t1 = added(t1, low(p1), carry);
    t2 = added(t2, low(p2), carry);
    t3 = added(t3, low(p3), carry);
    t4 = added(t4, 0, carry);
    t1 = added(t1, high(p0), carry);  // here carry is 0
    t2 = added(t2, high(p1), carry);
    t3 = added(t3, high(p2), carry);
    t4 = added(t4, high(p3), carry);
    const auto mp = static_cast<Wide>(m) * k_p[3];  // m * p = m * 2^96 - m + m * k_p[3] * 2^192
    t0 = added(t1, m << 32, carry);                 // and here
    t1 = added(t2, m >> 32, carry);
    t2 = added(t3, low(mp), carry);
    t3 = added(t4, high(mp), carry);
    t4 = carry;
  };
  round(b.limbs[0]);
  round(b.limbs[1]);
  round(b.limbs[2]);
  round(b.limbs[3]);
  return reduced(t0, t1, t2, t3, t4);
}

}  // namespace landglass::base
