#pragma once
// The bidders of a scenario: each has a key of his own, so that a verifier finds his offers signed as those of a real sale.

#include <map>
#include <memory>
#include <string>

#include "base/crypto.hpp"
#include "institution/registry.hpp"

namespace landglass::engine {

class ScenarioBidders {
 public:
  std::string key(const std::string& party);  // the public one, base64url
  // Signs an offer as the bidder's room does, with the plate of the application that it names.
  void sign(institution::Command& command, institution::Shelf& shelf, const std::string& origin);

 private:
  std::map<std::string, std::shared_ptr<const base::P256Key>> keys_;  // shared by the copies of a world
};

}  // namespace landglass::engine
