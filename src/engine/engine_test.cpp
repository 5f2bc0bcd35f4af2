#include "engine/engine.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace landglass;
using engine::Command;
using engine::Engine;

namespace {

namespace fs = std::filesystem;

const std::string k_pack = std::string(LG_SOURCE_DIR) + "/packs/cn-land";
const std::string k_data = std::string(LG_SOURCE_DIR) + "/build/data";

std::string fresh_folder() {
  std::string name = fs::temp_directory_path() / "landglass-engine-XXXXXX";
  return ::mkdtemp(name.data());
}

struct House {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<institution::Pack> pack;
  base::SystemRandom random;
  std::unique_ptr<Engine> engine;

  House(const std::string& folder, base::Clock& clock, bool threaded) {
    auto loaded = institution::Pack::load(k_pack, k_data);
    EXPECT_TRUE(loaded) << base::explain(loaded.trouble());
    pack = std::move(*loaded);
    store::StoreOptions options;
    options.folder = folder + "/data";
    options.key_file = folder + "/vault.key";
    auto opened = store::open_sqlite(options);
    EXPECT_TRUE(opened) << base::explain(opened.trouble());
    store = std::move(*opened);
    engine::Options settings;
    settings.origin = "test.invalid/log";
    settings.threaded = threaded;
    std::array<std::uint8_t, 32> seed{};
    auto started =
        Engine::start(settings, *store, *pack, {}, clock, random, log::Signer(settings.origin, log::KeyKind::log, seed));
    EXPECT_TRUE(started) << base::explain(started.trouble());
    engine = std::move(*started);
  }
  ~House() {
    engine.reset();
    store.reset();
  }
};

Command office(const std::string& key) {
  Command command;
  command.id = base::to_hex(base::sha256(base::as_bytes(key))).substr(0, 32);
  command.institution = "office";
  command.actor = "genesis";
  command.fields = {{"key", key}, {"name", "某局"}, {"short", "某"}, {"region", "350124"}, {"kind", "resources"}};
  return command;
}
Command person(const std::string& key, const std::string& name) {
  Command command;
  command.id = base::to_hex(base::sha256(base::as_bytes("person" + key))).substr(0, 32);
  command.institution = "person";
  command.actor = "genesis";
  command.fields = {{"key", key}, {"name", name}};
  return command;
}

}  // namespace

TEST(Engine, AnswersWithALeafThatItsCheckpointProves) {
  const auto folder = fresh_folder();
  base::SystemClock clock;
  House house(folder, clock, true);
  const auto answer = house.engine->call(office("a"));
  ASSERT_TRUE(answer) << base::explain(answer.trouble());
  const auto note = log::parse_checkpoint(answer->head->checkpoint);
  ASSERT_TRUE(note);
  const auto proof = answer->head->frontier.inclusion(answer->seq, nullptr);
  ASSERT_TRUE(proof);
  EXPECT_TRUE(log::verify_inclusion(answer->seq, note->head.size, log::leaf_hash(answer->leaf), *proof, note->head.root));
  fs::remove_all(folder);
}

TEST(Engine, TheSameCommandTwiceIsOneLeafAndAnotherBodyUnderItsIdIsRefused) {
  const auto folder = fresh_folder();
  base::SystemClock clock;
  House house(folder, clock, true);
  const auto first = house.engine->call(office("a"));
  const auto again = house.engine->call(office("a"));
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(again->again);
  EXPECT_EQ(again->seq, first->seq);
  auto other = office("a");
  other.fields["name"] = "另一局";
  const auto refused = house.engine->call(other);
  ASSERT_TRUE(refused.refused());
  EXPECT_EQ(refused.refusal().code, "ENG-03");
  fs::remove_all(folder);
}

TEST(Engine, AFullQueueSaysSoAndLosesNothing) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(folder, clock, false);
  int full = 0;
  int done = 0;
  for (int i = 0; i < 5'000; ++i) {
    house.engine->submit(office("o" + std::to_string(i)),
                         [&](base::Result<engine::Answer> answer) { (answer ? done : full) += 1; });
  }
  EXPECT_EQ(full, 5'000 - 4'096);
  while (house.engine->step()) {
  }
  EXPECT_EQ(done, 4'096);
  fs::remove_all(folder);
}

