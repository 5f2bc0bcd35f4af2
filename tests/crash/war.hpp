#pragma once
// A lot that several bidders fight over, made once; and the server of it, started again and again in a child process on the
// same folder. What costs time at a start and cannot break (pack, templates, assets) is read before the fork.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "engine/engine.hpp"
#include "institution/pack.hpp"
#include "log/witness.hpp"
#include "web/assets.hpp"
#include "web/render.hpp"

namespace landglass::tests {

struct Fighter {
  std::string party;
  base::P256Key key;
  std::int64_t plate = 0;
  std::string cookie, csrf;  // of a session of his
};

enum class Fault {
  none,   // the process lives until it is killed
  fsync,  // an fsync answers with an error
  full,   // a write answers that the disk is full
  power,  // the power is cut: what no fsync made durable stays, falls, or stays by half
};

class War {
 public:
  explicit War(std::string folder);
  // Starts the server in a child; its port can be read from `port_of` once it serves. The parent has one thread then.
  pid_t start(Fault fault, std::uint64_t seed);
  std::uint16_t port_of(pid_t child);  // 0 where it ended before

  // Opens and closes a store: what a kill left in its journal is in its tables then.
  base::Status recover(const std::string& folder);
  // Whether an engine starts on this folder, where `known` has been seen of the log.
  base::Status starts(const std::string& folder, std::vector<log::WitnessView> known);

  const std::string& store_folder() const { return store_; }
  const std::string& origin() const { return origin_; }
  const std::string& lot() const { return lot_; }
  const std::string& rule_sheet() const { return rule_sheet_; }
  std::vector<Fighter>& fighters() { return fighters_; }
  log::VerifierKey verifier() const;
  std::int64_t step_fen() const { return 1'000'000; }
  std::int64_t start_fen() const { return 1'000'000'000; }

 private:
  [[noreturn]] void serve(Fault fault, std::uint64_t seed, int told);
  void found();
  std::string folder_, store_, lot_, rule_sheet_;
  std::string origin_ = "crash.invalid/log";
  std::array<std::uint8_t, 32> seed_{};
  std::unique_ptr<institution::Pack> pack_;
  std::unique_ptr<web::Templates> templates_;
  std::shared_ptr<const web::Assets> assets_;
  std::vector<Fighter> fighters_;
  int told_ = -1;
};

}  // namespace landglass::tests
