#pragma once
// What a caller who knows the files, or does not, puts into the fields of an act.

#include <map>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/time.hpp"
#include "institution/pack.hpp"

namespace landglass::tests {

struct Known {                                              // what such a caller has heard of
  std::map<std::string, std::vector<std::string>> records;  // ids by institution
  std::vector<std::string> files;                           // of the vault, by hash
  std::string region;
};

// A value that the field takes, mostly: at the bounds, of another time, and once in a while no value of that type at all.
base::Json given(const institution::Field& field, const institution::Pack& pack, const Known& known, base::Time now,
                 base::SeededRandom& random);

}  // namespace landglass::tests
