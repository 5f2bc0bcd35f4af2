#pragma once
// `export`: the open log as files that `verify log` and any mirror read (docs/formats/tiles.md), and the public tables.

#include <string>

#include "cli/config.hpp"

namespace landglass::cli {

struct ExportOptions {
  std::string to;
  bool log_only = false;
};
struct Exported {
  std::string origin;
  std::uint64_t leaves = 0;   // under the checkpoint
  std::uint64_t beyond = 0;   // logged since, under no checkpoint at hand: not exported
  std::uint64_t files = 0;    // written now; full tiles that stand are left
  std::uint64_t records = 0;  // rows of the public tables
};
// Of one commit, while a server runs or not. The checkpoint is signed where the log key is at hand, else the last one kept.
base::Result<Exported> export_house(const HouseOptions& options, const ExportOptions& asked);

Command export_command();

}  // namespace landglass::cli
