#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "store/sqlite_store.hpp"

namespace landglass::store {
namespace fs = std::filesystem;

base::Result<std::shared_ptr<HeldFolder>> HeldFolder::take(const std::string& folder) {
  auto held = std::shared_ptr<HeldFolder>(new HeldFolder);
  std::error_code error;
  if (folder == ":memory:") {
    // A folder of its own in memory, so that a test runs the very same code: SQLite's own memory databases know no
    // write-ahead log and would let a reader wait for the writer.
    std::string pattern =
        (fs::is_directory("/dev/shm", error) ? "/dev/shm" : fs::temp_directory_path().string()) + "/landglass-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) return base::fail("create " + pattern + ": " + std::strerror(errno));
    held->path_ = pattern;
    held->in_memory_ = true;
  } else {
    const bool made = fs::create_directories(folder, error);
    if (error) return base::fail("create " + folder + ": " + error.message());
    held->path_ = fs::canonical(folder, error).string();
    if (error) return base::fail("open " + folder + ": " + error.message());
    if (made) {
      fs::permissions(held->path_, fs::perms::owner_all, error);
      LG_CHECK(sync_directory(fs::path(held->path_).parent_path()));
    }
  }
  // Of this file description: another opening in the same process is refused as well, and the lock falls with the process.
  held->lock_ = ::open((held->path_ + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (held->lock_ < 0) return base::fail("open " + held->path_ + "/lock: " + std::strerror(errno));
  if (::flock(held->lock_, LOCK_EX | LOCK_NB) != 0) {
    return base::refuse("STORE-04", "该目录正被另一进程使用", "the folder is in use by another process", held->path_);
  }
  return held;
}

HeldFolder::~HeldFolder() {
  if (lock_ >= 0) ::close(lock_);
  std::error_code ignored;
  if (in_memory_) fs::remove_all(path_, ignored);
}

}  // namespace landglass::store
