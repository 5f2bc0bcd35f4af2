#include "store/vault_value.hpp"

#include <algorithm>

namespace landglass::store {

std::string bound_secret(log::Tree tree, std::uint64_t seq, std::string_view path) {
  std::string out = tree == log::Tree::open ? "open " : "sealed ";
  out += std::to_string(seq) + " ";
  out += path;
  return out;
}

std::optional<ShortName> owner_of(const Keys& keys, base::BytesView value) {
  if (value.size() <= k_body_at) return std::nullopt;
  ShortName hidden;
  std::copy_n(value.begin() + k_owner_at, hidden.size(), hidden.begin());
  return mask_owner(keys.owner, value.first(k_nonce_bytes), hidden);
}

std::optional<OpenedView> open_owned(base::Bytes& frame, const Key& key, base::BytesView value, base::BytesView bound) {
  if (value.size() <= k_body_at) return std::nullopt;
  return unseal_into(frame, key, value.first(k_nonce_bytes), value.subspan(k_body_at), bound);
}

ShortName subject_row(const Keys& keys, const ShortName& id) {
  base::Bytes of = base::to_bytes("subject ");
  of.insert(of.end(), id.begin(), id.end());
  return short_name(keys.vault_name, of);
}
ShortName secret_row(const Keys& keys, std::string_view bound) { return short_name(keys.vault_name, base::as_bytes(bound)); }

}  // namespace landglass::store
