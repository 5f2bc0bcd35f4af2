#pragma once
// A file of which every write lasts once it returns: past the page cache where the file system lets it (O_DIRECT, O_DSYNC),
// which spares a copy into it, the upkeep of its pages and a call; else written, then synced (decision 0200).

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "store/disk.hpp"

namespace landglass::store {

class DurableFile {
 public:
  static constexpr std::size_t k_page = 4'096;  // bytes; what is written is whole pages, at a page

  // Made where it is not there, with nothing in it. The disk is asked before each write and each sync.
  static base::Result<std::unique_ptr<DurableFile>> open(std::string path, Disk& disk);
  ~DurableFile();
  DurableFile(const DurableFile&) = delete;
  DurableFile& operator=(const DurableFile&) = delete;

  const std::string& path() const { return path_; }
  // After a Failure nobody knows what of it lasts.
  base::Status write(base::BytesView bytes, std::size_t at);

 private:
  DurableFile(std::string path, Disk& disk) : path_(std::move(path)), disk_(disk) {}
  base::Status ask_to_write(std::size_t at, std::size_t size) const;
  base::Status write_pages(base::BytesView bytes, std::size_t at);
  base::Status sync();

  std::string path_;
  Disk& disk_;
  int file_ = -1;
  bool past_cache_ = true;  // and each write lasts by itself
  base::Bytes room_;        // for what is written to begin on a page of memory, as devices want it
};

}  // namespace landglass::store
