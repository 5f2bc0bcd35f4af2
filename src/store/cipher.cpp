#include "store/cipher.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "store/files.hpp"

namespace landglass::store {
namespace {

constexpr std::size_t k_cipher_head = 5;  // kind and length
constexpr std::string_view k_key_file_head = "landglass-vault-key-1 ";

void start_sodium() {
  static std::once_flag once;
  std::call_once(once, [] { LG_ASSERT(sodium_init() >= 0, "libsodium does not start"); });
}

base::Refusal bad_key(const std::string& key_file) {
  return base::refuse("STORE-02", "保险库密钥文件缺失或不是本库的密钥",
                      "the vault key file is missing or is not this store's key", key_file);
}

}  // namespace

Keys Keys::derive(const Key& vault_key) {
  const auto key = [&](std::string_view purpose) {
    return base::hmac_sha256(vault_key, base::as_bytes("landglass/store/1/" + std::string(purpose)));
  };
  Keys out;
  out.vault = vault_key;
  out.row = key("row");
  out.row_name = key("row-name");
  out.leaf = key("leaf");
  out.tile = key("tile");
  out.meta = key("meta");
  out.subject = key("subject");
  out.subject_name = key("subject-name");
  out.owner = key("owner");
  out.vault_name = key("vault-name");
  out.file = key("file");
  out.file_name = key("file-name");
  out.journal = key("journal");
  out.check = key("check");
  return out;
}

// A system call for 24 bytes would cost as much as the sealing; so it is asked for a page at a time.
void fill_random(std::uint8_t* out, std::size_t size) {
  struct Pool {
    std::array<std::uint8_t, 4096> bytes;
    std::size_t used = 4096;
  };
  thread_local Pool pool;
  start_sodium();
  if (size > pool.bytes.size()) return randombytes_buf(out, size);
  if (pool.bytes.size() - pool.used < size) {
    randombytes_buf(pool.bytes.data(), pool.bytes.size());
    pool.used = 0;
  }
  std::memcpy(out, pool.bytes.data() + pool.used, size);
  sodium_memzero(pool.bytes.data() + pool.used, size);
  pool.used += size;
}
Key random_key() {
  Key out;
  fill_random(out.data(), out.size());
  return out;
}

base::Result<Key> vault_key(const std::string& key_file, bool create) {
  start_sodium();
  const auto held = read_whole(key_file);
  if (!held && !create) return bad_key(key_file);
  if (!held) {
    const auto key = random_key();
    const auto text = std::string(k_key_file_head) + base::to_hex(key) + "\n";
    LG_CHECK(write_durably(key_file, base::as_bytes(text), true));
    return key;
  }
  std::string_view text = *held;
  if (!text.starts_with(k_key_file_head)) return bad_key(key_file);
  text.remove_prefix(k_key_file_head.size());
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto bytes = base::from_hex(text);
  if (!bytes || bytes->size() != 32) return bad_key(key_file);
  Key out;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

std::size_t bucket(std::size_t plain) {
  const auto needed = plain + k_cipher_head;
  for (const std::size_t size : {256, 1024, 4096, 16384, 65536}) {
    if (needed <= size) return size;
  }
  return (needed + 65535) / 65536 * 65536;
}

std::size_t narrow_bucket(std::size_t plain) {
  const auto wide = bucket(plain);
  if (wide != 1024) return wide;
  for (const std::size_t size : {320, 512}) {  // what a bid says of its bidder takes about 270
    if (plain + k_cipher_head <= size) return size;
  }
  return wide;
}

void seal(base::Bytes& out, const Key& key, base::BytesView plain, base::BytesView bound, std::size_t least, Kind kind) {
  seal_in_frame(out, key, plain, bound, std::max(least, bucket(plain.size())), kind);
}

void seal_in_frame(base::Bytes& out, const Key& key, base::BytesView plain, base::BytesView bound, std::size_t frame,
                   Kind kind) {
  LG_ASSERT(plain.size() + k_cipher_head <= frame, "a value does not fit its frame");
  const auto start = out.size();
  out.resize(start + k_nonce_bytes + frame + k_tag_bytes);
  auto* nonce = out.data() + start;
  auto* body = nonce + k_nonce_bytes;
  fill_random(nonce, k_nonce_bytes);
  body[0] = static_cast<std::uint8_t>(kind);
  for (std::size_t i = 0; i < 4; ++i) body[1 + i] = static_cast<std::uint8_t>(plain.size() >> (8 * (3 - i)));
  if (!plain.empty()) std::memcpy(body + k_cipher_head, plain.data(), plain.size());
  base::xchacha20_poly1305_seal(key, {nonce, k_nonce_bytes}, bound, body, frame);
}

std::optional<OpenedView> unseal_into(base::Bytes& frame, const Key& key, base::BytesView nonce, base::BytesView body,
                                      base::BytesView bound) {
  start_sodium();
  if (nonce.size() != k_nonce_bytes || body.size() < k_tag_bytes + k_cipher_head) return std::nullopt;
  frame.resize(body.size() - k_tag_bytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(frame.data(), nullptr, nullptr, body.data(), body.size(), bound.data(),
                                                 bound.size(), nonce.data(), key.data()) != 0) {
    return std::nullopt;
  }
  std::size_t size = 0;
  for (std::size_t i = 1; i < k_cipher_head; ++i) size = size << 8 | frame[i];
  if (size > frame.size() - k_cipher_head) return std::nullopt;
  return OpenedView{static_cast<Kind>(frame[0]), base::BytesView(frame).subspan(k_cipher_head, size)};
}
std::optional<Opened> unseal(const Key& key, base::BytesView sealed, base::BytesView bound) {
  if (sealed.size() < k_nonce_bytes) return std::nullopt;
  base::Bytes frame;
  const auto view = unseal_into(frame, key, sealed.first(k_nonce_bytes), sealed.subspan(k_nonce_bytes), bound);
  if (!view) return std::nullopt;
  const auto size = view->plain.size();
  frame.erase(frame.begin(), frame.begin() + k_cipher_head);
  frame.resize(size);
  return Opened{view->kind, std::move(frame)};
}

ShortName mask_owner(const Key& key, base::BytesView nonce, const ShortName& owner) {
  ShortName out;
  crypto_stream_xchacha20_xor(out.data(), owner.data(), owner.size(), nonce.data(), key.data());
  return out;
}
ShortName short_name(const Key& key, base::BytesView of) {
  const auto hash = base::hmac_sha256(key, of);
  ShortName out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

}  // namespace landglass::store
