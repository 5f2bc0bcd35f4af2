#include "web/arrivals.hpp"

#include <utility>

#include "base/result.hpp"

namespace landglass::web {

Arrivals::Ticket Arrivals::draw(std::string_view queue) {
  auto place = std::make_shared<Place>();
  std::string name(queue);
  const std::scoped_lock lock(mutex_);
  queues_[name].push_back(place);
  return {*this, std::move(name), std::move(place)};
}

std::size_t Arrivals::queues() const {
  const std::scoped_lock lock(mutex_);
  return queues_.size();
}

void Arrivals::settle(const std::string& queue) {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return;
  auto& places = found->second;
  while (!places.empty() && (places.front()->ready || places.front()->gone)) {
    const auto place = std::move(places.front());
    places.pop_front();
    if (place->ready) place->go();
  }
  if (places.empty()) queues_.erase(found);
}

void Arrivals::Ticket::pass(std::function<void()> go) {
  LG_ASSERT(place_ != nullptr, "a ticket passes twice");
  const auto place = std::exchange(place_, nullptr);
  const std::scoped_lock lock(all_->mutex_);
  place->go = std::move(go);
  place->ready = true;
  all_->settle(queue_);
}

Arrivals::Ticket::~Ticket() {
  if (place_ == nullptr) return;
  const std::scoped_lock lock(all_->mutex_);
  place_->gone = true;
  all_->settle(queue_);
}

}  // namespace landglass::web
