// The table of a key against the library: never a yes where it says no, and a yes for whatever it accepts.
#include "base/p256_table.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include <random>
#include <vector>

#include "base/deleter.hpp"
#include "base/p256_field.hpp"

using namespace landglass::base;

namespace {

using Context = std::unique_ptr<BN_CTX, Deleter<BN_CTX, BN_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP, EC_GROUP_free>>;

BN_CTX* context() {
  static const Context one(BN_CTX_new());
  return one.get();
}
const EC_GROUP* group() {
  static const Group one(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  return one.get();
}

// A number that is computed with, modulo the order of the curve or the prime of its field.
class Whole {
 public:
  Whole(std::uint64_t value = 0) : held_(BN_new()) { BN_set_word(held_.get(), value); }
  explicit Whole(BytesView bytes) : held_(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)) {}
  Whole(const Whole& other) : held_(BN_dup(other.get())) {}
  Whole& operator=(const Whole& other) {
    BN_copy(held_.get(), other.get());
    return *this;
  }
  BIGNUM* get() const { return held_.get(); }
  std::array<std::uint8_t, 32> bytes() const {
    std::array<std::uint8_t, 32> out{};
    EXPECT_EQ(BN_bn2binpad(get(), out.data(), 32), 32);
    return out;
  }
  friend Whole operator+(const Whole& a, const Whole& b) {
    Whole out;
    BN_add(out.get(), a.get(), b.get());
    return out;
  }
  friend Whole operator-(const Whole& a, const Whole& b) {
    Whole out;
    BN_sub(out.get(), a.get(), b.get());
    return out;
  }
  friend Whole operator*(const Whole& a, const Whole& b) {
    Whole out;
    BN_mul(out.get(), a.get(), b.get(), context());
    return out;
  }
  Whole modulo(const Whole& m) const {
    Whole out;
    BN_nnmod(out.get(), get(), m.get(), context());
    return out;
  }
  Whole inverse(const Whole& m) const {
    Whole out;
    BN_mod_inverse(out.get(), get(), m.get(), context());
    return out;
  }
  bool operator==(const Whole& other) const { return BN_cmp(get(), other.get()) == 0; }

 private:
  std::unique_ptr<BIGNUM, Deleter<BIGNUM, BN_free>> held_;
};

Whole two_to(int power) {
  Whole out;
  BN_set_bit(out.get(), power);
  return out;
}
const Whole& order() {
  static const Whole one = [] {
    Whole out;
    EXPECT_EQ(EC_GROUP_get_order(group(), out.get(), nullptr), 1);
    return out;
  }();
  return one;
}
const Whole& prime() {
  static const Whole one = two_to(256) - two_to(224) + two_to(192) + two_to(96) - Whole(1);
  return one;
}

struct Spot {  // a point, as the library holds it
  std::unique_ptr<EC_POINT, Deleter<EC_POINT, EC_POINT_free>> held{EC_POINT_new(group())};

