#pragma once
// For tests alone: golden vectors are read out of the documents that promise them, and other people's out of ../shared.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace landglass::log::test {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The fenced ```json blocks of a document, in order. One that does not parse aborts the test.
inline std::vector<base::Json> json_blocks(const std::filesystem::path& document) {
  const auto text = read_file(document);
  std::vector<base::Json> blocks;
  constexpr std::string_view fence = "\n```json\n";
  for (auto at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    const auto end = text.find("\n```", at);
    auto block = base::parse_json(std::string_view(text).substr(at, end - at), base::Profile::any);
    LG_ASSERT(bool(block), "a json block of a document does not parse");
    blocks.push_back(std::move(*block));
  }
  return blocks;
}

// False, and said loudly, where ../shared is not there.
inline bool shared_is_here(const std::filesystem::path& part) {
  if (std::filesystem::exists(part)) return true;
  std::cout << "SKIPPED: ../shared is absent (" << part.filename().string() << ")" << std::endl;
  return false;
}

}  // namespace landglass::log::test
