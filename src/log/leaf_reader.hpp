#pragma once
// Inside of decode(), and for a rebuild: reads a leaf that is canonical already, member by member where the writer put it,
// in one pass and without a tree of values. A rebuild reads each leaf ever written, so this decides how long it takes. What
// it does not read, the general way reads or refuses with the reason.

#include <string_view>

#include "log/leaf.hpp"

namespace landglass::log {

// True where `bytes` are exactly what encode() would write for `leaf`, which must be empty before; its texts may have room.
bool read_canonical_leaf(std::string_view bytes, Leaf& leaf);

// The same of one canonical value by itself, without fractions; it does not look whether texts are UTF-8 and NFC: of what a
// commitment has shown to be what a leaf committed to.
bool read_canonical_value(std::string_view bytes, base::Json& value);
// As commitment(), of the value's canonical text.
base::Hash commitment_of_text(base::BytesView salt32, std::string_view origin, std::string_view command,
                              std::string_view path, std::string_view value);

// What encode() and the reader both ask of a leaf's texts.
bool is_lower_hex(std::string_view text, std::size_t size);
bool is_base64url_text(std::string_view text);

}  // namespace landglass::log
