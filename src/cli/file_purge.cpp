#include "cli/file_purge.hpp"

#include <cstdio>

namespace landglass::cli {

FilePurge::FilePurge(store::Store& store, std::int64_t after_ms, web::Metrics& metrics)
    : store_(store),
      after_ms_(after_ms),
      waiting_(metrics.gauge("landglass_files_waiting", "Files handed in that no act cites yet, as of the last look")),
      purged_(metrics.counter("landglass_files_purged_total", "Files that no act cited in time")),
      thread_([this] { watch(); }) {}

FilePurge::~FilePurge() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void FilePurge::watch() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (const auto fell = store_.purge_files(after_ms_); fell) {
      purged_.add(*fell);
    } else {
      std::fprintf(stderr, "landglass: %s\n", base::explain(fell.trouble()).c_str());
    }
    waiting_.set(static_cast<std::int64_t>(store_.files_waiting()));
    wake_.wait_for(lock, std::chrono::hours(1));
  }
}

}  // namespace landglass::cli
