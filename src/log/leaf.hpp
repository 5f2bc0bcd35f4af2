#pragma once
// One leaf: one command, with every outcome of it. docs/formats/leaf.md is the contract, byte for byte.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace landglass::log {

// The open tree is public. Of the sealed tree only a salted root shows, at fixed times.
enum class Tree : std::uint8_t { open = 0, sealed = 1 };

inline constexpr std::size_t k_max_leaf_bytes = 65'535;
inline constexpr std::size_t k_max_effects = 100;

// What one record became. `set` holds the public fields only; a private field stands in `commit` as its commitment.
struct Change {
  std::string institution;    // "land-listing"
  std::string file;           // lower-case hex SHA-256 of the institution's file
  std::string record;         // "land-listing/350100-2026-000012"
  std::string action;         // "announce"
  std::uint64_t version = 0;  // of the record, after this change; 1 when it is created
  std::string state;          // after; parallel regions as "sold|mortgage:none"
  base::JsonObject set;       // field -> value; null clears
  base::JsonObject commit;    // field path -> hex commitment
  base::JsonObject due;       // timer -> instant (format_utc), null clears, {"left_ms": n} while paused
  base::JsonArray holds;      // [{"place": {"by","ground","actions","deadlines"}} | {"lift": "<by>"}]
  base::JsonObject outcome;   // numbers issued, a behaviour's outcome (ladder head …), what the act was done as
  bool operator==(const Change&) const = default;
};

struct LeafSignature {
  std::string alg;    // "es256" | "ed25519"
  std::string key;    // base64url of the public key, or empty where the key stands in a commitment
  std::string bytes;  // base64url
  bool operator==(const LeafSignature&) const = default;
};

struct Leaf {
  std::string origin;     // of the log, as in its checkpoints
  std::uint64_t seq = 0;  // index in its tree
  base::Time time;        // when logged; never decreases
  base::Time as_of;       // when done
  std::string command;    // command id, 32 lower-case hex digits
  std::string actor;      // pseudonymous: "person/…", "party/…", "system", or empty where committed
  Change change;          // of the record the command was for
  std::vector<Change> effects;
  std::optional<LeafSignature> sig;
  bool operator==(const Leaf&) const = default;
};

// RFC 8785 bytes. Refuses LEAF-01 past 65,535 bytes, LEAF-02 past 100 effects.
base::Result<std::string> encode(const Leaf& leaf);
// Exact inverse; refuses LEAF-03 what is not a leaf, LEAF-04 bytes that are not canonical.
base::Result<Leaf> decode(std::string_view bytes);

// HMAC-SHA-256(salt, JCS of ["landglass/commitment/1", origin, command, path, value]). Effects' paths:
// "effects/<i>/<field>".
base::Hash commitment(base::BytesView salt32, std::string_view origin, std::string_view command, std::string_view path,
                      const base::Json& value);

}  // namespace landglass::log
