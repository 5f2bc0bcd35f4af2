// How a batch ends, on a thread of its own while the next one is decided: durable, under a checkpoint, told. And how many
// the next one waits for.
#include <algorithm>
#include <chrono>

#include "engine/engine.hpp"

namespace landglass::engine {
namespace {

using log::Tree;

constexpr auto k_gather_most = std::chrono::microseconds(2'000);
constexpr auto k_gather_gap = std::chrono::microseconds(100);  // nobody came for so long: nobody is coming
constexpr double k_halves = 1.0;                               // so many times a commit, to decide a half of them
constexpr std::size_t k_endings = 1;                           // that wait behind the one under way

std::uint64_t micros_since(std::chrono::steady_clock::time_point start) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace

void Engine::checkpoint(Lane& lane, log::Frontier frontier) {
  auto head = std::make_shared<Head>();
  // The root first: it folds the right edge, which is then there when many threads make proofs out of it at once.
  const auto root = frontier.root();
  head->size = frontier.size();
  head->frontier = std::move(frontier);
  head->checkpoint = log::sign_checkpoint({lane.origin, head->size, root, {}}, signer_).format();
  const std::scoped_lock lock(head_mutex_);
  lane.head = std::move(head);
}

void Engine::end(Ending ending) {
  if (ending.last) {
    const auto before = std::chrono::steady_clock::now();
    if (const auto lasts = ending.last(); !lasts)
      base::bug("the batch could not be made durable: " + base::explain(lasts.trouble()), __FILE__, __LINE__);
    const auto took = micros_since(before);
    gauges_.last_commit_us.store(took, std::memory_order_relaxed);
    gauges_.commit_us.fetch_add(took, std::memory_order_relaxed);
    if (took > gauges_.longest_commit_us.load(std::memory_order_relaxed))
      gauges_.longest_commit_us.store(took, std::memory_order_relaxed);
    gauges_.batches.fetch_add(1, std::memory_order_relaxed);
  }
  for (const auto tree : {Tree::open, Tree::sealed}) {
    auto& grown = ending.grown[static_cast<int>(tree)];
    if (grown) checkpoint(lanes_[static_cast<int>(tree)], *std::move(grown));
  }
  const std::shared_ptr<const Head> heads[] = {head(Tree::open), head(Tree::sealed)};
  for (auto& one : ending.told) {
    if (one.answer) one.answer->head = heads[static_cast<int>(one.answer->tree)];
    one.reply(std::move(one.answer));
  }
  if (ending.events.empty()) return;
  const std::scoped_lock lock(mutex_);
  to_tell_.push_back(std::move(ending.events));
}

// Listeners may look into the store, which is the sequencer's.
void Engine::tell() {
  std::deque<std::vector<Published>> events;
  {
    const std::scoped_lock lock(mutex_);
    events.swap(to_tell_);
  }
  for (const auto& batch : events) {
    for (auto& listener : listeners_) listener(batch);
  }
}

void Engine::end_batches() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ended_.wait(lock, [&] { return !endings_.empty() || ended_all_; });
    if (endings_.empty()) return;
    auto ending = std::move(endings_.front());
    endings_.pop_front();
    ending_ = true;
    const auto callers = ending.told.size();
    ended_.notify_all();
    lock.unlock();
    end(std::move(ending));
    lock.lock();
    ending_ = false;
    being_ended_ -= callers;
    ended_.notify_all();
    wake_.notify_one();
  }
}

void Engine::hand_over(Ending ending) {
  if (!options_.threaded) {
    end(std::move(ending));
    return tell();
  }
  std::unique_lock lock(mutex_);
  // Without a pause where callers stay away, but not for ever for those who went.
  const auto callers = ending.told.size();
  in_flight_ = std::min(std::max(callers + being_ended_ + queue_.size(), in_flight_ * 7 / 8), options_.batch_limit);
  ended_.wait(lock, [&] { return endings_.size() < k_endings; });
  being_ended_ += callers;
  endings_.push_back(std::move(ending));
  ended_.notify_all();
}

void Engine::drain() {
  if (!options_.threaded) return;
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return endings_.empty() && !ending_; });
  lock.unlock();
  tell();
}

// Who was just answered asks again at once, and would find the next batch gone without him: then a few would always be
// decided by themselves, at the price of a batch. So a batch waits for those who were under way of late, while they keep
// coming and for no longer than half a commit took; a caller alone never waits. Where deciding half of them takes longer
// than a commit by far, they go by halves, and one half is decided while the other is made durable. Where it does not
// the disk is what everybody waits for, and all go together.
void Engine::gather(std::unique_lock<std::mutex>& lock) {
  most_at_once_ = options_.batch_limit;
  if (queue_.empty() || !looks_.empty()) return;
  const auto commit_us = gauges_.last_commit_us.load(std::memory_order_relaxed);
  const auto half = (in_flight_ + 1) / 2;
  const bool halves = k_halves * static_cast<double>(commit_us) < decide_us_ * static_cast<double>(half);
  if (halves) most_at_once_ = std::max<std::size_t>(1, half);
  const auto want = [&] {
    const auto free = in_flight_ - std::min(in_flight_, being_ended_);  // the others cannot come yet
    return halves ? std::min(half, free) : in_flight_;
  };
  const auto most = std::min(k_gather_most, std::chrono::microseconds(commit_us / 2));
  std::optional<std::chrono::steady_clock::time_point> until;
  for (std::size_t held = 0; queue_.size() < (wanted_ = want()) && looks_.empty() && !stopping_;) {
    if (ending_ || !endings_.empty()) {
      until.reset();
      held = 0;
      wake_.wait_for(lock, k_gather_most);
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!until) {
      until = now + most;
    } else if (now >= *until || held == queue_.size()) {
      break;
    }
    held = queue_.size();
    wake_.wait_until(lock, std::min(*until, now + k_gather_gap));
  }
  wanted_ = 0;
}

}  // namespace landglass::engine
