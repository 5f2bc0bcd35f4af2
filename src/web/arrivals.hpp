#pragma once
// The order of arrival, kept through work that is done in parallel: who came first goes first, whoever is ready first. A
// ticket is drawn when a request is here whole; what it is for may then take its time on any thread. Lots do not wait for
// each other.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace landglass::web {

class Arrivals {
 public:
  class Ticket;
  // From any thread; behind all that were drawn for this queue before.
  Ticket draw(std::string_view queue);
  std::size_t queues() const;  // that somebody stands in

 private:
  struct Place {
    bool ready = false;
    bool gone = false;
    std::function<void()> go;
  };
  using Queue = std::deque<std::shared_ptr<Place>>;
  void settle(const std::string& queue);

  mutable std::mutex mutex_;
  std::map<std::string, Queue, std::less<>> queues_;
};

// One place in a queue. Dropped without pass(), it is given up and holds up nobody.
class Arrivals::Ticket {
 public:
  Ticket(Ticket&&) noexcept = default;
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket();

  // Calls `go` as soon as all who came before have gone or given up: at once, or on the thread of the last of them. One at a
  // time, under the lock of all queues: `go` hands on and returns, and draws no ticket.
  void pass(std::function<void()> go);

 private:
  friend class Arrivals;
  Ticket(Arrivals& all, std::string queue, std::shared_ptr<Place> place)
      : all_(&all), queue_(std::move(queue)), place_(std::move(place)) {}
  Arrivals* all_;
  std::string queue_;
  std::shared_ptr<Place> place_;
};

}  // namespace landglass::web