TEST(Engine, RebuildingMakesTheSameTables) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(folder, clock, false);
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(house.engine->call(office("o" + std::to_string(i))));
    ASSERT_TRUE(house.engine->call(person("p" + std::to_string(i), "王某" + std::to_string(i))));
  }
  const auto before = house.store->table_hashes();
  ASSERT_TRUE(before);
  house.engine.reset();
  engine::Options settings;
  settings.origin = "test.invalid/log";
  settings.threaded = false;
  const auto events = Engine::rebuild(settings, *house.store, *house.pack, {});
  ASSERT_TRUE(events) << base::explain(events.trouble());
  EXPECT_EQ(*events, 400U);
  const auto after = house.store->table_hashes();
  ASSERT_TRUE(after);
  for (const auto& [table, hash] : *before) {
    if (table == "seen") continue;  // the digest of a body is operational: no leaf holds it
    EXPECT_EQ(after->at(table), hash) << table;
  }
  fs::remove_all(folder);
}

TEST(Engine, ANameStandsNeitherInTheLogNorInThePublicTables) {
  const auto folder = fresh_folder();
  base::SystemClock clock;
  {
    House house(folder, clock, true);
    ASSERT_TRUE(house.engine->call(person("p1", "欧阳某甲乙丙")));
    auto reader = house.store->reader(store::Sight::open);
    ASSERT_TRUE(reader);
    const auto leaf = (*reader)->leaf(log::Tree::open, 0);
    ASSERT_TRUE(leaf && *leaf);
    EXPECT_EQ((**leaf).find("欧阳某甲乙丙"), std::string::npos);
    EXPECT_NE((**leaf).find("\"commit\""), std::string::npos);
    const auto rows = (*reader)->query("SELECT doc FROM person_public", {});
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ((*rows)[0][0].as_string().find("欧阳某甲乙丙"), std::string::npos);
    EXPECT_TRUE((*reader)->query("SELECT doc FROM person", {}).refused());
  }
  fs::remove_all(folder);
}

// The plug is pulled (SIGKILL) at a random point, again and again; whatever was acknowledged must be there and proven.
TEST(Engine, WhatWasAcknowledgedSurvivesAKill) {
  const int times = std::getenv("LG_KILLS") != nullptr ? std::atoi(std::getenv("LG_KILLS")) : 12;
  const auto folder = fresh_folder();
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < times; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const auto child = ::fork();
    if (child == 0) {
      base::SystemClock clock;
      House house(folder, clock, true);
      for (int i = 0;; ++i) {
        const auto key = "r" + std::to_string(round) + "-" + std::to_string(i);
        const auto answer = house.engine->call(office(key));
        if (!answer) ::_exit(3);
        const auto line = std::to_string(answer->seq) + " " + base::to_hex(log::leaf_hash(answer->leaf)) + "\n";
        if (::write(pipe_ends[1], line.data(), line.size()) < 0) ::_exit(4);
      }
    }
    ::close(pipe_ends[1]);
    ::usleep(static_cast<useconds_t>(150'000 + (round * 37'000) % 200'000));
    ::kill(child, SIGKILL);
    std::string told;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
      told.append(buffer, static_cast<std::size_t>(n));
    ::close(pipe_ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    base::SystemClock clock;
    House house(folder, clock, false);
    auto reader = house.store->reader(store::Sight::open);
    ASSERT_TRUE(reader);
    std::istringstream lines(told);
    std::uint64_t seq = 0;
    std::string hash;
    while (lines >> seq >> hash) {
      if (hash.size() != 64) break;  // the line that the kill cut
      const auto leaf = (*reader)->leaf(log::Tree::open, seq);
      ASSERT_TRUE(leaf && *leaf) << "leaf " << seq << " was acknowledged and is gone";
      EXPECT_EQ(base::to_hex(log::leaf_hash(**leaf)), hash);
      ++acknowledged;
    }
  }
  EXPECT_GT(acknowledged, 0U);
  std::printf("%llu acknowledged acts over %d kills, all there\n", static_cast<unsigned long long>(acknowledged), times);
  fs::remove_all(folder);
}
