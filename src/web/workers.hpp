#pragma once
// A few threads for work that must not hold up a connection's thread, behind a bounded queue.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace landglass::web {

class Workers {
 public:
  // `nice`: how far the threads stand back where others want the core too, as of nice(1).
  Workers(std::size_t threads, std::size_t queue, int nice = 0);
  ~Workers();  // does what is queued, then ends
  // False when the queue is full: say so to the client, do not wait.
  [[nodiscard]] bool run(std::function<void()> work);
  std::size_t waiting() const;

 private:
  void loop();
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  const std::size_t bound_;
  const int nice_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace landglass::web
