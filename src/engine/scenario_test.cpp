// What a scenario asks and nobody would look at is refused: it would hold whatever happened.
#include "engine/scenario.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/json.hpp"

namespace landglass::engine {
namespace {

namespace fs = std::filesystem;

// One scenario in a file of its own, played in a copy of the pack: why it failed, or nothing.
std::string why(const std::string& head, const std::string& then) {
  std::string folder = (fs::temp_directory_path() / "landglass-scenario-XXXXXX").string();
  EXPECT_NE(::mkdtemp(folder.data()), nullptr);
  fs::copy(LG_SOURCE_DIR "/packs/cn-land", folder, fs::copy_options::recursive);
  std::ofstream(folder + "/base/probe.test.yaml")
      << "institution: office\n"
      << head << "scenarios:\n  - name: an office\n    at: 2011-03-01\n"
      << "    when: {by: genesis, create: office, with: {key: gov, name: 某县人民政府, short: "
         "某政, region: '350124', kind: government}}\n"
      << "    then: " << then << "\n";
  Coverage coverage;
  const auto played = play_scenarios(
      folder, LG_SOURCE_DIR "/build/data", "probe", [] { return std::vector<std::shared_ptr<institution::Behaviour>>(); },
      coverage);
  fs::remove_all(folder);
  if (!played) return base::explain(played.trouble());
  EXPECT_EQ(played->size(), 1U);
  return played->empty() ? "none" : played->front().why;
}

TEST(Scenario, AWarningThatNobodyLooksForIsRefusedWithFileLineAndKey) {
  const auto told = why("", "{warned: [W-01]}");
  EXPECT_NE(told.find("probe.test.yaml:6: warned"), std::string::npos) << told;
  EXPECT_NE(told.find("watched: true"), std::string::npos) << told;
  EXPECT_NE(why("watched: false\n", "{not_warned: [W-01]}").find("probe.test.yaml:7: not_warned"), std::string::npos);
  EXPECT_EQ(why("watched: true\n", "{not_warned: [W-01]}"), "");
}

TEST(Scenario, AListThatIsNoListIsRefused) {
  const auto told = why("", "{unraised: LL-02}");
  EXPECT_NE(told.find("probe.test.yaml:6: unraised"), std::string::npos) << told;
}

}  // namespace
}  // namespace landglass::engine
