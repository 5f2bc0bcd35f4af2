#pragma once
// Is this balance part of the total that was published? docs/formats/sum-tree.md. Without a server, a clock or a file.

#include <string>
#include <string_view>

#include "log/policy.hpp"
#include "verify/verdict.hpp"

namespace landglass::verify {

struct BalanceVerdict {
  enum class Level {
    none,      // something contradicts
    adds_up,   // the proof holds in itself; that its root was published is not shown
    published  // and a receipt shows that the log published this root and this total
  };
  Level level = Level::none;
  std::vector<Finding> findings;
  std::string account, period, holder, balance, total;  // to be shown only where level is not none
  std::string record;                                   // that published the root
  bool witnessed = false;
};

// `receipt`: of the leaf that published root and total; empty where there is none.
BalanceVerdict verify_balance(std::string_view proof, std::string_view receipt, const log::Policy& trust);

}  // namespace landglass::verify
