// What leaves ask of the house: a version put in force, a person's values erased; also after a restart and a rebuild.
#include <fstream>
#include <iterator>

#include "engine/test_house.hpp"

using namespace landglass;
using base::JsonArray;
using base::JsonObject;
using engine::test::fresh_folder;
using engine::test::House;
namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Every file of the store that holds these bytes.
std::vector<std::string> files_with(const fs::path& folder, const std::string& bytes) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && read(entry.path()).find(bytes) != std::string::npos) found.push_back(entry.path());
  }
  return found;
}

void pass(House& house, base::VirtualClock& clock, base::Time until) {
  for (;;) {
    while (house.engine->step()) {
    }
    const auto due = house.engine->next_due();
    if (!due || *due > until) break;
    if (*due > clock.now()) clock.set(*due);
  }
  clock.set(until);
  while (house.engine->step()) {
  }
}

void people(House& house) {
  ASSERT_TRUE(house.act("genesis", "office", "",
                        {{"key", "gov"}, {"name", "局"}, {"short", "局"}, {"region", "350124"}, {"kind", "resources"}}));
  house.seat("deng", "editor", "office/gov", JsonArray{"pack-editor"});
  house.seat("gao", "legal", "office/gov", JsonArray{"legal"});
  house.seat("chen", "discipline", "office/gov", JsonArray{"discipline"});
  house.seat("wu", "director", "office/gov", JsonArray{"director"});
  house.seat("feng", "secadmin", "office/gov", JsonArray{"security-admin"});
  house.seat("yu", "auditadmin", "office/gov", JsonArray{"audit-admin"});
}

const JsonObject k_loan{{"post", "post/director"}, {"to_person", "person/gao"}, {"from", "2011-03-20"}, {"reason", "出差"}};
JsonObject loan(const char* until) {
  auto fields = k_loan;
  fields["until"] = until;
  return fields;
}

}  // namespace

TEST(Upkeep, AVersionPutInForceByTwoPostsRulesNewRecordsAlsoAfterARestartAndARebuild) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});  // 2011-03-13
  std::string running;
  std::string hash;
  {
    House house(folder, clock, false);
    people(house);
    running = *house.act("person/wu", "delegation", "", loan("2011-06-01"));
    const auto kept = house.store->keep_file(read(house.pack->folder() + "/worlds/versions/delegation-2.yaml"));
    ASSERT_TRUE(kept);
    hash = *kept;
    const auto change = house.act("person/deng", "pack-change", "",
                                  {{"file", hash}, {"effective", "2011-04-01"}, {"reason", "缩短"}, {"trial", "0 failed"}});
    ASSERT_TRUE(change) << base::explain(change.trouble());
    pass(house, clock, base::Time{1'300'000'000'000 + 10 * base::k_day});
    for (const auto& [who, what] : {std::pair{"person/gao", "endorse"}, {"person/chen", "put-in-force"}}) {
      engine::Command command;
      command.id = base::to_hex(house.random.bytes32()).substr(0, 32);
      command.actor = who;
      command.record = *change;
      command.action = what;
      command.sig = log::LeafSignature{"session", "", "AA"};
      const auto done = house.engine->call(command);
      ASSERT_TRUE(done) << base::explain(done.trouble());
    }
    EXPECT_NE(house.pack->current("delegation")->hash, hash);
    EXPECT_TRUE(house.act("person/wu", "delegation", "", loan("2011-06-01"))) << "until its day the old one rules";
    pass(house, clock, base::Time{1'300'000'000'000 + 20 * base::k_day});
    EXPECT_EQ(house.record(*change).state, "in_force");
    EXPECT_EQ(house.pack->current("delegation")->hash, hash);
    EXPECT_EQ(house.act("person/wu", "delegation", "", loan("2011-06-01")).refusal().code, "DG-01");
    EXPECT_EQ(house.record(running).file, hash);
    EXPECT_EQ(house.record(running).fields.text("note"), "转入第二版");
  }
  House again(folder, clock, false);
  EXPECT_EQ(again.pack->current("delegation")->hash, hash);
  EXPECT_EQ(again.act("person/wu", "delegation", "", loan("2011-06-01")).refusal().code, "DG-01");
  const auto before = again.store->table_hashes();
  ASSERT_TRUE(before);
  again.engine.reset();
  const auto events = engine::Engine::rebuild(House::settings(), *again.store, *again.pack, {});
  ASSERT_TRUE(events) << base::explain(events.trouble());
  const auto after = again.store->table_hashes();
  ASSERT_TRUE(after);
  for (const auto& [table, value] : *before) {
    if (table == "seen") continue;  // the digest of a body stands in no leaf
    EXPECT_EQ(after->at(table), value) << table;
  }
  fs::remove_all(folder);
}

TEST(Upkeep, AnErasedValueIsInNoFileAndReadsErasedAlsoAfterARebuild) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(folder, clock, false);
  people(house);
  const std::string name = "欧阳某甲乙丙丁戊";
  const std::string other = "司马某子丑寅卯";
  ASSERT_TRUE(house.act("genesis", "party", "", {{"key", "p"}, {"kind", "person"}, {"name", name}, {"contact", "c"}}));
  ASSERT_TRUE(house.act("genesis", "party", "", {{"key", "q"}, {"kind", "person"}, {"name", other}}));
  EXPECT_FALSE(files_with(folder, name).empty()) << "else this test could not fail";
  const auto erasure =
      house.act("person/feng", "erasure", "", {{"subject", "party/p"}, {"cause", "request"}, {"reason", "本人申请"}});
  ASSERT_TRUE(erasure) << base::explain(erasure.trouble());
  ASSERT_TRUE(house.act("person/yu", *erasure, "approve"));
  EXPECT_EQ(house.record("party/p").fields.text("name"), name);
  pass(house, clock, base::Time{clock.now().ms + base::k_day});
  EXPECT_EQ(house.record(*erasure).state, "carried_out");

  const base::Json erased(JsonObject{{"erased", true}});
  const auto check = [&](const char* when) {
    for (const auto* field : {"name", "contact", "number"})
      EXPECT_EQ(house.record("party/p").fields.at(field), erased) << when << ": " << field;
    EXPECT_EQ(house.record("party/q").fields.text("name"), other) << when;
    EXPECT_TRUE(files_with(folder, name).empty()) << when << ": " << files_with(folder, name).front();
    EXPECT_FALSE(files_with(folder, other).empty()) << when;
  };
  // The leaf of an erasure says whose, by a name that means nobody outside, and no value.
  check("live");
  const auto before = house.store->table_hashes();
  house.engine.reset();
  ASSERT_TRUE(engine::Engine::rebuild(House::settings(), *house.store, *house.pack, {}));
  const auto after = house.store->table_hashes();
  for (const auto& [table, value] : *before) {
    if (table == "seen") continue;  // the digest of a body stands in no leaf
    EXPECT_EQ(after->at(table), value) << table;
  }
  EXPECT_TRUE(files_with(folder, name).empty());
  fs::remove_all(folder);
}
