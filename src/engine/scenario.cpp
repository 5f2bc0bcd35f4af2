#include "engine/scenario.hpp"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
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

// A folder in memory where there is one, gone with this object.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    path_ = (fs::is_directory("/dev/shm", error) ? fs::path("/dev/shm") : fs::temp_directory_path()) / "landglass-XXXXXX";
    std::string pattern = path_.string();
    LG_ASSERT(::mkdtemp(pattern.data()) != nullptr, "no folder for scenarios");
    path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string fresh() {
    const auto folder = path_ / std::to_string(++count_);
    fs::create_directories(folder);
    return folder.string();
  }

 private:
  fs::path path_;
  int count_ = 0;
};

// Worlds, each played once and kept as the folder of its store: what begins from it begins from a copy.
class Worlds {
 public:
  struct Scene {
    std::unique_ptr<World> world;  // left
    std::string folder;
    std::string why;  // it could not be played
  };

  Worlds(std::string pack_folder, const institution::Pack& pack, const Behaviours& behaviours, Coverage& coverage)
      : folder_(std::move(pack_folder)), pack_(pack), behaviours_(behaviours), coverage_(coverage) {}

  // A world to play on: after all steps of the world of that file ("": none), which begins when it or the innermost one that
  // it includes says, else at `otherwise`. Empty `why` where it stands.
  Result<Scene> after(const std::string& name, base::Time otherwise) {
    Scene here{fresh_world(), scratch_.fresh(), {}};
    if (name.empty()) {
      LG_CHECK(here.world->begin(otherwise, here.folder));
      return here;
    }
    LG_TRY(const auto* scene, scene_of(name, otherwise, 0));
    if (here.why = scene->why; !here.why.empty()) return here;
    fs::copy(scene->folder, here.folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    LG_CHECK(here.world->go_on(*scene->world, here.folder));
    return here;
  }
  void forget(const Scene& scene) {
    std::error_code ignored;
    fs::remove_all(scene.folder, ignored);
  }

 private:
  std::unique_ptr<World> fresh_world() {
    return std::make_unique<World>(std::make_unique<institution::Pack>(pack_), behaviours_(), coverage_);
  }

  Result<const Node*> file(const std::string& name) {
    if (const auto known = files_.find(name); known != files_.end()) return &known->second;
    LG_TRY(auto text, read_file(fs::path(folder_) / name));
    LG_TRY(auto node, institution::read_yaml(text, name));
    LG_CHECK(institution::only({name}, node, {"at", "include", "given"}));
    return &files_.emplace(name, std::move(node)).first->second;
  }

  Result<base::Time> begin_of(const std::string& name, base::Time otherwise, int depth) {
    if (depth > 16) return base::refuse("PACK-03", "世界文件互相包含", "worlds include each other", name);
    LG_TRY(const auto* node, file(name));
    const std::string inner(node->text("include"));
    const bool says = !node->at("at").is_absent();
    if (inner.empty()) return says ? time_of(node->text("at")) : otherwise;
    LG_TRY(auto begin, begin_of(inner, otherwise, depth + 1));
    if (says && begin != otherwise)
      return base::refuse("PACK-03", "世界的起点已定", "the world it includes says when it begins", name);
    return says ? time_of(node->text("at")) : begin;
  }

  Result<const Scene*> scene_of(const std::string& name, base::Time otherwise, int depth) {
    LG_TRY(const auto begin, begin_of(name, otherwise, depth));
    const auto key = name + "@" + std::to_string(begin.ms);
    if (const auto known = scenes_.find(key); known != scenes_.end()) return &known->second;
    LG_TRY(const auto* node, file(name));
    LG_TRY(auto here, after(std::string(node->text("include")), begin));
    int number = 0;
    for (const auto& step : node->at("given").items) {
      if (!here.why.empty()) break;
      ++number;
      here.why = here.world->step(step, {name}, true);
      if (!here.why.empty())
        here.why = name + ", step " + std::to_string(number) + " (line " + std::to_string(step.line) + "): " + here.why;
    }
    here.world->leave();
    return &scenes_.emplace(key, std::move(here)).first->second;
  }

  std::string folder_;
  const institution::Pack& pack_;
  const Behaviours& behaviours_;
  Coverage& coverage_;
  Scratch scratch_;
  std::map<std::string, Node> files_;
  std::map<std::string, Scene> scenes_;
};

// One scenario, from its world on. Empty where it went as told.
std::string play(World& here, const Node& scenario, const institution::Loading& at) {
  std::string why;
  const auto run = [&](const Node& node, bool must, const char* what) {
    if (!why.empty()) return;
    why = here.step(node, at, must);
    if (!why.empty()) why = std::string(what) + " at line " + std::to_string(node.line) + ": " + why;
  };
  const auto mapping = [](const char* key, const Node& value, int line) {
    Node node;
    node.form = Node::Form::mapping;
    node.line = line;
    node.members.emplace_back(key, value);
    return node;
  };
  if (!scenario.at("at").is_absent()) run(mapping("until", scenario.at("at"), scenario.at("at").line), true, "start");
  for (const auto& step : scenario.at("given").items) run(step, true, "given");
  if (scenario.at("when").is_mapping()) run(scenario.at("when"), false, "when");
  for (const auto& step : scenario.at("when").items) run(step, false, "when");
  for (const auto& step : scenario.at("steps").items) run(step, true, "step");
  run(mapping("then", scenario.at("then"), scenario.at("then").line), false, "then");
  return why;
}

}  // namespace

Result<std::vector<Played>> play_scenarios(const std::string& pack_folder, const std::string& data_folder,
                                           const std::string& only, const Behaviours& behaviours, Coverage& coverage,
                                           const Afterwards& afterwards, const Onlookers& onlookers) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(pack_folder)) {
    const auto path = entry.path().string();
    if (path.ends_with(".test.yaml") && (only.empty() || path.find(only) != std::string::npos))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  LG_TRY(const auto pack, institution::Pack::load(pack_folder, data_folder));
  Worlds worlds(pack_folder, *pack, behaviours, coverage);
  std::vector<Played> played;
  for (const auto& path : files) {
    LG_TRY(auto text, read_file(path));
    LG_TRY(auto root, institution::read_yaml(text, path.filename().string()));
    const institution::Loading at{path.filename().string()};
    LG_CHECK(institution::only(at, root, {"institution", "world", "watched", "scenarios"}));
    const bool watched = root.at("watched").is_true();
    for (const auto& scenario : root.at("scenarios").items) {
      LG_CHECK(institution::only(at, scenario, {"name", "at", "world", "given", "when", "then", "steps", "law", "signing"}));
      Played one{path.string(), std::string(root.text("institution")), std::string(scenario.text("name")), false, {}};
      const auto world = scenario.text("world").empty() ? root.text("world") : scenario.text("world");
      // A world's people were there a month before, where it does not say an instant.
      LG_TRY(auto here, worlds.after(std::string(world), time_of(scenario.text("at")) + -30 * base::k_day));
      if (here.why.empty() && scenario.text("signing") == "post-key") here.world->demand(institution::Signing::post_key);
      if (here.why.empty() && watched) here.world->look_on(onlookers);
      one.why = here.why.empty() ? play(*here.world, scenario, at) : "world " + here.why;
      if (one.why.empty() && afterwards) one.why = afterwards(here.world->store());
      one.passed = one.why.empty();
      played.push_back(std::move(one));
      here.world->leave();
      worlds.forget(here);
    }
  }
  return played;
}

}  // namespace landglass::engine
