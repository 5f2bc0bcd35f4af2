#include "store/checkpointer.hpp"

namespace landglass::store {
namespace {

constexpr int k_step = 1'500;        // pages of 4 KiB after which moving them is worth two fsyncs
constexpr int k_restart = 7'000;     // 28 MiB: let the writer begin again at the front; it waits for a moment
constexpr int k_truncate = 128'000;  // 512 MiB: a reader stood in the way for long; give the room back

}  // namespace

Checkpointer::Checkpointer(Connection db, std::function<void(std::string)> on_trouble)
    : db_(std::move(db)), on_trouble_(std::move(on_trouble)), thread_([this] { work(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Checkpointer::committed(int wal_pages) {
  bool due = false;
  {
    const std::scoped_lock lock(mutex_);
    pages_ = wal_pages;
    if (pages_ < moved_) moved_ = 0;  // the writer began again at the front
    due = pages_ - moved_ >= k_step;
  }
  if (due) wake_.notify_one();
}

void Checkpointer::work() {
  for (;;) {
    int pages = 0;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || pages_ - moved_ >= k_step; });
      if (stop_) return;
      pages = pages_;
    }
    const int moved = move_pages(pages);
    if (moved < 0) return;
    const std::scoped_lock lock(mutex_);
    // Counted as moved even where a reader held some back: the next step comes after k_step more pages.
    moved_ = std::min(std::max(moved, pages), pages_);
  }
}

int Checkpointer::move_pages(int pages) {
  int in_log = 0;
  int moved = 0;
  int rc = sqlite3_wal_checkpoint_v2(db_.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
  if (rc == SQLITE_OK && pages >= k_restart && in_log - moved < k_step) {
    // Nearly all is moved by now, so the writer is held only for the rest. Busy: a reader is in the middle of a query, or
    // the writer of a batch; the next step tries again.
    const int mode = pages >= k_truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART;
    sqlite3_busy_timeout(db_.raw(), 10);
    rc = sqlite3_wal_checkpoint_v2(db_.raw(), nullptr, mode, &in_log, &moved);
  }
  // A full disk stops the moving, not the log: the pages are durable where they are, and the next step tries again.
  const int kind = rc & 0xff;
  if (kind == SQLITE_OK || kind == SQLITE_BUSY || kind == SQLITE_LOCKED || kind == SQLITE_FULL) return moved;
  on_trouble_(sqlite_failure(db_.raw(), rc, "checkpoint").what);
  return -1;
}

}  // namespace landglass::store
