#pragma once
// For tests that give fields what their files ask for.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

namespace landglass::tests {

// A text of the form of a pattern (docs/formats/institution.md, Fields): the first character of each class, as often as due.
inline std::string text_like(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size();) {
    char c = pattern[i];
    if (c == '[') {
      const auto end = pattern.find(']', i);
      c = pattern[i + 1];
      i = end + 1;
    } else {
      if (c == '.') c = 'x';
      ++i;
    }
    int times = 1;
    if (i < pattern.size() && pattern[i] == '?') {
      ++i;
    } else if (i < pattern.size() && pattern[i] == '{') {
      times = std::max(1, std::atoi(std::string(pattern.substr(i + 1)).c_str()));
      i = pattern.find('}', i) + 1;
    }
    out.append(static_cast<std::size_t>(times), c);
  }
  return out;
}

}  // namespace landglass::tests
