#pragma once
// What an official signs with the key of his post: docs/formats/act.md is the contract. The statement says which act on
// which record, with every field that he gave: public ones as they are, private ones as the very commitment that will stand
// in the leaf. So whoever has the leaf can check the signature without seeing anything private.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "log/leaf.hpp"

namespace landglass::log {

struct Act {
  std::string origin;  // of the log that it is for
  std::string institution;
  std::string record;  // empty: one to be made
  std::string action;
  std::string command;                   // id of the command, 32 hex digits
  std::string post;                      // by which he acts
  base::Time until;                      // taken no later than this
  std::optional<std::uint64_t> version;  // of the record that he saw; absent for a new one and where acts are contended
  std::optional<base::Time> as_of;       // where the act was done earlier than it is entered
  base::JsonObject fields;               // name -> value, or {"hidden": commitment}
  bool operator==(const Act&) const = default;
};

inline constexpr std::int64_t k_longest_act_ms = 24 * base::k_hour;  // from signing to `until`, at most

base::Json to_json(const Act& act);
base::Result<Act> read_act(const base::Json& json);  // ACT-01: not a statement
std::string message_of(const Act& act);              // "landglass/act/1\n" and the RFC 8785 form

// ACT-02: the signature does not fit, or is of no algorithm that a post's key has.
base::Status verify(const Act& act, const LeafSignature& sig);

// What of the statement the leaf must keep, because nothing else in it says so: change.outcome["signed"].
base::Json kept_of(const Act& act);
// The statement back from a leaf; nullopt where it keeps none (the act was not signed with a post's key).
base::Result<std::optional<Act>> act_of(const Leaf& leaf);
// Of a leaf that keeps a statement: the signature fits, and the leaf says nothing else than was signed. ACT-01…ACT-03.
base::Status check_signed(const Leaf& leaf);

}  // namespace landglass::log
