#pragma once
// A command of `landglass` as a value: its name, what it does, its options and what runs it. Each command's file makes its
// own; main.cpp lists them and is the only file that reads a command line. Exit codes: docs/formats/cli.md.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace landglass::cli {

// Where the value of an option goes; a bool is a flag, a list takes the option again and again.
using Target =
    std::variant<std::string*, std::vector<std::string>*, int*, std::uint16_t*, std::int64_t*, std::uint64_t*, bool*>;

struct CommandOption {
  std::string name;  // "--data", or "pack" for what stands without a name
  Target target;
  base::Text help;
  bool required = false;
};

// What the targets point into lives as long as the command: keep it in the closure that runs (a shared_ptr).
struct Command {
  std::string name;
  base::Text help;
  std::vector<CommandOption> options;
  std::function<int()> run;  // returns the exit code; absent where there are subcommands, one of which is then required
  std::vector<Command> subcommands;

  Command& option(std::string option_name, Target target, base::Text text) {
    options.push_back({std::move(option_name), target, std::move(text), false});
    return *this;
  }
  Command& needs(std::string option_name, Target target, base::Text text) {
    options.push_back({std::move(option_name), target, std::move(text), true});
    return *this;
  }
};

inline constexpr int k_done = 0;
inline constexpr int k_refused = 1;  // a rule said no, or what was examined is not as it should be
inline constexpr int k_misused = 2;  // the command line cannot be read
inline constexpr int k_failed = 3;   // the world said not now: disk, peer, permission

// Says what went wrong on stderr, or as one JSON object on stdout, and gives its exit code.
int tell(const base::Trouble& trouble, bool json = false);

// A line of progress on stderr for work that takes long: at most twice a second, drawn over where it is a terminal.
class Progress {
 public:
  explicit Progress(base::Text what);
  ~Progress();
  void at(std::uint64_t done, std::uint64_t of);

 private:
  base::Text what_;
  std::int64_t shown_ms_ = 0;
  bool terminal_ = false;
  bool drawn_ = false;
};

}  // namespace landglass::cli
