#pragma once
// A value locked to k of n openers: nested sealed boxes over each subset (libsodium). docs/formats/locked.md is the
// contract.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace landglass::law {

inline constexpr std::size_t k_most_openers = 7;
inline constexpr std::size_t k_longest_locked = 4'096;

struct OpenerKey {
  base::Bytes public_key;  // X25519, 32 bytes
  base::Bytes secret_key;

  static OpenerKey generate();
  static OpenerKey from_secret(base::BytesView secret32);
};

struct Unlocked {
  base::Bytes salt;  // 32 bytes
  base::Bytes value;
};

// To any `k` of the openers, in whatever order they are given. Refuses LK-01 keys that are none or stand twice, LK-04 too
// many openers or too long a value.
base::Result<base::Json> lock(base::BytesView value, std::size_t k, std::vector<base::Bytes> openers);

// Refuses LK-01 what is no such document.
base::Status check_locked(const base::Json& doc);

// What one opener passes on. Refuses LK-02 where it is not this key's turn in any box.
base::Result<base::Json> peel(const base::Json& doc, const OpenerKey& key);

// Layers still on it, over all boxes: each opener who passes it on takes some off. Of a document that passed check_locked.
std::size_t layers_left(const base::Json& doc);

// The value, where a box has been opened by all of its subset; nothing where none has. Refuses LK-03 where opened boxes
// differ or do not fit the commitment.
base::Result<std::optional<Unlocked>> unlocked(const base::Json& doc);

// "landglass/locked/1\n" ‖ salt ‖ value under SHA-256, as hex.
std::string lock_commitment(base::BytesView salt32, base::BytesView value);

}  // namespace landglass::law
