#pragma once
// Names of companies as they are compared to *ask* whether two are one. A match proves nothing and refuses nothing.

#include <string>
#include <string_view>

namespace landglass::law {

// The name without spaces, brackets, full-width forms and the words for its legal form: two names with one core may be
// the same house. A name that is nothing but such words stays as it is.
std::string name_core(std::string_view name);

}  // namespace landglass::law
