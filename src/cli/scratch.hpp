#pragma once
// A folder in which a house is made beside the place where it will stand, so that it stands there whole or not at all.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace landglass::cli {

// Removed at the end unless it was kept.
class Scratch {
 public:
  explicit Scratch(std::string folder) : folder_(std::move(folder)) {}  // empty: none
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& folder() const { return folder_; }
  base::Status keep_as(const std::string& name);  // where nothing stands, or an empty folder

 private:
  std::string folder_;
};

// "<folder>.<what>-<process>", on the same disk.
std::string beside(const std::string& folder, std::string_view what);

// Refuses STORE-07 a folder in which something stands.
base::Status empty_folder(const std::string& folder);

}  // namespace landglass::cli
