#include "cli/given_out.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "log/checkpoint.hpp"

namespace landglass::cli {

using base::Result;

Result<log::WitnessView> view_of(const std::string& note, const std::string& name, const log::VerifierKey& key) {
  LG_TRY(auto parsed, log::parse_checkpoint(note));
  if (parsed.head.origin != key.name || log::find_valid(parsed.note, key) == nullptr) {
    return base::refuse("LOG-04", "检查点不是本日志所签", "this log has not signed the checkpoint",
                        name + ": " + parsed.head.origin);
  }
  return log::WitnessView{name, parsed.head.size, parsed.head.root};
}

Result<std::vector<log::WitnessView>> given_out(const std::string& keys, const log::VerifierKey& key) {
  std::ifstream in(keys + "/checkpoint", std::ios::binary);
  if (!in) return std::vector<log::WitnessView>();
  const std::string note{std::istreambuf_iterator<char>(in), {}};
  LG_TRY(auto view, view_of(note, keys + "/checkpoint", key));
  return std::vector<log::WitnessView>{view};
}

GivenOut::GivenOut(engine::Engine& engine, std::string keys) : engine_(engine), file_(std::move(keys) + "/checkpoint") {
  keep();
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      wake_.wait_for(lock, std::chrono::seconds(1));
      lock.unlock();
      keep();
      lock.lock();
    }
  });
}

GivenOut::~GivenOut() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
    wake_.notify_one();
  }
  thread_.join();
  keep();
}

std::string GivenOut::trouble() {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

void GivenOut::keep() {
  const auto head = engine_.head(log::Tree::open);
  if (head->size == kept_) return;
  const auto beside = file_ + ".part";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const auto size = static_cast<ssize_t>(head->checkpoint.size());
  bool done = file >= 0 && ::write(file, head->checkpoint.data(), head->checkpoint.size()) == size && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  done = done && std::rename(beside.c_str(), file_.c_str()) == 0;
  const std::scoped_lock lock(mutex_);
  trouble_ = done ? std::string() : "the checkpoint given out cannot be kept in " + file_ + ": " + std::strerror(errno);
  if (done) kept_ = head->size;
}

}  // namespace landglass::cli
