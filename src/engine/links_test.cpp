// What ties institutions together: files that say it wrongly are refused with their line; a hidden actor stands in no leaf.
#include <fstream>

#include "engine/scenario.hpp"
#include "engine/test_house.hpp"

using namespace landglass;
using engine::test::fresh_folder;
using engine::test::House;
namespace fs = std::filesystem;

namespace {

// A file that loads, with one part put in place of another.
std::string file_with(const std::string& from, const std::string& to) {
  std::string text = R"(institution: thing
title: {zh: 物, en: Thing}
version: 1
effective: 2007-01-01
row: [E4]
record:
  properties:
    shown: {title: {zh: 公开, en: Shown}, type: text}
    secret: {title: {zh: 不公开, en: Secret}, type: text, private: true, seen_by: [clerk]}
    about: {title: {zh: 事项, en: Matter}, type: ref, of: any}
facts:
  matter: {ref: about}
  others: {all: thing, where: {shown: shown}}
  how_many: {count: thing, where: {shown: shown}}
open_to:
  thing: {in: [begun], actions: [go]}
held_with: [{by: others, actions: [go]}]
slip: [secret]
create: {title: {zh: 立, en: Make}, by: [clerk], give: [shown, secret, about]}
initial: begun
states:
  begun:
    title: {zh: 始, en: Begun}
    verbs: [{return: {by: [clerk], with: others, resubmit: ['@about']}}]
    actions:
      go: {title: {zh: 行, en: Go}, by: [clerk], hidden: true, check: [{code: T-1, that: "'thing' in matter.open_to", say: {zh: 否, en: No}}], to: done}
  done: {title: {zh: 终, en: Done}, final: true}
)";
  if (from.empty()) return text;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string trouble_of(const std::string& text) {
  const fs::path folder = fresh_folder();
  fs::create_directories(folder / "base");
  std::ofstream(folder / "base" / "thing.yaml") << text;
  const auto pack = institution::Pack::load(folder, folder / "none");
  fs::remove_all(folder);
  return pack ? std::string() : base::explain(pack.trouble());
}

}  // namespace

TEST(Links, AFileThatSaysThemWronglyIsRefusedAndSaysWhere) {
  EXPECT_EQ(trouble_of(file_with("", "")), "");
  EXPECT_EQ(
      trouble_of(file_with("{count: thing, where: {shown: shown}}", "{count: thing, where: {shown: '[shown, secret]'}}")),
      "");
  const struct {
    const char* from;
    const char* to;
    const char* says;
  } wrong[] = {
      {"row: [E4]", "row: [E44x1]", "a row is such as A1"},
      {"row: [E4]", "row: [G1]", "a row is such as A1"},
      {"row: [E4]", "row: [A01]", "a row is such as A1"},
      {"thing: {in: [begun]", "nothing: {in: [begun]", "no such institution in the pack: nothing"},
      {"in: [begun], actions", "in: [elsewhere], actions", "no such state: elsewhere"},
      {"in: [begun], actions: [go]", "in: [begun], actions: [fly]", "no such action: fly"},
      {"in: [begun], actions: [go]", "actions: [go]", "open_to says in which states"},
      {"{by: others, actions: [go]}", "{by: how_many, actions: [go]}", "held_with names a fact"},
      {"{by: others, actions: [go]}", "{by: matter, actions: [go]}", "held_with names a fact"},
      {"{by: others, actions: [go]}", "{by: others}", "held_with says which actions"},
      {"slip: [secret]", "slip: [shown]", "a slip opens private fields"},
      {"private: true, seen_by", "seen_by", "seen_by is for private fields"},
      {"hidden: true", "hidden: 'true'", "true or false is expected"},
      {"hidden: true", "hidden: true, signed: true", "neither signed nor joint"},
      {"by: [clerk], hidden: true", "by: [clerk], joint: 12", "joint is 1 to 9"},
      {"by: [clerk], hidden: true", "by: [clerk], joint: [clerk, king]", "king is not in `by`"},
      {"by: [clerk], hidden: true", "by: [clerk], joint: [clerk]", "joint lists 2 to 9"},
      {"by: [clerk], hidden: true", "by: [clerk, '@about'], joint: [clerk, clerk]", "has no place in joint: @about"},
      {"by: [clerk], hidden: true", "by: [clerk, party], joint: [clerk, party]", "not party"},
      {"by: [clerk], hidden: true", "by: [clerk], joint: [clerk, clerk], hidden: true", "neither signed nor joint"},
      {"with: others", "with: nobody", "a fact that is not declared"},
      {"return: {by: [clerk], with: others, resubmit: ['@about']}", "remind: {by: [clerk], with: others}", "of return"},
      {"matter.open_to", "matter.shown", "LAW-02"},
      {"{count: thing, where: {shown: shown}}", "{one: thing, where: {shown: '[shown]'}}", "found by a single value"},
      {"en: Shown}, type: text}", "en: Shown}, type: list, items: {title: {zh: 项, en: Item}, type: text}}",
       "nothing is found by a field that is a list"},
  };
  for (const auto& one : wrong) {
    const auto trouble = trouble_of(file_with(one.from, one.to));
    EXPECT_NE(trouble.find(one.says), std::string::npos) << one.to << " gave: " << trouble;
    EXPECT_NE(trouble.find("thing.yaml:"), std::string::npos) << trouble;
  }
}

