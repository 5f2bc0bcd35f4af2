#include <CLI/CLI.hpp>

#include "cli/check.hpp"
#include "cli/demo.hpp"
#include "cli/serve.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Landglass 明鉴国土"};
  app.require_subcommand(1);

  landglass::cli::CheckOptions check;
  auto* check_command = app.add_subcommand("check", "检查制度包并演练全部情景 / check a pack and play its scenarios");
  check_command->add_option("pack", check.pack, "制度包目录 / folder of the pack")->default_val("packs/cn-land");
  check_command->add_option("--data", check.data, "区划与日历目录 / folder of divisions and calendar")
      ->default_val("build/data");
  check_command->add_option("--only", check.only, "只演练路径含此文的情景 / only scenarios whose path holds this");
  check_command->add_flag("--json", check.json, "JSON");
  check_command->add_flag("--reads", check.reads, "列出各制度所读 / print what each may read");

  landglass::cli::HouseOptions house;
  auto* serve_command = app.add_subcommand("serve", "开启平台 / serve pages and API");
  serve_command->add_option("--data", house.folder, "数据目录 / folder of the store");
  serve_command->add_option("--keys", house.keys, "密钥目录 / folder of the keys, apart from the data");
  serve_command->add_option("--origin", house.origin, "日志名 / name of the log");
  serve_command->add_option("--address", house.address, "地址 / address");
  serve_command->add_option("--port", house.port, "端口 / port");
  serve_command->add_option("--tls-chain", house.tls_chain, "证书 / certificate chain, PEM");
  serve_command->add_option("--tls-key", house.tls_key, "私钥 / its key, PEM");

  landglass::cli::DemoOptions demo;
  auto* demo_command = app.add_subcommand("demo", "演示：演练一年并继续 / play a year and go on live");
  demo_command->add_option("--folder", demo.folder, "目录 / folder; a fresh one below build/ where absent");
  demo_command->add_option("--port", demo.port, "端口 / port");
  demo_command->add_option("--lots", demo.lots, "宗数 / lots of the year");
  demo_command->add_option("--seed", demo.seed, "种子 / seed");
  demo_command->add_flag("--play-only", demo.play_only, "只演练 / make the year and stop");

  CLI11_PARSE(app, argc, argv);
  if (*check_command) return landglass::cli::check_pack(check);
  if (*serve_command) return landglass::cli::serve(house);
  if (*demo_command) return landglass::cli::demo(demo);
  return 2;
}
