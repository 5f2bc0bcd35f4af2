#pragma once
// A whole log as one text file, free of any database's format: the institutions that were in force, each leaf, and beside it
// the private values that its commitments are of. Test data of our own making; a real log's vault never leaves its folder.
//
//   {"format": "landglass/golden/1", "in_force": {name: hash}, "origin": "…", "verifier": "…"}
//   {"institution": name, "bytes": "…"}                                    one a line, as many as are in force
//   {"tree": "open" | "sealed", "leaf": {…}, "secrets": {path: [salt, value]}}   in the order of each tree

#include <string>

#include "institution/pack.hpp"
#include "store/store.hpp"

namespace landglass::tests {

base::Result<std::string> write_golden(store::Store& store);
// Into a store that holds nothing; returns its origin.
base::Result<std::string> read_golden(const std::string& text, store::Store& store);

}  // namespace landglass::tests
