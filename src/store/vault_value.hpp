#pragma once
// How a value lies in the vault (docs/formats/store.md, "Sealing"): nonce ‖ hidden owner ‖ ciphertext, bound to its place.

#include <string>

#include "log/leaf.hpp"
#include "store/cipher.hpp"

namespace landglass::store {

inline constexpr std::size_t k_owner_at = k_nonce_bytes;
inline constexpr std::size_t k_body_at = k_nonce_bytes + sizeof(ShortName);

std::string bound_secret(log::Tree tree, std::uint64_t seq, std::string_view path);
std::optional<ShortName> owner_of(const Keys& keys, base::BytesView value);
// Into `frame`, whose room is used again; what comes back is a view of it. Nothing where it does not open.
std::optional<OpenedView> open_owned(base::Bytes& frame, const Key& key, base::BytesView value, base::BytesView bound);
// Names of rows of the sealed vault: a subject's key, a value of the sealed tree.
ShortName subject_row(const Keys& keys, const ShortName& id);
ShortName secret_row(const Keys& keys, std::string_view bound);

}  // namespace landglass::store
