#include "base/crypto.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstring>
#include <mutex>

#include "base/deleter.hpp"
#include "base/result.hpp"

namespace landglass::base {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX, EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BIGNUM, BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG, ECDSA_SIG_free>>;

constexpr std::size_t k_long = 4'096;  // bytes

// A digest fetched once and a context reused per thread: a third of the cost of the one-shot call.
const EVP_MD* sha256_method() {
  static const EVP_MD* method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}
const EVP_CIPHER* chacha20_poly1305() {
  static const EVP_CIPHER* method = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  return method;
}
EVP_MD_CTX* thread_context() {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  return context.get();
}

}  // namespace

Hash sha256(BytesView first, BytesView second) {
  Hash out;
  auto* context = thread_context();
  const bool ok = EVP_DigestInit_ex2(context, sha256_method(), nullptr) == 1 &&
                  EVP_DigestUpdate(context, first.data(), first.size()) == 1 &&
                  EVP_DigestUpdate(context, second.data(), second.size()) == 1 &&
                  EVP_DigestFinal_ex(context, out.data(), nullptr) == 1;
  LG_ASSERT(ok, "SHA-256 failed");
  return out;
}
Hash sha256(BytesView data) { return sha256(data, {}); }

// HMAC by hand over the thread's context: OpenSSL's own costs several allocations a call, and each leaf makes commitments.
Hash hmac_sha256(BytesView key, BytesView data) {
  std::array<std::uint8_t, 64> block{};
  if (key.size() > block.size()) {
    const auto hashed = sha256(key);
    std::copy(hashed.begin(), hashed.end(), block.begin());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  auto inner = block;
  auto outer = block;
  for (auto& byte : inner) byte ^= 0x36;
  for (auto& byte : outer) byte ^= 0x5c;
  return sha256(outer, sha256(inner, data));
}

// OpenSSL's for what is long (2.3 times as fast: decision 0200), and for what is short libsodium's, which needs no context.
void xchacha20_poly1305_seal(const Hash& key, BytesView nonce, BytesView bound, std::uint8_t* text, std::size_t size) {
  LG_ASSERT(nonce.size() == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "a nonce has 24 bytes");
  if (size < k_long || size > INT_MAX || bound.size() > INT_MAX) {
    crypto_aead_xchacha20poly1305_ietf_encrypt(text, nullptr, text, size, bound.data(), bound.size(), nullptr, nonce.data(),
                                               key.data());
    return;
  }
  // Of the nonce the first 16 bytes make a key, the rest is the nonce under it.
  Hash subkey;
  crypto_core_hchacha20(subkey.data(), nonce.data(), key.data(), nullptr);
  std::array<std::uint8_t, 12> rest{};
  std::copy(nonce.begin() + 16, nonce.end(), rest.begin() + 4);
  thread_local const CipherContext context(EVP_CIPHER_CTX_new());
  int done = 0;
  const bool ok =
      EVP_EncryptInit_ex2(context.get(), chacha20_poly1305(), subkey.data(), rest.data(), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &done, bound.data(), static_cast<int>(bound.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), text, &done, text, static_cast<int>(size)) == 1 &&
      EVP_EncryptFinal_ex(context.get(), text + size, &done) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, crypto_aead_xchacha20poly1305_ietf_ABYTES, text + size) == 1;
  LG_ASSERT(ok, "XChaCha20-Poly1305 failed");
  sodium_memzero(subkey.data(), subkey.size());
}

