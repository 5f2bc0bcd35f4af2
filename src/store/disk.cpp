#include "store/disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <new>
#include <thread>

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "store/sqlite.hpp"

namespace landglass::store {
namespace {

constexpr std::size_t k_piece = 4'096;
constexpr unsigned k_all_written =
    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;  // of sync_file_range(2)

int code(DiskAnswer answer, int io_error) { return answer == DiskAnswer::full ? SQLITE_FULL : io_error; }

// Has what was written to a file go to the disk, on a thread of its own, while whoever wrote it goes on writing; that it
// lasts is seen to by SQLite's own sync, and a flush of the disk's memory would be in the journal's way (decision 0202). By
// a descriptor of its own, which hears of every error since it was opened, as SQLite's does. Never of the database: to close
// any descriptor of it would let go of all locks that SQLite holds on it in this process.
class Pacer {
 public:
  Pacer(Disk& disk, std::string path)
      : disk_(disk), path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CLOEXEC)), thread_([this] { work(); }) {}
  ~Pacer() {
    {
      const std::scoped_lock lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
    if (file_ >= 0) ::close(file_);
  }
  Pacer(const Pacer&) = delete;
  Pacer& operator=(const Pacer&) = delete;

  // Once the sync under way has ended another begins; both return what went wrong, from then on.
  int begin() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return !asked_; });
    asked_ = true;
    wake_.notify_all();
    return error_;
  }
  int rest() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return !asked_; });
    return error_;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return asked_ || stop_; });
      if (!asked_) return;
      lock.unlock();
      const auto answer = disk_.before_sync(path_);
      int error = answer == DiskAnswer::proceed ? SQLITE_OK : code(answer, SQLITE_IOERR_FSYNC);
      if (error == SQLITE_OK && (file_ < 0 || ::sync_file_range(file_, 0, 0, k_all_written) != 0))
        error = SQLITE_IOERR_FSYNC;
      lock.lock();
      if (error_ == SQLITE_OK) error_ = error;
      asked_ = false;
      ended_.notify_all();
    }
  }

  Disk& disk_;
  std::string path_;
  int file_;
  std::mutex mutex_;
  std::condition_variable wake_, ended_;
  bool asked_ = false, stop_ = false;
  int error_ = SQLITE_OK;
  std::thread thread_;
};

