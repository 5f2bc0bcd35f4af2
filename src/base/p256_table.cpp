#include "base/p256_table.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <memory>
#include <vector>

#include "base/deleter.hpp"
#include "base/p256_field.hpp"
#include "base/p256_order.hpp"
#include "base/result.hpp"

namespace landglass::base {
namespace {

using Field = P256Field;

constexpr unsigned k_generator_bits = 8, k_key_bits = 6;  // 264 KiB once; 86 KiB a key

struct Affine {
  Field x, y;
};
struct Point {  // (x/zz, y/zzz), zz³ = zzz²; both 0: at infinity
  Field x, y, zz, zzz;
  bool at_infinity() const { return zz.is_zero(); }
};
Point point(const Affine& of) { return {of.x, of.y, Field::one(), Field::one()}; }

Field doubled(const Field& a) { return a + a; }
Field tripled(const Field& a) { return a + a + a; }

// Formulas "dbl-2008-s-1" and "madd-2008-s" of the Explicit-Formulas Database (XYZZ coordinates); the curve's a is -3.
Point doubled(const Point& p) {
  const auto u = doubled(p.y);
  const auto v = u * u;
  const auto w = u * v;
  const auto s = p.x * v;
  const auto m = tripled(p.x * p.x - p.zz * p.zz);
  const auto x = m * m - doubled(s);
  return {x, m * (s - x) - w * p.y, v * p.zz, w * p.zzz};
}

// q is finite. Three cases the formula knows nothing of: p at infinity, p = q, p = -q.
Point sum(const Point& p, const Affine& q) {
  if (p.at_infinity()) return point(q);
  const auto h = q.x * p.zz - p.x;
  const auto r = q.y * p.zzz - p.y;
  if (h.is_zero()) return r.is_zero() ? doubled(p) : Point{};
  const auto hh = h * h;
  const auto hhh = hh * h;
  const auto v = p.x * hh;
  const auto x = r * r - hhh - doubled(v);
  return {x, r * (v - x) - p.y * hhh, p.zz * hh, p.zzz * hhh};
}

// None of them at infinity. One inversion for all.
std::vector<Affine> affine(const std::vector<Point>& points) {
  std::vector<Field> before;  // the product of the zzz of all points before this one
  before.reserve(points.size());
  auto product = Field::one();
  for (const auto& one : points) {
    before.push_back(product);
    product = product * one.zzz;
  }
  auto inverse = product.inverse();
  std::vector<Affine> out(points.size());
  for (auto i = points.size(); i-- > 0;) {
    const auto& p = points[i];
    const auto by_zzz = inverse * before[i];
    const auto by_z = by_zzz * p.zz;
    out[i] = {p.x * (by_z * by_z), p.y * by_zzz};
    inverse = inverse * p.zzz;
  }
  return out;
}

// A scalar is read as signed digits of some bits each. For each digit's place there are the multiples of the point there,
// one to half of 2^bits times: adding up one for each place is multiplying.
class Multiples {
 public:
  Multiples(const Affine& point, unsigned bits);
  void add_to(Point& to, const P256Scalar& times) const;

