#pragma once
// `landglass.toml`: every option of a house, each with its place, kind and bounds (docs/formats/config.md). What the command
// line says goes before the file.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/serve.hpp"

namespace landglass::cli {

struct Setting {
  std::string section;
  std::string key;
  Target target;
  base::Text help;
  std::int64_t least = 0;  // of a number
  std::int64_t most = INT64_MAX;
};
// All there are; the targets point into `options`.
std::vector<Setting> settings(HouseOptions& options);
std::string shown(const Setting& setting);  // its value, as TOML writes it

// Refuses CONF-01 what is no TOML, CONF-02 an unknown key, CONF-03 a value of another kind, CONF-04 one past its bounds,
// each with file, line and key; CONF-05 values that do not fit each other.
base::Status read_config(const std::string& file, HouseOptions& options);
base::Status check_options(const HouseOptions& options);

// The options of every command that works on a house, and the house that they and the file make.
struct HouseArguments {
  std::string config;  // empty: landglass.toml where it stands, else none
  std::string folder, keys, origin, pack, data, address, tls_chain, tls_key, witnesses, require, signing;
  std::string port;
};
void add_house_options(Command& command, HouseArguments& arguments);    // --config, --data, --keys
void add_serving_options(Command& command, HouseArguments& arguments);  // --origin, --address, --port, --witnesses, --tls-…
base::Result<HouseOptions> house_of(const HouseArguments& arguments);

Command config_command();

}  // namespace landglass::cli
