#pragma once
// Tokens of the expression language: inside the law layer only.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "law/value.hpp"

namespace landglass::law {

struct Token {
  enum class Kind : std::uint8_t { quantity, text, name, symbol, end };
  Kind kind = Kind::end;
  std::string_view spelling;  // into the source; of names and symbols
  Value value;                // of quantities and texts
  int column = 1;             // in code points, from 1
};

// Ends with one token of Kind::end. Refuses LAW-01 what is no token, and source that is not UTF-8 in NFC.
base::Result<std::vector<Token>> tokens_of(std::string_view source);

}  // namespace landglass::law
