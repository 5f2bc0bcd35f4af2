// Laid under the rival, and under the server, with LD_PRELOAD: each fsync and fdatasync waits LG_SLOW_SYNC_US more, and each
// write to a file that syncs its writes (O_DSYNC), as StoreOptions::fsync_delay_us does in our own store, so that both sides
// stand on the same slower disk.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace {

void wait_more() {
  static const auto us = std::getenv("LG_SLOW_SYNC_US") == nullptr ? 0 : std::atoi(std::getenv("LG_SLOW_SYNC_US"));
  if (us > 0) ::usleep(static_cast<useconds_t>(us));
}

}  // namespace

extern "C" int fsync(int file) {
  static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fsync"));
  wait_more();
  return real(file);
}
extern "C" int fdatasync(int file) {
  static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fdatasync"));
  wait_more();
  return real(file);
}
extern "C" ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  static const auto real = reinterpret_cast<ssize_t (*)(int, const void*, size_t, off_t)>(::dlsym(RTLD_NEXT, "pwrite"));
  if ((::fcntl(file, F_GETFL) & O_DSYNC) != 0) wait_more();
  return real(file, bytes, size, at);
}
