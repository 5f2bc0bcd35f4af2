#include "engine/engine.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "engine/test_house.hpp"

using namespace landglass;
using engine::Answer;
using engine::Cache;
using engine::Command;
using engine::Engine;
using engine::test::fresh_folder;
using engine::test::House;

namespace {

namespace fs = std::filesystem;

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

TEST(Engine, NobodyMakesADeadlineFallNorActsTomorrow) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(folder, clock, false);
  auto tomorrow = office("a");
  tomorrow.as_of = clock.now() + 1;
  EXPECT_EQ(house.engine->call(tomorrow).refusal().code, "EN-21");
  tomorrow.late_entry = true;
  EXPECT_EQ(house.engine->call(tomorrow).refusal().code, "EN-21") << "nor as an act entered late";
  tomorrow.late_entry = false;
  tomorrow.as_of = clock.now();
  ASSERT_TRUE(house.engine->call(tomorrow));
  for (const auto* who : {"genesis", "person/wu", "party/anybody", "system"})
    EXPECT_EQ(house.act(who, "office/a", "due:tick").refusal().code, "EN-04") << who;
  fs::remove_all(folder);
}

// Each look at it is a millisecond later.
class TickingClock final : public base::Clock {
 public:
  base::Time now() override { return {++ms_}; }

 private:
  std::atomic<std::int64_t> ms_{1'300'000'000'000};
};

// A batch goes on with who comes while it is decided: the time that is kept is that of its last leaf, as a rebuild finds it,
// and not of who was refused after it.
TEST(Engine, TheTimeThatIsKeptIsOfTheLastLeaf) {
  const auto folder = fresh_folder();
  TickingClock clock;
  House house(folder, clock, true, institution::Signing::session, 36'500 * base::k_day, 3'000);
  int later = 0;  // refused in a batch after a leaf of it
  for (int i = 0; i < 100; ++i) {
    const auto key = std::to_string(i);
    auto again = office(key);
    again.id = base::to_hex(base::sha256(base::as_bytes("again" + key))).substr(0, 32);
    std::atomic<int> told = 0;
    const auto batches = house.engine->gauges().batches.load();
    house.engine->submit(office(key), [&](base::Result<Answer> answer) { told += answer ? 1 : 100; });
    house.engine->submit(std::move(again), [&](base::Result<Answer> answer) { told += answer.refused() ? 1 : 100; });
    while (told < 2) std::this_thread::sleep_for(std::chrono::microseconds(50));
    ASSERT_EQ(told, 2);
    house.engine->inspect([&](institution::Registry&, Cache&) {
      const auto count = *house.store->leaf_count(log::Tree::open);
      const auto leaf = log::decode((*house.store->leaves(log::Tree::open, count - 1, 1)).at(0));
      const auto kept = *house.store->meta("projection/last-time");
      ASSERT_TRUE(leaf && kept);
      ASSERT_EQ(base::as_text(*kept), base::format_utc(leaf->time)) << i;
    });
    later += house.engine->gauges().batches.load() == batches + 1 && house.engine->gauges().last_batch.load() == 2 ? 1 : 0;
  }
  EXPECT_GT(later, 0);
  fs::remove_all(folder);
}

