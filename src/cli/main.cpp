// Reads the command line: the only file that knows CLI11. A command is one line of `commands()`; its options stand in its
// own file.

#include <CLI/CLI.hpp>

#include "cli/bank.hpp"
#include "cli/bench.hpp"
#include "cli/check.hpp"
#include "cli/command.hpp"
#include "cli/config.hpp"
#include "cli/demo.hpp"
#include "cli/export.hpp"
#include "cli/founding.hpp"
#include "cli/import.hpp"
#include "cli/keep.hpp"
#include "cli/keys.hpp"
#include "cli/lock.hpp"
#include "cli/pack_trial.hpp"
#include "cli/report.hpp"
#include "cli/serve.hpp"
#include "cli/tender.hpp"
#include "cli/user.hpp"
#include "cli/verify.hpp"
#include "cli/witness.hpp"
#include "cli/year.hpp"

namespace landglass::cli {
namespace {

std::vector<Command> commands() {
  std::vector<Command> all;
  all.push_back(found_command());
  all.push_back(serve_command());
  all.push_back(demo_command());
  all.push_back(generate_command());
  all.push_back(check_command());
  all.push_back(import_command());
  all.push_back(verify_command());
  all.push_back(witness_command());
  all.push_back(export_command());
  all.push_back(backup_command());
  all.push_back(restore_command());
  all.push_back(rebuild_command());
  all.push_back(upgrade_command());
  all.push_back(report_command());
  all.push_back(bench_command());
  all.push_back(user_command());
  all.push_back(key_command());
  all.push_back(config_command());
  all.push_back(bank_command());
  all.push_back(pack_command());
  all.push_back(lock_command());
  all.push_back(open_command());
  all.push_back(opener_command());
  all.push_back(tender_command());
  return all;
}

// Help in the language of the terminal; in both where that says nothing.
std::string in_words(const base::Text& text) {
  for (const auto* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const auto* value = std::getenv(name);
    if (value == nullptr || *value == 0) continue;
    const std::string_view language(value);
    if (language.starts_with("zh")) return text.zh;
    if (language.starts_with("en")) return text.en;
    break;
  }
  return text.zh + " / " + text.en;
}

void add(CLI::App& app, const Command& command, int& code) {
  auto* at = app.add_subcommand(command.name, in_words(command.help));
  for (const auto& one : command.options) {
    auto* option = std::visit(
        [&](auto* target) -> CLI::Option* {
          if constexpr (std::is_same_v<decltype(target), bool*>)
            return at->add_flag(one.name, *target, in_words(one.help));
          else
            return at->add_option(one.name, *target, in_words(one.help));
        },
        one.target);
    if (one.required)
      option->required();
    else if (!std::holds_alternative<bool*>(one.target))
      option->capture_default_str();
    if (std::holds_alternative<std::vector<std::string>*>(one.target) && one.name.starts_with("-"))
      option->expected(1)->allow_extra_args(false)->take_all();
  }
  if (!command.subcommands.empty()) at->require_subcommand(1);
  for (const auto& sub : command.subcommands) add(*at, sub, code);
  if (command.run) at->final_callback([&command, &code] { code = command.run(); });
}

int run(int argc, char** argv) {
  CLI::App app{in_words({"明鉴国土：土地公开交易与登记", "Landglass: land sold and registered for all to check"}),
               "landglass"};
  app.require_subcommand(1);
  app.set_help_flag("--help,-h", in_words({"显示帮助", "print this help"}));
  const auto all = commands();
  int code = k_misused;
  for (const auto& command : all) add(app, command, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? k_done : k_misused;
  }
  return code;
}

}  // namespace
}  // namespace landglass::cli

int main(int argc, char** argv) { return landglass::cli::run(argc, argv); }
