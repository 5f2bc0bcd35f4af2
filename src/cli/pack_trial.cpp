#include "cli/pack_trial.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/crypto.hpp"
#include "cli/behaviours.hpp"
#include "engine/scenario.hpp"
#include "institution/pack.hpp"
#include "institution/yaml.hpp"
#include "watch/onlooker.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
namespace fs = std::filesystem;

struct TrialOptions {
  std::string pack = "packs/cn-land";
  std::string data = "build/data";
  std::string file;
  std::string scenarios;
};

Result<std::string> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in || bytes.empty()) return base::fail("cannot be read: " + path);
  return bytes;
}
std::string hash_of(std::string_view bytes) { return base::to_hex(base::sha256(base::as_bytes(bytes))); }

struct Folder {  // removed when the trial is over
  fs::path path;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

// An institution or a rule of the watch. Refuses what the loader refuses, of the new file alone and of the pack that holds
// it.
Result<JsonObject> run(const TrialOptions& options) {
  LG_TRY(const auto bytes, read(options.file));
  LG_TRY(auto pack, institution::Pack::load(options.pack, options.data));
  LG_TRY(const auto root, institution::read_yaml(bytes, options.file));
  const bool is_rule = !root.at("rule").is_absent();
  const std::string name_of(root.text(is_rule ? "rule" : "institution"));
  std::int64_t version = 0;
  if (!is_rule) {
    LG_TRY(const auto in, pack->candidate(bytes));
    version = in->version;
  }
  std::string name = fs::temp_directory_path() / "landglass-trial-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return base::fail("no temporary folder can be made");
  const Folder folder{name};
  const auto copy = folder.path / "pack";
  std::error_code error;
  fs::copy(options.pack, copy, fs::copy_options::recursive, error);
  if (error) return base::fail("the pack cannot be copied: " + error.message());
  fs::path place = copy / (is_rule ? "watch" : "base") / (name_of + ".yaml");
  for (const auto& entry : fs::recursive_directory_iterator(copy)) {
    const bool fixture = entry.path().string().find("/worlds/") != std::string::npos;
    if (entry.path().filename() == name_of + ".yaml" && !fixture) place = entry.path();
  }
  std::ofstream(place, std::ios::binary) << bytes;
  JsonObject out{{"file", hash_of(bytes)}, {is_rule ? "rule" : "institution", name_of}};
  if (!is_rule) out["version"] = version;
  if (!options.scenarios.empty()) {
    LG_TRY(const auto scenarios, read(options.scenarios));
    std::ofstream(place.parent_path() / (name_of + ".test.yaml"), std::ios::binary) << scenarios;
    out["scenarios"] = hash_of(scenarios);
  }
  LG_TRY(auto whole, institution::Pack::load(copy, options.data));
  LG_TRY(const auto rules, watch::checked_rules(*whole));
  engine::Coverage coverage;
  watch::Fired fired;
  LG_TRY(const auto played,
         engine::play_scenarios(copy, options.data, "", behaviours, coverage, {}, watch::onlookers(fired)));
  int failed = 0;
  for (const auto& one : played) {
    if (one.passed) continue;
    ++failed;
    std::fprintf(stderr, "FAILED %s: %s\n       %s\n", one.institution.c_str(), one.name.c_str(), one.why.c_str());
  }
  auto faults = engine::inconsistencies(*whole, coverage);
  for (auto& fault : watch::rule_faults(rules, fired)) faults.push_back(std::move(fault));
  for (const auto& fault : faults) std::fprintf(stderr, "FAULT  %s\n", fault.c_str());
  out["played"] = static_cast<int>(played.size());
  out["failed"] = failed;
  out["faults"] = static_cast<int>(faults.size());
  return out;
}

int trial(const TrialOptions& options) {
  const auto result = run(options);
  if (!result) return tell(result.trouble());
  std::printf("%s\n", base::canonical(Json(*result)).c_str());
  return result->at("failed") == Json(0) && result->at("faults") == Json(0) ? k_done : k_refused;
}

}  // namespace

Command pack_command() {
  auto options = std::make_shared<TrialOptions>();
  Command once{"trial",
               {"试行一个新制度或预警规则文件：装载并演练全部情景",
                "try a new file of an institution or a rule: load the pack with it and play every scenario"},
               {},
               {},
               {}};
  once.needs("file", &options->file, {"新制度文件", "the new file"})
      .option("--scenarios", &options->scenarios, {"其情景文件", "its scenarios"})
      .option("--pack", &options->pack, {"现行制度包", "the pack as it is"})
      .option("--data", &options->data, {"区划与日历目录", "folder of divisions and calendar"});
  once.run = [options] { return trial(*options); };
  return {"pack", {"制度包", "the pack"}, {}, {}, {std::move(once)}};
}

}  // namespace landglass::cli
