#include "web/rate.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

namespace landglass::web {
namespace {

constexpr std::int64_t k_token = 60'000;

}  // namespace

RateTable::RateTable(std::size_t slots) : slots_(std::max<std::size_t>(k_ways, slots / k_ways * k_ways)) {
  randombytes_buf(seed_.data(), seed_.size());  // so that nobody can aim at another's bucket
}

std::int64_t RateTable::level_at(const Slot& slot, std::int64_t now_ms) {
  const auto passed = std::clamp<std::int64_t>(now_ms - slot.ms, 0, 86'400'000);
  return std::min(slot.bucket.burst * k_token, slot.level + passed * slot.bucket.per_minute);
}

std::int64_t RateTable::draw(std::string_view who, std::uint32_t kind, Bucket bucket, std::int64_t now_ms) {
  std::string input(who);
  input.append(reinterpret_cast<const char*>(&kind), sizeof kind);
  std::uint64_t key = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&key), reinterpret_cast<const unsigned char*>(input.data()),
                   input.size(), seed_.data());
  key |= 1;
  const auto set = (key >> 1) % (slots_.size() / k_ways);
  const std::lock_guard lock(mutexes_[set % k_shards]);
  Slot* chosen = nullptr;
  std::int64_t least_missing = 0;
  for (std::size_t i = 0; i < k_ways; ++i) {
    auto& slot = slots_[set * k_ways + i];
    if (slot.key == key) {
      chosen = &slot;
      break;
    }
    const auto missing = slot.key == 0 ? -1 : slot.bucket.burst * k_token - level_at(slot, now_ms);
    if (!chosen || missing < least_missing) {
      chosen = &slot;
      least_missing = missing;
    }
  }
  if (chosen->key != key) *chosen = Slot{key, bucket.burst * k_token, now_ms, bucket};
  chosen->bucket = bucket;
  chosen->level = level_at(*chosen, now_ms);
  chosen->ms = now_ms;
  if (chosen->level >= k_token) {
    chosen->level -= k_token;
    return 0;
  }
  return (k_token - chosen->level + bucket.per_minute - 1) / std::max<std::int64_t>(1, bucket.per_minute);
}

std::string_view subscriber(std::string_view address) {
  if (address.find(':') == std::string_view::npos) return address;
  std::size_t colons = 0;
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (address[i] == ':' && i + 1 < address.size() && address[i + 1] == ':') return address.substr(0, i);
    if (address[i] == ':' && ++colons == 4) return address.substr(0, i);
  }
  return address;
}

}  // namespace landglass::web
