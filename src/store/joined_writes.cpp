#include "store/joined_writes.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "store/sqlite.hpp"

namespace landglass::store {
namespace {

constexpr std::size_t k_joined = 1 << 16;  // SQLite's own file takes less than 128 KiB in a call
constexpr std::size_t k_most = 1 << 20;    // of a transaction larger than this the first part goes ahead

// The write-ahead log, whose frames nobody is told of before the sync of their commit; and the database, into which pages
// are moved in the order of their place, and are read out of the log until the sync that ends the move. The file of the disk
// below lies directly behind ours in the room that SQLite gives us.
struct JoinedFile {
  sqlite3_file head;
  base::Bytes* waiting;
  sqlite3_int64 from;  // where in the file `waiting` begins
  sqlite3_file* under() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  int write_waiting() {
    int rc = SQLITE_OK;
    for (std::size_t at = 0; rc == SQLITE_OK && at < waiting->size(); at += k_joined) {
      const auto size = static_cast<int>(std::min(k_joined, waiting->size() - at));
      rc = under()->pMethods->xWrite(under(), waiting->data() + at, size, from + static_cast<sqlite3_int64>(at));
    }
    waiting->clear();
    return rc;
  }
};
JoinedFile& joined(sqlite3_file* file) { return *reinterpret_cast<JoinedFile*>(file); }

int on_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  auto& self = joined(file);
  const bool follows = offset == self.from + static_cast<sqlite3_int64>(self.waiting->size());
  if (!follows || self.waiting->size() >= k_most) {
    if (const int rc = self.write_waiting(); rc != SQLITE_OK) return rc;
  }
  if (self.waiting->empty()) self.from = offset;
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  self.waiting->insert(self.waiting->end(), bytes, bytes + size);
  return SQLITE_OK;
}
int on_close(sqlite3_file* file) {
  auto& self = joined(file);
  const int written = self.write_waiting();
  const int rc = self.under()->pMethods->xClose(self.under());
  delete self.waiting;
  return written != SQLITE_OK ? written : rc;
}
// Everything else is asked of the file as it is once all is written.
template <auto Member, class... Args>
int then(sqlite3_file* file, Args... args) {
  auto& self = joined(file);
  if (const int rc = self.write_waiting(); rc != SQLITE_OK) return rc;
  return (self.under()->pMethods->*Member)(self.under(), args...);
}
template <auto Member>
int ask(sqlite3_file* file) {
  auto* under = joined(file).under();
  return (under->pMethods->*Member)(under);
}

// Of the memory that connections share, which is no part of the file.
template <auto Member, class... Args>
int ask_below(sqlite3_file* file, Args... args) {
  auto* under = joined(file).under();
  return (under->pMethods->*Member)(under, args...);
}
void barrier_below(sqlite3_file* file) { joined(file).under()->pMethods->xShmBarrier(joined(file).under()); }

using Io = sqlite3_io_methods;
const Io k_methods = {
    3,
    on_close,
    then<&Io::xRead, void*, int, sqlite3_int64>,
    on_write,
    then<&Io::xTruncate, sqlite3_int64>,
    then<&Io::xSync, int>,
    then<&Io::xFileSize, sqlite3_int64*>,
    then<&Io::xLock, int>,
    then<&Io::xUnlock, int>,
    then<&Io::xCheckReservedLock, int*>,
    then<&Io::xFileControl, int, void*>,
    ask<&Io::xSectorSize>,
    ask<&Io::xDeviceCharacteristics>,
    ask_below<&Io::xShmMap, int, int, int, void volatile**>,
    ask_below<&Io::xShmLock, int, int, int>,
    barrier_below,
    ask_below<&Io::xShmUnmap, int>,
    then<&Io::xFetch, sqlite3_int64, int, void**>,
    ask_below<&Io::xUnfetch, sqlite3_int64, void*>,
};

struct Mounted {
  sqlite3_vfs vfs{};
  std::string name;
  sqlite3_vfs* under = nullptr;
};
Mounted& mounted(sqlite3_vfs* vfs) { return *static_cast<Mounted*>(vfs->pAppData); }

int on_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
  auto* under = mounted(vfs).under;
  if ((flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)) == 0) return under->xOpen(under, path, file, flags, out);
  auto& self = *new (file) JoinedFile{{nullptr}, nullptr, 0};
  std::memset(static_cast<void*>(self.under()), 0, static_cast<std::size_t>(under->szOsFile));
  const int rc = under->xOpen(under, path, self.under(), flags, out);
  if (rc != SQLITE_OK) {
    if (self.under()->pMethods != nullptr) self.under()->pMethods->xClose(self.under());
    return rc;
  }
  self.waiting = new base::Bytes();
  self.head.pMethods = &k_methods;
  return rc;
}

}  // namespace

std::string joining_disk(const std::string& under) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<Mounted>> mounts;
  const std::scoped_lock lock(mutex);
  auto& mount = mounts[under];
  if (mount != nullptr) return mount->name;
  set_up_sqlite();
  mount = std::make_unique<Mounted>();
  mount->name = "landglass-joining" + (under.empty() ? under : "-" + under);
  mount->under = sqlite3_vfs_find(under.empty() ? nullptr : under.c_str());
  LG_ASSERT(mount->under != nullptr, "no such disk is mounted");
  mount->vfs = *mount->under;
  mount->vfs.zName = mount->name.c_str();
  mount->vfs.pNext = nullptr;
  mount->vfs.pAppData = mount.get();
  mount->vfs.szOsFile = static_cast<int>(sizeof(JoinedFile)) + mount->under->szOsFile;
  mount->vfs.xOpen = on_open;
  mount->vfs.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync) {
    return mounted(vfs).under->xDelete(mounted(vfs).under, path, sync);
  };
  mount->vfs.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return mounted(vfs).under->xAccess(mounted(vfs).under, path, flags, out);
  };
  mount->vfs.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* out) {
    return mounted(vfs).under->xFullPathname(mounted(vfs).under, path, size, out);
  };
  LG_ASSERT(sqlite3_vfs_register(&mount->vfs, 0) == SQLITE_OK, "a disk does not mount");
  return mount->name;
}

}  // namespace landglass::store
