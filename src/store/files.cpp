#include "store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace landglass::store {
namespace {

namespace fs = std::filesystem;

base::Failure os_failure(const std::string& doing, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return base::fail((full ? "disk full: " : "") + doing + ": " + std::strerror(error), full);
}

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

base::Status write_all(int fd, base::BytesView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return os_failure("write " + path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return base::Done{};
}

base::Refusal not_held(std::string_view hash) {
  return base::refuse("STORE-05", "本库没有该文件", "this store does not hold the file", std::string(hash));
}

base::Status overwrite_and_unlink(const std::string& path) {
  {
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    struct stat about {};
    if (file.fd < 0 || ::fstat(file.fd, &about) != 0) return os_failure("open " + path, errno);
    LG_CHECK(write_all(file.fd, base::Bytes(static_cast<std::size_t>(about.st_size), 0), path));
    if (::fsync(file.fd) != 0) return os_failure("fsync " + path, errno);
  }
  if (::unlink(path.c_str()) != 0) return os_failure("unlink " + path, errno);
  return sync_directory(fs::path(path).parent_path().string());
}

}  // namespace

std::optional<std::string> read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

base::Status sync_directory(const std::string& path) {
  const Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.fd < 0 || ::fsync(directory.fd) != 0) return os_failure("fsync " + path, errno);
  return base::Done{};
}

base::Status grow_durably(const std::string& path, std::size_t size) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  struct stat about {};
  if (file.fd < 0 || ::fstat(file.fd, &about) != 0) return os_failure("open " + path, errno);
  const auto held = static_cast<std::size_t>(about.st_size);
  if (held >= size) return base::Done{};
  if (::lseek(file.fd, 0, SEEK_END) < 0) return os_failure("seek " + path, errno);
  const base::Bytes zeros(1 << 20, 0);
  for (auto left = size - held; left > 0;) {
    const auto part = std::min(left, zeros.size());
    LG_CHECK(write_all(file.fd, base::BytesView(zeros).first(part), path));
    left -= part;
  }
  if (::fsync(file.fd) != 0) return os_failure("fsync " + path, errno);
  return base::Done{};
}

base::Status write_durably(const std::string& path, base::BytesView bytes, bool durable) {
  const auto parent = fs::path(path).parent_path().empty() ? fs::path(".") : fs::path(path).parent_path();
  std::error_code error;
  const bool new_parent = fs::create_directories(parent, error);
  if (error) return os_failure("create " + parent.string(), error.value());
  std::array<std::uint8_t, 8> random{};
  fill_random(random.data(), random.size());
  const auto beside = path + "." + base::to_hex(random) + ".part";
  {
    const Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file.fd < 0) return os_failure("create " + beside, errno);
    auto written = write_all(file.fd, bytes, beside);
    if (written && durable && ::fsync(file.fd) != 0) written = os_failure("fsync " + beside, errno);
    if (!written) {
      ::unlink(beside.c_str());
      return written;
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return os_failure("rename " + beside, errno);
  if (!durable) return base::Done{};
  LG_CHECK(sync_directory(parent));
  if (new_parent) return sync_directory(parent.parent_path().empty() ? "." : parent.parent_path().string());
  return base::Done{};
}

Files::Files(std::string folder, const Keys& keys, bool durable)
    : folder_(std::move(folder)), keys_(keys), durable_(durable) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder_ + "/waiting", none)) {
    if (entry.path().extension() != ".part") waiting_.insert(entry.path().filename().string());
  }
  count_ = waiting_.size();
}

std::optional<std::string> Files::name(std::string_view hash) const {
  const auto raw = base::from_hex(hash);
  if (!raw || raw->size() != 32) return std::nullopt;
  return base::to_hex(base::hmac_sha256(keys_.file_name, *raw));
}

base::Status Files::write(const std::string& place, std::string_view bytes, base::BytesView hash) const {
  base::Bytes sealed;
  seal(sealed, keys_.file, base::as_bytes(bytes), hash);
  return write_durably(place, sealed, durable_);
}

base::Result<std::string> Files::keep(std::string_view bytes) {
  const auto raw = base::sha256(base::as_bytes(bytes));
  auto hash = base::to_hex(raw);
  const auto called = *name(hash);
  LG_CHECK(settle(hash));
  if (fs::exists(kept_path(called))) return hash;  // renamed into place only when whole and on disk
  LG_CHECK(write(kept_path(called), bytes, raw));
  return hash;
}

// Empty, and named so that neither who nor what can be read from it without the key and both.
std::optional<std::string> Files::mark_path(std::string_view hash, std::string_view by) const {
  const auto called = name(hash);
  if (!called || by.empty()) return std::nullopt;
  const auto both = *called + " " + std::string(by);
  return folder_ + "/handed/" + base::to_hex(base::hmac_sha256(keys_.file_name, base::as_bytes(both)));
}

bool Files::handed_in(std::string_view hash, std::string_view by) {
  const auto mark = mark_path(hash, by);
  return mark && ::utimensat(AT_FDCWD, mark->c_str(), nullptr, 0) == 0;
}

