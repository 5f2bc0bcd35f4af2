#pragma once
// Ids of commands: 32 hex digits. Where the time of the act is public anyway, an id begins with it (12 digits of
// milliseconds, as a UUID of version 7), so that ids of one hour lie together on disk. What goes to the sealed tree has an
// id that is random throughout: nobody may read from it when a bidder applied. docs/decisions/0100.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace landglass::log {

// `rest` is a hash or random: 16 bytes or more. Without a time all 32 digits are its.
std::string command_id(std::optional<base::Time> time, base::BytesView rest);

// The least id of those that begin with a time so much later than this one does.
std::string made_later(std::string_view id, std::int64_t ms);

// A key that a client or a form chose (an Idempotency-Key) begins with a time where it is 32 hex digits, or a UUID, whose
// first 12 are milliseconds between 2007 and 2500; any other key has none.
std::optional<base::Time> time_in_key(std::string_view key);

}  // namespace landglass::log
