#pragma once
// For tests: the fenced ```json blocks of a document under docs/formats, in order, line breaks removed.

#include <fstream>
#include <string>
#include <vector>

namespace landglass::money {

inline std::vector<std::string> golden_blocks(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> blocks;
  std::string line;
  for (bool inside = false; std::getline(file, line);) {
    if (line == "```json") {
      inside = true;
      blocks.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back() += line;
    }
  }
  return blocks;
}

}  // namespace landglass::money
