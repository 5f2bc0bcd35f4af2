#include "engine/scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/scenario_world.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Node;
namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::refuse("PACK-03", "无法读取文件", "cannot read the file", path.string());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// A world's steps, after those of the worlds it includes; it begins when the innermost one says.
struct Ground {
  base::Time at;
  std::vector<Node> steps;
};
Status read_world(const fs::path& folder, const std::string& name, int depth, Ground& ground) {
  if (depth > 16) return base::refuse("PACK-03", "世界文件互相包含", "worlds include each other", name);
  LG_TRY(auto text, read_file(folder / name));
  LG_TRY(auto world, institution::read_yaml(text, name));
  LG_CHECK(institution::only({name}, world, {"at", "include", "given"}));
  if (const auto inner = world.text("include"); !inner.empty())
    LG_CHECK(read_world(folder, std::string(inner), depth + 1, ground));
  if (!world.at("at").is_absent()) {
    if (ground.at.ms > 0)
      return base::refuse("PACK-03", "世界的起点已定", "the world it includes says when it begins", name);
    ground.at = time_of(world.text("at"));
  }
  const auto& steps = world.at("given").items;
  ground.steps.insert(ground.steps.end(), steps.begin(), steps.end());
  return base::Done{};
}

}  // namespace

Result<std::vector<Played>> play_scenarios(const std::string& pack_folder, const std::string& data_folder,
                                           const std::string& only, const Behaviours& behaviours, Coverage& coverage) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(pack_folder)) {
    const auto path = entry.path().string();
    if (path.ends_with(".test.yaml") && (only.empty() || path.find(only) != std::string::npos))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Played> played;
  for (const auto& path : files) {
    LG_TRY(auto text, read_file(path));
    LG_TRY(auto root, institution::read_yaml(text, path.filename().string()));
    const institution::Loading at{path.filename().string()};
    LG_CHECK(institution::only(at, root, {"institution", "world", "scenarios"}));
    for (const auto& scenario : root.at("scenarios").items) {
      LG_CHECK(institution::only(at, scenario, {"name", "at", "world", "given", "when", "then", "steps", "law"}));
      const auto name = scenario.text("world").empty() ? root.text("world") : scenario.text("world");
      Ground world;
      if (!name.empty()) LG_CHECK(read_world(pack_folder, std::string(name), 0, world));
      Played one{path.string(), std::string(root.text("institution")), std::string(scenario.text("name")), false, {}};
      LG_TRY(auto pack, institution::Pack::load(pack_folder, data_folder));
      World here(std::move(pack), behaviours(), coverage);
      const auto start = time_of(scenario.text("at"));
      // The world's people were there a month before; a world may say another instant.
      LG_CHECK(here.begin(world.at.ms == 0 ? start + -30 * base::k_day : world.at));
      int number = 0;
      for (const auto& step : world.steps) {
        ++number;
        if (one.why = here.step(step, at, true); !one.why.empty()) {
          one.why = "world, step " + std::to_string(number) + " (line " + std::to_string(step.line) + "): " + one.why;
          break;
        }
      }
      const auto run = [&](const Node& node, bool must, const char* what) {
        if (!one.why.empty()) return;
        one.why = here.step(node, at, must);
        if (!one.why.empty()) one.why = std::string(what) + " at line " + std::to_string(node.line) + ": " + one.why;
      };
      if (one.why.empty() && !scenario.at("at").is_absent()) {
        Node until;
        until.form = Node::Form::mapping;
        Node value;
        value.form = Node::Form::scalar;
        value.scalar = std::string(scenario.text("at"));
        until.members.emplace_back("until", value);
        run(until, true, "start");
      }
      for (const auto& step : scenario.at("given").items) run(step, true, "given");
      if (scenario.at("when").is_mapping()) run(scenario.at("when"), false, "when");
      for (const auto& step : scenario.at("when").items) run(step, false, "when");
      for (const auto& step : scenario.at("steps").items) run(step, true, "step");
      if (one.why.empty()) {
        Node then;
        then.form = Node::Form::mapping;
        then.line = scenario.at("then").line;
        then.members.emplace_back("then", scenario.at("then"));
        run(then, false, "then");
      }
      one.passed = one.why.empty();
      played.push_back(std::move(one));
    }
  }
  return played;
}

}  // namespace landglass::engine
