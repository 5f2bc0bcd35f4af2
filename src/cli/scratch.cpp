#include "cli/scratch.hpp"

#include <unistd.h>

#include <filesystem>

namespace landglass::cli {

namespace fs = std::filesystem;

Scratch::~Scratch() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

base::Status Scratch::keep_as(const std::string& name) {
  std::error_code error;
  fs::remove(name, error);  // where it is an empty folder
  fs::rename(folder_, name, error);
  if (error) return base::fail("rename " + folder_ + " to " + name + ": " + error.message());
  folder_.clear();
  return base::Done{};
}

std::string beside(const std::string& folder, std::string_view what) {
  auto path = fs::weakly_canonical(folder).string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path + "." + std::string(what) + "-" + std::to_string(::getpid());
}

base::Status empty_folder(const std::string& folder) {
  if (!fs::exists(folder) || fs::is_empty(folder)) return base::Done{};
  return base::refuse("STORE-07", "目标目录不是空的", "the folder is not empty", folder);
}

}  // namespace landglass::cli
