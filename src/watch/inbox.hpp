#pragma once
// What the sequencer tells the watch: which record changed, by what. It only notes it; everything else is done elsewhere.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace landglass::watch {

struct Event {
  std::string institution;
  std::string action;
  std::string record;
};

class Inbox {
 public:
  // One past it the events fall and `all` is told instead: the watch then looks at everything anew.
  static constexpr std::size_t k_most = 1'000'000;

  void put(Event event) {
    const std::scoped_lock lock(mutex_);
    if (events_.size() >= k_most) {
      events_.clear();
      all_ = true;
    }
    if (!all_) events_.push_back(std::move(event));
    wake_.notify_one();
  }
  struct Taken {
    std::vector<Event> events;
    bool all = false;
  };
  Taken take() {
    const std::scoped_lock lock(mutex_);
    return {std::exchange(events_, {}), std::exchange(all_, false)};
  }
  // From any thread: something that only the watch's own thread can look up. False where it has stopped.
  bool ask(std::function<void()> question) {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return false;
    questions_.push_back(std::move(question));
    wake_.notify_one();
    return true;
  }
  std::vector<std::function<void()>> questions() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(questions_, {});
  }
  // Until something is there, it is stopped, or so long has passed. False: stopped.
  bool wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, most, [&] { return stopped_ || all_ || !events_.empty() || !questions_.empty(); });
    return !stopped_;
  }
  void stop() {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Event> events_;
  std::vector<std::function<void()>> questions_;
  bool all_ = false;
  bool stopped_ = false;
};

}  // namespace landglass::watch
