#pragma once
// The last checkpoint that was given out, kept in the folder of the keys: apart from the store, so that a store which is set
// back to an old copy does not set it back too. A log without witnesses has no other guard of its own against two histories.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.hpp"
#include "log/witness.hpp"

namespace landglass::cli {

// What a kept note says of this log, for engine::Options::known; refuses LOG-04 a note that `key` has not signed.
base::Result<log::WitnessView> view_of(const std::string& note, const std::string& name, const log::VerifierKey& key);
// Of keys/checkpoint; nothing where it is not there.
base::Result<std::vector<log::WitnessView>> given_out(const std::string& keys, const log::VerifierKey& key);

// Writes it, at most once a second and at the end. The newest second may be missing after a kill: a copy that is older than
// that is still told apart.
class GivenOut {
 public:
  GivenOut(engine::Engine& engine, std::string keys);
  ~GivenOut();
  GivenOut(const GivenOut&) = delete;
  GivenOut& operator=(const GivenOut&) = delete;
  std::string trouble();  // why it cannot be kept, or empty

 private:
  void keep();
  engine::Engine& engine_;
  std::string file_;
  std::uint64_t kept_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string trouble_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace landglass::cli
