// A durable store gives its disk little to do at once (decision 0190).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/disk.hpp"
#include "store/test_store.hpp"

namespace landglass::store {
namespace {

// Bytes that wait for a sync, of the file that has most of them.
class WatchedDisk final : public PacedDisk {
 public:
  DiskAnswer before_write(std::string_view path, std::uint64_t, std::size_t size, base::BytesView) override {
    const std::scoped_lock lock(mutex_);
    auto& waits = waiting_[std::string(path)];
    waits += size;
    written_ += size;
    if (!path.ends_with("-shm") && path.find("journal") == std::string_view::npos) most_ = std::max(most_, waits);
    return DiskAnswer::proceed;
  }
  DiskAnswer before_sync(std::string_view path) override {
    const std::scoped_lock lock(mutex_);
    waiting_[std::string(path)] = 0;
    return DiskAnswer::proceed;
  }
  std::size_t most() const {
    const std::scoped_lock lock(mutex_);
    return most_;
  }
  std::size_t written() const {
    const std::scoped_lock lock(mutex_);
    return written_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::size_t> waiting_;
  std::size_t most_ = 0, written_ = 0;
};

TEST(StoreDisk, NeverHasMuchToWriteBeforeASync) {
  const TemporaryFolder folder;
  const auto disk = std::make_shared<WatchedDisk>();
  mount_disk("landglass-test", disk);
  auto options = folder.options();
  options.disk = "landglass-test";
  const auto store = opened(options);
  // Past the pages after which they are moved into the database, several times.
  for (std::uint64_t batch = 0; batch < 300; ++batch) {
    LG_OK(store->begin());
    for (std::uint64_t i = 0; i < 100; ++i)
      LG_OK(store->put_leaf(log::Tree::open, batch * 100 + i, std::to_string(batch * 100 + i) + std::string(1'000, '.')));
    LG_OK(store->commit());
  }
  settle(*store);
  EXPECT_GT(disk->written(), std::size_t{30} << 20);
  EXPECT_LE(disk->most(), 2 * disk->most_unsynced() + (std::size_t{128} << 10))
      << "as much is written beside a sync, and the writes that reached the bound";
}

}  // namespace
}  // namespace landglass::store
