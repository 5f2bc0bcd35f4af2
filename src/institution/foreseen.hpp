#pragma once
// What an act would be refused for whatever is given with it: the checks that read nothing of what is given.

#include <optional>
#include <string>

#include "institution/registry.hpp"

namespace landglass::institution {

// The first check of his act on this record that fails as things stand, with its law; nothing where it hangs on what he
// gives.
std::optional<base::Refusal> foreseen(Registry& registry, const Record& record, const Action& action,
                                      const std::string& actor, base::Time now);

}  // namespace landglass::institution
