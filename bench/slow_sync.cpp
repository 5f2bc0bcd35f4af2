// Laid under the rival with LD_PRELOAD: each fsync and fdatasync waits LG_SLOW_SYNC_US more, as StoreOptions::fsync_delay_us
// does in our own store, so that both sides stand on the same slower disk.
#include <dlfcn.h>
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
