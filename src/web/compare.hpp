#pragma once
// Two versions of a text, line by line: what a public comparison of an institution shows.

#include <string>
#include <string_view>

namespace landglass::web {

// Every line with ' ' (in both), '-' (only before) or '+' (only after) in front; at most 4,000 lines a side, past that the
// whole of both.
std::string compare_texts(std::string_view before, std::string_view after);

}  // namespace landglass::web
