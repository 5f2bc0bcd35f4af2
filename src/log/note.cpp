#include "log/note.hpp"

#include <algorithm>

namespace landglass::log {
namespace {

constexpr std::string_view k_dash = "\xE2\x80\x94 ";  // U+2014 and a space
constexpr std::string_view k_private = "PRIVATE+KEY+";

base::Refusal not_a_key() { return base::refuse("NOTE-01", "不是签名密钥", "this is not a note key"); }
base::Refusal not_a_note(std::string where) {
  return base::refuse("NOTE-02", "不是签名文书", "this is not a signed note", std::move(where));
}

// The next code point of valid UTF-8, or nothing where it is not (RFC 3629: no surrogates, no long forms).
std::optional<char32_t> next_code_point(std::string_view& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto lead = byte(0);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xC2 && lead < 0xE0 ? 2
                           : lead >= 0xE0 && lead < 0xF0 ? 3
                           : lead >= 0xF0 && lead < 0xF5 ? 4
                                                         : 0;
  if (size == 0 || size > text.size()) return std::nullopt;
  char32_t point = size == 1 ? lead : lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    point = (point << 6) | (byte(i) & 0x3FU);
  }
  if ((size == 3 && point < 0x800) || (size == 4 && (point < 0x10000 || point > 0x10FFFF)) ||
      (point >= 0xD800 && point < 0xE000)) {
    return std::nullopt;
  }
  text.remove_prefix(size);
  return point;
}

bool is_space(char32_t point) {
  return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F || point == 0x205F ||
         point == 0x3000;
}

bool is_note_text(std::string_view text) {
  while (!text.empty()) {
    const auto point = next_code_point(text);
    if (!point || (*point < 0x20 && *point != '\n')) return false;
  }
  return true;
}

std::string id_text(std::uint32_t id) {
  const std::array<std::uint8_t, 4> bytes = {static_cast<std::uint8_t>(id >> 24), static_cast<std::uint8_t>(id >> 16),
                                             static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
  return base::to_hex(bytes);
}

struct KeyText {
  std::string name;
  std::string id;
  KeyKind kind;
  std::array<std::uint8_t, 32> key;
};

// "<name>+<id>+<base64>": the base64 may hold a plus, the name never does.
std::optional<KeyText> split_key(std::string_view text) {
  const auto first = text.find('+');
  if (first == std::string_view::npos || text.size() < first + 10 || text[first + 9] != '+') return std::nullopt;
  const auto bytes = base::from_base64(text.substr(first + 10));
  if (!bytes || bytes->size() != 33 || ((*bytes)[0] != 0x01 && (*bytes)[0] != 0x04)) return std::nullopt;
  KeyText out{
      std::string(text.substr(0, first)), std::string(text.substr(first + 1, 8)), static_cast<KeyKind>((*bytes)[0]), {}};
  if (!is_key_name(out.name)) return std::nullopt;
  std::copy(bytes->begin() + 1, bytes->end(), out.key.begin());
  return out;
}

std::string cosigned_text(std::uint64_t seconds, std::string_view text) {
  return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + std::string(text);
}

std::uint64_t seconds_of(const NoteSignature& signature) {
  std::uint64_t seconds = 0;
  for (std::size_t i = 0; i < 8; ++i) seconds = (seconds << 8) | signature.bytes[i];
  return seconds;
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty() || name.find('+') != std::string_view::npos) return false;
  while (!name.empty()) {
    const auto point = next_code_point(name);
    if (!point || *point < 0x20 || is_space(*point)) return false;
  }
  return true;
}

VerifierKey VerifierKey::make(std::string name, KeyKind kind, const std::array<std::uint8_t, 32>& key) {
  std::string hashed = name;
  hashed += '\n';
  hashed += static_cast<char>(kind);
  const auto hash = base::sha256(base::as_bytes(hashed), key);
  const auto id = std::uint32_t{hash[0]} << 24 | std::uint32_t{hash[1]} << 16 | std::uint32_t{hash[2]} << 8 | hash[3];
  return {std::move(name), kind, key, id};
}

base::Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  auto parts = split_key(text);
  if (!parts) return not_a_key();
  auto key = make(std::move(parts->name), parts->kind, parts->key);
  if (id_text(key.id) != parts->id) return not_a_key();
  return key;
}

std::string VerifierKey::text() const {
  base::Bytes bytes = {static_cast<std::uint8_t>(kind)};
  bytes.insert(bytes.end(), key.begin(), key.end());
  return name + "+" + id_text(id) + "+" + base::to_base64(bytes);
}