// libsodium's, which signs in half the time of OpenSSL's (20 us against 46): each batch waits for one signature.
struct Ed25519Key::Impl {
  std::array<std::uint8_t, crypto_sign_ed25519_PUBLICKEYBYTES> public_key{};
  std::array<std::uint8_t, crypto_sign_ed25519_SECRETKEYBYTES> secret{};
  ~Impl() { sodium_memzero(secret.data(), secret.size()); }
};
Ed25519Key::Ed25519Key(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ed25519Key::Ed25519Key(Ed25519Key&&) noexcept = default;
Ed25519Key& Ed25519Key::operator=(Ed25519Key&&) noexcept = default;
Ed25519Key::~Ed25519Key() = default;
Ed25519Key Ed25519Key::from_seed(const std::array<std::uint8_t, 32>& seed) {
  LG_ASSERT(sodium_init() >= 0, "libsodium does not start");
  auto impl = std::make_unique<Impl>();
  LG_ASSERT(crypto_sign_ed25519_seed_keypair(impl->public_key.data(), impl->secret.data(), seed.data()) == 0, "Ed25519 key");
  return Ed25519Key(std::move(impl));
}
std::array<std::uint8_t, 32> Ed25519Key::public_key() const { return impl_->public_key; }
std::array<std::uint8_t, 64> Ed25519Key::sign(BytesView message) const {
  std::array<std::uint8_t, 64> out{};
  const int done = crypto_sign_ed25519_detached(out.data(), nullptr, message.data(), message.size(), impl_->secret.data());
  LG_ASSERT(done == 0, "Ed25519 signing failed");
  return out;
}
bool ed25519_verify(BytesView public_key, BytesView message, BytesView signature) {
  if (public_key.size() != 32 || signature.size() != 64) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()));
  if (!key) return false;
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

struct P256Key::Impl {
  Key key;
};
P256Key::P256Key(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
P256Key::P256Key(P256Key&&) noexcept = default;
P256Key& P256Key::operator=(P256Key&&) noexcept = default;
P256Key::~P256Key() = default;
P256Key P256Key::generate() {
  auto impl = std::make_unique<Impl>();
  impl->key.reset(EVP_EC_gen("P-256"));
  LG_ASSERT(impl->key, "P-256 key");
  return P256Key(std::move(impl));
}
std::optional<P256Key> P256Key::from_scalar(BytesView scalar) {
  if (scalar.size() != 32) return std::nullopt;
  const std::unique_ptr<EC_GROUP, Deleter<EC_GROUP, EC_GROUP_free>> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Number secret(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
  if (BN_is_zero(secret.get()) || BN_cmp(secret.get(), EC_GROUP_get0_order(group.get())) >= 0) return std::nullopt;
  const std::unique_ptr<EC_POINT, Deleter<EC_POINT, EC_POINT_free>> point(EC_POINT_new(group.get()));
  if (EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, nullptr) != 1) return std::nullopt;
  std::array<std::uint8_t, 65> encoded{};
  EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(), nullptr);
  const std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size());
  const std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM, OSSL_PARAM_free>> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
    return std::nullopt;
  }
  auto impl = std::make_unique<Impl>();
  impl->key.reset(key);
  return P256Key(std::move(impl));
}
Bytes P256Key::public_key() const {
  Bytes out(65);
  std::size_t size = 0;
  const bool ok =
      EVP_PKEY_get_octet_string_param(impl_->key.get(), OSSL_PKEY_PARAM_PUB_KEY, out.data(), out.size(), &size) == 1;
  LG_ASSERT(ok && size == out.size(), "P-256 public key");
  return out;
}
Bytes P256Key::scalar() const {
  BIGNUM* raw = nullptr;
  LG_ASSERT(EVP_PKEY_get_bn_param(impl_->key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &raw) == 1, "P-256 scalar");
  const Number secret(raw);
  Bytes out(32);
  BN_bn2binpad(secret.get(), out.data(), static_cast<int>(out.size()));
  return out;
}
Bytes P256Key::sign(BytesView message) const {
  std::array<std::uint8_t, 80> der{};
  std::size_t size = der.size();
  const DigestContext context(EVP_MD_CTX_new());
  const bool ok = EVP_DigestSignInit(context.get(), nullptr, sha256_method(), nullptr, impl_->key.get()) == 1 &&
                  EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) == 1;
  LG_ASSERT(ok, "P-256 signing failed");
  const auto* cursor = der.data();
  const Signature signature(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)));
  Bytes out(64);
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + 32, 32);
  return out;
}

