#pragma once
// Witnessing (C2SP tlog-witness): the request and answer of add-checkpoint, the witness itself as a pure state machine over
// a small persistent state, and what a log concludes from its witnesses' answers. No network here. docs/formats/witness.md.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/checkpoint.hpp"

namespace landglass::log {

inline constexpr std::string_view k_size_content_type = "text/x.tlog.size";
// An add-checkpoint request and an answer to one are at most this: 63 hashes and a checkpoint with many signatures.
inline constexpr std::size_t k_max_witness_body = 64 * 1024;
// The folder of a log below a witness's monitoring prefix: the SHA-256 of its origin, in hex.
std::string origin_folder(std::string_view origin);

// The body of POST <submission prefix>/add-checkpoint.
struct AddCheckpoint {
  std::uint64_t old_size = 0;
  Proof proof;             // consistency, from old_size to the checkpoint's size; at most 63 hashes
  std::string checkpoint;  // signed note, verbatim
  std::string format() const;
};
base::Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);  // refuses WIT-01

// -- the witness --

struct Seen {
  std::uint64_t size = 0;
  Hash root{};
  std::string checkpoint;  // as cosigned, with our line: what the monitoring prefix serves
};

// What a witness may never forget. advance() is atomic and durable: it keeps `next` only where the size held for the origin
// (0 where none is) still is `old_size`, and says whether it did.
class WitnessState {
 public:
  virtual ~WitnessState() = default;
  virtual base::Result<std::optional<Seen>> last(std::string_view origin) = 0;
  virtual base::Result<bool> advance(std::string_view origin, std::uint64_t old_size, const Seen& next) = 0;
};

// For tests and demonstrations: forgets everything when it ends.
class WitnessMemory final : public WitnessState {
 public:
  base::Result<std::optional<Seen>> last(std::string_view origin) override;
  base::Result<bool> advance(std::string_view origin, std::uint64_t old_size, const Seen& next) override;

 private:
  std::mutex mutex_;
  std::map<std::string, Seen, std::less<>> seen_;
};

struct WitnessAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class Witness {
 public:
  // `logs`: whose checkpoints it cosigns; the name of each key is the log's origin.
  Witness(Signer signer, std::vector<VerifierKey> logs, WitnessState& state);
  // Thread-safe where the state is.
  WitnessAnswer add_checkpoint(std::string_view body, base::Time now);
  // The checkpoint last cosigned for the log whose origin has this SHA-256, as anyone may read it; absent where there is
  // none.
  base::Result<std::optional<std::string>> checkpoint_of(std::string_view origin_hash);
  const VerifierKey& verifier() const { return signer_.verifier(); }
  const std::vector<VerifierKey>& logs() const { return logs_; }

 private:
  Signer signer_;
  std::vector<VerifierKey> logs_;
  WitnessState& state_;
};

// -- the log's side --

enum class WitnessSaid {
  cosigned,  // `signature` is verified
  at_size,   // 409: it last cosigned `size`; make the proof from there, or beware if that is more than we hold
  refused,   // it will not: unknown origin, unknown key, a request it does not read
  fork,      // 422, or 409 at the very size sent: it has seen another history of this log
  failed,    // no sense in the answer; try later
};
struct WitnessReply {
  WitnessSaid said = WitnessSaid::failed;
  NoteSignature signature;
  std::uint64_t size = 0;
  std::string why;
};
// Reads what a witness answered to a request for `sent`.
WitnessReply read_answer(const WitnessAnswer& answer, const AddCheckpoint& request, const SignedCheckpoint& sent,
                         const VerifierKey& witness);

// What a witness was found to have cosigned last for us; the root where it is known.
struct WitnessView {
  std::string name;
  std::uint64_t size = 0;
  std::optional<Hash> root;
};
// The guard against two histories, at start and after a restore. Refuses LOG-01 where a witness has cosigned more than we
// hold (we are an old backup), LOG-02 where it has cosigned another root than ours. `root_of` gives our own root at a size.
base::Status check_history(std::uint64_t own_size, const std::vector<WitnessView>& views,
                           const std::function<base::Result<Hash>(std::uint64_t)>& root_of);

}  // namespace landglass::log