base::Result<std::string> Files::await(std::string_view bytes, std::string_view by) {
  const auto raw = base::sha256(base::as_bytes(bytes));
  auto hash = base::to_hex(raw);
  // Lost with a power cut it is handed in anew: nothing waits for the disk here.
  if (const auto mark = mark_path(hash, by); mark && !handed_in(hash, by)) LG_CHECK(write_durably(*mark, {}, false));
  if (hold(hash)) return hash;
  const auto called = *name(hash);
  LG_CHECK(write(waiting_path(called), bytes, raw));
  const std::scoped_lock lock(mutex_);
  waiting_.insert(called);
  count_ = waiting_.size();
  return hash;
}

bool Files::hold(std::string_view hash) {
  const auto called = name(hash);
  if (!called) return false;
  if (count_ > 0) {
    const std::scoped_lock lock(mutex_);
    if (waiting_.contains(*called)) return ::utimensat(AT_FDCWD, waiting_path(*called).c_str(), nullptr, 0) == 0;
  }
  return fs::exists(kept_path(*called));
}

base::Status Files::settle(std::string_view hash) {
  if (count_ == 0) return base::Done{};
  const auto called = name(hash);
  if (!called) return base::Done{};
  const std::scoped_lock lock(mutex_);
  return waiting_.contains(*called) ? settle_held(*called) : base::Done{};
}

base::Status Files::settle_held(const std::string& called) {
  const auto from = waiting_path(called);
  const auto to = kept_path(called);
  const auto parent = fs::path(to).parent_path();
  std::error_code error;
  const bool new_parent = fs::create_directories(parent, error);
  if (error) return os_failure("create " + parent.string(), error.value());
  if (::rename(from.c_str(), to.c_str()) != 0) return os_failure("rename " + from, errno);
  waiting_.erase(called);
  count_ = waiting_.size();
  if (!durable_) return base::Done{};
  LG_CHECK(sync_directory(parent.string()));
  return new_parent ? sync_directory(folder_) : base::Done{};
}

base::Result<std::uint64_t> Files::purge(std::int64_t older_than_ms) {
  const auto before = fs::file_time_type::clock::now() - std::chrono::milliseconds(older_than_ms);
  std::uint64_t fell = 0;
  std::error_code error;
  std::vector<std::string> old;  // what a killed upload or purge left behind too
  for (const auto& entry : fs::directory_iterator(folder_ + "/handed", error)) {
    std::error_code gone;
    if (const auto written = entry.last_write_time(gone); !gone && written <= before) fs::remove(entry.path(), gone);
  }
  error.clear();
  if (!fs::exists(folder_ + "/waiting")) return fell;
  for (const auto& entry : fs::directory_iterator(folder_ + "/waiting", error)) {
    std::error_code gone;
    if (const auto written = entry.last_write_time(gone); !gone && written <= before) old.push_back(entry.path().string());
  }
  if (error) return os_failure("read " + folder_ + "/waiting", error.value());
  for (const auto& place : old) {
    auto falling = place;
    if (fs::path(place).extension() != ".part") {
      const std::scoped_lock lock(mutex_);
      std::error_code gone;
      if (const auto written = fs::last_write_time(place, gone); gone || written > before)
        continue;  // settled, or held anew
      falling += ".part";
      if (::rename(place.c_str(), falling.c_str()) != 0) return os_failure("rename " + place, errno);
      waiting_.erase(fs::path(place).filename().string());
      count_ = waiting_.size();
      ++fell;
    }
    LG_CHECK(overwrite_and_unlink(falling));
  }
  return fell;
}

base::Result<std::string> Files::read(std::string_view hash) const {
  const auto called = name(hash);
  if (!called) return not_held(hash);
  auto sealed = read_whole(kept_path(*called));
  if (!sealed) sealed = read_whole(waiting_path(*called));
  if (!sealed) sealed = read_whole(kept_path(*called));  // settled between the two looks
  if (!sealed) return not_held(hash);
  const auto opened = unseal(keys_.file, base::as_bytes(*sealed), *base::from_hex(hash));
  if (!opened) return base::fail("the stored file " + std::string(hash) + " is damaged");
  return std::string(base::as_text(opened->plain));
}

base::Status Files::erase(std::string_view hash) {
  LG_CHECK(settle(hash));
  const auto called = name(hash);
  if (!called || !fs::exists(kept_path(*called))) return not_held(hash);
  return overwrite_and_unlink(kept_path(*called));
}

base::Status Files::copy_to(const std::string& folder) const {
  std::error_code error;
  if (!fs::exists(folder_)) return base::Done{};
  for (const auto& entry : fs::recursive_directory_iterator(folder_, error)) {
    if (!entry.is_regular_file() || entry.path().extension() == ".part") continue;
    if (entry.path().parent_path().filename() == "handed") continue;
    const auto bytes = read_whole(entry.path());
    if (!bytes) continue;  // erased while we copied
    LG_CHECK(write_durably(folder + "/" + fs::relative(entry.path(), folder_).string(), base::as_bytes(*bytes), true));
  }
  if (error) return os_failure("read " + folder_, error.value());
  return base::Done{};
}

}  // namespace landglass::store
