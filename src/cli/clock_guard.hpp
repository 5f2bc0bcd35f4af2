#pragma once
// Watches the clock against those that it can be held against: the machine's own steady clock, and the times that witnesses
// put into their cosignatures. While it is in doubt, timed lots take nothing (CLK-01) and no deadline falls.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/engine.hpp"
#include "web/metrics.hpp"

namespace landglass::cli {

class ClockGuard {
 public:
  // Each says by how many ms the wall clock is off, 0 where it agrees; asked five times a second.
  ClockGuard(engine::Engine& engine, std::function<std::int64_t()> jumped, std::function<std::int64_t()> witnesses_say,
             web::Metrics& metrics);
  ~ClockGuard();
  ClockGuard(const ClockGuard&) = delete;
  ClockGuard& operator=(const ClockGuard&) = delete;

 private:
  void watch();
  engine::Engine& engine_;
  std::function<std::int64_t()> jumped_;
  std::function<std::int64_t()> witnesses_say_;
  web::Gauge& off_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace landglass::cli
