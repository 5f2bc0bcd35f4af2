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
constexpr std::size_t k_called_at = 4;                         // when a quarter of those who are missing wait
constexpr double k_halves = 1.0;                               // so many times a commit, to decide a half of them
constexpr std::size_t k_endings = 1;                           // that wait behind the one under way

std::uint64_t micros_since(std::chrono::steady_clock::time_point start) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace

std::shared_ptr<const Head> Engine::sign(const Lane& lane, log::Frontier frontier) {
  auto head = std::make_shared<Head>();
  // The root first: it folds the right edge, which is then there when many threads make proofs out of it at once.
  const auto root = frontier.root();
  head->size = frontier.size();
  head->frontier = std::move(frontier);
  head->checkpoint = log::sign_checkpoint({lane.origin, head->size, root, {}}, signer_).format();
  return head;
}

Engine::Heads Engine::sign(std::array<std::optional<log::Frontier>, 2> grown) {
  Heads heads;
  for (std::size_t tree = 0; tree < grown.size(); ++tree) {
    if (grown[tree]) heads[tree] = sign(lanes_[tree], *std::move(grown[tree]));
  }
  return heads;
}

Engine::Heads Engine::take_signed() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return !signed_.empty(); });
  auto heads = std::move(signed_.front());
  signed_.pop_front();
  return heads;
}

void Engine::end(Ending ending) {
  if (ending.last) {
    const auto before = std::chrono::steady_clock::now();
    if (const auto lasts = ending.last(); !lasts)
      base::bug("the batch could not be made durable: " + base::explain(lasts.trouble()), __FILE__, __LINE__);
    const auto took = micros_since(before);
    gauges_.last_commit_us.store(took, std::memory_order_relaxed);
    gauges_.commit_us.fetch_add(took, std::memory_order_relaxed);
    // A low quantile: that a large batch takes longer, or the disk stalls, is no ground to wait (decision 0199).
    const auto usual = usual_commit_us_.load(std::memory_order_relaxed);
    usual_commit_us_.store(
        took < usual ? usual - (usual - took) / 8 : usual + (usual == 0 ? took : (std::min(took - usual, usual) + 31) / 32),
        std::memory_order_relaxed);
    if (took > gauges_.longest_commit_us.load(std::memory_order_relaxed))
      gauges_.longest_commit_us.store(took, std::memory_order_relaxed);
    gauges_.batches.fetch_add(1, std::memory_order_relaxed);
  }
  auto heads = take_signed();
  {
    const std::scoped_lock lock(head_mutex_);
    for (std::size_t tree = 0; tree < heads.size(); ++tree) {
      if (heads[tree] == nullptr) heads[tree] = lanes_[tree].head;
      lanes_[tree].head = heads[tree];
    }
  }
  // The listeners' first: whoever acts upon his answer acts upon what they have heard of, a halt for instance.
  if (!ending.events.empty()) {
    const std::scoped_lock lock(mutex_);
    to_tell_.push_back(std::move(ending.events));
  }
  for (auto& one : ending.told) {
    if (one.answer) one.answer->head = heads[static_cast<std::size_t>(one.answer->tree)];
    one.reply(std::move(one.answer));
  }
}

// Listeners may look into the store, which is the sequencer's.
bool Engine::tell() {
  std::deque<std::vector<Published>> events;
  {
    const std::scoped_lock lock(mutex_);
    events.swap(to_tell_);
  }
  for (const auto& batch : events) {
    for (auto& listener : listeners_) listener(batch);
  }
  return !events.empty();
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
    lock.unlock();
    ended_.notify_all();
    end(std::move(ending));
    lock.lock();
    ending_ = false;
    being_ended_ -= callers;
    lock.unlock();  // those who were told come at once, and to wake somebody takes a while
    ended_.notify_all();
    wake_.notify_one();
    lock.lock();
  }
}

