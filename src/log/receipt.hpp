#pragma once
// The receipt: what anyone needs to check one act offline, in one file. docs/formats/receipt.md.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "log/checkpoint.hpp"

namespace landglass::log {

// How far a receipt can be believed, as a verifier finds it; a receipt never says it of itself.
enum class Level : std::uint8_t {
  none = 0,
  logged = 1,     // durable, in the tree that the log signed: decides order
  witnessed = 2,  // the tree that a quorum of witnesses saw too: decides deals
};

struct Opening {
  std::string path;
  base::Bytes salt;  // 32 bytes
  base::Json value;
  bool operator==(const Opening&) const = default;
};

struct Receipt {
  std::string leaf;  // canonical bytes
  TlogProof proof;   // index, inclusion proof, checkpoint with all cosignatures at hand
  std::vector<Opening> openings;
  std::string format() const;  // one JSON object, canonical, then a newline
};
inline constexpr std::size_t k_max_receipt_bytes = 4 * 1024 * 1024;

base::Result<Receipt> parse_receipt(std::string_view bytes);  // refuses RCPT-01
base::Json opening_json(const Opening& opening);
base::Result<Opening> parse_opening(const base::Json& json);  // refuses RCPT-01

}  // namespace landglass::log
