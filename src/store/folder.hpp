#pragma once
// A store's folder seen from outside: what any process may do beside the one that writes, and without the vault key. Reads
// are of one commit; the writer goes on meanwhile.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace landglass::store {

// What stands in a folder, of whichever version it is.
struct FolderFacts {
  std::int64_t format = 0;
  std::int64_t newest = 0;  // what this program writes
  bool ours = false;        // the application's mark stands
  std::string origin;       // empty in a store that has not begun
  std::string verifier_key;
  std::string checkpoint;  // the last one kept; one batch behind what was given out
  std::uint64_t leaves = 0;
  std::uint64_t sealed_leaves = 0;
  std::uint64_t bytes = 0;                // of the database
  std::vector<std::string> institutions;  // that have tables
};
// Fails where no store stands there. Of a newer format only `format`, `newest`, `ours` and `bytes` are told.
base::Result<FolderFacts> look_at(const std::string& folder);

// A consistent copy into a folder that holds no store yet (STORE-07). Refuses STORE-01 a newer format.
base::Status back_up_folder(const std::string& from, const std::string& to);

// A reader that sees one commit for its whole life. With the open sight, which needs no key.
base::Result<std::unique_ptr<Reader>> open_snapshot(const std::string& folder);

}  // namespace landglass::store