// A file of ours lies directly before the file of the system's VFS in the room that SQLite gives us.
struct OverFile {
  sqlite3_file head;
  Disk* disk;
  const char* path;  // SQLite keeps it as long as the file is open; null for temporary files
  std::size_t most_unsynced, unsynced;
  bool is_log;
  Pacer* pacer;  // of a log, once there was so much to sync
  sqlite3_file* under() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
OverFile& over(sqlite3_file* file) { return *reinterpret_cast<OverFile*>(file); }
std::string_view path_of(const OverFile& file) { return file.path != nullptr ? file.path : ""; }

int sync_over(sqlite3_file* file, int flags) {
  auto& self = over(file);
  if (self.pacer != nullptr) {
    if (const int rc = self.pacer->rest(); rc != SQLITE_OK) return rc;
  }
  const auto answer = self.disk->before_sync(path_of(self));
  if (answer != DiskAnswer::proceed) return code(answer, SQLITE_IOERR_FSYNC);
  const int rc = self.under()->pMethods->xSync(self.under(), flags);
  self.unsynced = 0;
  if (rc == SQLITE_OK) self.disk->synced(path_of(self));
  return rc;
}
int write_over(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  auto& self = over(file);
  auto* under = self.under();
  base::Bytes old;
  if (self.disk->wants_old()) {
    sqlite3_int64 length = 0;
    under->pMethods->xFileSize(under, &length);
    const auto held = std::clamp<sqlite3_int64>(length - offset, 0, size);
    old.resize(static_cast<std::size_t>(held));
    if (held > 0) under->pMethods->xRead(under, old.data(), static_cast<int>(held), offset);
  }
  const auto answer =
      self.disk->before_write(path_of(self), static_cast<std::uint64_t>(offset), static_cast<std::size_t>(size), old);
  if (answer != DiskAnswer::proceed) return code(answer, SQLITE_IOERR_WRITE);
  const int rc = under->pMethods->xWrite(under, data, size, offset);
  if (rc != SQLITE_OK || self.most_unsynced == 0) return rc;
  self.unsynced += static_cast<std::size_t>(size);
  if (self.unsynced < self.most_unsynced) return rc;
  if (!self.is_log) return sync_over(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  self.unsynced = 0;
  if (self.pacer == nullptr) self.pacer = new Pacer(*self.disk, self.path);
  return self.pacer->begin();
}
// Everything else goes to the system's file as it is.
template <auto Member, class... Args>
int pass(sqlite3_file* file, Args... args) {
  auto* under = over(file).under();
  return (under->pMethods->*Member)(under, args...);
}
void on_barrier(sqlite3_file* file) { over(file).under()->pMethods->xShmBarrier(over(file).under()); }
int close_over(sqlite3_file* file) {
  auto* under = over(file).under();
  delete std::exchange(over(file).pacer, nullptr);
  return under->pMethods != nullptr ? under->pMethods->xClose(under) : SQLITE_OK;
}

using Io = sqlite3_io_methods;
const Io k_over_methods = {
    3,
    close_over,
    pass<&Io::xRead, void*, int, sqlite3_int64>,
    write_over,
    pass<&Io::xTruncate, sqlite3_int64>,
    sync_over,
    pass<&Io::xFileSize, sqlite3_int64*>,
    pass<&Io::xLock, int>,
    pass<&Io::xUnlock, int>,
    pass<&Io::xCheckReservedLock, int*>,
    pass<&Io::xFileControl, int, void*>,
    pass<&Io::xSectorSize>,
    pass<&Io::xDeviceCharacteristics>,
    pass<&Io::xShmMap, int, int, int, void volatile**>,
    pass<&Io::xShmLock, int, int, int>,
    on_barrier,
    pass<&Io::xShmUnmap, int>,
    pass<&Io::xFetch, sqlite3_int64, int, void**>,
    pass<&Io::xUnfetch, sqlite3_int64, void*>,
};

struct MountedDisk {
  sqlite3_vfs vfs{};
  std::string name;
  sqlite3_vfs* system = nullptr;
  std::vector<std::shared_ptr<Disk>> disks;  // the last one is in use; earlier ones may still have files open
};
struct Mounts {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<MountedDisk>> by_name;
};
Mounts& mounts() {
  static Mounts all;
  return all;
}
MountedDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<MountedDisk*>(vfs->pAppData); }

int open_over(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
  auto& mount = disk_of(vfs);
  auto* disk = mount.disks.back().get();
  const bool paced = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
  auto& self = *new (file) OverFile{
      {nullptr}, disk, path, paced ? disk->most_unsynced() : 0, 0, (flags & SQLITE_OPEN_WAL) != 0, nullptr};
  std::memset(static_cast<void*>(self.under()), 0, sizeof(sqlite3_file));
  const int rc = mount.system->xOpen(mount.system, path, self.under(), flags, out);
  if (rc == SQLITE_OK) self.head.pMethods = &k_over_methods;
  return rc;
}

}  // namespace

void mount_disk(const std::string& name, std::shared_ptr<Disk> disk) {
  const std::scoped_lock lock(mounts().mutex);
  auto& mount = mounts().by_name[name];
  if (mount == nullptr) {
    set_up_sqlite();
    mount = std::make_unique<MountedDisk>();
    mount->name = name;
    mount->system = sqlite3_vfs_find(nullptr);
    mount->vfs = *mount->system;
    mount->vfs.zName = mount->name.c_str();
    mount->vfs.pNext = nullptr;
    mount->vfs.pAppData = mount.get();
    mount->vfs.szOsFile = static_cast<int>(sizeof(OverFile)) + mount->system->szOsFile;
    mount->vfs.xOpen = open_over;
    // The rest of the system's functions look at their own pAppData only.
    mount->vfs.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync) {
      return disk_of(vfs).system->xDelete(disk_of(vfs).system, path, sync);
    };
    mount->vfs.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
      return disk_of(vfs).system->xAccess(disk_of(vfs).system, path, flags, out);
    };
    mount->vfs.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* out) {
      return disk_of(vfs).system->xFullPathname(disk_of(vfs).system, path, size, out);
    };
  }
  mount->disks.push_back(std::move(disk));
  LG_ASSERT(sqlite3_vfs_register(&mount->vfs, 0) == SQLITE_OK, "a disk does not mount");
}

