#include <CLI/CLI.hpp>

#include "cli/check.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Landglass 明鉴国土"};
  app.require_subcommand(1);

  landglass::cli::CheckOptions check;
  auto* check_command = app.add_subcommand("check", "检查制度包并演练全部情景 / check a pack and play its scenarios");
  check_command->add_option("pack", check.pack, "制度包目录 / folder of the pack")->default_val("packs/cn-land");
  check_command->add_option("--data", check.data, "区划与日历目录 / folder of divisions and calendar")->default_val("build/data");
  check_command->add_option("--only", check.only, "只演练路径含此文的情景 / only scenarios whose path holds this");
  check_command->add_flag("--json", check.json, "JSON");
  check_command->add_flag("--reads", check.reads, "列出各制度所读 / print what each may read");

  CLI11_PARSE(app, argc, argv);
  if (*check_command) return landglass::cli::check_pack(check);
  return 2;
}
