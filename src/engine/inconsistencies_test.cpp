// A pack with one fault of each kind: `landglass check` names each with its file.
#include <fstream>

#include "engine/scenario.hpp"
#include "engine/test_house.hpp"

using namespace landglass;
namespace fs = std::filesystem;

namespace {

constexpr const char* k_sound_file = R"(institution: thing
title: {zh: 物, en: Thing}
version: 1
effective: 2007-01-01
basis: [{rule: known}, {rule: unheard}]
record:
  required: []
  properties:
    other: {title: {zh: 他物, en: Other}, type: ref, of: thing}
    word: {title: {zh: 言, en: Word}, type: text, private: true, subject: self, seen_by: [clerk, herald]}
facts:
  gone: {count: thing, where: {other: id, state: [vanished]}}
create: {title: {zh: 立, en: Make}, by: [clerk]}
initial: begun
states:
  begun:
    title: {zh: 始, en: Begun}
    actions:
      go: {title: {zh: 行, en: Go}, by: [emperor], not: [never], check: [{code: TH-01, that: 'gone == 0', say: {zh: 否, en: No}, law: {rule: unseen}}], to: nowhere}
      take: {title: {zh: 取, en: Take}, by: ['@owner', 'via:thing', 'via:nothing'], paper: unprinted}
    after: [{name: late, in: 5日, raise: {code: TH-02, say: {zh: 迟, en: Late}, law: {rule: unread}}}]
  lost: {title: {zh: 失, en: Lost}}
)";

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST(Inconsistencies, EachIsNamedWithItsFile) {
  const fs::path folder = engine::test::fresh_folder();
  write(folder / "rules.yaml", "known: {title: {zh: 法, en: Law}, sure: found}\n");
  write(folder / "codes" / "roles.yaml", "values:\n  clerk: {zh: 员, en: Clerk}\n");
  write(folder / "base" / "thing.yaml", k_sound_file);
  auto pack = institution::Pack::load(folder, folder / "none");
  ASSERT_TRUE(pack) << base::explain(pack.trouble());
  const auto list = engine::inconsistencies(**pack, {});
  std::string all;
  for (const auto& line : list) {
    EXPECT_NE(line.find("base/thing.yaml: "), std::string::npos) << line;
    all += line + "\n";
  }
  for (const auto* fault :
       {"the rule unheard is not in rules.yaml", "the rule unseen is not", "the rule unread is not",
        "thing has no state vanished", "go: nobody may do it as emperor: no role emperor", "word: seen_by: no role herald",
        "take: nobody may do it as @owner: no field owner", "take: nobody may do it as via:thing: thing never does it",
        "via:nothing: no institution nothing", "go: not: no action never", "TH-01 has no scenario", "TH-02 has no scenario",
        "the action go has no scenario", "the action create has no scenario", "the state lost cannot be reached",
        "the state lost is a dead end", "go: no state nowhere", "no template papers/unprinted.paper",
        "late: its term is a number of the file, not a parameter"})
    EXPECT_NE(all.find(fault), std::string::npos) << fault << "\n" << all;
  fs::remove_all(folder);
}

TEST(Inconsistencies, ACodeMeansOneThingInTheWholePack) {
  const fs::path folder = engine::test::fresh_folder();
  write(folder / "rules.yaml", "known: {title: {zh: 法, en: Law}, sure: found}\n");
  write(folder / "codes" / "roles.yaml", "values:\n  clerk: {zh: 员, en: Clerk}\n");
  write(folder / "base" / "thing.yaml", k_sound_file);
  std::string other = k_sound_file;
  other.replace(other.find("institution: thing"), 18, "institution: other");
  other.replace(other.find("TH-02"), 5, "OR-02");
  write(folder / "base" / "other.yaml", other);
  auto pack = institution::Pack::load(folder, folder / "none");
  ASSERT_TRUE(pack) << base::explain(pack.trouble());
  std::string all;
  for (const auto& line : engine::inconsistencies(**pack, {})) all += line + "\n";
  EXPECT_NE(all.find("TH-01 stands in "), std::string::npos) << all;
  EXPECT_EQ(all.find("TH-02 stands in "), std::string::npos) << all;
  fs::remove_all(folder);
}
