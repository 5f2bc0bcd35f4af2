#pragma once
// Once an hour, and at the start: files that were handed in and that no act has cited for so long are overwritten and gone.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "store/store.hpp"
#include "web/metrics.hpp"

namespace landglass::cli {

class FilePurge {
 public:
  FilePurge(store::Store& store, std::int64_t after_ms, web::Metrics& metrics);
  ~FilePurge();
  FilePurge(const FilePurge&) = delete;
  FilePurge& operator=(const FilePurge&) = delete;

 private:
  void watch();
  store::Store& store_;
  const std::int64_t after_ms_;
  web::Gauge& waiting_;
  web::Counter& purged_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace landglass::cli
