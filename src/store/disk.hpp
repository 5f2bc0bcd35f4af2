#pragma once
// The disk as SQLite sees it, so that it never has much to do at once, and a benchmark can slow it and a test can break it.
// A disk is mounted under a name (a SQLite VFS over the system's); only a store that is not durable, opened without such a
// name, never passes through here. The journal asks the disk itself.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace landglass::store {

enum class DiskAnswer { proceed, io_error, full };

class Disk {
 public:
  virtual ~Disk() = default;
  virtual DiskAnswer before_sync(std::string_view path) = 0;
  // `old` is what the write replaces (shorter where it grows the file); empty unless wants_old().
  virtual DiskAnswer before_write(std::string_view path, std::uint64_t offset, std::size_t size, base::BytesView old) = 0;
  virtual bool wants_old() const { return false; }
  virtual void synced(std::string_view) {}
  // Of the database and its log: after so many bytes written since its last sync a file is synced although nobody asked;
  // 0: never. The log beside who goes on writing, so that twice as many may wait: before_sync() is asked by another thread.
  virtual std::size_t most_unsynced() const { return 0; }
};

// Mounts for the life of the process; mounting the name again exchanges the disk of files opened from then on.
void mount_disk(const std::string& name, std::shared_ptr<Disk> disk);
Disk& mounted_disk(const std::string& name);  // the last one; as long as the process lives

// A disk that never has much to do at once: what moves pages writes megabytes and then syncs, and the journal's sync, for
// which every caller waits, would stand behind all of it (decision 0190).
class PacedDisk : public Disk {
 public:
  DiskAnswer before_sync(std::string_view) override { return DiskAnswer::proceed; }
  DiskAnswer before_write(std::string_view, std::uint64_t, std::size_t, base::BytesView) override {
    return DiskAnswer::proceed;
  }
  std::size_t most_unsynced() const override { return std::size_t{256} << 10; }  // written in about a millisecond
};

// The name under which such a disk is mounted.
std::string paced_disk();

// Adds a time to each fsync, as a disk has that does not answer out of memory.
class SlowDisk final : public PacedDisk {
 public:
  explicit SlowDisk(int delay_us) : delay_us_(delay_us) {}
  DiskAnswer before_sync(std::string_view) override;

 private:
  int delay_us_;
};

// Breaks when told to. After its power was cut it answers nothing but errors, and `lose()` takes back what no fsync had
// made durable: each such write stays, falls, or stays by half, as the seed has it.
class FaultyDisk final : public Disk {
 public:
  void fail_sync_in(int calls, DiskAnswer answer = DiskAnswer::io_error);  // 1: the next one
  void fail_write_in(int calls, DiskAnswer answer = DiskAnswer::full);
  void cut_power_in(int writes);
  bool power_is_cut() const;
  void lose(std::uint64_t seed);  // after all connections are closed
  int faults() const;             // answered so far

  DiskAnswer before_sync(std::string_view path) override;
  DiskAnswer before_write(std::string_view path, std::uint64_t offset, std::size_t size, base::BytesView old) override;
  bool wants_old() const override { return true; }
  void synced(std::string_view path) override;

 private:
  struct Write {
    std::string path;
    std::uint64_t offset = 0;
    std::size_t size = 0;
    base::Bytes old;
  };
  mutable std::mutex mutex_;
  int sync_in_ = 0, write_in_ = 0, power_in_ = 0, faults_ = 0;
  DiskAnswer sync_answer_ = DiskAnswer::io_error, write_answer_ = DiskAnswer::full;
  bool cut_ = false;
  std::vector<Write> unsynced_;
};

}  // namespace landglass::store
