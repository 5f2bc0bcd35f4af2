#include "store/durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "store/files.hpp"

namespace landglass::store {
namespace {

constexpr std::size_t k_at_once = 1 << 20;

base::Failure what_failed(const std::string& doing, const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return {(full ? "disk full: " : "") + doing + " " + path + ": " + std::strerror(error), false};
}
base::Status as_status(DiskAnswer answer, const std::string& doing, const std::string& path) {
  if (answer == DiskAnswer::proceed) return base::Done{};
  return what_failed(doing, path, answer == DiskAnswer::full ? ENOSPC : EIO);
}

}  // namespace

base::Result<std::unique_ptr<DurableFile>> DurableFile::open(std::string path, Disk& disk) {
  auto made = std::unique_ptr<DurableFile>(new DurableFile(std::move(path), disk));
  auto& self = *made;
  const auto open_with = [&](int more) {
    return self.file_ = ::open(self.path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | more, 0600);
  };
  if (open_with(O_DIRECT | O_DSYNC) < 0 && errno == EINVAL) {
    self.past_cache_ = false;
    open_with(0);
  }
  if (self.file_ < 0) return what_failed("open", self.path_, errno);
  const auto slash = self.path_.rfind('/');
  LG_CHECK(sync_directory(slash == std::string::npos ? "." : self.path_.substr(0, slash + 1)));
  return made;
}

DurableFile::~DurableFile() {
  if (file_ >= 0) ::close(file_);
}

base::Status DurableFile::ask_to_write(std::size_t at, std::size_t size) const {
  base::Bytes old;
  if (disk_.wants_old()) {
    std::ifstream in(path_, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(at));
    old.resize(size);
    in.read(reinterpret_cast<char*>(old.data()), static_cast<std::streamsize>(size));
    old.resize(static_cast<std::size_t>(in.gcount()));
  }
  return as_status(disk_.before_write(path_, at, size, old), "write", path_);
}

base::Status DurableFile::write_pages(base::BytesView bytes, std::size_t at) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EINVAL && past_cache_) {  // a device that wants more than pages
      past_cache_ = false;
      const int flags = ::fcntl(file_, F_GETFL);
      if (flags < 0 || ::fcntl(file_, F_SETFL, flags & ~O_DIRECT) != 0) return what_failed("write", path_, errno);
      continue;
    }
    if (written < 0) return what_failed("write", path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    at += static_cast<std::size_t>(written);
  }
  return base::Done{};
}

base::Status DurableFile::sync() {
  LG_CHECK(as_status(disk_.before_sync(path_), "sync", path_));
  if (!past_cache_ && ::fdatasync(file_) != 0) return what_failed("sync", path_, errno);
  disk_.synced(path_);
  return base::Done{};
}

base::Status DurableFile::write(base::BytesView bytes, std::size_t at) {
  LG_ASSERT(at % k_page == 0 && bytes.size() % k_page == 0, "whole pages are written, at a page");
  while (!bytes.empty()) {
    auto part = bytes.first(std::min(bytes.size(), k_at_once));
    LG_CHECK(ask_to_write(at, part.size()));
    if (past_cache_ && reinterpret_cast<std::uintptr_t>(part.data()) % k_page != 0) {
      Pages copy(part.size());
      copy.behind().insert(copy.behind().end(), part.begin(), part.end());
      LG_CHECK(write_pages(copy.view(), at));
    } else {
      LG_CHECK(write_pages(part, at));
    }
    bytes = bytes.subspan(part.size());
    at += part.size();
  }
  return sync();
}

}  // namespace landglass::store
