#pragma once
// Moves committed pages from the write-ahead log into the database on a thread of its own, so that no commit pays for it.
// (SQLite by itself does this inside the commit that fills the thousandth page: findings of the trial, the p99 tail.)

#include <condition_variable>
#include <functional>
#include <memory>
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
  void committed(int wal_pages);  // from the writer's thread after each commit

 private:
  void work();
  int move_pages(int pages);  // returns how many pages of the write-ahead log now also stand in the database

  Connection db_;
  std::function<void(std::string)> on_trouble_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int pages_ = 0;
  int moved_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace landglass::store
