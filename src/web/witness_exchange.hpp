#pragma once
// The log's side of add-checkpoint with one witness: which size to prove from, what its answer means, when to ask again. No
// network and no thread here: `send` carries a body to the witness. docs/formats/witness.md.

#include <functional>
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "log/policy.hpp"
#include "log/witness.hpp"

namespace landglass::web {

using WitnessSend = std::function<base::Result<log::WitnessAnswer>(const std::string& body)>;

struct ExchangeEnd {
  enum class Kind {
    cosigned,  // `signature` verifies
    ahead,     // it has cosigned more than `head`: `size`
    fork,      // it has seen another history
    refused,   // it does not know this log or its key: asking again soon is of no use
    failed,    // try later
  };
  Kind kind = Kind::failed;
  log::NoteSignature signature;
  std::uint64_t size = 0;
  std::string why;
  // How far its time is outside of [sent - slack, answered + slack]; 0 within. A cosignature's time has whole seconds.
  std::int64_t clock_off_ms = 0;
};

class WitnessExchange {
 public:
  explicit WitnessExchange(log::TrustedWitness witness) : witness_(std::move(witness)) {}
  // Asks for a cosignature of `head`; `tiles` for proofs from far back, may be null. At most three requests.
  ExchangeEnd ask(const engine::Head& head, log::TileSource* tiles, const WitnessSend& send, base::Clock& clock);
  std::uint64_t size() const { return size_; }  // that it last cosigned, as far as it has told us
  const log::TrustedWitness& witness() const { return witness_; }

 private:
  log::TrustedWitness witness_;
  std::uint64_t size_ = 0;
};

// Between a failure and the next try: 1 s, doubled with each further failure, 30 s at most; a witness that refuses has 60 s.
std::int64_t retry_after_ms(const ExchangeEnd& end, int failures);

inline constexpr std::int64_t k_clock_slack_ms = 2'000;

}  // namespace landglass::web