  static Spot of(const Whole& times) {  // the generator so many times
    Spot out;
    EC_POINT_mul(group(), out.held.get(), times.get(), nullptr, nullptr, context());
    return out;
  }
  static std::optional<Spot> at_x(const Whole& x) {
    Spot out;
    if (EC_POINT_set_compressed_coordinates(group(), out.held.get(), x.get(), 0, context()) != 1) return std::nullopt;
    return out;
  }
  Spot times(const Whole& factor) const {
    Spot out;
    EC_POINT_mul(group(), out.held.get(), nullptr, held.get(), factor.get(), context());
    return out;
  }
  Spot minus(Spot other) const {
    EC_POINT_invert(group(), other.held.get(), context());
    EC_POINT_add(group(), other.held.get(), other.held.get(), held.get(), context());
    return other;
  }
  Whole x() const {
    Whole out;
    EXPECT_EQ(EC_POINT_get_affine_coordinates(group(), held.get(), out.get(), nullptr, context()), 1);
    return out;
  }
  Bytes encoded() const {
    Bytes out(65);
    EXPECT_EQ(EC_POINT_point2oct(group(), held.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(), 65, context()), 65U);
    return out;
  }
};

// One key, in the table and in the library.
class Both {
 public:
  explicit Both(const Bytes& point) : table_(point), key_(nullptr, EVP_PKEY_free) {
    char name[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(point.data()), point.size()),
        OSSL_PARAM_construct_end()};
    const std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX, EVP_PKEY_CTX_free>> of(
        EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    EXPECT_EQ(EVP_PKEY_fromdata_init(of.get()), 1);
    EXPECT_EQ(EVP_PKEY_fromdata(of.get(), &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    key_.reset(key);
  }
  // What both say; a failure of the test where they differ.
  bool fits(const Hash& digest, BytesView signature) const {
    const std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG, ECDSA_SIG_free>> pair(ECDSA_SIG_new());
    ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), 32, nullptr), BN_bin2bn(signature.data() + 32, 32, nullptr));
    std::array<std::uint8_t, 80> der{};
    auto* cursor = der.data();
    const auto size = static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), &cursor));
    const std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX, EVP_PKEY_CTX_free>> of(EVP_PKEY_CTX_new(key_.get(), nullptr));
    EXPECT_EQ(EVP_PKEY_verify_init(of.get()), 1);
    const bool library = EVP_PKEY_verify(of.get(), der.data(), size, digest.data(), digest.size()) == 1;
    EXPECT_EQ(table_.fits(digest, signature), library) << "digest " << to_hex(digest) << ", signature " << to_hex(signature);
    return library;
  }
  bool fits(const Whole& e, const Whole& r, const Whole& s) const {
    Bytes signature;
    for (const auto& part : {r.bytes(), s.bytes()}) signature.insert(signature.end(), part.begin(), part.end());
    return fits(e.bytes(), signature);
  }

 private:
  P256Table table_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

std::mt19937_64& dice() {
  static std::mt19937_64 one(20261128);
  return one;
}
Whole drawn(const Whole& below) {
  Bytes raw(40);
  for (auto& byte : raw) byte = static_cast<std::uint8_t>(dice()());
  return Whole(raw).modulo(below);
}

// Scalars whose digits are all small, all large, carried through, alone, or at the end of the range.
std::vector<Whole> odd_scalars() {
  std::vector<Whole> out{1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256};
  for (const int bit : {6, 8, 63, 64, 65, 128, 191, 192, 198, 248, 252, 255}) {
    out.push_back(two_to(bit));
    out.push_back(two_to(bit) - Whole(1));
    out.push_back(order() - two_to(bit));
  }
  for (const int byte : {0x20, 0x55, 0x7f, 0x80, 0x81, 0xaa}) out.emplace_back(Bytes(32, static_cast<std::uint8_t>(byte)));
  for (const std::uint64_t less : {1, 2, 32, 33, 128, 129}) out.push_back(order() - Whole(less));
  return out;
}

}  // namespace

