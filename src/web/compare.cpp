#include "web/compare.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace landglass::web {
namespace {

constexpr std::size_t k_most_lines = 4'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

std::string compare_texts(std::string_view before, std::string_view after) {
  auto a = lines_of(before);
  auto b = lines_of(after);
  std::string out;
  const auto say = [&](char mark, std::string_view line) {
    out += mark;
    out += line;
    out += '\n';
  };
  std::size_t same = 0;
  while (same < a.size() && same < b.size() && a[same] == b[same]) ++same;
  std::size_t tail = 0;
  while (tail < a.size() - same && tail < b.size() - same && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  const std::size_t rows = a.size() - same - tail;
  const std::size_t columns = b.size() - same - tail;
  for (std::size_t i = 0; i < same; ++i) say(' ', a[i]);
  if (rows > k_most_lines || columns > k_most_lines) {
    for (std::size_t i = 0; i < rows; ++i) say('-', a[same + i]);
    for (std::size_t i = 0; i < columns; ++i) say('+', b[same + i]);
  } else {
    // longest[i][j]: lines in common of what follows a[same+i] and b[same+j].
    std::vector<std::uint16_t> longest((rows + 1) * (columns + 1), 0);
    const auto at = [&](std::size_t i, std::size_t j) -> std::uint16_t& { return longest[i * (columns + 1) + j]; };
    for (std::size_t i = rows; i-- > 0;) {
      for (std::size_t j = columns; j-- > 0;) {
        at(i, j) = a[same + i] == b[same + j] ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1)
                                              : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < rows || j < columns) {
      if (i < rows && j < columns && a[same + i] == b[same + j]) {
        say(' ', a[same + i]);
        ++i;
        ++j;
      } else if (j == columns || (i < rows && at(i + 1, j) >= at(i, j + 1))) {
        say('-', a[same + i++]);
      } else {
        say('+', b[same + j++]);
      }
    }
  }
  for (std::size_t i = a.size() - tail; i < a.size(); ++i) say(' ', a[i]);
  return out;
}

}  // namespace landglass::web
