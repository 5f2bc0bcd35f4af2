#include "engine/watched_clock.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace landglass::engine {

std::int64_t boot_ms() {
  timespec at{};
  ::clock_gettime(CLOCK_BOOTTIME, &at);
  return static_cast<std::int64_t>(at.tv_sec) * 1'000 + at.tv_nsec / 1'000'000;
}

WatchedClock::WatchedClock(base::Clock& wall, std::function<std::int64_t()> steady_ms)
    : wall_(wall), steady_ms_(std::move(steady_ms)), base_(wall_.now()), base_steady_(steady_ms_()) {}

base::Time WatchedClock::now() {
  const std::scoped_lock lock(mutex_);
  const auto wall = wall_.now();
  const auto elapsed = steady_ms_() - base_steady_;
  const auto expected = base_ + elapsed;
  const auto off = wall - expected;
  off_ms_ = std::abs(off) > k_clock_tolerance_ms ? off : 0;
  // Sources slew a clock by up to 500 parts in a million; twice that is followed and not counted as being off. What moves
  // faster, in one step or in many small ones, adds up until it is past the tolerance.
  if (elapsed >= 1'000) {
    base_ = expected + (off_ms_ == 0 ? std::clamp(off, -elapsed / 1'000, elapsed / 1'000) : 0);
    base_steady_ += elapsed;
  }
  return off_ms_ == 0 ? wall : expected;
}

std::int64_t WatchedClock::off_ms() const {
  const std::scoped_lock lock(mutex_);
  return off_ms_;
}

}  // namespace landglass::engine
