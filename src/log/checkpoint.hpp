#pragma once
// Checkpoints (C2SP tlog-checkpoint): a tree's origin, size and root as a signed note; and the proof of one leaf under one,
// with all it needs (C2SP tlog-proof). docs/formats/checkpoint.md, docs/formats/receipt.md.

#include <string>
#include <string_view>
#include <vector>

#include "log/merkle.hpp"
#include "log/note.hpp"

namespace landglass::log {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  std::vector<std::string> extensions;  // of other logs; ours has none
  std::string text() const;             // of the note: ends in a newline
  bool operator==(const Checkpoint&) const = default;
};

// Refuses CHK-01 a text that is not a checkpoint's.
base::Result<Checkpoint> parse_checkpoint_text(std::string_view text);

struct SignedCheckpoint {
  Checkpoint head;
  Note note;
  std::string format() const { return note.format(); }
};

// Refuses NOTE-02 or CHK-01. Nothing of it is to be believed before a signature is verified.
base::Result<SignedCheckpoint> parse_checkpoint(std::string_view bytes);
SignedCheckpoint sign_checkpoint(const Checkpoint& head, const Signer& signer);

// "c2sp.org/tlog-proof@v1": index, inclusion proof and checkpoint in one text.
struct TlogProof {
  std::uint64_t index = 0;
  Proof proof;
  std::string checkpoint;  // the signed note, verbatim
  base::Bytes extra;       // opaque and not authenticated; empty where there is none
  std::string format() const;
};
base::Result<TlogProof> parse_tlog_proof(std::string_view bytes);  // refuses PROOF-01

// Lines of base64 hashes, as proofs are written; refuses PROOF-01. At most 64 of them.
std::string proof_lines(const Proof& proof);
base::Result<Proof> parse_proof_lines(std::string_view lines);

// ASCII decimal without leading zeroes, up to 2^63-1.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

}  // namespace landglass::log
