#pragma once
// The names under which the engine keeps what is not a record, and the ids of what nobody commanded.

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "institution/registry.hpp"

namespace landglass::engine {

inline constexpr std::string_view k_outbox = "sealed/outbox";
inline constexpr std::string_view k_outbox_done = "sealed/outbox-done";  // so many of its first are done
inline constexpr std::string_view k_in_force = "in-force";
inline constexpr std::string_view k_rules = "watch-rules";  // name -> hashes, the last is in force
inline constexpr std::string_view k_rule_of = "watch/";     // begins what a pack-change of a rule is `of`
inline constexpr std::string_view k_kind = "open/kind";     // "live" or "import"
inline constexpr std::string_view k_last_time = "projection/last-time";

// The same kind, a and b give the same id, so that what the machine does after a crash it does once. `time`: as of
// log::command_id; the same again.
std::string derived_id(std::optional<base::Time> time, std::string_view kind, std::string_view a, std::string_view b);

// Of who, what, of which record, with which fields: the same id with another digest is another request.
std::string digest_of(const institution::Command& command);

}  // namespace landglass::engine
