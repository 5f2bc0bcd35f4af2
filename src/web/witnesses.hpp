#pragma once
// The witnesses of our own log: a thread for each asks for cosignatures of one checkpoint at a time, all of the same one,
// until the policy's quorum holds; then that checkpoint is published and finality follows. Also the guard against two
// histories, at the start and ever after. docs/formats/witness.md, docs/decisions/0054-witnesses-in-rounds.md.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "engine/engine.hpp"
#include "log/policy.hpp"
#include "store/store.hpp"
#include "web/http_client.hpp"
#include "web/metrics.hpp"

namespace landglass::web {

// How many witnesses must have cosigned what we hold, since this start, before anything is written.
enum class Require { none, any, quorum };

struct WitnessSettings {
  std::string
      policy;  // text of a C2SP tlog-policy: witness lines with addresses, groups, the quorum; without our log's line
  Require require = Require::quorum;
  std::int64_t least_ms = 100;       // between two rounds: what comes meanwhile is one round
  std::int64_t refresh_ms = 60'000;  // a log that stands still is cosigned anew, so that an outage shows
  ClientLimits limits;
};
// The policy with our log's line, as it is served. Refuses POL-01; WIT-02 a witness without a usable address.
base::Result<log::Policy> read_witness_policy(const WitnessSettings& settings, const std::string& log_key);

// A tree that a quorum has cosigned.
struct WitnessedHead {
  std::shared_ptr<const engine::Head> head;  // its checkpoint carries the cosignatures
  std::vector<std::string> names;
  base::Time at;
};

struct WitnessStanding {
  std::string name;
  std::uint64_t size = 0;          // that it last cosigned for us
  std::optional<base::Time> seen;  // when it last did
  std::string trouble;             // why it does not now; empty where it does
  std::uint64_t errors = 0;
};

class Witnesses {
 public:
  // The engine was started with Options::held unless `require` is none, and with Options::witnesses where the policy wants
  // them. All that is passed must outlive this. Takes up the checkpoint that was last witnessed, if the policy still holds
  // it.
  static base::Result<std::unique_ptr<Witnesses>> start(WitnessSettings settings, engine::Engine& engine,
                                                        store::Store& store, base::Clock& clock, Metrics* metrics);
  virtual ~Witnesses() = default;  // ends the threads; a request under way is given up

  virtual std::shared_ptr<const WitnessedHead> witnessed() const = 0;  // null before the first
  virtual std::vector<WitnessStanding> standings() const = 0;
  // Age of the oldest leaf that is durable and not witnessed; 0 where there is none.
  virtual std::int64_t lag_ms() const = 0;
  // Since when no quorum comes; nothing while all is well (a lag under five seconds).
  virtual std::optional<base::Time> outage() const = 0;
  virtual std::string policy_text() const = 0;  // with our log's line
  // A quorum of witnesses says another time than our clock (by over two seconds): by how much; 0 else.
  virtual std::int64_t clock_off_ms() const = 0;
};

// What anyone may know of them: sizes, lag, who answers. GET /api/witnesses.
base::Json witnesses_json(const Witnesses& witnesses, std::uint64_t size);

}  // namespace landglass::web
