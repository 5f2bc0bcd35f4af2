// A house is founded out of a file, whole or not at all.
#include "cli/founding.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "log/leaf_reader.hpp"
#include "store/folder.hpp"

using namespace landglass;
using namespace landglass::cli;

namespace {

namespace fs = std::filesystem;

class FoundingOfAHouse : public ::testing::Test {
 protected:
  FoundingOfAHouse() {
    place_ = fs::temp_directory_path() / ("landglass-founding-" + std::to_string(::getpid()));
    fs::remove_all(place_);
    fs::create_directories(place_);
    options_.folder = place_ / "data";
    options_.keys = place_ / "keys";
    options_.pack = LG_SOURCE_DIR "/packs/cn-land";
    options_.data = LG_SOURCE_DIR "/build/data";
    options_.origin = "land.example/log";
    options_.durable = false;
  }
  ~FoundingOfAHouse() override { fs::remove_all(place_); }

  // The file of the pack, with `word` replaced.
  std::string file(const std::string& word = {}, const std::string& instead = {}) {
    std::ifstream in(options_.pack + "/worlds/founding.yaml", std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!word.empty()) {
      const auto at = text.find(word);
      EXPECT_NE(at, std::string::npos) << word;
      if (at != std::string::npos) text.replace(at, word.size(), instead);
    }
    auto path = (place_ / "founding.yaml").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string refusal(const std::string& from) {
    const auto founded = found_house(options_, from);
    EXPECT_FALSE(fs::exists(options_.folder)) << "nothing is left of it";
    return founded.refused()  ? founded.refusal().code + " " + founded.refusal().where
           : founded.failed() ? "failure"
                              : "none";
  }

  fs::path place_;
  HouseOptions options_;
};

}  // namespace

TEST_F(FoundingOfAHouse, BeginsWithTheThreeAdministratorsAndNoNamesInTheLog) {
  const auto founded = found_house(options_, file());
  ASSERT_TRUE(founded) << base::explain(founded.trouble());
  const std::vector<Founded::Person> expected = {{"person/sysadmin", "sysadmin", "系统管理员"},
                                                 {"person/secadmin", "secadmin", "安全管理员"},
                                                 {"person/auditadmin", "auditadmin", "审计管理员"}};
  EXPECT_EQ(founded->people, expected);
  const auto facts = store::look_at(options_.folder);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->origin, "land.example/log");
  EXPECT_EQ(facts->leaves, founded->leaves);
  const auto reader = store::open_snapshot(options_.folder);
  ASSERT_TRUE(reader);
  const auto leaves = (*reader)->leaves(log::Tree::open, 0, facts->leaves);
  ASSERT_TRUE(leaves);
  std::size_t by_genesis = 0;
  for (const auto& bytes : *leaves) {
    EXPECT_EQ(bytes.find("甲某某"), std::string::npos);
    const auto leaf = log::decode(bytes);
    ASSERT_TRUE(leaf);
    by_genesis += leaf->actor == "genesis" ? 1 : 0;
  }
  EXPECT_EQ(by_genesis, 13U);
  // Nobody founds it twice, nor adds an administrator by this way.
  const auto again = found_house(options_, file());
  ASSERT_TRUE(again.refused());
  EXPECT_EQ(again.refusal().code, "STORE-07");
}

TEST_F(FoundingOfAHouse, SaysWhichDataAreMissingAndWhere) {
  options_.data = place_ / "nowhere";
  EXPECT_EQ(refusal(file()), "FOUND-04 " + (place_ / "nowhere" / "divisions.csv").string());
  fs::create_directories(options_.data);
  std::ofstream(place_ / "nowhere" / "divisions.csv") << "350124,闽清县\n";
  EXPECT_EQ(refusal(file()), "FOUND-04 " + (place_ / "nowhere" / "calendar.yaml").string());
}

TEST_F(FoundingOfAHouse, RefusesWhatIsNotThreePeople) {
  EXPECT_EQ(refusal(file("roles: [audit-admin]", "roles: [overseer]")), "FOUND-03 audit-admin");
  EXPECT_EQ(refusal(file("roles: [security-admin]", "roles: [security-admin, audit-admin]")), "FOUND-03 person/secadmin");
  EXPECT_EQ(refusal(file("  - {by: genesis, on: $seat-secadmin, do: confirm}\n", "")), "FOUND-03 security-admin");
}

TEST_F(FoundingOfAHouse, RefusesStepsThatAreNotAFoundingAndNamesTheLine) {
  const auto path = (place_ / "founding.yaml").string();
  EXPECT_EQ(refusal(file("{by: genesis, on: $seat-sysadmin", "{by: system, on: $seat-sysadmin")),
            "FOUND-02 " + path + ":11");
  EXPECT_EQ(refusal(file("on: $seat-sysadmin", "on: appointment/another")), "FOUND-02 " + path + ":11");
  EXPECT_EQ(refusal(file("create: office", "create: ministry")), "FOUND-02 " + path + ":7");
  EXPECT_EQ(refusal(file("region: '350124'", "region: '999999'")).substr(0, 5), "EN-09") << "what an institution refuses";
  EXPECT_EQ(refusal(file("given:", "give:")), "FOUND-01 " + path);
  EXPECT_EQ(refusal(place_ / "none.yaml"), "failure");
}
