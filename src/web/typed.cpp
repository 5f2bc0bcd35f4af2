#include "web/typed.hpp"

namespace landglass::web {
namespace {

// Of three bytes the code point; 0 where there are not three that belong together.
unsigned three(std::string_view text) {
  if (text.size() < 3 || (text[0] & 0xF0) != 0xE0) return 0;
  const auto low = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  return (low(0) & 0x0F) << 12 | (low(1) & 0x3F) << 6 | (low(2) & 0x3F);
}

// Of every width, and of none: what is copied out of a page or a PDF has these.
bool is_space(unsigned point) {
  return point == 0x3000 || (point >= 0x2000 && point <= 0x200D) || point == 0x202F || point == 0x205F || point == 0x2060 ||
         point == 0xFEFF;
}
bool is_dash(unsigned point) { return (point >= 0x2010 && point <= 0x2015) || point == 0x2212; }

}  // namespace

std::string plainly_typed(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (text.substr(i).starts_with("\xC2\xA0")) {  // a space that does not break
      i += 1;
      continue;
    }
    const auto point = three(text.substr(i));
    const bool wide = point >= 0xFF01 && point <= 0xFF5E;
    if (wide) out += static_cast<char>(point - 0xFF00 + 0x20);
    if (is_dash(point) && !out.ends_with('-')) out += '-';  // a Chinese keyboard's dash is two of them
    if (wide || is_dash(point) || is_space(point)) {
      i += 2;
      continue;
    }
    out += c;
  }
  return out;
}

std::string number_as_printed(std::string_view typed) {
  std::string out;
  for (const char c : plainly_typed(typed)) {
    if (c == '(') {
      out += "（";
    } else if (c == ')') {
      out += "）";
    } else {
      out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return out;
}

}  // namespace landglass::web
