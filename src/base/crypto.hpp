#pragma once
// Hashes, signatures and randomness, over OpenSSL; no header of it is seen here. Names of algorithms as they stand in
// leaves: "sha-256", "ed25519", "es256" (P-256 with SHA-256, signature r‖s of 64 bytes), "hmac-sha-256".

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace landglass::base {

using Hash = std::array<std::uint8_t, 32>;

Hash sha256(BytesView data);
Hash sha256(BytesView first, BytesView second);  // of the concatenation
Hash hmac_sha256(BytesView key, BytesView data);

// XChaCha20-Poly1305-IETF in place: `text`, `size` bytes, becomes what is sealed, its tag of 16 bytes behind it. `bound` is
// authenticated with it. The nonce has 24 bytes.
void xchacha20_poly1305_seal(const Hash& key, BytesView nonce, BytesView bound, std::uint8_t* text, std::size_t size);

// Ed25519 (RFC 8032).
class Ed25519Key {
 public:
  static Ed25519Key from_seed(const std::array<std::uint8_t, 32>& seed);
  Ed25519Key(Ed25519Key&&) noexcept;
  Ed25519Key& operator=(Ed25519Key&&) noexcept;
  ~Ed25519Key();
  std::array<std::uint8_t, 32> public_key() const;
  std::array<std::uint8_t, 64> sign(BytesView message) const;

 private:
  struct Impl;
  explicit Ed25519Key(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};
bool ed25519_verify(BytesView public_key, BytesView message, BytesView signature);

// ECDSA on P-256 with SHA-256. Public keys are uncompressed points (65 bytes, 0x04‖x‖y), private keys the 32-byte scalar.
class P256Key {
 public:
  static P256Key generate();
  static std::optional<P256Key> from_scalar(BytesView scalar);
  P256Key(P256Key&&) noexcept;
  P256Key& operator=(P256Key&&) noexcept;
  ~P256Key();
  Bytes public_key() const;
  Bytes scalar() const;
  Bytes sign(BytesView message) const;  // r‖s, 64 bytes

 private:
  struct Impl;
  explicit P256Key(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A parsed public key, kept so that a bidder's key is decoded once.
class P256PublicKey {
 public:
  static std::optional<P256PublicKey> parse(BytesView point);
  P256PublicKey(P256PublicKey&&) noexcept;
  P256PublicKey& operator=(P256PublicKey&&) noexcept;
  ~P256PublicKey();
  bool verify(BytesView message, BytesView signature) const;  // thread-safe

 private:
  struct Impl;
  explicit P256PublicKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Where randomness comes from, so that a simulation can be played twice. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::uint8_t* out, std::size_t size) = 0;
  std::array<std::uint8_t, 32> bytes32() {
    std::array<std::uint8_t, 32> out{};
    fill(out.data(), out.size());
    return out;
  }
};
class SystemRandom final : public Random {
 public:
  void fill(std::uint8_t* out, std::size_t size) override;
};
// The same seed gives the same bytes: for simulation and demonstrations, never for keys of a live log.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  ~SeededRandom() override;
  void fill(std::uint8_t* out, std::size_t size) override;
  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound), bound > 0

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace landglass::base