// The checkpoint is signed while the batch becomes durable: it goes nowhere before.
void Engine::hand_over(Ending ending) {
  auto grown = std::move(ending.grown);
  if (!options_.threaded) {
    signed_.push_back(sign(std::move(grown)));
    end(std::move(ending));
    tell();
    return;
  }
  std::unique_lock lock(mutex_);
  // Without a pause where callers stay away, but not for ever for those who went.
  const auto callers = ending.told.size();
  in_flight_ = std::min(std::max(callers + being_ended_ + queue_.size(), in_flight_ * 7 / 8), options_.batch_limit);
  being_ended_ += callers;
  endings_.push_back(std::move(ending));
  lock.unlock();
  ended_.notify_all();
  auto heads = sign(std::move(grown));
  lock.lock();
  signed_.push_back(std::move(heads));
  ended_.notify_all();
  ended_.wait(lock, [&] { return endings_.size() <= k_endings; });
}

void Engine::drain() {
  if (!options_.threaded) return;
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return endings_.empty() && !ending_; });
  lock.unlock();
  tell();
}

// Where deciding half of those who were under way of late takes longer than a commit, they go by halves, and one half is
// decided while the other is made durable. Where it does not the disk is what everybody waits for, and all go together.
void Engine::plan_batch() {
  const auto commit_us = usual_commit_us_.load(std::memory_order_relaxed);
  const auto half = (in_flight_ + 1) / 2;
  halves_ = k_halves * static_cast<double>(commit_us) < decide_us_ * static_cast<double>(half);
  gather_until_.reset();
  most_at_once_ = halves_ ? std::min(options_.batch_limit, std::max<std::size_t>(1, half)) : options_.batch_limit;
}

// Out of the queue, in order.
std::vector<Engine::Waiting> Engine::take(std::size_t most) {
  std::vector<Waiting> taken;
  const auto count = std::min(queue_.size(), most);
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  gauges_.queue.store(queue_.size(), std::memory_order_relaxed);
  return taken;
}

// Who was just answered asks again at once, and would find the next batch gone without him: then a few would always be
// decided by themselves, at the price of a batch. So a batch takes in who comes while it is decided, and waits for those who
// were under way of late, while they keep coming and for no longer than half a commit took; a caller alone never waits. What
// has to come between batches, or before whoever comes now, ends it: a deadline, a look, a halt.
std::vector<Engine::Waiting> Engine::come(std::size_t decided) {
  if (!options_.threaded || decided >= most_at_once_ || upkeep_waits()) return {};
  const auto due = next_due();
  std::unique_lock lock(mutex_);
  const auto want = [&] {
    const auto free = in_flight_ - std::min(in_flight_, being_ended_);  // the others cannot come yet
    return halves_ ? std::min(most_at_once_, free) : std::min(most_at_once_, in_flight_);
  };
  while (decided < want()) {
    if (stopping_ || halt_ || doubt_.has_value() != doubt_now_.has_value() || !looks_.empty()) break;
    const auto time = clock_.now();
    if ((due && *due <= time && !doubt_now_) || time >= next_anchor_) break;
    std::size_t count = 0;
    while (count < queue_.size() && decided + count < want() && !to_consider(queue_[count].command)) ++count;
    if (count > 0) {
      now_ = std::max(now_, time);
      return take(count);
    }
    if (!queue_.empty()) break;  // its file is read between batches
    store_.rest();
    wanted_ = std::max<std::size_t>(1, (want() - decided) / k_called_at);
    const auto now = std::chrono::steady_clock::now();
    if (ending_ || !endings_.empty()) {
      gather_until_.reset();
      wake_.wait_for(lock, k_gather_most);
    } else {
      if (!gather_until_) gather_until_ = now + std::min(k_gather_most, std::chrono::microseconds(usual_commit_us_ / 2));
      const auto until = std::min(*gather_until_, now + k_gather_gap);
      const bool came = now < *gather_until_ && wake_.wait_until(lock, until) == std::cv_status::no_timeout;
      if (!came && queue_.empty()) break;
    }
    wanted_ = 1;
  }
  wanted_ = 1;
  return {};
}

}  // namespace landglass::engine
