#pragma once
// Figures about the running program, in Prometheus' text form. Look a series up once and keep the reference: it lives as
// long as the registry, and adding to it is one atomic operation. No label may carry personal data.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace landglass::web {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Of durations, in microseconds; shown in seconds as Prometheus asks.
class Histogram {
 public:
  static constexpr std::array<std::int64_t, 14> k_bounds_us{
      100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000, 5'000'000, 30'000'000};
  void observe_us(std::int64_t us);
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  friend class Metrics;
  std::array<std::atomic<std::uint64_t>, k_bounds_us.size() + 1> buckets_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::int64_t> sum_us_{0};
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  // The same name and labels give the same series. A family holds at most 1,000 series; what is past that shares one with
  // the label overflow="true". Asking for another kind under a name that stands is a bug.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {});
  // Called before each collection, to set gauges that are cheaper to ask than to keep.
  void on_collect(std::function<void()> refresh);
  std::string text();

 private:
  struct Family;
  template <class Series>
  Series& series(std::string_view name, std::string_view help, const Labels& labels);
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;
  std::vector<std::function<void()>> refresh_;
};

}  // namespace landglass::web
