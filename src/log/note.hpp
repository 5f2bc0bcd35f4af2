#pragma once
// Signed notes (C2SP signed-note): a text and lines of signatures, each by a key with a name. docs/formats/checkpoint.md.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace landglass::log {

enum class KeyKind : std::uint8_t {
  log = 0x01,      // Ed25519 over the text
  witness = 0x04,  // cosignature/v1: Ed25519 over a time and the text
};

// "<name>+<8 hex digits of the key id>+<base64 of kind and key>", as operators exchange it.
struct VerifierKey {
  std::string name;
  KeyKind kind = KeyKind::log;
  std::array<std::uint8_t, 32> key{};
  std::uint32_t id = 0;  // the first four bytes of SHA-256(name ‖ "\n" ‖ kind ‖ key)

  static VerifierKey make(std::string name, KeyKind kind, const std::array<std::uint8_t, 32>& key);
  // Refuses NOTE-01 what is no such key, also one whose id does not follow from name and key.
  static base::Result<VerifierKey> parse(std::string_view text);
  std::string text() const;
  bool operator==(const VerifierKey&) const = default;
};

struct NoteSignature {
  std::string name;
  std::uint32_t id = 0;
  base::Bytes bytes;         // after the key id
  std::string line() const;  // "— <name> <base64>\n"
  bool operator==(const NoteSignature&) const = default;
};

struct Note {
  std::string text;  // ends in a newline
  std::vector<NoteSignature> signatures;
  std::string format() const;
};
inline constexpr std::size_t k_max_signatures = 100;
inline constexpr std::size_t k_max_note_bytes = 1'000'000;

// Refuses NOTE-02 what is not a signed note.
base::Result<Note> parse_note(std::string_view bytes);
// "— name base64\n" alone, as a witness answers. Refuses NOTE-02.
base::Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines);

bool is_key_name(std::string_view name);  // not empty, no Unicode space, no plus, valid UTF-8

// Whether that key made that signature over that text.
bool verify_signature(const VerifierKey& key, std::string_view text, const NoteSignature& signature);
// The first signature of the note that is this key's and verifies.
const NoteSignature* find_valid(const Note& note, const VerifierKey& key);
// When a witness says that it saw the text; of a witness signature only.
std::optional<base::Time> cosigned_at(const NoteSignature& signature);

// A private key with its name. The text form is Go's: "PRIVATE+KEY+<name>+<id>+<base64 of kind and seed>".
class Signer {
 public:
  Signer(std::string name, KeyKind kind, const std::array<std::uint8_t, 32>& seed);
  static base::Result<Signer> parse(std::string_view text);  // NOTE-01
  static std::string private_text(std::string_view name, KeyKind kind, const std::array<std::uint8_t, 32>& seed);
  const VerifierKey& verifier() const { return verifier_; }
  NoteSignature sign(std::string_view text) const;                    // of a log
  NoteSignature cosign(std::string_view text, base::Time now) const;  // of a witness; whole seconds

 private:
  VerifierKey verifier_;
  base::Ed25519Key key_;
};

}  // namespace landglass::log
