#pragma once
// A file that is proposed or released, a rule of the watch or a version of an institution: would every rule run, on its day
// and on the days of all that was released before it?

#include <vector>

#include "engine/engine.hpp"
#include "institution/pack.hpp"

namespace landglass::watch {

// `files`: the rules in force, and with their day the changes of either kind that were released and wait. Refuses PACK-11
// and PACK-10 (the rule itself does not fit), PACK-13 (a rule would no longer run over a version, or what only the version's
// document holds would be gone from under it), naming file, rule and what it reads.
base::Result<engine::RuleRead> read_proposed(const institution::RuleFile& proposed,
                                             const std::vector<institution::RuleFile>& files, const institution::Pack& pack);

}  // namespace landglass::watch
