#pragma once
// What the code of a warning says and by which law, looked up in the institution that raised it.

#include <string>
#include <string_view>

#include "institution/pack.hpp"

namespace landglass::web {

struct Warned {
  base::Text say;  // empty where its file knows no such code any more
  std::string law;
};
Warned warned_by(const institution::Pack& pack, const institution::Institution& in, std::string_view code);
// "LL-26 竞买人不足": a code by itself says nothing to who does not know it.
base::Text code_and_words(const institution::Pack& pack, std::string_view institution, std::string_view code);

}  // namespace landglass::web
