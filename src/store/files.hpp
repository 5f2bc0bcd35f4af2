#pragma once
// Files on disk that stay there, and the vault's files: encrypted, padded, named by a keyed hash of their SHA-256.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "store/cipher.hpp"

namespace landglass::store {

std::optional<std::string> read_whole(const std::string& path);
// Written beside, fsynced, renamed into place, the directory fsynced; mode 0600.
base::Status write_durably(const std::string& path, base::BytesView bytes, bool durable);
base::Status grow_durably(const std::string& path, std::size_t size);  // with zeros, up to that size
base::Status sync_directory(const std::string& path);

// A file that an act cites lies under the first two digits of its name. One that was handed in and that no act cites yet
// lies in waiting/: citing it is a rename, before the commit of the leaf that does, so what is purged was cited by none.
class Files {
 public:
  Files(std::string folder, const Keys& keys, bool durable);
  base::Result<std::string> keep(std::string_view bytes);
  // Keeps it waiting, unless it is kept for good, and a mark that he has the bytes.
  base::Result<std::string> await(std::string_view bytes, std::string_view by);
  bool handed_in(std::string_view hash, std::string_view by);  // whether his mark is there; it then lasts anew
  bool hold(std::string_view hash);                            // whether it is there; if it waits, its wait begins anew
  base::Status settle(std::string_view hash);                  // what waits is kept for good; all else stays as it is
  std::size_t waiting() const { return count_; }
  base::Result<std::uint64_t> purge(std::int64_t older_than_ms);  // of those that wait; how many fell; and marks
  base::Result<std::string> read(std::string_view hash) const;
  base::Status erase(std::string_view hash);
  base::Status copy_to(const std::string& folder) const;

 private:
  std::optional<std::string> name(std::string_view hash) const;
  std::string kept_path(const std::string& name) const { return folder_ + "/" + name.substr(0, 2) + "/" + name; }
  std::optional<std::string> mark_path(std::string_view hash, std::string_view by) const;
  std::string waiting_path(const std::string& name) const { return folder_ + "/waiting/" + name; }
  base::Status settle_held(const std::string& name);  // with the lock held
  base::Status write(const std::string& place, std::string_view bytes, base::BytesView hash) const;

  std::string folder_;
  const Keys& keys_;
  bool durable_;
  std::mutex mutex_;               // of what waits: a file is settled or purged, never both
  std::set<std::string> waiting_;  // names
  std::atomic<std::size_t> count_{0};
};

}  // namespace landglass::store
