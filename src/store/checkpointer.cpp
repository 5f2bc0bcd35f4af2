#include "store/checkpointer.hpp"

#include <algorithm>

namespace landglass::store {
namespace {

constexpr int k_step = 1'500;     // pages of 4 KiB after which moving them is worth two fsyncs
constexpr int k_restart = 6'000;  // 24 MiB, within the room laid out for the log: time to begin again at its front
constexpr int k_tries = 4;        // moves before a pause is asked for, each of what came in during the one before
constexpr int k_ahead = 2'000;    // 8 MiB: how far past that a writer may run before it waits for a mover that lags

}  // namespace

Checkpointer::Checkpointer(Connection db, std::function<void(std::string)> on_trouble)
    : db_(std::move(db)), on_trouble_(std::move(on_trouble)), next_pause_(k_restart), thread_([this] { work(); }) {}

bool Checkpointer::too_far_ahead() const { return pages_ >= next_pause_ + k_ahead; }
bool Checkpointer::much_to_move() const { return pages_ - moved_ >= k_step || too_far_ahead(); }

Checkpointer::~Checkpointer() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Checkpointer::batch_begins() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return gone_ || (!pause_ && !too_far_ahead()); });
  writing_ = true;
}
void Checkpointer::batch_ended() {
  {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    if (!pause_) return;
  }
  wake_.notify_all();
}

void Checkpointer::committed(int log_pages) {
  {
    const std::scoped_lock lock(mutex_);
    if (log_pages < pages_) {  // SQLite began again at the front
      moved_ = 0;
      next_pause_ = k_restart;
    }
    pages_ = log_pages;
    if (!much_to_move()) return;
  }
  wake_.notify_all();
}

bool Checkpointer::pause_writer() {
  std::unique_lock lock(mutex_);
  pause_ = true;
  wake_.wait(lock, [&] { return stop_ || !writing_; });
  return !stop_;
}
void Checkpointer::resume_writer() {
  {
    const std::scoped_lock lock(mutex_);
    pause_ = false;
    next_pause_ = pages_ + k_restart;  // a reader may keep the log from beginning again: ask no more than so often
  }
  wake_.notify_all();
}

void Checkpointer::work() {
  for (;;) {
    bool is_long = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || much_to_move(); });
      if (stop_) return;
      is_long = pages_ >= next_pause_;
    }
    int rc = move_pages();
    for (int i = 1; is_long && i < k_tries && rc == SQLITE_OK && left_ > 0; ++i) rc = move_pages();
    if (is_long) {
      if (rc == SQLITE_OK && pause_writer()) rc = move_pages();
      resume_writer();  // whatever came of it: a writer that waits for room goes on
    }
    // A full disk stops the moving, not the log: the pages are durable where they are, and the next step tries again.
    const int kind = rc & 0xff;
    if (kind == SQLITE_OK || kind == SQLITE_BUSY || kind == SQLITE_LOCKED || kind == SQLITE_FULL) continue;
    on_trouble_(sqlite_failure(db_.raw(), rc, "checkpoint").what);
    {
      const std::scoped_lock lock(mutex_);
      gone_ = true;
    }
    wake_.notify_all();
    return;
  }
}

int Checkpointer::move_pages() {
  int in_log = 0;
  int moved = 0;
  int seen = 0;
  {
    const std::scoped_lock lock(mutex_);
    seen = pages_;
  }
  int rc = SQLITE_OK;
  {
    const std::scoped_lock one_at_a_time(moving_);
    rc = sqlite3_wal_checkpoint_v2(db_.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
  }
  const std::scoped_lock lock(mutex_);
  // Counted as moved even where a reader, or trouble, held some back: the next step comes after k_step more pages.
  moved_ = std::min(std::max(moved, seen), pages_);
  left_ = pages_ - moved;
  return rc;
}

int Checkpointer::cut_off(sqlite3* writer) {
  const std::scoped_lock one_at_a_time(moving_);
  return sqlite3_wal_checkpoint_v2(writer, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

}  // namespace landglass::store
