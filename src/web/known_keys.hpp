#pragma once
// Public keys that were parsed before: a bidder bids again under the key he bid with, and making one ready takes a third as
// long as a verification. Only keys under which something was verified are kept, so that nobody fills the place with points
// of his own making for nothing.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/crypto.hpp"

namespace landglass::web {

class KnownKeys {
 public:
  explicit KnownKeys(std::size_t most) : most_(most) {}

  // Whether the message was signed under this point (65 bytes, uncompressed). From any thread.
  bool verify(base::BytesView point, base::BytesView message, base::BytesView signature) {
    const std::string name(base::as_text(point));
    if (const auto known = find(name)) return known->verify(message, signature);
    auto parsed = base::P256PublicKey::parse(point);
    if (!parsed || !parsed->verify(message, signature)) return false;
    const std::scoped_lock lock(mutex_);
    if (keys_.size() >= most_) keys_.clear();
    keys_.emplace(name, std::make_shared<const base::P256PublicKey>(*std::move(parsed)));
    return true;
  }
  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return keys_.size();
  }

 private:
  std::shared_ptr<const base::P256PublicKey> find(const std::string& name) const {
    const std::scoped_lock lock(mutex_);
    const auto found = keys_.find(name);
    return found == keys_.end() ? nullptr : found->second;
  }

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const base::P256PublicKey>> keys_;
};

}  // namespace landglass::web
