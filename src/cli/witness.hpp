#pragma once
// `landglass witness`: a small witness for the logs of others, and the making of its key. Also run in process by the demo.

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/command.hpp"
#include "log/witness.hpp"
#include "web/server.hpp"

namespace landglass::cli {

struct WitnessOptions {
  std::string key;                // file of one line "PRIVATE+KEY+…", mode 0600
  std::string state;              // the witness's book, outlives every restart
  std::vector<std::string> logs;  // verifier keys of the logs that it watches
  std::string listen = "127.0.0.1:0";
  std::string tls_chain;
  std::string tls_key;
};

// A witness that serves, until it is destroyed.
class RunningWitness {
 public:
  virtual ~RunningWitness() = default;
  virtual const log::VerifierKey& verifier() const = 0;
  virtual std::uint16_t port() const = 0;
};
base::Result<std::unique_ptr<RunningWitness>> run_witness(const WitnessOptions& options, base::Clock& clock);

// Makes a key of that name into a new file of mode 0600 and gives the verifier key to hand out. Refuses NOTE-01 a name that
// is none, KEY-FILE a file that stands.
base::Result<log::VerifierKey> make_witness_key(const std::string& name, const std::string& path);

Command witness_command();

}  // namespace landglass::cli
