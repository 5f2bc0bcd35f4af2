#include "log/checkpoint.hpp"

#include <algorithm>
#include <limits>

namespace landglass::log {
namespace {

constexpr std::string_view k_proof_header = "c2sp.org/tlog-proof@v1\n";

base::Refusal not_a_checkpoint(std::string where) {
  return base::refuse("CHK-01", "不是检查点", "this is not a checkpoint", std::move(where));
}
base::Refusal not_a_proof(std::string where) {
  return base::refuse("PROOF-01", "不是包含性证明", "this is not a proof", std::move(where));
}

std::optional<Hash> parse_hash(std::string_view base64) {
  const auto bytes = base::from_base64(base64);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  Hash hash;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

// Takes one line with its newline off the front.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  constexpr auto k_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (text.empty() || text.size() > 19 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value > k_max ? std::nullopt : std::optional(value);
}

std::string Checkpoint::text() const {
  std::string out = origin + "\n" + std::to_string(size) + "\n" + base::to_base64(root) + "\n";
  for (const auto& line : extensions) out += line + "\n";
  return out;
}

base::Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
  Checkpoint head;
  const auto origin = take_line(text);
  const auto size = take_line(text);
  const auto root = take_line(text);
  if (!origin || origin->empty()) return not_a_checkpoint("origin");
  const auto number = size ? parse_decimal(*size) : std::nullopt;
  if (!number) return not_a_checkpoint("size");
  const auto hash = root ? parse_hash(*root) : std::nullopt;
  if (!hash) return not_a_checkpoint("root");
  head.origin = *origin;
  head.size = *number;
  head.root = *hash;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line || line->empty()) return not_a_checkpoint("extension line");
    head.extensions.emplace_back(*line);
  }
  return head;
}

base::Result<SignedCheckpoint> parse_checkpoint(std::string_view bytes) {
  SignedCheckpoint checkpoint;
  LG_TRY(checkpoint.note, parse_note(bytes));
  LG_TRY(checkpoint.head, parse_checkpoint_text(checkpoint.note.text));
  return checkpoint;
}

SignedCheckpoint sign_checkpoint(const Checkpoint& head, const Signer& signer) {
  const auto text = head.text();
  return {head, {text, {signer.sign(text)}}};
}

std::string proof_lines(const Proof& proof) {
  std::string out;
  out.reserve(proof.size() * 45);
  for (const auto& hash : proof) {
    out += base::to_base64(hash);
    out += '\n';
  }
  return out;
}

base::Result<Proof> parse_proof_lines(std::string_view lines) {
  Proof proof;
  while (!lines.empty()) {
    const auto line = take_line(lines);
    const auto hash = line ? parse_hash(*line) : std::nullopt;
    if (!hash || proof.size() == 64) return not_a_proof("hash " + std::to_string(proof.size()));
    proof.push_back(*hash);
  }
  return proof;
}

std::string TlogProof::format() const {
  std::string out(k_proof_header);
  if (!extra.empty()) out += "extra " + base::to_base64(extra) + "\n";
  out += "index " + std::to_string(index) + "\n";
  out += proof_lines(proof);
  out += '\n';
  out += checkpoint;
  return out;
}

base::Result<TlogProof> parse_tlog_proof(std::string_view bytes) {
  if (!bytes.starts_with(k_proof_header)) return not_a_proof("header");
  bytes.remove_prefix(k_proof_header.size());
  TlogProof out;
  auto line = take_line(bytes);
  if (line && line->starts_with("extra ")) {
    const auto extra = base::from_base64(line->substr(6));
    if (!extra || extra->empty()) return not_a_proof("extra");
    out.extra = *extra;
    line = take_line(bytes);
  }
  const auto index = line && line->starts_with("index ") ? parse_decimal(line->substr(6)) : std::nullopt;
  if (!index) return not_a_proof("index");
  out.index = *index;
  const auto blank = bytes.starts_with('\n') ? 0 : bytes.find("\n\n");
  if (blank == std::string_view::npos) return not_a_proof("no checkpoint");
  const auto hashes = bytes.starts_with('\n') ? std::string_view() : bytes.substr(0, blank + 1);
  LG_TRY(out.proof, parse_proof_lines(hashes));
  out.checkpoint = bytes.substr(hashes.size() + 1);
  return out;
}

}  // namespace landglass::log
