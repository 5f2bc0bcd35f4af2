#pragma once
// What a witness may never forget, on disk: one SQLite file, one row per log. docs/formats/witness.md.

#include <memory>
#include <string>

#include "base/result.hpp"
#include "log/witness.hpp"

namespace landglass::store {

// Creates the file where it is absent. advance() returns after an fsync, so a kill between keeping and answering costs the
// log one more request and nobody a second history. Thread-safe. Refuses STORE-04 a file that another witness has open.
base::Result<std::unique_ptr<log::WitnessState>> open_witness_book(const std::string& path);

}  // namespace landglass::store
