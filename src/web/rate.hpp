#pragma once
// Token buckets in a table of fixed size: one bucket a caller and kind of work. A full table evicts the bucket that is
// nearest to full, which is the one whose loss gives away least.

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace landglass::web {

struct Bucket {
  std::int64_t burst;       // tokens when full
  std::int64_t per_minute;  // refilled
};

class RateTable {
 public:
  explicit RateTable(std::size_t slots = 65'536);
  // 0: a token was drawn. Otherwise ms until the next one.
  std::int64_t draw(std::string_view who, std::uint32_t kind, Bucket bucket, std::int64_t now_ms);

 private:
  static constexpr std::size_t k_ways = 8;
  static constexpr std::size_t k_shards = 64;
  struct Slot {
    std::uint64_t key = 0;   // 0: free
    std::int64_t level = 0;  // in 1/60,000 of a token: what one token a minute refills in a millisecond
    std::int64_t ms = 0;
    Bucket bucket{1, 1};
  };
  static std::int64_t level_at(const Slot& slot, std::int64_t now_ms);
  std::array<std::uint8_t, 16> seed_;
  std::vector<Slot> slots_;
  std::array<std::mutex, k_shards> mutexes_;
};

// The part of an address that one subscriber holds: all of IPv4, the /64 of IPv6.
std::string_view subscriber(std::string_view address);

}  // namespace landglass::web
