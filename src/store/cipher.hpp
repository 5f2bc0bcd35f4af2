#pragma once
// Sealing of what lies in the folder: XChaCha20-Poly1305 over a frame whose size says only which bucket it fell into.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"

namespace landglass::store {

using Key = std::array<std::uint8_t, 32>;
using ShortName = std::array<std::uint8_t, 16>;
inline constexpr std::size_t k_nonce_bytes = 24;
inline constexpr std::size_t k_tag_bytes = 16;

// The keys of one store, each derived from the vault key for one purpose: HMAC-SHA-256(vault key, "landglass/store/1/" +
// purpose).
struct Keys {
  Key vault{};
  Key row, row_name, leaf, tile, meta, subject, subject_name, owner, vault_name, file, file_name, journal, check;
  static Keys derive(const Key& vault_key);
};

// Reads the key file, or creates it (mode 0600, fsynced) where `create`. Refuses STORE-02 what is not a key of this kind.
base::Result<Key> vault_key(const std::string& key_file, bool create);
Key random_key();
void fill_random(std::uint8_t* out, std::size_t size);

// 256 B, 1, 4, 16, 64 KiB, then multiples of 64 KiB: the size of a frame that holds `plain` bytes.
std::size_t bucket(std::size_t plain);
// The same with 320 and 512 B besides: for values beside a leaf of the open tree, whose number and time everybody sees. Who
// bid takes about 270 bytes.
std::size_t narrow_bucket(std::size_t plain);

enum class Kind : std::uint8_t { chaff = 0, real = 1 };

// nonce(24) ‖ AEAD(kind(1) ‖ length(4, big endian) ‖ plain ‖ zeros to the bucket). `bound` is authenticated beside it: what
// the value is of, so that nobody moves it to another row. `least` lifts small values into a larger bucket.
void seal(base::Bytes& out, const Key& key, base::BytesView plain, base::BytesView bound, std::size_t least = 0,
          Kind kind = Kind::real);
// The same in a frame of just this size, which must hold it.
void seal_in_frame(base::Bytes& out, const Key& key, base::BytesView plain, base::BytesView bound, std::size_t frame,
                   Kind kind = Kind::real);
struct Opened {
  Kind kind = Kind::real;
  base::Bytes plain;
};
std::optional<Opened> unseal(const Key& key, base::BytesView sealed, base::BytesView bound);
// The same with the nonce apart from the rest, into `frame`, whose room is used again: what comes back is a view of it.
struct OpenedView {
  Kind kind = Kind::real;
  base::BytesView plain;
};
std::optional<OpenedView> unseal_into(base::Bytes& frame, const Key& key, base::BytesView nonce, base::BytesView body,
                                      base::BytesView bound);

// Sixteen bytes hidden under the nonce that already stands before a value; the same call shows them again.
ShortName mask_owner(const Key& key, base::BytesView nonce, const ShortName& owner);
ShortName short_name(const Key& key, base::BytesView of);

}  // namespace landglass::store
