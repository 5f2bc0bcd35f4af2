#pragma once
// Verification under a P-256 key that is used again and again (decision 0163): multiples of its point, made once, so that a
// verification is some ninety additions of points and no doubling. It only ever says yes: who hears no asks the library.

#include <memory>

#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace landglass::base {

class P256Table {
 public:
  // 65 bytes, 0x04‖x‖y, of a point that P256PublicKey::parse took. A millisecond, 86 KiB.
  explicit P256Table(BytesView point);
  P256Table(P256Table&&) noexcept;
  P256Table& operator=(P256Table&&) noexcept;
  ~P256Table();

  // Whether r‖s (64 bytes) is a signature of the message with this digest. From any thread.
  bool fits(const Hash& digest, BytesView signature) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace landglass::base
