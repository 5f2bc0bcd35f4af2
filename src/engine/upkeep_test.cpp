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

// By the two posts that a pack-change needs after it was proposed.
void put_in_force(House& house, const std::string& change) {
  for (const auto& [who, what] : {std::pair{"person/gao", "endorse"}, {"person/chen", "put-in-force"}}) {
    engine::Command command;
    command.id = base::to_hex(house.random.bytes32()).substr(0, 32);
    command.actor = who;
    command.record = change;
    command.action = what;
    command.sig = log::LeafSignature{"session", "", "AA"};
    const auto done = house.engine->call(command);
    ASSERT_TRUE(done) << base::explain(done.trouble());
  }
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
    const auto kept =
        house.store->await_file(read(house.pack->folder() + "/worlds/versions/delegation-2.yaml"), "person/editor");
    ASSERT_TRUE(kept);
    hash = *kept;
    ASSERT_TRUE(house.store->await_file("handed in, and cited by no act", "person/editor"));
    const auto change = house.act("person/deng", "pack-change", "",
                                  {{"file", hash}, {"effective", "2011-04-01"}, {"reason", "缩短"}, {"trial", "0 failed"}});
    ASSERT_TRUE(change) << base::explain(change.trouble());
    EXPECT_EQ(*house.store->purge_files(-1'000), 1U) << "the file that the change cites is purged no more";
    pass(house, clock, base::Time{1'300'000'000'000 + 10 * base::k_day});
    ASSERT_NO_FATAL_FAILURE(put_in_force(house, *change));
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

TEST(Upkeep, ARuleOfTheWatchComesIntoForceByTwoPostsAndWhatLiesOnDiskChangesNothing) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});  // 2011-03-13
  const std::string name = "unconfirmed-deal";
  const auto in_force = [&name](House& house) {
    for (const auto& rule : house.engine->rules()) {
      if (rule.name == name) return rule;
    }
    return institution::RuleFile{};
  };
  std::string hash;
  {
    House house(folder, clock, false);
    people(house);
    const auto first = in_force(house);
    ASSERT_FALSE(first.bytes.empty());
    EXPECT_EQ(house.engine->rules().size(), house.pack->rule_files().size());
    hash = *house.store->keep_file(read(house.pack->folder() + "/worlds/versions/unconfirmed-deal-off.yaml"));
    const auto propose = [&] {
      return house.act("person/deng", "pack-change", "",
                       {{"file", hash}, {"effective", "2011-04-01"}, {"reason", "误报"}, {"trial", "0 failed"}});
    };
    EXPECT_EQ(propose().refusal().code, "PACK-10") << "nobody here can say whether it runs";
    house.engine->read_rules_with([](const institution::RuleFile& one, const auto&) {
      return base::Result<engine::RuleRead>(engine::RuleRead{one.name, {"online-rules-fj"}});
    });
    const auto change = propose();
    ASSERT_TRUE(change) << base::explain(change.trouble());
    EXPECT_EQ(house.record(*change).fields.text("of"), "watch/" + name);
    EXPECT_EQ(house.record(*change).fields.text("was"), first.hash);
    pass(house, clock, base::Time{1'300'000'000'000 + 10 * base::k_day});
    ASSERT_NO_FATAL_FAILURE(put_in_force(house, *change));
    EXPECT_EQ(in_force(house).hash, first.hash) << "until its day the old one runs";
    const auto number = house.engine->rules_version();
    pass(house, clock, base::Time{1'300'000'000'000 + 20 * base::k_day});
    EXPECT_EQ(in_force(house).hash, hash);
    EXPECT_GT(house.engine->rules_version(), number);
    EXPECT_EQ(*house.store->file(first.hash), first.bytes) << "the old one stays for what was then";
  }
  // The pack on disk still holds the first: a start takes what the log put in force.
  House again(folder, clock, false);
  EXPECT_EQ(in_force(again).hash, hash);
  EXPECT_NE(in_force(again).bytes.find("off: true"), std::string::npos);
  fs::remove_all(folder);
}

