#pragma once
// A county in a folder, small enough to be played through a thousand times: somebody in every role, a lot that is being bid
// on, and callers who try everything. One life of it runs in a process of its own, on one thread and a clock that is told
// the time, so that the same seed plays the same life.

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../crash/promises.hpp"
#include "engine/engine.hpp"
#include "given.hpp"

namespace landglass::tests {

enum class Ruin : std::uint8_t { none, sudden_end, fsync, full, power };

struct Told {  // by a life, while it lasts
  base::Time now;
  std::vector<std::string> records;              // made or met
  std::vector<Promise> promises;                 // leaves of the open tree that were acknowledged
  std::vector<engine::Command> in_doubt;         // sent, and not answered
  std::map<std::string, std::uint64_t> answers;  // code of a refusal, or the action that was taken -> how often
  std::string wrong;                             // an answer that should not be
  std::uint64_t moves = 0;
  std::uint64_t clock_doubts = 0;
};

struct Plan {  // of one life
  std::uint64_t seed = 0;
  Ruin ruin = Ruin::none;
  base::Time begins;
  int moves = 0;
  std::vector<engine::Command> in_doubt;  // sent again first, to the byte
  std::size_t first_bid = 0;              // of those signed beforehand
};

class Village {
 public:
  explicit Village(std::string folder);  // founds it

  // The folder of a copy of the village as it was founded, for one run of a seed.
  void begin_anew(const std::string& folder);
  Told live(const Plan& plan);  // forks; returns when the process has ended
  std::string store() const { return folder_ + "/data"; }
  std::string keys() const { return folder_ + "/keys"; }
  base::Time founded_at() const { return now_; }
  log::VerifierKey verifier() const;
  std::string origin() const { return "test.invalid/sim"; }
  std::size_t bids() const { return bids_.size(); }
  // A copy of the store, opened once, so that what its last life left in the journal is in its tables; the next life finds
  // it in the journal still.
  std::string as_it_was_left() const;
  // All that was logged so far, sealed leaves too: the roots of both trees, and how many leaves they have.
  std::string roots() const;
  // Every way in which the files of the folder contradict each other: the whole log, and all tables made anew from it.
  std::string contradiction() const;

 private:
  friend class Life;
  void found();
  base::Status people();
  std::string home_, folder_;
  base::Time now_;
  std::unique_ptr<institution::Pack> pack_;
  Known known_, founded_;
  std::map<std::string, std::vector<std::string>> in_role_;  // persons
  std::vector<std::string> parties_;
  std::vector<engine::Command> bids_;
};

}  // namespace landglass::tests
