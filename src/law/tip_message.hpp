#pragma once
// What a tip and its messages are made of before they are locked (docs/formats/tips.md): values of one length, and what the
// reporter signs.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace landglass::law {

// The value of every message is filled to this length, whatever was written: the largest that can be locked.
inline constexpr std::size_t k_tip_message_bytes = 4'096;

// The text as JSON, filled with spaces to that length. Refuses TP-10 a text that is too long.
base::Result<base::Bytes> tip_value(std::string_view text);

// Whether every box of a locked document holds just one such value.
bool one_length(const base::Json& doc);

// What whoever holds the words signs: that this document is his, on this tip (its key, 32 hex digits).
std::string tip_voice_bytes(std::string_view tip, std::string_view commitment);

}  // namespace landglass::law