struct P256PublicKey::Impl {
  Key key;
};
P256PublicKey::P256PublicKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
P256PublicKey::P256PublicKey(P256PublicKey&&) noexcept = default;
P256PublicKey& P256PublicKey::operator=(P256PublicKey&&) noexcept = default;
P256PublicKey::~P256PublicKey() = default;
std::optional<P256PublicKey> P256PublicKey::parse(BytesView point) {
  if (point.size() != 65 || point[0] != 4) return std::nullopt;
  char group[] = "P-256";
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(point.data()), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    return std::nullopt;
  }
  auto impl = std::make_unique<Impl>();
  impl->key.reset(key);
  return P256PublicKey(std::move(impl));
}
bool P256PublicKey::verify(BytesView message, BytesView signature) const {
  if (signature.size() != 64) return false;
  const Signature pair(ECDSA_SIG_new());
  if (ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), 32, nullptr), BN_bin2bn(signature.data() + 32, 32, nullptr)) !=
      1) {
    return false;
  }
  std::array<std::uint8_t, 80> der{};
  auto* cursor = der.data();
  const int size = i2d_ECDSA_SIG(pair.get(), &cursor);
  if (size <= 0) return false;
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, sha256_method(), nullptr, impl_->key.get()) == 1 &&
         EVP_DigestVerify(context.get(), der.data(), static_cast<std::size_t>(size), message.data(), message.size()) == 1;
}

// A call of the generator costs as much for 32 bytes as for a page: so a page is asked for, and what was given out of it is
// wiped at once.
void SystemRandom::fill(std::uint8_t* out, std::size_t size) {
  struct Pool {
    std::array<std::uint8_t, 4096> bytes;
    std::size_t used = 4096;
    std::uint64_t forks = 0;
  };
  thread_local Pool pool;
  static std::atomic<std::uint64_t> forks = 0;
  static const int watched = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
  LG_ASSERT(watched == 0, "forks are not noticed");
  const auto ask = [](std::uint8_t* to, std::size_t count) {
    LG_ASSERT(RAND_bytes(to, static_cast<int>(count)) == 1, "no randomness from the system");
  };
  if (size > pool.bytes.size()) return ask(out, size);
  // A child must not give out what its parent holds.
  if (pool.bytes.size() - pool.used < size || pool.forks != forks) {
    ask(pool.bytes.data(), pool.bytes.size());
    pool.used = 0;
    pool.forks = forks;
  }
  std::memcpy(out, pool.bytes.data() + pool.used, size);
  OPENSSL_cleanse(pool.bytes.data() + pool.used, size);
  pool.used += size;
}

struct SeededRandom::Impl {
  std::mutex mutex;
  Hash state{};
  std::uint64_t counter = 0;
  Hash block{};
  std::size_t used = 32;
};
SeededRandom::SeededRandom(std::uint64_t seed) : impl_(std::make_unique<Impl>()) {
  std::array<std::uint8_t, 8> raw{};
  for (std::size_t i = 0; i < 8; ++i) raw[i] = static_cast<std::uint8_t>(seed >> (8 * i));
  impl_->state = sha256(raw);
}
SeededRandom::~SeededRandom() = default;
void SeededRandom::fill(std::uint8_t* out, std::size_t size) {
  const std::scoped_lock lock(impl_->mutex);
  for (std::size_t i = 0; i < size; ++i) {
    if (impl_->used == impl_->block.size()) {
      std::array<std::uint8_t, 8> raw{};
      for (std::size_t j = 0; j < 8; ++j) raw[j] = static_cast<std::uint8_t>(impl_->counter >> (8 * j));
      ++impl_->counter;
      impl_->block = sha256(impl_->state, raw);
      impl_->used = 0;
    }
    out[i] = impl_->block[impl_->used++];
  }
}
std::uint64_t SeededRandom::below(std::uint64_t bound) {
  LG_ASSERT(bound > 0, "an empty range has no number");
  const std::uint64_t limit = ~std::uint64_t{0} - (~std::uint64_t{0} % bound);
  for (;;) {
    std::array<std::uint8_t, 8> raw{};
    fill(raw.data(), raw.size());
    std::uint64_t value = 0;
    for (const auto byte : raw) value = (value << 8) | byte;
    if (value < limit) return value % bound;
  }
}

}  // namespace landglass::base
