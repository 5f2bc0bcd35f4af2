#pragma once
// Moves committed pages from the write-ahead log into the database on a thread of its own, so that no commit pays for it.
// (SQLite by itself does this inside the commit that fills the thousandth page: findings of the trial, the p99 tail.)
//
// SQLite begins again at the front of its log only when all of it has been moved, which never comes to pass under a writer
// that does not rest. So, when the log has grown long, the mover asks the writer for one pause between two batches, and
// moves the little that is left.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "store/sqlite.hpp"

namespace landglass::store {

class Checkpointer {
 public:
  // `on_trouble` is called once, from the thread, when the disk answers with an error: nothing may be committed after it.
  Checkpointer(Connection db, std::function<void(std::string)> on_trouble);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // From the writer's thread: around each batch, and after each commit with what the log now holds.
  void batch_begins();
  void batch_ended();
  void committed(int log_pages);

  // Moves all and cuts the log off, over the writer's connection, so that no old page is left in it. SQLite's code.
  int cut_off(sqlite3* writer);

 private:
  void work();
  int move_pages();     // SQLite's code; what is left to move stands in left_
  bool pause_writer();  // false: the store closes
  void resume_writer();
  bool too_far_ahead() const;  // the writer of the mover: it waits, so that the log has a bound
  bool much_to_move() const;

  Connection db_;
  std::function<void(std::string)> on_trouble_;
  std::mutex moving_;  // one checkpoint at a time: SQLite answers "busy" to a second one without waiting
  std::mutex mutex_;   // guards the rest
  std::condition_variable wake_;
  int pages_ = 0;  // in the log
  int moved_ = 0;  // of these, as far as the last step came
  int left_ = 0;
  int next_pause_ = 0;
  bool writing_ = false;
  bool pause_ = false;
  bool stop_ = false;
  bool gone_ = false;  // the thread ended with trouble
  std::thread thread_;
};

}  // namespace landglass::store