// The second version with a figure that nothing reads yet, so that it has to be counted.
std::string version_with_a_new_figure(const House& house) {
  auto bytes = read(house.pack->folder() + "/worlds/versions/delegation-2.yaml");
  const std::string fact = "  posts_of_office: {count: post, where: {office: the_post.office}}\n  the_post: {ref: post}\n";
  const std::string check =
      "    - {code: DG-77, that: 'posts_of_office < 100', say: {zh: 岗位过多, en: Too many posts}, law: {rule: "
      "landglass}}\n";
  if (const auto facts = bytes.find("\nfacts:\n"); facts != std::string::npos) {
    bytes.insert(facts + 8, fact);
  } else {
    bytes.insert(bytes.find("create:\n"), "facts:\n" + fact);
  }
  bytes.insert(bytes.find("    - {code: DG-01"), check);
  return bytes;
}

// Every table as a rebuild makes it.
void expect_rebuilt_alike(House& house) {
  const auto before = house.store->table_hashes();
  ASSERT_TRUE(before);
  house.engine.reset();
  const auto events = engine::Engine::rebuild(House::settings(), *house.store, *house.pack, {});
  ASSERT_TRUE(events) << base::explain(events.trouble());
  const auto after = house.store->table_hashes();
  ASSERT_TRUE(after);
  for (const auto& [table, value] : *before) {
    if (table == "seen") continue;  // the digest of a body stands in no leaf
    EXPECT_EQ(after->at(table), value) << table;
  }
}

TEST(Upkeep, OfAProposalThatIsRefusedNothingStays) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(folder, clock, false);
  people(house);
  const auto versions = house.pack->versions("delegation").size();
  const auto tallies = house.store->table_hashes()->at("tallies");
  const auto hash = *house.store->keep_file(version_with_a_new_figure(house));
  const auto propose = [&](const char* who, const std::string& file, const char* from) {
    return house.act(who, "pack-change", "",
                     {{"file", file}, {"effective", from}, {"reason", "缩短"}, {"trial", "0 failed"}});
  };
  EXPECT_EQ(propose("person/wu", hash, "2011-04-01").refusal().code, "EN-04");
  EXPECT_EQ(propose("party/nobody", hash, "2011-04-01").refusal().code, "EN-04");
  EXPECT_EQ(propose("person/deng", hash, "2011-03-14").refusal().code, "PC-02") << "read, and refused for another reason";
  const auto large = *house.store->keep_file(std::string(std::size_t{2} << 20, '#'));
  EXPECT_EQ(propose("person/deng", large, "2011-04-01").refusal().code, "PACK-10");
  while (house.engine->step()) {
  }
  EXPECT_EQ(house.pack->versions("delegation").size(), versions);
  EXPECT_EQ(house.store->table_hashes()->at("tallies"), tallies);
  expect_rebuilt_alike(house);
  fs::remove_all(folder);
}

TEST(Upkeep, FiguresOfAProposalAreCountedOnceAlsoWhereTheHouseEndedBefore) {
  for (const bool ended : {false, true}) {
    const auto folder = fresh_folder();
    base::VirtualClock clock(base::Time{1'300'000'000'000});
    std::string hash;
    {
      House house(folder, clock, false);
      people(house);
      hash = *house.store->keep_file(version_with_a_new_figure(house));
      const auto stands =
          house.act("person/deng", "pack-change", "",
                    {{"file", hash}, {"effective", "2011-04-01"}, {"reason", "缩短"}, {"trial", "0 failed"}});
      ASSERT_TRUE(stands) << base::explain(stands.trouble());
      while (!ended && house.engine->step()) {
      }
    }
    House again(folder, clock, false);
    while (again.engine->step()) {
    }
    EXPECT_NE(again.pack->by_hash(hash), nullptr);
    again.seat("he", "deputy", "office/gov", JsonArray{"director"});
    const auto key = "n:post";
    int kept = 0;
    const auto reader = again.store->reader(store::Sight::internal);
    ASSERT_TRUE(reader);
    const auto rows = (*reader)->query("SELECT key, value FROM tallies", {});
    ASSERT_TRUE(rows);
    for (const auto& row : *rows) {
      if (row[0].as_string().starts_with(key) && row[0].as_string().find("office/gov") != std::string::npos) {
        EXPECT_EQ(row[1].as_int(), 7) << row[0].as_string();
        ++kept;
      }
    }
    EXPECT_EQ(kept, 1);
    expect_rebuilt_alike(again);
    fs::remove_all(folder);
  }
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
