#include "cli/input.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace landglass::cli {

base::Result<std::string> read_input(const std::string& path) {
  std::ostringstream out;
  if (path == "-") {
    out << std::cin.rdbuf();
    return out.str();
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::refuse("CLI-03", "无法读取文件", "cannot read the file", path);
  out << in.rdbuf();
  return out.str();
}

base::Result<base::P256Key> read_p256_key(const std::string& path) {
  std::ifstream in(path);
  std::string hex;
  in >> hex;
  const auto bytes = base::from_hex(hex);
  auto key = bytes ? base::P256Key::from_scalar(*bytes) : std::nullopt;
  if (!key) return base::refuse("KEY-FILE", "密钥文件无法读取", "the file holds no P-256 key (64 hex digits)", path);
  return std::move(*key);
}

}  // namespace landglass::cli
