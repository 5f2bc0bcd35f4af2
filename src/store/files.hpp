#pragma once
// Files on disk that stay there, and the vault's files: encrypted, padded, named by a keyed hash of their SHA-256.

#include <optional>
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

class Files {
 public:
  Files(std::string folder, const Keys& keys, bool durable) : folder_(std::move(folder)), keys_(keys), durable_(durable) {}
  base::Result<std::string> keep(std::string_view bytes) const;
  base::Result<std::string> read(std::string_view hash) const;
  base::Status erase(std::string_view hash) const;
  base::Status copy_to(const std::string& folder) const;

 private:
  std::optional<std::string> path(std::string_view hash) const;
  std::string folder_;
  const Keys& keys_;
  bool durable_;
};

}  // namespace landglass::store
