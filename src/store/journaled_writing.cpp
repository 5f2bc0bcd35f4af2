// The thread that puts what is durable in the journal into the tables.
#include <chrono>
#include <thread>

#include "store/journaled_store.hpp"

namespace landglass::store {
namespace {

using base::Result;
using base::Status;

constexpr auto k_patience = std::chrono::milliseconds(20);   // a batch waits so long for others, where nobody asks for it
constexpr auto k_try_again = std::chrono::milliseconds(50);  // where the disk is full
constexpr std::size_t k_at_once_bytes = 512 << 10;           // until it is looked whether somebody waits
constexpr std::size_t k_transaction_bytes = 2 << 20;         // of the tables, where nobody does

}  // namespace

// Of what waits, as much as goes into the tables before anybody is looked after again; false where nothing does.
bool JournaledStore::take(Batches& batches) {
  batches.clear();
  for (std::size_t taken = 0; !waiting_.empty() && taken < k_at_once_bytes; waiting_.pop_front()) {
    taken += waiting_.front()->size();
    waiting_bytes_ -= waiting_.front()->size();
    batches.push_back(std::move(waiting_.front()));
  }
  return !batches.empty();
}

void JournaledStore::work() {
  auto& tail = *tail_;
  for (;;) {
    {
      std::unique_lock lock(tail.mutex_);
      tail.wake_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const auto asked = [&] { return stop_ || tail.wanted_ > tail.written_ || waiting_bytes_ >= k_enough_bytes; };
      tail.wake_.wait_for(lock, k_patience, asked);
    }
    const auto done = write();
    const std::scoped_lock lock(tail.mutex_);
    if (done) {
      tail.written_ = *done;
    } else {
      tail.broken_ = base::explain(done.trouble());
    }
    tail.wake_.notify_all();
    if (!done) return;
  }
}

// Rows and names that come together are cheaper than as many in two transactions, so one goes on while more waits and
// nobody waits for what is in it.
Result<std::uint64_t> JournaledStore::write() {
  writer_waits_ = true;
  const std::scoped_lock lock(tables_mutex_);
  writer_waits_ = false;
  for (;;) {
    auto begun = tables_->begin();
    if (begun) break;
    bool stopping = false;
    {
      const std::scoped_lock tail_lock(tail_->mutex_);
      stopping = stop_;
    }
    if (!begun.failed() || !begun.failure().retryable || stopping) return begun.trouble();
    std::this_thread::sleep_for(k_try_again);  // the disk is full: the batches are durable where they are
  }
  std::uint64_t last = 0;
  const auto put = [&]() -> Status {
    Batches batches;
    for (std::size_t bytes = 0;;) {
      {
        const std::scoped_lock tail_lock(tail_->mutex_);
        const bool served = tail_->wanted_ > tail_->written_ && last >= tail_->wanted_;
        if (last != 0 && (stop_ || served || bytes >= k_transaction_bytes)) break;
        if (!take(batches)) break;
        last = tail_->committed_ - waiting_.size();
        tail_->wake_.notify_all();  // there is room again
      }
      for (const auto& batch : batches) bytes += batch->size();
      LG_CHECK(Batch::write(batches, *tables_, false));
    }
    return tables_->put_mark({last, session_});
  };
  if (auto done = put(); !done) {
    tables_->break_down(base::explain(done.trouble()));
    tables_->roll_back();
    return done.trouble();
  }
  LG_CHECK(tables_->commit());
  return last;
}

}  // namespace landglass::store
