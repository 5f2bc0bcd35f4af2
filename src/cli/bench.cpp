#include "cli/bench.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;

struct BenchOptions {
  std::string only;
  bool large = false;
  bool list = false;
};

std::vector<fs::path> programs(const std::string& only) {
  std::error_code error;
  std::vector<fs::path> found;
  const auto folder = fs::read_symlink("/proc/self/exe", error).parent_path() / "bench";
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    if (entry.is_regular_file() && name.ends_with("_bench") && name.find(only) != std::string::npos)
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

base::Result<int> run_program(const fs::path& program, bool large) {
  std::string path = program.string(), flag = "--large";
  char* arguments[] = {path.data(), large ? flag.data() : nullptr, nullptr};
  pid_t child = 0;
  if (const int error = ::posix_spawn(&child, path.c_str(), nullptr, nullptr, arguments, environ); error != 0)
    return base::fail("cannot run " + path);
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return base::fail("lost sight of " + path);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int bench(const BenchOptions& asked) {
  const auto all = programs(asked.only);
  if (all.empty()) {
    return tell(base::refuse("CLI-05", "旁边没有性能测试程序：./dev bench 会先构建它们",
                             "no benchmark programs stand beside this one: ./dev bench builds them first", asked.only));
  }
  int code = k_done;
  for (const auto& program : all) {
    if (asked.list) {
      std::printf("%s\n", program.c_str());
      continue;
    }
    std::fprintf(stderr, "%s\n", program.filename().c_str());
    const auto ended = run_program(program, asked.large);
    if (!ended) return tell(ended.trouble());
    if (*ended != 0) code = k_refused;
  }
  return code;
}

}  // namespace

Command bench_command() {
  auto asked = std::make_shared<BenchOptions>();
  Command command{
      "bench", {"运行性能测试程序（bench/README.md）", "run the benchmark programs (bench/README.md)"}, {}, {}, {}};
  command.option("--only", &asked->only, {"只运行名字含此文者", "only those whose name holds this"})
      .option("--list", &asked->list, {"只列出", "list them"})
      .option("--large", &asked->large, {"含千万级规模", "10^7 events too"});
  command.run = [asked] { return bench(*asked); };
  return command;
}

}  // namespace landglass::cli
