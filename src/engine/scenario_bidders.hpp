#pragma once
// The bidders of a scenario: each has a key of his own, so that a verifier finds his offers signed as those of a real sale.
// And the openers: the secret key of opener N is the SHA-256 of "opener N", as in docs/formats/locked.md. And one reporter,
// whose keys are made of the SHA-256 of "reporter".

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
  // Fills `document` with a tender of this price, signed and locked as the bidder's room does.
  base::Status lock(institution::Command& command, institution::Shelf& shelf, const std::string& origin, base::Money price,
                    const std::string& undertakings);
  // Takes the layers of opener N off the document of the command's record: fills `document` with what he passes on, or where
  // nothing is left `salt` and `value`.
  base::Status open(institution::Command& command, institution::Shelf& shelf, int opener) const;
  // Fills a tip's or a message's fields as the reporter's or the investigator's browser does (docs/formats/tips.md).
  struct Tip {
    std::string text;
    std::size_t together = 1;
    bool another = false;  // signed with another key than the reporter's
    bool bare = false;     // not filled to the one length
    std::string to;        // to this opener's number instead of those who are named
  };
  static base::Status tip(institution::Command& command, institution::Shelf& shelf, const Tip& tip);
  static std::string opener_key(int opener);     // the public one, base64url
  static std::string opener_secret(int opener);  // as the file of a key has it

 private:
  std::map<std::string, std::shared_ptr<const base::P256Key>> keys_;  // shared by the copies of a world
};

}  // namespace landglass::engine