TEST(Links, WhoMayReadAFieldIsARoleOfThePackAndAFieldOfTheRecord) {
  const fs::path folder = fresh_folder();
  fs::create_directories(folder / "base");
  fs::create_directories(folder / "codes");
  std::ofstream(folder / "codes" / "roles.yaml") << "values:\n  clerk: {zh: 员, en: Clerk}\n";
  std::ofstream(folder / "base" / "thing.yaml")
      << file_with("seen_by: [clerk]", "seen_by: [king, {role: clerk, at: shown, when: shown}]");
  auto pack = institution::Pack::load(folder, folder / "none");
  ASSERT_TRUE(pack) << base::explain(pack.trouble());
  std::string all;
  for (const auto& line : engine::inconsistencies(**pack, {})) all += line + "\n";
  for (const auto* fault :
       {"secret: seen_by: no role king", "secret: seen_by: no ref field shown", "secret: seen_by: no boolean field shown"})
    EXPECT_NE(all.find(fault), std::string::npos) << fault << "\n" << all;
  fs::remove_all(folder);
}

TEST(Links, AHiddenActorStandsInNoLeafAndARebuildSaysTheSame) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'665'363'600'000});  // 2022-10-10
  House house(folder, clock, false);
  ASSERT_TRUE(house.act("genesis", "office", "",
                        {{"key", "zrzy"}, {"name", "局"}, {"short", "资"}, {"region", "350124"}, {"kind", "resources"}}));
  house.seat("zhou", "survey", "office/zrzy", base::JsonArray{"surveyor"});
  ASSERT_TRUE(house.act("genesis", "party", "", {{"key", "chen-of-xinmin"}, {"kind", "person"}, {"name", "陈某"}}));
  const auto parcel = house.act("person/zhou", "parcel", "",
                                {{"parcel_code", "350124001002JA00001"},
                                 {"region", "350124"},
                                 {"location", "新民村"},
                                 {"area", "100.00"},
                                 {"use", "transport"}});
  ASSERT_TRUE(parcel) << base::explain(parcel.trouble());
  const auto from = *house.store->leaf_count(log::Tree::open);
  const auto petition = house.act("party/chen-of-xinmin", "petition", "",
                                  {{"region", "350124"}, {"kind", "ownership"}, {"parcel", *parcel}, {"statement", "权属"}});
  ASSERT_TRUE(petition) << base::explain(petition.trouble());
  ASSERT_TRUE(house.act("party/chen-of-xinmin", *petition, "open-name"));
  EXPECT_EQ(house.act("party/other", *petition, "close").refusal().code, "EN-04");
  ASSERT_TRUE(house.act("party/chen-of-xinmin", *petition, "close"));
  const auto leaves = house.store->leaves(log::Tree::open, from, 10);
  ASSERT_TRUE(leaves);
  ASSERT_EQ(leaves->size(), 3U);
  for (const auto& leaf : *leaves) EXPECT_EQ(leaf.find("chen-of-xinmin"), std::string::npos) << leaf;
  EXPECT_EQ(house.record(*petition).fields.text("petitioner"), "party/chen-of-xinmin");

  const auto before = house.store->table_hashes();
  ASSERT_TRUE(before);
  house.engine.reset();
  ASSERT_TRUE(engine::Engine::rebuild(House::settings(), *house.store, *house.pack, {}));
  const auto after = house.store->table_hashes();
  ASSERT_TRUE(after);
  for (const auto& [table, value] : *before) {
    if (table == "seen") continue;  // the digest of a body stands in no leaf
    EXPECT_EQ(after->at(table), value) << table;
  }
  fs::remove_all(folder);
}
