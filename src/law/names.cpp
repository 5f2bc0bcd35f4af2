#include "law/names.hpp"

namespace landglass::law {
namespace {

// Longest first, so that 有限责任公司 does not leave 有限责任 behind.
constexpr std::string_view k_forms[] = {"有限责任公司", "股份有限公司", "集团有限公司", "有限公司", "集团公司",
                                        "总公司",       "分公司",       "公司",         "集团",     "厂"};
constexpr std::string_view k_dropped[] = {" ", "\t", "(", ")", "（", "）", "\u3000", "·", "“", "”", "\"", "'", "."};

}  // namespace

std::string name_core(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size();) {
    const auto rest = name.substr(i);
    std::size_t skip = 0;
    for (const auto mark : k_dropped) {
      if (rest.starts_with(mark)) skip = mark.size();
    }
    if (skip > 0) {
      i += skip;
    } else {
      const char c = name[i++];
      plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  std::string_view core = plain;
  const auto form_at_end = [&]() -> std::size_t {
    for (const auto form : k_forms) {
      if (core == form) return 0;
      if (core.ends_with(form)) return form.size();
    }
    return 0;
  };
  while (const auto size = form_at_end()) core.remove_suffix(size);
  return std::string(core);
}

}  // namespace landglass::law