// One batch is decided while the one before it is made durable; yet nobody sees what does not last, and answers come in the
// order of the leaves.
TEST(Engine, WhatIsSeenOfARecordIsUnderACheckpointThatWasGivenOut) {
  const auto folder = fresh_folder();
  base::SystemClock clock;
  House house(folder, clock, true, institution::Signing::session, 36'500 * base::k_day, 3'000);
  std::mutex mutex;
  std::vector<std::uint64_t> told;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (int who = 0; who < 4; ++who) {
    callers.emplace_back([&, who] {
      for (int i = 0; i < 25; ++i) {
        const auto key = std::to_string(who) + "-" + std::to_string(i);
        house.engine->submit(office(key), [&](base::Result<Answer> answer) {
          const std::scoped_lock lock(mutex);
          if (!answer || answer->head->size <= answer->seq) {
            ++refused;
          } else {
            told.push_back(answer->seq);
          }
        });
        if (i % 5 == who) std::this_thread::sleep_for(std::chrono::milliseconds(4));
      }
    });
  }
  int looks = 0;
  for (bool all = false; !all; ++looks) {
    house.engine->inspect([&](institution::Registry&, Cache& cache) {
      const auto size = house.engine->head(log::Tree::open)->size;
      for (int who = 0; who < 4; ++who) {
        for (int i = 0; i < 25; ++i) {
          const auto found = cache.find("office/" + std::to_string(who) + "-" + std::to_string(i));
          if (found && *found != nullptr) {
            EXPECT_LT((*found)->last_leaf, size);
          }
        }
      }
    });
    const std::scoped_lock lock(mutex);
    all = told.size() + static_cast<std::size_t>(refused) == 100;
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(refused, 0);
  EXPECT_GT(looks, 1);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  house.engine->stop();
  EXPECT_EQ(told.size(), 100U);
  fs::remove_all(folder);
}

// As the page of a lot does, which opens the vault for the plates of a closed sale.
TEST(Engine, WhoListensMayLookIntoTheStore) {
  const auto folder = fresh_folder();
  base::SystemClock clock;
  House house(folder, clock, true, institution::Signing::session, 36'500 * base::k_day, 3'000);
  std::size_t heard = 0;
  std::vector<std::uint64_t> fewer;
  house.engine->listen([&](const std::vector<engine::Published>& events) {
    for (const auto& event : events) {
      const auto leaves = house.store->leaves(log::Tree::open, 0, event.seq + 1);
      if (!leaves || leaves->size() != event.seq + 1) fewer.push_back(event.seq);
    }
    heard += events.size();
  });
  std::atomic<int> answered = 0;
  for (int i = 0; i < 40; ++i) {
    house.engine->submit(office("l" + std::to_string(i)), [&](const base::Result<Answer>& answer) {
      if (answer) ++answered;
    });
    if (i % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  house.engine->stop();
  EXPECT_EQ(answered, 40);
  EXPECT_EQ(heard, 40U);
  EXPECT_TRUE(fewer.empty());
  fs::remove_all(folder);
}

TEST(Engine, WhoStopsItHasEveryAnswerThatWasWaitedFor) {
  const auto folder = fresh_folder();
  base::SystemClock clock;
  House house(folder, clock, true, institution::Signing::session, 36'500 * base::k_day, 20'000);
  std::atomic<int> answered = 0;
  for (int i = 0; i < 10; ++i) {
    house.engine->submit(office("s" + std::to_string(i)), [&](const base::Result<Answer>& answer) {
      if (answer) ++answered;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  house.engine->stop();
  EXPECT_EQ(answered, 10);
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
  const auto events = Engine::rebuild(House::settings(), *house.store, *house.pack, {});
  ASSERT_TRUE(events) << base::explain(events.trouble());
  EXPECT_EQ(*events, 400U);
  const auto after = house.store->table_hashes();
  ASSERT_TRUE(after);
  for (const auto& [table, hash] : *before) EXPECT_EQ(after->at(table), hash) << table;
  fs::remove_all(folder);
}

TEST(Engine, AfterARebuildACommandSentAgainIsStillOneLeafAndAnotherUnderItsIdRefused) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  {
    House house(folder, clock, false);
    ASSERT_TRUE(house.engine->call(office("a")));
    house.engine.reset();
    engine::Options settings;
    settings.origin = "test.invalid/log";
    settings.threaded = false;
    ASSERT_TRUE(Engine::rebuild(settings, *house.store, *house.pack, {}));
  }
  House house(folder, clock, false);
  const auto again = house.engine->call(office("a"));
  ASSERT_TRUE(again) << base::explain(again.trouble());
  EXPECT_TRUE(again->again);
  auto other = office("a");
  other.fields["name"] = "另一局";
  EXPECT_TRUE(house.engine->call(other).refused());
  other = office("a");
  other.actor = "system";
  EXPECT_TRUE(house.engine->call(other).refused());
  fs::remove_all(folder);
}

// A commitment that the vault does not fit, a leaf that another was put for: found on the way.
TEST(Engine, ARebuildNamesTheLeafWhoseValueInTheVaultIsNotTheCommittedOne) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(folder, clock, false);
  ASSERT_TRUE(house.engine->call(person("p0", "王某")));
  const auto second = house.engine->call(person("p1", "李某"));
  ASSERT_TRUE(second);
  house.engine.reset();
  const auto fell = house.store->erase_subject(second->record);
  ASSERT_TRUE(fell && *fell == 1) << base::explain(fell.trouble());
  ASSERT_TRUE(house.store->begin());
  ASSERT_TRUE(
      house.store->put_secret(log::Tree::open, 1, "name", "person/p1", std::vector<std::uint8_t>(32, 1), "\"赵某\""));
  ASSERT_TRUE(house.store->commit());
  engine::Options settings;
  settings.origin = "test.invalid/log";
  settings.threaded = false;
  const auto rebuilt = Engine::rebuild(settings, *house.store, *house.pack, {});
  ASSERT_TRUE(rebuilt.refused());
  EXPECT_EQ(rebuilt.refusal().code, "LOG-03");
  EXPECT_NE(rebuilt.refusal().where.find("№ 1"), std::string::npos) << rebuilt.refusal().where;
  fs::remove_all(folder);
}

TEST(Engine, AStoreThatWasSetBackDoesNotStartWhereMoreHasBeenSeen) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(folder, clock, false);
  ASSERT_TRUE(house.engine->call(office("a")));
  const auto head = house.engine->head(log::Tree::open);
  house.engine.reset();
  const auto start = [&](std::vector<log::WitnessView> known) {
    engine::Options settings;
    settings.origin = "test.invalid/log";
    settings.threaded = false;
    settings.known = std::move(known);
    std::array<std::uint8_t, 32> seed{};
    return Engine::start(settings, *house.store, *house.pack, {}, clock, house.random,
                         log::Signer(settings.origin, log::KeyKind::log, seed));
  };
  EXPECT_TRUE(start({{"w", 1, head->frontier.root()}}));
  const auto more = start({{"w", 2, head->frontier.root()}});
  ASSERT_TRUE(more.refused());
  EXPECT_EQ(more.refusal().code, "LOG-01");
  const auto other = start({{"w", 1, base::sha256(base::as_bytes("another"))}});
  ASSERT_TRUE(other.refused());
  EXPECT_EQ(other.refusal().code, "LOG-02");
  fs::remove_all(folder);
}

TEST(Engine, AClockSetBackOverAnAnchorDoesNotAnchorThatPeriodTwice) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::parse_time("2012-03-01T01:59:59.900Z").value());
  const auto declare = [](House& house, const char* matter) {
    const auto made = house.act("person/a", "interest", "", {{"relation", "kin"}, {"matter", matter}});
    EXPECT_TRUE(made) << base::explain(made.trouble());
  };
  {
    House house(folder, clock, false, institution::Signing::session, base::k_hour);
    house.seat("a", "p", "office/none", {"organiser"});
    clock.advance(200);
    while (house.engine->step()) {
    }
    declare(house, "parcel/a");  // the sealed tree has grown since
  }
  clock.advance(-200);
  House house(folder, clock, false, institution::Signing::session, base::k_hour);
  clock.advance(200);
  while (house.engine->step()) {
  }
  declare(house, "parcel/b");
  const auto leaves = house.store->leaves(log::Tree::open, 0, 1'000);
  ASSERT_TRUE(leaves);
  const auto anchors = std::count_if(leaves->begin(), leaves->end(),
                                     [](const auto& leaf) { return leaf.find("\"sealed-anchor\"") != std::string::npos; });
  EXPECT_EQ(anchors, 1);
  fs::remove_all(folder);
}

TEST(Engine, AnotherLogKeyIsRefused) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(folder, clock, false);
  house.engine.reset();
  engine::Options settings;
  settings.origin = "test.invalid/log";
  settings.threaded = false;
  std::array<std::uint8_t, 32> seed{};
  seed[0] = 1;
  const auto refused = Engine::start(settings, *house.store, *house.pack, {}, clock, house.random,
                                     log::Signer(settings.origin, log::KeyKind::log, seed));
  ASSERT_TRUE(refused.refused());
  EXPECT_EQ(refused.refusal().code, "ENG-04");
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
