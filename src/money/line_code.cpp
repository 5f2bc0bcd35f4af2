#include "money/line_code.hpp"

#include <algorithm>

#include "law/codes.hpp"
#include "money/deposits.hpp"

namespace landglass::money {

LineCode code_of(const StatementLine& line, std::string_view main_account, std::span<const std::string_view> types) {
  auto words = codes_in(line.reference);
  if (line.account != main_account) {
    for (auto& word : codes_in(line.account)) {
      words.push_back(word);
      // A sub-account is the account's number, then the code.
      if (const auto cut = word.rfind('-'); cut != std::string::npos) words.push_back(word.substr(cut + 1));
    }
  }
  LineCode found;
  for (const auto& word : words) {
    if (!law::verification_code_valid(word)) continue;
    if (std::none_of(types.begin(), types.end(), [&](auto type) { return word.starts_with(type); })) continue;
    if (!found.code.empty() && found.code != word) found.several = true;
    found.code = word;
  }
  if (found.several) found.code.clear();
  return found;
}

}  // namespace landglass::money
