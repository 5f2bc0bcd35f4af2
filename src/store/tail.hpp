#pragma once
// How far what was committed stands in the tables. What is durable in the journal (store/journal.hpp) comes into the tables
// a moment later, on a thread of its own; whoever reads asks here first, and waits for that moment.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/result.hpp"

namespace landglass::store {

class Tail {
 public:
  // Everything that was committed before the call stands in the tables when it returns Done.
  base::Status settle() {
    const std::uint64_t target = committed_;
    if (written_ >= target) return base::Done{};
    std::unique_lock lock(mutex_);
    if (wanted_ < target) wanted_ = target;
    wake_.notify_all();
    wake_.wait(lock, [&] { return written_ >= target || !broken_.empty(); });
    if (written_ >= target) return base::Done{};
    return base::fail("the store stopped and must be opened anew: " + broken_);
  }

 private:
  friend class JournaledStore;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<std::uint64_t> committed_ = 0;  // numbers of batches; written under the mutex
  std::atomic<std::uint64_t> written_ = 0;
  std::uint64_t wanted_ = 0;  // somebody waits for this one
  std::string broken_;
  bool awaited_ = false;  // the sequencer waits until all that it handed over lasts
  bool lost_ = false;     // of what was handed over nobody knows whether it lasts
};

}  // namespace landglass::store
