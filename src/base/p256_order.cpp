#include "base/p256_order.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>
#include <vector>

#include "base/deleter.hpp"
#include "base/p256_field.hpp"
#include "base/result.hpp"

namespace landglass::base {
namespace {

using Number = std::unique_ptr<BIGNUM, Deleter<BIGNUM, BN_free>>;
using Bytes32 = std::array<std::uint8_t, 32>;

// Numbers of one thread, kept: making them anew takes as long as working with them.
struct Scratch {
  std::unique_ptr<BN_CTX, Deleter<BN_CTX, BN_CTX_free>> context{BN_CTX_new()};
  Number r{BN_new()}, s{BN_new()}, e{BN_new()}, inverse{BN_new()}, product{BN_new()};
};

P256Scalar scalar_of(const BIGNUM* number) {
  Bytes32 raw{};
  LG_ASSERT(BN_bn2lebinpad(number, raw.data(), raw.size()) == static_cast<int>(raw.size()), "a scalar of P-256");
  P256Scalar out{};
  for (std::size_t i = 32; i-- > 0;) out[i / 8] = (out[i / 8] << 8) | raw[i];
  return out;
}

void to_number(const P256Scalar& scalar, BIGNUM* out) {
  Bytes32 raw{};
  for (std::size_t i = 0; i < 32; ++i) raw[i] = static_cast<std::uint8_t>(scalar[i / 8] >> (8 * (i % 8)));
  BN_lebin2bn(raw.data(), raw.size(), out);
}

struct Order {
  Number n, p_less_n;
  P256Scalar limbs{};
  std::vector<Number> halved;  // 2^-k modulo n
};

Order make_order() {
  const std::unique_ptr<EC_GROUP, Deleter<EC_GROUP, EC_GROUP_free>> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Number p(BN_new());
  LG_ASSERT(group && EC_GROUP_get_curve(group.get(), p.get(), nullptr, nullptr, nullptr) == 1, "the library lacks P-256");
  Order order;
  order.n.reset(BN_dup(EC_GROUP_get0_order(group.get())));
  order.p_less_n.reset(BN_new());
  BN_sub(order.p_less_n.get(), p.get(), order.n.get());
  order.limbs = scalar_of(order.n.get());
  Number half(BN_new());
  BN_one(half.get());
  for (int k = 0; k <= 512; ++k) {
    order.halved.emplace_back(BN_dup(half.get()));
    if (BN_is_odd(half.get())) BN_add(half.get(), half.get(), order.n.get());
    BN_rshift1(half.get(), half.get());
  }
  return order;
}

const Order& order() {
  static const Order one = make_order();
  return one;
}

bool below(const P256Scalar& a, const P256Scalar& b) {
  for (std::size_t i = 4; i-- > 0;)
    if (a[i] != b[i]) return a[i] < b[i];
  return false;
}
// Neither leaves 256 bits, where it is used.
void add(P256Scalar& to, const P256Scalar& a) {
  p256_detail::Carry carry = 0;
  for (std::size_t i = 0; i < 4; ++i) to[i] = p256_detail::added(to[i], a[i], carry);
}
void take(P256Scalar& from, const P256Scalar& a) {
  p256_detail::Carry borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) from[i] = p256_detail::taken(from[i], a[i], borrow);
}
void shift_down(P256Scalar& a, int bits) {  // 1 to 63
  for (std::size_t i = 0; i < 3; ++i) a[i] = (a[i] >> bits) | (a[i + 1] << (64 - bits));
  a[3] >>= bits;
}
void shift_up(P256Scalar& a, int bits) {
  for (std::size_t i = 4; i-- > 1;) a[i] = (a[i] << bits) | (a[i - 1] >> (64 - bits));
  a[0] <<= bits;
}

// Makes v odd; what is halved there is doubled in the other, and counted.
int halve(P256Scalar& v, P256Scalar& other) {
  int count = 0;
  while ((v[0] & 1) == 0) {
    const int bits = v[0] == 0 ? 63 : std::countr_zero(v[0]);
    shift_down(v, bits);
    shift_up(other, bits);
    count += bits;
  }
  return count;
}

// 1/s, for 0 < s < n, in a third of the time of BN_mod_inverse. Kaliski's almost inverse: s * a = -u * 2^k and s * b = v *
// 2^k modulo n, and u * b + v * a = n, so that a and b stay below n. In the end u = v = 1 and 1/s = b * 2^-k. The library
// tells whether it is.
bool inverse_of(const P256Scalar& s, const Scratch& numbers) {
  auto u = order().limbs, v = s;
  P256Scalar a{}, b{1};
  auto k = halve(v, a);
  while (u != v) {
    if (below(v, u)) {
      take(u, v);
      add(a, b);
      k += halve(u, b);
    } else {
      take(v, u);
      add(b, a);
      k += halve(v, a);
    }
  }
  if (static_cast<std::size_t>(k) >= order().halved.size()) return false;
  auto* inverse = numbers.inverse.get();
  to_number(b, inverse);
  const auto* n = order().n.get();
  auto* context = numbers.context.get();
  return BN_mod_mul(inverse, inverse, order().halved[static_cast<std::size_t>(k)].get(), n, context) == 1 &&
         BN_mod_mul(numbers.product.get(), inverse, numbers.s.get(), n, context) == 1 && BN_is_one(numbers.product.get());
}

}  // namespace

std::optional<P256Claim> p256_claim(const Hash& digest, BytesView signature) {
  if (signature.size() != 64) return std::nullopt;
  thread_local const Scratch numbers;
  const auto& [context, r, s, e, inverse, product] = numbers;
  const auto* n = order().n.get();
  BN_bin2bn(signature.data(), 32, r.get());
  BN_bin2bn(signature.data() + 32, 32, s.get());
  BN_bin2bn(digest.data(), static_cast<int>(digest.size()), e.get());
  for (const auto* one : {r.get(), s.get()})
    if (BN_is_zero(one) || BN_cmp(one, n) >= 0) return std::nullopt;
  P256Claim claim;
  std::copy(signature.begin(), signature.begin() + 32, claim.x.begin());
  if (!inverse_of(scalar_of(s.get()), numbers)) return std::nullopt;
  const std::pair<const BIGNUM*, P256Scalar*> parts[] = {{e.get(), &claim.of_generator}, {r.get(), &claim.of_key}};
  for (const auto& [factor, scalar] : parts) {
    if (BN_mod_mul(product.get(), factor, inverse.get(), n, context.get()) != 1) return std::nullopt;
    *scalar = scalar_of(product.get());
  }
  if (BN_cmp(r.get(), order().p_less_n.get()) < 0 && BN_add(r.get(), r.get(), n) == 1) {
    claim.other_x.emplace();
    BN_bn2binpad(r.get(), claim.other_x->data(), static_cast<int>(claim.other_x->size()));
  }
  return claim;
}

}  // namespace landglass::base
