#pragma once
// Public keys that were parsed before: a bidder bids again under the key he bid with, and making one ready takes a third as
// long as a verification. Only keys under which something was verified are kept, so that nobody fills the place with points
// of his own making for nothing. A key that is used on and on gets a table of its multiples (decision 0163).

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/crypto.hpp"
#include "base/p256_table.hpp"

namespace landglass::web {

// What is kept at most, and when a table is worth making: it takes as long as some dozen verifications and spares two thirds
// of each that follows, so it has paid for itself when the key was used about as often again.
struct KnownKeysBounds {
  std::size_t keys = 4'096;  // half a kilobyte each
  std::size_t tables = 256;  // 86 KiB each, 21.5 MiB in all; past it the one that lay unused longest goes
  std::uint64_t uses = 16;   // of a key, before it gets its table
};

class KnownKeys {
 public:
  explicit KnownKeys(KnownKeysBounds bounds = {}) : bounds_(bounds) {}

  // Whether the message was signed under this point (65 bytes, uncompressed). From any thread.
  bool verify(base::BytesView point, base::BytesView message, base::BytesView signature);
  std::size_t size() const;
  std::size_t tables() const;

 private:
  struct Known {
    explicit Known(base::P256PublicKey parsed) : key(std::move(parsed)) {}
    const base::P256PublicKey key;
    std::uint64_t uses = 0, last = 0;  // these and the table under the mutex; uses: verified, since it has none
    std::shared_ptr<const base::P256Table> table;
  };
  void count(const std::string& name, Known& known);

  const KnownKeysBounds bounds_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Known>> keys_;
  std::size_t tables_ = 0;   // of keys that are kept
  std::uint64_t clock_ = 0;  // uses of all keys
};

}  // namespace landglass::web