Disk& mounted_disk(const std::string& name) {
  const std::scoped_lock lock(mounts().mutex);
  const auto found = mounts().by_name.find(name);
  LG_ASSERT(found != mounts().by_name.end(), "no such disk is mounted");
  return *found->second->disks.back();
}

std::string paced_disk() {
  static const std::string name = [] {
    std::string paced = "landglass-paced";
    mount_disk(paced, std::make_shared<PacedDisk>());
    return paced;
  }();
  return name;
}

DiskAnswer SlowDisk::before_sync(std::string_view) {
  std::this_thread::sleep_for(std::chrono::microseconds(delay_us_));
  return DiskAnswer::proceed;
}

void FaultyDisk::fail_sync_in(int calls, DiskAnswer answer) {
  const std::scoped_lock lock(mutex_);
  sync_in_ = calls;
  sync_answer_ = answer;
}
void FaultyDisk::fail_write_in(int calls, DiskAnswer answer) {
  const std::scoped_lock lock(mutex_);
  write_in_ = calls;
  write_answer_ = answer;
}
void FaultyDisk::cut_power_in(int writes) {
  const std::scoped_lock lock(mutex_);
  power_in_ = writes;
}
bool FaultyDisk::power_is_cut() const {
  const std::scoped_lock lock(mutex_);
  return cut_;
}
int FaultyDisk::faults() const {
  const std::scoped_lock lock(mutex_);
  return faults_;
}

DiskAnswer FaultyDisk::before_sync(std::string_view) {
  const std::scoped_lock lock(mutex_);
  if (cut_) return DiskAnswer::io_error;
  if (sync_in_ == 0 || --sync_in_ > 0) return DiskAnswer::proceed;
  ++faults_;
  return sync_answer_;
}
DiskAnswer FaultyDisk::before_write(std::string_view path, std::uint64_t offset, std::size_t size, base::BytesView old) {
  const std::scoped_lock lock(mutex_);
  if (cut_) return DiskAnswer::io_error;
  if (power_in_ > 0 && --power_in_ == 0) {
    cut_ = true;
    ++faults_;
    return DiskAnswer::io_error;
  }
  if (write_in_ > 0 && --write_in_ == 0) {
    ++faults_;
    return write_answer_;
  }
  // A long write reaches the platter page by page, and any of them may be the one that falls.
  for (std::size_t at = 0; !path.empty() && at < size; at += k_piece) {
    const auto piece = std::min(k_piece, size - at);
    const auto held = old.subspan(std::min(at, old.size()));
    const auto was = held.first(std::min(piece, held.size()));
    unsynced_.push_back({std::string(path), offset + at, piece, {was.begin(), was.end()}});
  }
  return DiskAnswer::proceed;
}
void FaultyDisk::synced(std::string_view path) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(unsynced_, [&](const Write& write) { return write.path == path; });
}

void FaultyDisk::lose(std::uint64_t seed) {
  const std::scoped_lock lock(mutex_);
  base::SeededRandom random(seed);
  for (auto write = unsynced_.rbegin(); write != unsynced_.rend(); ++write) {
    const auto fate = random.below(3);
    if (fate == 0 || !std::filesystem::exists(write->path)) continue;
    // Falls whole, or its second half falls: a torn page.
    const auto from = fate == 1 ? 0 : write->size / 2;
    const int fd = ::open(write->path.c_str(), O_WRONLY | O_CLOEXEC);
    LG_ASSERT(fd >= 0, "a file of the faulty disk does not open");
    auto old = write->old;
    old.resize(write->size, 0);  // where the file had ended before, the disk holds nothing
    const auto wrote = ::pwrite(fd, old.data() + from, write->size - from, static_cast<off_t>(write->offset + from));
    LG_ASSERT(wrote == static_cast<ssize_t>(write->size - from), "the faulty disk is itself faulty");
    ::close(fd);
  }
  unsynced_.clear();
}

}  // namespace landglass::store
