#include "store/durable_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "store/test_store.hpp"

using namespace landglass;
using namespace landglass::store;

namespace {

constexpr auto k_page = DurableFile::k_page;

// Answers as it is told, and notes what it was asked.
class AskedDisk final : public Disk {
 public:
  DiskAnswer before_sync(std::string_view) override {
    ++syncs;
    return to_sync;
  }
  DiskAnswer before_write(std::string_view, std::uint64_t offset, std::size_t size, base::BytesView old) override {
    writes.emplace_back(offset, size, base::Bytes(old.begin(), old.end()));
    return to_write;
  }
  bool wants_old() const override { return true; }
  void synced(std::string_view) override { ++synceds; }

  struct Write {
    std::uint64_t offset;
    std::size_t size;
    base::Bytes old;
    Write(std::uint64_t at, std::size_t bytes, base::Bytes before) : offset(at), size(bytes), old(std::move(before)) {}
  };
  std::vector<Write> writes;
  int syncs = 0, synceds = 0;
  DiskAnswer to_write = DiskAnswer::proceed, to_sync = DiskAnswer::proceed;
};

base::Bytes pages(std::size_t count, std::uint8_t byte) { return base::Bytes(count * k_page, byte); }
std::string text(const base::Bytes& bytes) { return std::string(base::as_text(bytes)); }

// Where it is not known whether the file system takes writes past its cache: on the disk, and in memory.
std::vector<std::string> folders(const TemporaryFolder& folder) {
  std::vector<std::string> all{folder / "here", std::filesystem::current_path() / "durable_file_test.folder"};
  for (const auto& one : all) std::filesystem::create_directories(one);
  return all;
}

TEST(StoreDurableFile, WhatIsWrittenStandsThereFromWhereverInMemoryItCame) {
  const TemporaryFolder folder;
  for (const auto& in : folders(folder)) {
    AskedDisk disk;
    const auto file = value_of(DurableFile::open(in + "/file", disk));
    LG_OK(file->write(pages(2, 'a'), 0));
    base::Bytes astray = pages(1, 'b');
    astray.insert(astray.begin(), 7, 'x');
    LG_OK(file->write(base::BytesView(astray).subspan(7), k_page));
    LG_OK(file->write(pages(600, 'c'), 3 * k_page));  // in parts, behind a gap
    EXPECT_EQ(bytes_of(in + "/file"), text(pages(1, 'a')) + text(pages(1, 'b')) + text(pages(1, 0)) + text(pages(600, 'c')));
    EXPECT_EQ(disk.syncs, 3);
    EXPECT_EQ(disk.synceds, 3);
    EXPECT_EQ(disk.writes[1].old, pages(1, 'a'));
    EXPECT_TRUE(disk.writes[2].old.empty());
    EXPECT_EQ(disk.writes.size(), 5U);
    EXPECT_EQ(disk.writes[3].offset, disk.writes[2].offset + disk.writes[2].size);
    const auto again = value_of(DurableFile::open(in + "/file", disk));  // nothing of it is lost
    EXPECT_EQ(std::filesystem::file_size(in + "/file"), 603 * k_page);
    std::filesystem::remove_all(in);
  }
}

TEST(StoreDurableFile, AnErrorSaysWhatWasDoneToWhichFile) {
  const TemporaryFolder folder;
  AskedDisk disk;
  const auto path = folder / "file";
  const auto file = value_of(DurableFile::open(path, disk));
  disk.to_write = DiskAnswer::full;
  const auto full = file->write(pages(1, 'a'), 0);
  ASSERT_TRUE(full.failed());
  EXPECT_TRUE(full.failure().what.starts_with("disk full: write " + path)) << full.failure().what;
  EXPECT_TRUE(bytes_of(path).empty());
  disk.to_write = DiskAnswer::proceed;
  disk.to_sync = DiskAnswer::io_error;
  const auto lost = file->write(pages(1, 'a'), 0);
  ASSERT_TRUE(lost.failed());
  EXPECT_TRUE(lost.failure().what.starts_with("sync " + path)) << lost.failure().what;
  EXPECT_EQ(disk.synceds, 0);
  EXPECT_FALSE(DurableFile::open(folder / "nowhere/file", disk));
}

}  // namespace
