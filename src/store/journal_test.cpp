// What the journal promises: a batch that was committed is there after a kill, whether or not it had come into the tables;
// no batch of another session, behind a gap, or torn; and nothing of who was erased.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <future>
#include <random>
#include <set>
#include <thread>

#include "store/folder.hpp"
#include "store/sqlite.hpp"
#include "store/test_store.hpp"

using namespace landglass;
using namespace landglass::store;

namespace {

namespace fs = std::filesystem;

const base::Bytes k_tile(8192, 9);
const std::string k_commands[] = {"00112233445566778899aabbccddeeff", "10112233445566778899aabbccddeeff"};

StoreOptions at(const TemporaryFolder& folder, const std::string& name) {
  return {.folder = folder / name, .key_file = folder / "vault.key"};
}

// Does it in a process that ends in the middle of everything, with nothing written behind it.
void and_die(const StoreOptions& options, const std::function<void(Store&)>& what) {
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto store = open_sqlite(options);
    if (!store || !(*store)->shape({k_lots})) ::_exit(1);
    what(**store);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Each kind of row: put, put again, erased.
void some_of_everything(Store& store) {
  const auto put_open = [&](const std::string& id) {
    return store.put_public({"land_listing", id, 1, "listed", R"({"open":1})", base::Time{5}, nullptr});
  };
  LG_OK(store.begin());
  LG_OK(store.put_leaf(log::Tree::open, 0, "open 0"));
  LG_OK(store.put_leaf(log::Tree::sealed, 0, "sealed 0"));
  LG_OK(store.put_tile(log::Tree::open, 0, 0, k_tile));
  LG_OK(store.put_tile(log::Tree::sealed, 0, 0, k_tile));
  LG_OK(store.put_secret(log::Tree::open, 0, "winner", "person/1", k_salt, R"({"name":"张三"})"));
  LG_OK(store.put_secret(log::Tree::sealed, 0, "bidder", "person/2", k_salt, "7"));
  LG_OK(put_lot(store, "lot/1", 1, "drafted", 10));
  LG_OK(put_open("lot/1"));
  LG_OK(put_open("lot/2"));
  LG_OK(store.put_sealed("application/1", R"({"a":1})"));
  LG_OK(store.put_chaff(2));
  LG_OK(store.put_timer({base::Time{500}, "lot/1", "close"}));
  LG_OK(store.put_timer({base::Time{900}, "lot/2", "close"}));
  LG_OK(store.put_tally("sold", -4));
  LG_OK(store.put_seen(k_commands[0], {log::Tree::open, 0, "abcd"}));
  LG_OK(store.put_seen(k_commands[1], {log::Tree::sealed, 0, "ef"}));
  LG_OK(store.put_meta("open/checkpoint", base::to_bytes("c")));
  LG_OK(store.put_meta("sealed/frontier", base::to_bytes("s")));
  LG_OK(store.put_meta("projection/last", base::to_bytes("p")));
  LG_OK(store.commit());
  LG_OK(store.begin());
  LG_OK(store.put_leaf(log::Tree::open, 1, "open 1"));
  LG_OK(put_lot(store, "lot/1", 2, "announced", 12));
  LG_OK(store.erase_public("land_listing", "lot/2"));
  LG_OK(store.put_sealed("application/1", R"({"a":2})"));
  LG_OK(store.erase_timer("lot/1", "close"));
  LG_OK(store.put_tally("sold", 3));
  LG_OK(store.put_meta("open/checkpoint", base::to_bytes("d")));
  LG_OK(store.commit());
  LG_OK(store.begin());
  LG_OK(store.erase_public("land_listing", "lot/1"));  // the first of its table in this batch
  LG_OK(store.commit());
}

void expect_everything(Store& store) {
  EXPECT_EQ(value_of(store.leaves(log::Tree::open, 0, 9)), (std::vector<std::string>{"open 0", "open 1"}));
  EXPECT_EQ(value_of(store.leaves(log::Tree::sealed, 0, 9)), std::vector<std::string>{"sealed 0"});
  EXPECT_EQ(value_of(store.tile(log::Tree::open, 0, 0)), k_tile);
  EXPECT_EQ(value_of(store.tile(log::Tree::sealed, 0, 0)), k_tile);
  EXPECT_EQ(value_of(store.secret(log::Tree::open, 0, "winner"))->value.text("name"), "张三");
  EXPECT_EQ(value_of(store.secret(log::Tree::sealed, 0, "bidder"))->value, base::Json(7));
  EXPECT_EQ(value_of(store.record("land_listing", "lot/1")), R"({"state":"announced"})");
  EXPECT_EQ(value_of(store.sealed("application/1")), R"({"a":2})");
  EXPECT_EQ(value_of(store.next_due({900}))->ms, 900);
  EXPECT_EQ(value_of(store.timers_due(base::Time{1000}, 9)).size(), 1U);
  EXPECT_EQ(value_of(store.tally("sold")), 3);
  EXPECT_EQ(value_of(store.seen(log::Tree::open, k_commands[0]))->digest, "abcd");
  EXPECT_EQ(value_of(store.seen(log::Tree::sealed, k_commands[1]))->tree, log::Tree::sealed);
  EXPECT_EQ(value_of(store.meta("open/checkpoint")), base::to_bytes("d"));
  EXPECT_EQ(value_of(store.meta("sealed/frontier")), base::to_bytes("s"));
  EXPECT_EQ(value_of(store.meta("projection/last")), base::to_bytes("p"));
  const auto reader = value_of(store.reader(Sight::internal));
  EXPECT_EQ(value_of(reader->query("SELECT state, region, price FROM land_listing", {})),
            (std::vector<Row>{{"announced", "350100", 12}}));
  EXPECT_TRUE(value_of(reader->query("SELECT id FROM land_listing_public", {})).empty());
}

// Ids of this time, of the past, of times to come and of no time, put and looked for in turn with a store that is closed
// between: whatever shortcut a lookup takes, a command is seen if it was put.
TEST(StoreJournal, ACommandIsSeenWhateverItsIdAndWheneverItCame) {
  const TemporaryFolder folder;
  std::mt19937_64 random(7);
  const auto id_of = [&random](std::uint64_t ms) {
    char id[33];
    std::snprintf(id, sizeof id, "%012llx%020llx", static_cast<unsigned long long>(ms),
                  static_cast<unsigned long long>(random() % 40));  // few, so that many come again
    return std::string(id);
  };
  std::set<std::string> put[2];
  std::vector<std::string> ids;
  std::uint64_t now = 1'790'000'000'000, seq[2] = {0, 0};
  std::size_t again = 0, fresh = 0;
  for (int opening = 0; opening < 4; ++opening) {
    const auto store = opened(at(folder, "ids"));
    for (int batch = 0; batch < 80; ++batch) {
      now += random() % 4 == 0 ? 40'000'000 : 3;
      LG_OK(store->begin());
      for (auto left = random() % 12 + 1; left > 0; --left) {
        const auto kind = random() % 8;
        const auto id = kind == 3 && !ids.empty() ? ids[random() % 2 == 0 ? random() % ids.size() : ids.size() - 1]
                                                  : id_of(kind == 0   ? random() & 0xffffffffffff
                                                          : kind == 1 ? now - random() % 50
                                                          : kind == 2 ? now + 31'536'000'000
                                                                      : now);
        const auto tree = random() % 4 == 0 ? log::Tree::sealed : log::Tree::open;
        auto& there = put[tree == log::Tree::open ? 0 : 1];
        const bool known = there.contains(id);
        ASSERT_EQ(value_of(store->seen(tree, id)).has_value(), known) << id;
        ++(known ? again : fresh);
        if (random() % 30 == 0) {
          value_of(store->meta("open/checkpoint"));  // all of it goes into the tables, within the batch
          if (!ids.empty()) {
            const auto& last = ids.back();
            EXPECT_EQ(value_of(store->seen(log::Tree::open, last)).has_value(), put[0].contains(last)) << last;
          }
        }
        if (known) continue;
        auto& next = seq[tree == log::Tree::open ? 0 : 1];
        LG_OK(store->put_leaf(tree, next, "leaf"));
        LG_OK(store->put_seen(id, {tree, next++, "ab"}));
        there.insert(id);
        ids.push_back(id);
      }
      LG_OK(store->commit());
      if (batch % 16 == 7) std::this_thread::sleep_for(std::chrono::milliseconds(30));  // the tables catch up
    }
  }
  EXPECT_GT(again, 200U);
  EXPECT_GT(fresh, 1'000U);
}

TEST(StoreJournal, WhateverWasCommittedIsSeenAtOnceAndIsThereAfterAKill) {
  const TemporaryFolder folder;
  base::JsonObject hashes;
  {
    const auto store = opened(at(folder, "closed"));
    some_of_everything(*store);
    expect_everything(*store);
    hashes = value_of(store->table_hashes());
  }
  for (const bool durable_again : {true, false}) {
    const auto options = at(folder, durable_again ? "killed" : "killed, then opened for an import");
    and_die(options, some_of_everything);
    auto again = options;
    again.durable = durable_again;
    for (int i = 0; i < 2; ++i) {  // and the second opening finds nothing more
      const auto store = opened(again);
      expect_everything(*store);
      EXPECT_EQ(value_of(store->table_hashes()), hashes);
    }
  }
}

void put_leaves(Store& store, std::uint64_t from, std::uint64_t to, std::size_t bytes) {
  for (auto seq = from; seq < to; ++seq) {
    LG_OK(store.begin());
    LG_OK(store.put_leaf(log::Tree::open, seq, std::to_string(seq) + std::string(bytes, '.')));
    LG_OK(store.put_tally("leaves", static_cast<std::int64_t>(seq) + 1));
    LG_OK(store.commit());
  }
}
void expect_leaves(Store& store, std::uint64_t count) {
  EXPECT_EQ(value_of(store.leaf_count(log::Tree::open)), count);
  EXPECT_EQ(value_of(store.tally("leaves")), static_cast<std::int64_t>(count));
  const auto all = value_of(store.leaves(log::Tree::open, 0, count + 1));
  ASSERT_EQ(all.size(), count);
  for (std::uint64_t seq = 0; seq < count; ++seq) EXPECT_TRUE(all[seq].starts_with(std::to_string(seq) + "."));
}

TEST(StoreJournal, GoesFromOneFileToTheOtherAndBackAndTakesLargeBatchesPastBoth) {
  const TemporaryFolder folder;
  and_die(folder.options(), [](Store& store) {
    put_leaves(store, 0, 50, 500'000);  // each file three times over
    put_leaves(store, 50, 53, 3'000'000);
    put_leaves(store, 53, 54, 9'000'000);
    put_leaves(store, 54, 57, 100);
  });
  expect_leaves(*opened(folder.options()), 57);
}

TEST(StoreJournal, WhatABatchPutIsReadWithinItThoughItTakesTheTables) {
  const TemporaryFolder folder;
  and_die(folder.options(), [](Store& store) {
    put_leaves(store, 0, 3, 10);
    LG_OK(store.begin());
    LG_OK(store.put_leaf(log::Tree::open, 3, "3."));
    LG_OK(store.put_secret(log::Tree::open, 3, "winner", "person/1", k_salt, "\"x\""));
    EXPECT_EQ(value_of(store.secret(log::Tree::open, 3, "winner"))->value, base::Json("x"));
    EXPECT_EQ(value_of(store.leaves(log::Tree::open, 2, 9)).size(), 2U);
    LG_OK(store.put_tally("leaves", 4));
    LG_OK(store.commit());
    LG_OK(store.begin());
    LG_OK(store.put_leaf(log::Tree::open, 4, "no"));
    EXPECT_EQ(value_of(store.leaves(log::Tree::open, 4, 9)).size(), 1U);
    store.roll_back();
    put_leaves(store, 4, 6, 10);
  });
  expect_leaves(*opened(folder.options()), 6);
}

// How many leaves came into the tables before the process died: these are not torn with the journal.
std::uint64_t in_the_tables(const std::string& folder) {
  auto db = value_of(Connection::open(folder + "/landglass.db", SQLITE_OPEN_READWRITE, ""));
  auto rows = value_of(db.prepare("SELECT count(*) FROM leaves_open"));
  EXPECT_TRUE(value_of(rows.row()));
  return static_cast<std::uint64_t>(rows.integer(0));
}

// The sequencer waits for callers, who wait for their batch to last, which waits for room in the tables: so it lets go of
// them.
TEST(StoreJournal, WhoWaitsWithinABatchKeepsNobodyFromTheTables) {
  const TemporaryFolder folder;
  auto store = opened(folder.options());
  const auto large = [&](const std::string& key) {
    EXPECT_TRUE(store->begin());
    EXPECT_TRUE(store->put_sealed(key, "\"" + std::string(1'200'000, 'x') + "\""));
    return value_of(store->hand_over());
  };
  std::vector<Store::Last> lasts;
  for (int i = 0; i < 3; ++i) lasts.push_back(large("row/" + std::to_string(i)));
  LG_OK(store->begin());
  EXPECT_EQ(value_of(store->sealed("nobody")), std::nullopt);  // a look into the tables, of which nobody else has need yet
  auto durable = std::async(std::launch::async, [&] {
    for (auto& last : lasts) EXPECT_TRUE(last());
  });
  EXPECT_EQ(durable.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout) << "more than may wait";
  store->rest();
  ASSERT_EQ(durable.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  LG_OK(store->put_sealed("row/3", "1"));
  LG_OK(store->commit());
  EXPECT_EQ(value_of(store->sealed("row/3")), "1");
}

TEST(StoreJournal, OfABatchThatIsTornNothingStandsAndOfThoseBeforeItAll) {
  const TemporaryFolder folder;
  and_die(folder.options(), [](Store& store) { put_leaves(store, 0, 5, 6'000); });  // two pages of the journal each
  const auto path = folder / "store/journal-0";
  for (const auto* leaf : {"4.", "2."}) {
    auto bytes = bytes_of(path);
    const auto found = bytes.find(leaf + std::string(100, '.'));
    ASSERT_NE(found, std::string::npos);
    bytes[found + 50] = '!';
    std::ofstream(path, std::ios::binary) << bytes;
    const auto copy = folder / ("copy of " + std::string(leaf));
    fs::copy(folder / "store", copy);
    const std::uint64_t whole = leaf[0] == '4' ? 4 : 2;
    const auto apart = std::max(whole, in_the_tables(copy));
    expect_leaves(*opened({.folder = copy, .key_file = folder / "vault.key"}), apart);
  }
}

TEST(StoreJournal, ABackupTakesItAlongAndAnOlderCopyTakesNothingOfAnotherSession) {
  const TemporaryFolder folder;
  const auto options = folder.options();
  { put_leaves(*opened(options), 0, 2, 10); }
  LG_OK(back_up_folder(options.folder, folder / "old"));
  and_die(options, [](Store& store) { put_leaves(store, 2, 4, 10); });
  LG_OK(back_up_folder(options.folder, folder / "backup"));
  expect_leaves(*opened(at(folder, "backup")), 4);
  for (const auto* name : {"/journal-0", "/journal-1"})
    fs::copy_file(options.folder + name, (folder / "old") + name, fs::copy_options::overwrite_existing);
  expect_leaves(*opened(at(folder, "old")), 2);
  const auto store = opened(options);
  put_leaves(*store, 4, 6, 10);
  LG_OK(store->back_up(folder / "while it runs"));
  expect_leaves(*opened(at(folder, "while it runs")), 6);
}

TEST(StoreJournal, HoldsNothingAfterAnErasure) {
  const TemporaryFolder folder;
  opened(folder.options()).reset();
  std::ofstream(folder / "store/journal-1", std::ios::binary | std::ios::app) << "no whole page";
  const auto store = opened(folder.options());
  LG_OK(store->begin());
  LG_OK(store->put_leaf(log::Tree::open, 0, "0."));
  LG_OK(store->put_tally("leaves", 1));
  LG_OK(store->put_secret(log::Tree::open, 0, "name", "person/1", k_salt, "\"x\""));
  LG_OK(store->commit());
  const auto empty = [&] {
    const auto bytes = bytes_of(folder / "store/journal-0") + bytes_of(folder / "store/journal-1");
    return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
  };
  EXPECT_FALSE(empty());
  EXPECT_EQ(value_of(store->erase_subject("person/1")), 1U);
  EXPECT_TRUE(empty());
  put_leaves(*store, 1, 3, 10);
  EXPECT_EQ(value_of(store->secret(log::Tree::open, 0, "name")), std::nullopt);
  expect_leaves(*store, 3);
}

TEST(StoreJournal, WhatWasHandedOverIsTheWritersAtOnceAndEverybodysOnceItLasts) {
  const TemporaryFolder folder;
  const auto put = [](Store& store, std::uint64_t seq) {
    EXPECT_TRUE(store.begin());
    EXPECT_TRUE(store.put_leaf(log::Tree::open, seq, std::to_string(seq) + "."));
    EXPECT_TRUE(store.put_tally("leaves", static_cast<std::int64_t>(seq) + 1));
    return value_of(store.hand_over());
  };
  // A kill before the second lasts: the first is there.
  and_die(folder.options(), [&](Store& store) {
    const auto first = put(store, 0);
    const auto second = put(store, 1);
    EXPECT_EQ(value_of(store.tally("leaves")), 2);
    EXPECT_EQ(value_of(store.leaf_count(log::Tree::open)), 2U);
    const auto reader = value_of(store.reader(Sight::internal));
    EXPECT_TRUE(value_of(reader->leaves(log::Tree::open, 0, 9)).empty());
    LG_OK(first());
    EXPECT_EQ(value_of(reader->leaves(log::Tree::open, 0, 9)).size(), 1U);
  });
  const auto store = opened(folder.options());
  EXPECT_EQ(value_of(store->leaf_count(log::Tree::open)), 1U);
  EXPECT_EQ(value_of(store->tally("leaves")), 1);
  // Whatever needs it in the tables waits for the thread that makes it last.
  auto last = put(*store, 1);
  std::thread elsewhere([last = std::move(last)] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    LG_OK(last());
  });
  EXPECT_EQ(value_of(store->leaves(log::Tree::open, 0, 9)).size(), 2U);
  elsewhere.join();
  expect_leaves(*store, 2);
}

}  // namespace
