#pragma once
// Keeping a house: `backup`, `restore`, `rebuild`, `upgrade`.

#include <string>
#include <vector>

#include "cli/config.hpp"

namespace landglass::cli {

// Copies store and accounts into a folder without a store, while a server runs or not. Without keys.
base::Status back_up_house(const HouseOptions& options, const std::string& to);

struct RestoreOptions {
  std::string from;                      // a folder that `backup` made
  std::vector<std::string> checkpoints;  // files: checkpoints that were given out
  std::string new_origin;                // begin a new log instead, whose first leaf cites this one and the gap
  std::string reason;
};
// Into an empty folder; nothing is left there where it refuses. Refuses LOG-01 where a checkpoint says more than the copy
// holds, LOG-02 where it says another root.
base::Status restore_house(const HouseOptions& options, const RestoreOptions& asked);

// Where the end of a log is lost for good: an empty house under `new_origin`, whose first leaf (institution predecessor)
// says what of the old log is held, what had been given out, and what is missing. Its records are not carried over.
base::Status succeed_house(const HouseOptions& options, const RestoreOptions& asked);

struct Rebuilt {
  std::uint64_t events = 0;
  std::uint64_t ms = 0;
  base::JsonObject before, after;      // table -> hash
  std::vector<std::string> differing;  // tables, by name
};
// In place; or, with `check`, in a copy that is thrown away, while a server runs or not.
base::Result<Rebuilt> rebuild_house(const HouseOptions& options, bool check);

Command backup_command();
Command restore_command();
Command rebuild_command();
Command upgrade_command();

}  // namespace landglass::cli
