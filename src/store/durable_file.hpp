#pragma once
// A file of which every write lasts once it returns: past the page cache where the file system lets it (O_DIRECT, O_DSYNC),
// which spares a copy into it, the upkeep of its pages and a call; else written, then synced (decision 0200).

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "store/disk.hpp"

namespace landglass::store {

// Bytes that begin on a page of memory, as devices want them: a DurableFile writes these without a copy.
class Pages {
 public:
  static constexpr std::size_t k_bytes = 4'096;  // of a page
  // Of no more bytes than that.
  explicit Pages(std::size_t most) {
    room_.reserve(most + k_bytes);
    first_ = (k_bytes - reinterpret_cast<std::uintptr_t>(room_.data()) % k_bytes) % k_bytes;
    room_.resize(first_);
  }
  Pages(Pages&&) = default;  // the room stays where it is
  Pages& operator=(Pages&&) = default;

  base::Bytes& behind() { return room_; }  // to append to
  base::BytesView view() const { return base::BytesView(room_).subspan(first_); }

 private:
  base::Bytes room_;
  std::size_t first_ = 0;
};

class DurableFile {
 public:
  static constexpr std::size_t k_page = Pages::k_bytes;  // what is written is whole pages, at a page

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
};

}  // namespace landglass::store