 private:
  unsigned bits_;
  std::size_t half_, places_;
  std::vector<Affine> all_;  // of place i, t times: [i * half_ + t - 1]
};

Multiples::Multiples(const Affine& of, unsigned bits)
    : bits_(bits), half_(std::size_t{1} << (bits - 1)), places_((256 + bits) / bits) {  // the last carry has a place
  std::vector<Point> bases{point(of)};                                                  // 2^(bits * i) times the point
  while (bases.size() < places_) {
    auto next = bases.back();
    for (unsigned i = 0; i < bits_; ++i) next = doubled(next);
    bases.push_back(next);
  }
  std::vector<Point> all;
  all.reserve(places_ * half_);
  for (const auto& base : affine(bases)) {
    auto at = point(base);
    for (std::size_t times = 1; times <= half_; ++times, at = sum(at, base)) all.push_back(at);
  }
  all_ = affine(all);
}

void Multiples::add_to(Point& to, const P256Scalar& times) const {
  std::size_t carry = 0;
  for (std::size_t place = 0; place < places_; ++place) {
    const auto at = place * bits_;
    std::uint64_t digit = 0;
    if (at < 256) digit = times[at / 64] >> (at % 64);
    if (at % 64 + bits_ > 64 && at / 64 < 3) digit |= times[at / 64 + 1] << (64 - at % 64);
    digit = (digit & (2 * half_ - 1)) + carry;
    carry = digit > half_ ? 1 : 0;
    if (carry != 0) digit = 2 * half_ - digit;
    if (digit == 0) continue;
    auto one = all_[place * half_ + digit - 1];
    if (carry != 0) one.y = Field{} - one.y;
    to = sum(to, one);
  }
}

Affine point_of(BytesView encoded) {
  return {Field::from_bytes(encoded.subspan(1, 32)), Field::from_bytes(encoded.subspan(33, 32))};
}

struct Curve {
  Field b;
  Multiples of_generator;
};

Curve make_curve() {
  const std::unique_ptr<EC_GROUP, Deleter<EC_GROUP, EC_GROUP_free>> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const std::unique_ptr<BIGNUM, Deleter<BIGNUM, BN_free>> b(BN_new());
  std::array<std::uint8_t, 65> generator{};
  std::array<std::uint8_t, 32> raw{};
  const bool ok = group && EC_GROUP_get_curve(group.get(), nullptr, nullptr, b.get(), nullptr) == 1 &&
                  BN_bn2binpad(b.get(), raw.data(), raw.size()) == static_cast<int>(raw.size()) &&
                  EC_POINT_point2oct(group.get(), EC_GROUP_get0_generator(group.get()), POINT_CONVERSION_UNCOMPRESSED,
                                     generator.data(), generator.size(), nullptr) == generator.size();
  LG_ASSERT(ok, "the library lacks P-256");
  return {Field::from_bytes(raw), Multiples(point_of(generator), k_generator_bits)};
}

const Curve& curve() {
  static const Curve one = make_curve();
  return one;
}

// y² = x³ - 3x + b. A slip of the arithmetic in a chain of additions ends beside the curve: then the answer is no.
bool on_curve(const Point& p) {
  const auto square = p.zz * p.zz;
  const auto cube = square * p.zz;
  return p.zzz * p.zzz == cube && p.y * p.y == p.x * p.x * p.x - tripled(p.x * square) + curve().b * cube;
}

}  // namespace

P256Field P256Field::one() { return Field{{1, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe}}; }

P256Field P256Field::from_bytes(BytesView big_endian) {
  static constexpr Field k_square{{3, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x00000004fffffffd}};  // 2^512 mod p
  Field plain;
  for (std::size_t i = 0; i < 32; ++i) plain.limbs[3 - i / 8] = (plain.limbs[3 - i / 8] << 8) | big_endian[i];
  return plain * k_square;
}

std::array<std::uint8_t, 32> P256Field::bytes() const {
  const auto plain = *this * Field{{1, 0, 0, 0}};
  std::array<std::uint8_t, 32> out{};
  for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<std::uint8_t>(plain.limbs[3 - i / 8] >> (56 - 8 * (i % 8)));
  return out;
}

// To the power p - 2 (Fermat).
P256Field P256Field::inverse() const {
  auto exponent = p256_detail::k_p;
  exponent[0] -= 2;
  auto out = one();
  for (std::size_t bit = 256; bit-- > 0;) {
    out = out * out;
    if ((exponent[bit / 64] >> (bit % 64)) & 1) out = out * *this;
  }
  return out;
}

struct P256Table::Impl {
  Multiples multiples;
};
P256Table::P256Table(BytesView point) : impl_(std::make_unique<const Impl>(Impl{Multiples(point_of(point), k_key_bits)})) {}
P256Table::P256Table(P256Table&&) noexcept = default;
P256Table& P256Table::operator=(P256Table&&) noexcept = default;
P256Table::~P256Table() = default;

bool P256Table::fits(const Hash& digest, BytesView signature) const {
  const auto claim = p256_claim(digest, signature);
  if (!claim) return false;
  Point sum;
  curve().of_generator.add_to(sum, claim->of_generator);
  impl_->multiples.add_to(sum, claim->of_key);
  if (sum.at_infinity() || !on_curve(sum)) return false;
  const auto has_x = [&sum](BytesView x) { return Field::from_bytes(x) * sum.zz == sum.x; };
  return has_x(claim->x) || (claim->other_x && has_x(*claim->other_x));
}

}  // namespace landglass::base
