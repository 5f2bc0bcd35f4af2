// docs/land-rules.md says where each rule of a land sale is held: what it names must be there, and a scenario must play it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::set<std::string> found(const std::string& text, const std::regex& pattern) {
  std::set<std::string> all;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) all.insert((*at)[1]);
  return all;
}

struct Pack {
  std::set<std::string> codes;   // that a file states
  std::set<std::string> played;  // that a scenario expects, refused or raised
};
Pack pack() {
  Pack pack;
  const std::regex stated("code: ([A-Z]{2}-[0-9]{2})");
  const std::regex refused("refused: ([A-Z]{2}-[0-9]{2})");
  const std::regex raised("raised: \\[([^\\]]*)\\]");
  for (const auto& entry : fs::recursive_directory_iterator(LG_SOURCE_DIR "/packs/cn-land")) {
    const auto path = entry.path().string();
    if (!path.ends_with(".yaml")) continue;
    const auto text = text_of(path);
    if (!path.ends_with(".test.yaml")) {
      pack.codes.merge(found(text, stated));
      continue;
    }
    pack.played.merge(found(text, refused));
    for (const auto& list : found(text, raised)) pack.played.merge(found(list, std::regex("([A-Z]{2}-[0-9]{2})")));
  }
  return pack;
}

TEST(LandRules, EachCodeThatTheTableNamesStandsInThePackAndIsPlayed) {
  const auto doc = text_of(LG_SOURCE_DIR "/docs/land-rules.md");
  const auto all = pack();
  const auto named =
      found(doc, std::regex("\\b((?:LL|GS|GC|AP|DP|PO|BL|LC|VA|PC|SP|OB|QU|CL|SV|LT|TB|OT|EX|AU|EN)-[0-9]{2})\\b"));
  EXPECT_GT(named.size(), 60u);
  for (const auto& code : named) {
    const bool of_file = !code.starts_with("AU-") && !code.starts_with("EN-");
    EXPECT_TRUE(!of_file || all.codes.contains(code)) << code << " stands in no file of the pack";
    EXPECT_TRUE(all.played.contains(code)) << code << " is played by no scenario";
  }
}

TEST(LandRules, EveryRowIsThereOnceAndSaysWhereOrWhyNot) {
  std::istringstream lines(text_of(LG_SOURCE_DIR "/docs/land-rules.md"));
  int next = 1;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| L-")) continue;
    std::ostringstream id;
    id << "| L-" << (next < 10 ? "0" : "") << next;
    EXPECT_TRUE(line.starts_with(id.str())) << line;
    EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 5) << line;
    ++next;
  }
  EXPECT_EQ(next, 43);
}

}  // namespace
}  // namespace landglass::cli
