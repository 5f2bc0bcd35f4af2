#pragma once
// `landglass check <pack>`: loads a pack, prints its institutions and what each may read, plays every scenario, and refuses
// what is inconsistent.

#include <string>

#include "cli/command.hpp"

namespace landglass::cli {

struct CheckOptions {
  std::string pack = "packs/cn-land";
  std::string data = "build/data";  // divisions.csv, calendar.yaml
  std::string only;                 // part of a scenario file's path
  bool json = false;
  bool reads = false;  // print read-sets too
};
int check_pack(const CheckOptions& options);  // exit code: 0, or 1 with every fault named
Command check_command();

}  // namespace landglass::cli
