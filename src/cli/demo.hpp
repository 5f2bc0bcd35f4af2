#pragma once
// `landglass demo`: a year of one prefecture, played through the institutions on a virtual clock, and then live: lots that
// simulated bidders bid on now. 演示 on every page. Its log has an origin of its own and can never be mounted as a live one.

#include <string>

#include "cli/serve.hpp"

namespace landglass::cli {

struct DemoOptions {
  std::string folder;  // empty: a fresh one below build/
  std::uint16_t port = 8642;
  int lots = 54;
  int months = 9;  // of the year in which lots are announced
  std::uint64_t seed = 2012;
  bool sales_only = false;  // a small year: what a golden log keeps
  bool play_only = false;   // make the year and stop: for tests
};
int demo(const DemoOptions& options);
Command demo_command();

}  // namespace landglass::cli