std::string NoteSignature::line() const {
  base::Bytes all = {static_cast<std::uint8_t>(id >> 24), static_cast<std::uint8_t>(id >> 16),
                     static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
  all.insert(all.end(), bytes.begin(), bytes.end());
  return std::string(k_dash) + name + " " + base::to_base64(all) + "\n";
}

std::string Note::format() const {
  std::string out = text + "\n";
  for (const auto& signature : signatures) out += signature.line();
  return out;
}

base::Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines) {
  std::vector<NoteSignature> signatures;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    auto line = lines.substr(0, end);
    if (end == std::string_view::npos || !line.starts_with(k_dash)) return not_a_note("signature line");
    lines.remove_prefix(end + 1);
    line.remove_prefix(k_dash.size());
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return not_a_note("signature line");
    const auto bytes = base::from_base64(line.substr(space + 1));
    const auto name = line.substr(0, space);
    if (!bytes || bytes->size() < 5 || !is_key_name(name)) return not_a_note("signature line");
    if (signatures.size() == k_max_signatures) return not_a_note("more than 100 signatures");
    const auto& b = *bytes;
    signatures.push_back({std::string(name),
                          std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3],
                          base::Bytes(b.begin() + 4, b.end())});
  }
  return signatures;
}

base::Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > k_max_note_bytes) return not_a_note("more than 1,000,000 bytes");
  if (!is_note_text(bytes)) return not_a_note("UTF-8 without control characters");
  const auto blank = bytes.rfind("\n\n");
  if (blank == std::string_view::npos || blank + 2 == bytes.size()) return not_a_note("no signatures");
  Note note;
  note.text = bytes.substr(0, blank + 1);
  LG_TRY(note.signatures, parse_signature_lines(bytes.substr(blank + 2)));
  return note;
}

bool verify_signature(const VerifierKey& key, std::string_view text, const NoteSignature& signature) {
  if (signature.name != key.name || signature.id != key.id) return false;
  if (key.kind == KeyKind::log) return base::ed25519_verify(key.key, base::as_bytes(text), signature.bytes);
  if (signature.bytes.size() != 72) return false;
  return base::ed25519_verify(key.key, base::as_bytes(cosigned_text(seconds_of(signature), text)),
                              base::BytesView(signature.bytes).subspan(8));
}

const NoteSignature* find_valid(const Note& note, const VerifierKey& key) {
  const auto found = std::find_if(note.signatures.begin(), note.signatures.end(),
                                  [&](const auto& signature) { return verify_signature(key, note.text, signature); });
  return found == note.signatures.end() ? nullptr : &*found;
}

std::optional<base::Time> cosigned_at(const NoteSignature& signature) {
  if (signature.bytes.size() != 72) return std::nullopt;
  const auto seconds = seconds_of(signature);
  if (seconds > 253'402'300'799) return std::nullopt;  // past the year 9999
  return base::Time{static_cast<std::int64_t>(seconds) * 1'000};
}

Signer::Signer(std::string name, KeyKind kind, const std::array<std::uint8_t, 32>& seed)
    : key_(base::Ed25519Key::from_seed(seed)) {
  LG_ASSERT(is_key_name(name), "the name of a note key is empty or holds a space or a plus");
  verifier_ = VerifierKey::make(std::move(name), kind, key_.public_key());
}

base::Result<Signer> Signer::parse(std::string_view text) {
  if (!text.starts_with(k_private)) return not_a_key();
  const auto parts = split_key(text.substr(k_private.size()));
  if (!parts) return not_a_key();
  Signer signer(parts->name, parts->kind, parts->key);
  if (id_text(signer.verifier_.id) != parts->id) return not_a_key();
  return signer;
}

std::string Signer::private_text(std::string_view name, KeyKind kind, const std::array<std::uint8_t, 32>& seed) {
  base::Bytes bytes = {static_cast<std::uint8_t>(kind)};
  bytes.insert(bytes.end(), seed.begin(), seed.end());
  const Signer signer(std::string(name), kind, seed);
  return std::string(k_private) + std::string(name) + "+" + id_text(signer.verifier_.id) + "+" + base::to_base64(bytes);
}

NoteSignature Signer::sign(std::string_view text) const {
  LG_ASSERT(verifier_.kind == KeyKind::log, "a witness's key cosigns and does nothing else");
  const auto signature = key_.sign(base::as_bytes(text));
  return {verifier_.name, verifier_.id, base::Bytes(signature.begin(), signature.end())};
}

NoteSignature Signer::cosign(std::string_view text, base::Time now) const {
  LG_ASSERT(verifier_.kind == KeyKind::witness && now.ms >= 0, "only a witness's key cosigns");
  const auto seconds = static_cast<std::uint64_t>(now.ms / 1'000);
  const auto signature = key_.sign(base::as_bytes(cosigned_text(seconds, text)));
  base::Bytes bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(seconds >> shift));
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return {verifier_.name, verifier_.id, std::move(bytes)};
}

}  // namespace landglass::log
