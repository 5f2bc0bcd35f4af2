#pragma once
// The watch in scenarios, for `landglass check` and the tests.

#include <set>
#include <string>
#include <vector>

#include "engine/scenario.hpp"
#include "watch/rule.hpp"

namespace landglass::watch {

struct Fired {  // codes of rules that a scenario asked for
  std::set<std::string> fired;
  std::set<std::string> stayed_silent;
};
// After each step of a `watched` scenario the watch settles, its findings are held against a batch run, and `warned` and
// `not_warned` of a `then` ask what stands. `fired` must outlive them.
engine::Onlookers onlookers(Fired& fired);

// The rules of a pack, prepared against its tables: the refusal that the watch itself would give.
base::Result<std::vector<Rule>> checked_rules(const institution::Pack& pack);
// What a rule must have and has not: a scenario in which it fires and one in which it does not. One line each.
std::vector<std::string> rule_faults(const std::vector<Rule>& rules, const Fired& fired);

}  // namespace landglass::watch
