#pragma once
// The wall clock, held against one that nobody can set. A step of the wall clock does not become a step of the log's time:
// it is reported, and time goes on as if it had not happened. docs/decisions/0015-a-clock-that-jumps-stops-timed-lots.md.

#include <functional>
#include <mutex>

#include "base/time.hpp"

namespace landglass::engine {

inline constexpr std::int64_t k_clock_tolerance_ms = 500;

class WatchedClock final : public base::Clock {
 public:
  // `steady_ms` never jumps and counts a sleeping machine's time too.
  WatchedClock(base::Clock& wall, std::function<std::int64_t()> steady_ms);
  base::Time now() override;
  // By how much the wall clock is off from where it should be, as of the last now(); 0 within the tolerance.
  std::int64_t off_ms() const;

 private:
  base::Clock& wall_;
  std::function<std::int64_t()> steady_ms_;
  mutable std::mutex mutex_;
  base::Time base_;  // what the wall clock should have said at base_steady_
  std::int64_t base_steady_ = 0;
  std::int64_t off_ms_ = 0;
};

std::int64_t boot_ms();  // CLOCK_BOOTTIME

}  // namespace landglass::engine
