#include "disclosure/slip.hpp"

#include <optional>

#include "base/crypto.hpp"
#include "disclosure/past.hpp"
#include "log/leaf.hpp"

namespace landglass::disclosure {

using base::Result;

namespace {

constexpr std::string_view k_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct Found {
  std::uint64_t leaf = 0;
  std::string path;
};

// The act that committed this field last, or, of the code, first.
Result<std::optional<Found>> committed(store::Store& store, const institution::Record& record, const std::string& field,
                                       bool first) {
  const auto look = [&](std::uint64_t seq) -> Result<std::optional<Found>> {
    LG_TRY(const auto bytes, store.leaves(record.tree, seq, 1));
    if (bytes.empty()) return base::fail("a leaf of a record is not in the store: " + std::to_string(seq));
    LG_TRY(const auto leaf, log::decode(bytes.front()));
    const auto part = part_of(leaf, record.id);
    if (part.change == nullptr || part.change->commit.find(field) == nullptr) return std::optional<Found>();
    return std::optional<Found>(Found{seq, part.prefix + field});
  };
  if (first) return record.acts.empty() ? Result<std::optional<Found>>(std::optional<Found>()) : look(record.acts.front());
  for (auto seq = record.acts.rbegin(); seq != record.acts.rend(); ++seq) {
    LG_TRY(auto found, look(*seq));
    if (found) return found;
  }
  return std::optional<Found>();
}

}  // namespace

std::string slip_code(base::BytesView salt, std::string_view record) {
  std::string text = "landglass/slip/1";
  text += record;
  const auto mac = base::hmac_sha256(salt, base::as_bytes(text));
  std::string code;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits = bits << 8 | mac[i];
  for (std::size_t i = 0; i < k_slip_characters; ++i) {
    if (i > 0 && i % 4 == 0) code += '-';
    code += k_alphabet[bits >> 59];
    bits <<= 5;
  }
  return code;
}

std::string plain_code(std::string_view typed) {
  std::string code;
  for (const char c : typed) {
    char one = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (one == 'I' || one == 'L') one = '1';
    if (one == 'O') one = '0';
    if (k_alphabet.find(one) == std::string_view::npos) continue;
    if (code.size() == 4 || code.size() == 9) code += '-';
    code += one;
  }
  return code;
}

Result<std::string> slip_code_of(store::Store& store, const institution::Record& record,
                                 const institution::Institution& in) {
  if (in.slip.empty()) return std::string();
  LG_TRY(const auto found, committed(store, record, in.slip.front(), true));
  if (!found) return std::string();
  LG_TRY(const auto secret, store.secret(record.tree, found->leaf, found->path));
  return secret ? slip_code(secret->salt, record.id) : std::string();
}

Result<std::vector<Opened>> open_slip(store::Store& store, const institution::Record& record,
                                      const institution::Institution& in) {
  std::vector<Opened> opened;
  for (const auto& name : in.slip) {
    LG_TRY(auto found, committed(store, record, name, false));
    if (!found) continue;
    LG_TRY(auto secret, store.secret(record.tree, found->leaf, found->path));
    if (!secret) continue;
    opened.push_back(
        {in.field(name), std::move(secret->value), std::move(secret->salt), found->leaf, std::move(found->path)});
  }
  return opened;
}

}  // namespace landglass::disclosure