TEST(P256Field, ReckonsAsTheLibraryDoes) {
  const auto& p = prime();
  const auto r = two_to(256).modulo(p), r_inverse = r.inverse(p);
  std::vector<std::array<std::uint64_t, 4>> edges;
  const std::uint64_t limbs[] = {
      0, 1, 0xffffffff, 0xffffffff00000000, 0xffffffff00000001, 0xfffffffffffffffe, 0xffffffffffffffff};
  for (const auto a : limbs)
    for (const auto b : limbs)
      for (const auto c : limbs)
        for (const auto d : limbs) edges.push_back({a, b, c, d});
  for (int i = 0; i < 2'000; ++i) edges.push_back({dice()(), dice()(), dice()(), dice()()});
  const auto whole = [](const P256Field& field) {
    std::array<std::uint8_t, 32> bytes{};
    for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(field.limbs[3 - i / 8] >> (56 - 8 * (i % 8)));
    return Whole(bytes);
  };
  std::vector<std::pair<P256Field, Whole>> all;
  for (const auto& edge : edges)
    if (const auto value = whole({edge}); BN_cmp(value.get(), p.get()) < 0) all.emplace_back(P256Field{edge}, value);
  ASSERT_GT(all.size(), 3'000U);
  for (int i = 0; i < 150'000; ++i) {
    const auto& [a, a_whole] = all[dice()() % all.size()];
    const auto& [b, b_whole] = all[dice()() % all.size()];
    ASSERT_EQ(whole(a + b), (a_whole + b_whole).modulo(p)) << a_whole.bytes()[0];
    ASSERT_EQ(whole(a - b), (a_whole - b_whole).modulo(p));
    ASSERT_EQ(whole(a * b), (a_whole * b_whole * r_inverse).modulo(p));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [a, a_whole] = all[i];
    ASSERT_EQ(whole(a * a), (a_whole * a_whole * r_inverse).modulo(p));
    ASSERT_EQ(whole(P256Field::from_bytes(a_whole.bytes())), (a_whole * r).modulo(p));
    ASSERT_EQ(Whole(a.bytes()), (a_whole * r_inverse).modulo(p));
    if (i % 16 == 0 && !a.is_zero()) {
      ASSERT_EQ(a * a.inverse(), P256Field::one());
    }
  }
  EXPECT_EQ(whole(P256Field::one()), r);
}

TEST(P256Table, SaysOfSignaturesAndOfWhatWasChangedInThemWhatTheLibrarySays) {
  for (int i = 0; i < 60; ++i) {
    const auto key = P256Key::generate();
    const Both both(key.public_key());
    const Both other(P256Key::generate().public_key());
    for (int j = 0; j < 40; ++j) {
      const auto text = std::to_string(i) + " bids " + std::to_string(j);
      const auto digest = sha256(as_bytes(text));
      const auto signature = key.sign(as_bytes(text));
      EXPECT_TRUE(both.fits(digest, signature));
      EXPECT_FALSE(other.fits(digest, signature));
      auto changed = signature;
      changed[dice()() % 64] ^= static_cast<std::uint8_t>(1U << (dice()() % 8));
      EXPECT_FALSE(both.fits(digest, changed));
      auto another = digest;
      another[dice()() % 32] ^= static_cast<std::uint8_t>(1U << (dice()() % 8));
      EXPECT_FALSE(both.fits(another, signature));
      auto turned = signature;  // (r, n - s) signs the same
      const auto s = (order() - Whole(BytesView(signature).subspan(32))).bytes();
      std::copy(s.begin(), s.end(), turned.begin() + 32);
      EXPECT_TRUE(both.fits(digest, turned));
      std::rotate(turned.begin(), turned.begin() + 32, turned.end());
      EXPECT_FALSE(both.fits(digest, turned));
    }
  }
}

// A signature is made of what it adds up: for a key d, R = k G = u1 G + u2 Q is signed by r = x(R), s = r / u2, e = u1 s.
TEST(P256Table, AddsUpEveryKindOfScalarsAndWhatMeetsOnTheWay) {
  const auto& n = order();
  std::vector<Whole> keys{1, 2, 3, 32, 64, n - Whole(1), n - Whole(2)};
  for (int i = 0; i < 3; ++i) keys.push_back(drawn(n));
  const auto scalars = odd_scalars();
  int made = 0;
  for (const auto& d : keys) {
    const Both both(Spot::of(d).encoded());
    const auto check = [&](const Whole& u1, const Whole& u2) {
      const auto k = (u1 + u2 * d).modulo(n);
      const bool nowhere = BN_is_zero(k.get()) == 1;  // R at infinity: no r is right
      const auto r = nowhere ? drawn(n) : Spot::of(k).x().modulo(n);
      const auto s = (r * u2.inverse(n)).modulo(n);
      EXPECT_EQ(both.fits((u1 * s).modulo(n), r, s), !nowhere) << to_hex(u1.bytes()) << " " << to_hex(u2.bytes());
      EXPECT_FALSE(both.fits((u1 * s + Whole(1)).modulo(n), r, s));
      ++made;
    };
    for (const auto& u2 : scalars) {
      check(Whole(0), u2);
      check(u2, scalars[dice()() % scalars.size()]);
      check(drawn(n), u2);
      check(u2, drawn(n));
      const auto met = (u2 * d).modulo(n);
      check(met, u2);                             // u1 G = u2 Q
      check((n - met).modulo(n), u2);             // u1 G = -u2 Q
      check((n - met + Whole(1)).modulo(n), u2);  // all but one G
      for (const int bits : {6, 96, 246}) {       // Q's lower digits alone meet u1 G, or its opposite
        const auto part = (u2.modulo(two_to(bits)) * d).modulo(n);
        check(part, u2);
        check((n - part).modulo(n), u2);
      }
    }
  }
  EXPECT_GT(made, 5'000);
}

TEST(P256Table, TakesSAndDigestsAtTheirEndsAndRefusesWhatIsOutOfRange) {
  const auto& n = order();
  const auto d = drawn(n), k = drawn(n);
  const Both both(Spot::of(d).encoded());
  const auto r = Spot::of(k).x().modulo(n);
  auto ends = odd_scalars();  // of 1/s, and of what makes it: halves in a row, none, and all alike
  for (int bit = 1; bit < 256; ++bit) ends.push_back(two_to(bit));
  for (const std::uint64_t odd : {3, 5, 7, 0x10001}) ends.push_back(Whole(odd).inverse(n));
  for (const auto& s : ends) EXPECT_TRUE(both.fits((s * k - r * d).modulo(n), r, s));
  for (const std::uint64_t s : {1, 2, 1'000'000}) EXPECT_FALSE(both.fits((Whole(s) * k - r * d).modulo(n), r, n + Whole(s)));
  const auto most = two_to(256) - Whole(1);
  for (const auto& e : {Whole(0), Whole(1), n - Whole(1), n, n + Whole(1), most}) {  // a digest may be n or more
    const auto s = ((e + r * d) * k.inverse(n)).modulo(n);
    EXPECT_TRUE(both.fits(e, r, s));
    for (const auto& out : {Whole(0), n, n + Whole(1), most}) {
      EXPECT_FALSE(both.fits(e, out, s));
      EXPECT_FALSE(both.fits(e, r, out));
      EXPECT_FALSE(both.fits(e, out, out));
    }
    EXPECT_FALSE(both.fits(e, Whole(1), Whole(1)));
    EXPECT_FALSE(both.fits(e, n - Whole(1), n - Whole(1)));
  }
  EXPECT_FALSE(P256Table(Spot::of(d).encoded()).fits(Hash{}, Bytes(63)));
  EXPECT_FALSE(P256Table(Spot::of(d).encoded()).fits(Hash{}, Bytes()));
}

// r is x(R) modulo n, and between n and p there are some x: there r stands for x = r + n. Where r + n is p or more it does
// not, though it is a number modulo p too.
TEST(P256Table, KnowsThatAnXMayLieAboveTheOrder) {
  const auto& n = order();
  const auto above = prime() - n;
  const auto check = [&](const Spot& sum, const Whole& r, bool good) {
    const auto u1 = drawn(n), u2 = drawn(n);
    const Both both(sum.minus(Spot::of(u1)).times(u2.inverse(n)).encoded());  // the key under which this is the sum
    const auto s = (r * u2.inverse(n)).modulo(n);
    EXPECT_EQ(both.fits((u1 * s).modulo(n), r, s), good);
  };
  int high = 0, low = 0, wrapped = 0;
  for (std::uint64_t i = 1; i < 40; ++i) {
    if (const auto sum = Spot::at_x(n + Whole(i))) {
      check(*sum, i, true), ++high;
      check(*sum, n + Whole(i), false);  // the same x, but no r
    }
    if (const auto sum = Spot::at_x(prime() - Whole(i))) check(*sum, above - Whole(i), true), ++high;
    if (const auto sum = Spot::at_x(i)) {
      check(*sum, i, true), ++low;
      check(*sum, above + Whole(i), false), ++wrapped;  // r + n = p + i
    }
    if (const auto sum = Spot::at_x(above + Whole(i))) check(*sum, above + Whole(i), true), ++low;
  }
  EXPECT_GT(high, 20);
  EXPECT_GT(low, 20);
  EXPECT_GT(wrapped, 10);
}

// The table takes a point as it is: that it is one, of this curve and in its one spelling, is what the parsing sees to.
TEST(P256Table, IsMadeOfParsedPointsAlone) {
  const auto point = P256Key::generate().public_key();
  EXPECT_TRUE(P256PublicKey::parse(point));
  auto beside = point;
  beside[64] ^= 1;
  EXPECT_FALSE(P256PublicKey::parse(beside));
  std::uint64_t x = 0;
  auto small = Spot::at_x(x);
  while (!small) small = Spot::at_x(++x);
  auto twice = small->encoded();
  EXPECT_TRUE(P256PublicKey::parse(twice));
  const auto spelled = (Whole(x) + prime()).bytes();  // the same x, written as x + p
  std::copy(spelled.begin(), spelled.end(), twice.begin() + 1);
  EXPECT_FALSE(P256PublicKey::parse(twice));
  Bytes infinity(65);
  infinity[0] = 4;
  EXPECT_FALSE(P256PublicKey::parse(infinity));
  EXPECT_FALSE(P256PublicKey::parse(Bytes{0}));
}
