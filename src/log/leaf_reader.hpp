#pragma once
// Inside of decode(): reads a leaf that is canonical already, member by member where the writer put it, in one pass and
// without a tree of values. A rebuild reads each leaf ever written, so this decides how long it takes. What it does not
// read, the general way reads or refuses with the reason.

#include <string_view>

#include "log/leaf.hpp"

namespace landglass::log {

// True where `bytes` are exactly what encode() would write for `leaf`.
bool read_canonical_leaf(std::string_view bytes, Leaf& leaf);

// What encode() and the reader both ask of a leaf's texts.
bool is_lower_hex(std::string_view text, std::size_t size);
bool is_base64url_text(std::string_view text);

}  // namespace landglass::log
