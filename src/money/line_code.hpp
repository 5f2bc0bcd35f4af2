#pragma once
// The one code of this platform that a line of a statement names: in its reference, or after the account's number in a
// sub-account (docs/formats/custody.md).

#include <span>
#include <string>
#include <string_view>

#include "money/statement.hpp"

namespace landglass::money {

struct LineCode {
  std::string code;      // empty where it names none, or several
  bool several = false;  // more than one
};
// `types` are the two capitals with which a code begins that is looked for.
LineCode code_of(const StatementLine& line, std::string_view main_account, std::span<const std::string_view> types);

}  // namespace landglass::money
