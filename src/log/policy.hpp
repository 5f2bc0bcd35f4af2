#pragma once
// Whom to believe: logs, witnesses, and how many of them (C2SP tlog-policy, docs/formats/witness.md).

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/checkpoint.hpp"

namespace landglass::log {

struct TrustedLog {
  VerifierKey key;  // its name is the log's origin
  std::string url;
};
struct TrustedWitness {
  std::string name;  // in the policy alone
  VerifierKey key;
  std::string url;  // submission prefix
};

// What a policy finds in a checkpoint.
struct Witnessed {
  const TrustedLog* log = nullptr;     // whose signature stands and verifies; null: not to be believed at all
  std::vector<std::string> witnesses;  // names whose cosignature verifies
  std::optional<base::Time> latest;    // of their times
  bool quorum = false;                 // enough of them; true under `quorum none`
};

class Policy {
 public:
  // Refuses POL-01 with the number of the line.
  static base::Result<Policy> parse(std::string_view text);
  const std::vector<TrustedLog>& logs() const { return logs_; }
  const std::vector<TrustedWitness>& witnesses() const { return witnesses_; }
  bool wants_witnesses() const { return quorum_ != "none"; }
  Witnessed judge(const SignedCheckpoint& checkpoint) const;
  // Whether these witnesses (names in the policy) are enough.
  bool quorum_of(const std::vector<std::string>& names) const;

 private:
  struct Group {
    std::size_t least = 0;
    std::vector<std::string> members;
  };
  bool stands(const std::string& name, const std::vector<std::string>& names) const;
  std::vector<TrustedLog> logs_;
  std::vector<TrustedWitness> witnesses_;
  std::map<std::string, Group> groups_;
  std::string quorum_ = "none";
};

}  // namespace landglass::log
