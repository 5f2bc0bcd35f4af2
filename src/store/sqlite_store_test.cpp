// What SQLite's store promises beyond the contract: what a thief of the folder sees, what is left after an erasure, a kill,
// a power cut, a disk that errs, and who may open it.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "base/crypto.hpp"
#include "store/cipher.hpp"
#include "store/disk.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"
#include "store/test_store.hpp"

using namespace landglass;
using namespace landglass::store;

namespace {

using Pairs = std::vector<std::pair<base::Bytes, base::Bytes>>;

// The rows of a two-column table of a store that is closed.
Pairs pairs_of(const std::string& folder, const std::string& sql) {
  auto db = value_of(Connection::open(folder + "/landglass.db", SQLITE_OPEN_READWRITE, ""));
  auto rows = value_of(db.prepare(sql));
  Pairs out;
  while (value_of(rows.row())) {
    const auto a = rows.blob(0);
    const auto b = rows.blob(1);
    out.push_back({{a.begin(), a.end()}, {b.begin(), b.end()}});
  }
  return out;
}

void put_batch(Store& store, std::uint64_t batch, std::uint64_t leaves) {
  LG_OK(store.begin());
  for (std::uint64_t i = 0; i < leaves; ++i) {
    LG_OK(store.put_leaf(log::Tree::open, batch * leaves + i,
                         "leaf " + std::to_string(batch * leaves + i) + std::string(200, '.')));
  }
  LG_OK(put_lot(store, "lot/1", batch + 1, "listed", static_cast<std::int64_t>(batch)));
  LG_OK(store.put_tally("batches", static_cast<std::int64_t>(batch) + 1));
  LG_OK(store.commit());
}
// Whole batches only, and all of their parts; returns how many.
std::uint64_t whole_batches(Store& store, std::uint64_t leaves) {
  const auto count = value_of(store.leaf_count(log::Tree::open));
  EXPECT_EQ(count % leaves, 0U) << "part of a batch was kept";
  EXPECT_EQ(value_of(store.tally("batches")), static_cast<std::int64_t>(count / leaves));
  const auto all = value_of(store.leaves(log::Tree::open, 0, count + 1));
  EXPECT_EQ(all.size(), count);
  for (std::uint64_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], "leaf " + std::to_string(i) + std::string(200, '.'));
  const auto reader = value_of(store.reader(Sight::internal));
  const auto rows = value_of(reader->query("SELECT version FROM land_listing", {}));
  EXPECT_EQ(rows.empty() ? 0 : rows[0][0].as_int(), static_cast<std::int64_t>(count / leaves));
  return count / leaves;
}

TEST(StoreFiles, AreKeptOrWaitAfterAKillAsTheyWereBeforeIt) {
  const TemporaryFolder folder;
  std::string cited, left;
  {
    const auto store = opened(folder.options());
    cited = value_of(store->await_file("cited by a leaf whose commit the kill cut off", "person/clerk"));
    left = value_of(store->await_file("cited by none", "person/clerk"));
    LG_OK(store->begin());
    LG_OK(store->settle_file(cited));
    store->roll_back();
  }
  // An upload that was killed half-way.
  std::ofstream(folder.options().folder + "/files/waiting/ab.0011223344556677.part") << "half";
  const auto store = opened(folder.options());
  EXPECT_EQ(store->files_waiting(), 1U);
  const auto copy = folder.options().folder + "-copy";
  LG_OK(store->back_up(copy));
  EXPECT_EQ(value_of(store->purge_files(-1'000)), 1U);
  EXPECT_EQ(value_of(store->file(cited)), "cited by a leaf whose commit the kill cut off");
  EXPECT_TRUE(store->file(left).refused());
  EXPECT_TRUE(std::filesystem::is_empty(folder.options().folder + "/files/waiting"));
  auto there = folder.options();
  there.folder = copy;
  const auto backup = opened(there);
  EXPECT_EQ(backup->files_waiting(), 1U) << "a copy has what waits, and purges it itself";
  EXPECT_EQ(value_of(backup->file(left)), "cited by none");
}

// -- what a thief of the folder sees --

TEST(StoreDump, HoldsNoPlaintextOfSecretsSealedRowsSealedLeavesOrFiles) {
  const TemporaryFolder folder;
  std::string in_use;
  {
    const auto store = opened(folder.options());
    LG_OK(store->begin());
    LG_OK(store->put_leaf(log::Tree::open, 0, "OPENLEAF"));
    LG_OK(store->put_leaf(log::Tree::sealed, 0, "SEALEDLEAF"));
    LG_OK(store->put_tile(log::Tree::sealed, 0, 0, base::to_bytes(std::string(8192, 'T'))));
    LG_OK(store->put_secret(log::Tree::open, 0, "winner", "person/SUBJECT", k_salt, "\"SECRETVALUE\""));
    LG_OK(store->put_secret(log::Tree::sealed, 0, "SEALEDPATH", "person/SUBJECT", k_salt, "\"SECRETVALUE\""));
    LG_OK(store->put_sealed("application/SEALEDKEY", R"({"by":"SEALEDVALUE"})"));
    LG_OK(store->put_seen(base::to_hex(base::as_bytes("SEALEDCOMMAND...")), {log::Tree::sealed, 0, "aa"}));
    LG_OK(store->put_meta("sealed/frontier", base::to_bytes("SEALEDMETA")));
    LG_OK(store->commit());
    value_of(store->keep_file("FILECONTENT of an application"));
    settle(*store);  // journal and write-ahead log, too, as they lie there while it runs: another process takes the copy
    const auto copy = "cp -r '" + (folder / "store") + "' '" + (folder / "stolen") + "'";
    ASSERT_EQ(std::system(copy.c_str()), 0);
    in_use = dump(folder / "stolen");
  }
  for (const auto& bytes : {in_use, dump(folder / "store")}) {
    EXPECT_NE(bytes.find("OPENLEAF"), std::string::npos) << "the dump does not see what is there";
    for (const auto* hidden : {"SEALEDLEAF", "TTTTTTTT", "SECRETVALUE", "SUBJECT", "SEALEDPATH", "SEALEDKEY", "SEALEDVALUE",
                               "SEALEDCOMMAND", "SEALEDMETA", "FILECONTENT", "\x07\x07\x07\x07\x07\x07\x07\x07"}) {
      EXPECT_EQ(bytes.find(hidden), std::string::npos) << hidden;
    }
    EXPECT_EQ(bytes.find(base::to_hex(base::sha256(base::as_bytes("FILECONTENT of an application")))), std::string::npos);
  }
}

// What a dump shows of what lies sealed: rows of each size by table.
std::map<std::string, std::map<std::size_t, int>> shape_of(const std::filesystem::path& folder) {
  std::map<std::string, std::map<std::size_t, int>> shape;
  for (const auto& [table, sql] : std::map<std::string, std::string>{{"sealed", "SELECT name, value FROM sealed"},
                                                                     {"vault", "SELECT name, value FROM vault_sealed"},
                                                                     {"leaves", "SELECT seq, bytes FROM leaves_sealed"},
                                                                     {"tiles", "SELECT id, hashes FROM tiles_sealed"},
                                                                     {"meta", "SELECT key, value FROM meta_sealed"}}) {
    for (const auto& [name, value] : pairs_of(folder, sql)) {
      ++shape[table][value.size()];
      // Bytes of a good cipher: of 256 kinds no more than twice what evenness gives, in chaff and in all else alike.
      std::array<int, 256> counts{};
      for (const auto byte : value) ++counts[byte];
      for (const auto count : counts) EXPECT_LT(count, 40 + static_cast<int>(value.size()) / 64);
    }
  }
  return shape;
}

void apply_to_bid(store::Store& store, std::uint64_t bidder) {
  const auto n = std::to_string(bidder);
  LG_OK(store.put_leaf(log::Tree::sealed, bidder, std::string(900 + bidder * 100, 'x')));
  LG_OK(
      store.put_secret(log::Tree::sealed, bidder, "name", "party/" + n, k_salt, "\"" + std::string(bidder * 5, 'y') + "\""));
  LG_OK(store.put_sealed("application/" + n, std::string(700 + bidder * 200, 'x')));
  LG_OK(store.put_sealed("index", std::string(bidder * 300, 'x')));
  LG_OK(store.put_seen(std::string(30, '0') + "0" + n, {log::Tree::sealed, bidder, "aa"}));
}

TEST(StoreDump, HasAsManyRowsOfEachSizeHoweverManyApplied) {
  std::set<std::map<std::string, std::map<std::size_t, int>>> shapes;
  for (const std::uint64_t bidders : {0, 1, 7}) {
    const TemporaryFolder folder;
    {
      const auto store = opened(folder.options());
      LG_OK(store->begin());
      LG_OK(store->put_chaff(3));
      LG_OK(store->commit());
      for (std::uint64_t i = 0; i < bidders; ++i) {
        LG_OK(store->begin());
        apply_to_bid(*store, i);
        LG_OK(store->commit());
      }
      LG_OK(store->begin());
      apply_to_bid(*store, bidders);
      store->roll_back();
      EXPECT_EQ(value_of(store->leaf_count(log::Tree::sealed)), bidders);
    }
    {
      const auto store = opened(folder.options());
      EXPECT_EQ(value_of(store->leaf_count(log::Tree::sealed)), bidders);
      EXPECT_EQ(value_of(store->leaves(log::Tree::sealed, 0, 100)).size(), bidders);
      const auto reader = value_of(store->reader(Sight::internal));
      EXPECT_EQ(value_of(reader->leaves(log::Tree::sealed, 0, 100)).size(), bidders);
      EXPECT_EQ(value_of(reader->tile(log::Tree::sealed, 0, 0)), std::nullopt);
      for (std::uint64_t i = 0; i < bidders; ++i)
        EXPECT_TRUE(value_of(store->sealed("application/" + std::to_string(i))).has_value());
    }
    shapes.insert(shape_of(folder / "store"));
  }
  EXPECT_EQ(shapes.size(), 1U) << "a dump tells how many applied";
}

TEST(StoreDump, KeepsItsShapeWhenSealedRowsGoAndComeAgain) {
  const TemporaryFolder folder;
  const auto fill = [&](store::Store& store) {
    LG_OK(store.begin());
    for (int i = 0; i < 300; ++i) LG_OK(store.put_sealed("a/" + std::to_string(i), std::string(300, '1')));
    LG_OK(store.commit());
  };
  {
    const auto store = opened(folder.options());
    fill(*store);
    LG_OK(store->begin());
    LG_OK(store->put_chaff(1));
    LG_OK(store->commit());
  }
  const auto before = shape_of(folder / "store");
  EXPECT_EQ(before.at("sealed").at(1024 + 40), 512) << "one past a block is two blocks";
  {
    const auto store = opened(folder.options());
    LG_OK(drop_projections(*store));
    EXPECT_EQ(value_of(store->sealed("a/1")), std::nullopt);
  }
  EXPECT_EQ(shape_of(folder / "store"), before);
  {
    const auto store = opened(folder.options());
    fill(*store);
    EXPECT_EQ(value_of(store->sealed("a/299")), std::string(300, '1'));
  }
  EXPECT_EQ(shape_of(folder / "store"), before);
}

// A row that grows leaves its place, and the last one of its size moves there: every name still leads to its value.
TEST(StoreDump, ARowThatGrowsAndShrinksMovesOthersAndLosesNone) {
  const TemporaryFolder folder;
  const std::array<std::size_t, 6> sizes{20, 700, 3'000, 15'000, 60'000, 200'000};
  std::map<std::string, std::string> wanted;
  const auto check = [&](store::Store& store) {
    for (const auto& [key, value] : wanted) EXPECT_EQ(value_of(store.sealed(key)), value) << key;
  };
  {
    const auto store = opened(folder.options());
    std::uint32_t seed = 7;
    for (int round = 0; round < 30; ++round) {
      const auto before = wanted;
      LG_OK(store->begin());
      for (int i = 0; i < 12; ++i) {
        seed = seed * 1'664'525 + 1'013'904'223;
        const auto key = "k/" + std::to_string((seed >> 8) % 25);
        wanted[key] = std::string(sizes[(seed >> 16) % sizes.size()], static_cast<char>('a' + round % 26));
        LG_OK(store->put_sealed(key, wanted[key]));
      }
      if (round % 5 == 4) {
        store->roll_back();
        wanted = before;
      } else {
        LG_OK(store->put_chaff(2));
        LG_OK(store->commit());
      }
      check(*store);
    }
  }
  const auto shape = shape_of(folder / "store").at("sealed");
  EXPECT_EQ(shape.at(256 + 40) % 1'024, 0);
  EXPECT_EQ(shape.at(1'024 + 40) % 256, 0);
  EXPECT_EQ(shape.at(65'536 + 40) % 4, 0);
  const auto store = opened(folder.options());
  check(*store);
  LG_OK(drop_projections(*store));
  EXPECT_EQ(value_of(store->table_hashes()).find("sealed"), nullptr);
  EXPECT_EQ(value_of(store->sealed("k/1")), std::nullopt);
}

TEST(StoreDump, TellsNotWhoseASecretIs) {
  const TemporaryFolder folder;
  {
    const auto store = opened(folder.options());
    LG_OK(store->begin());
    for (std::uint64_t i = 0; i < 40; ++i) {
      LG_OK(store->put_leaf(log::Tree::sealed, i, std::string(1 + i * 5, 'x')));
      LG_OK(store->put_secret(log::Tree::sealed, i, "name", "person/" + std::to_string(i % 2), k_salt,
                              "\"" + std::string(i, 'y') + "\""));
    }
    LG_OK(store->commit());
  }
  // Forty values, the keys of two subjects and the chaff: no sixteen bytes stand in two of them.
  std::set<base::Bytes> owners;
  const auto rows = pairs_of(folder / "store", "SELECT name, value FROM vault_sealed");
  for (const auto& [name, value] : rows) owners.insert({value.begin() + 24, value.begin() + 40});
  EXPECT_GT(rows.size(), 42U);
  EXPECT_EQ(owners.size(), rows.size());
}

TEST(StoreDump, HoldsNoByteOfAnErasedCiphertext) {
  const TemporaryFolder folder;
  const auto steal = [&](const std::string& name) {  // as it lies there while the store runs: another process takes the copy
    const auto copy = "cp -r '" + (folder / "store") + "' '" + (folder / name) + "'";
    return std::system(copy.c_str()) == 0;
  };
  const auto store = opened(folder.options());
  LG_OK(store->begin());
  for (std::uint64_t i = 0; i < 50; ++i) {
    LG_OK(store->put_leaf(log::Tree::open, i, "leaf"));
    LG_OK(store->put_secret(log::Tree::open, i, "name", "person/" + std::to_string(i), k_salt,
                            "\"" + std::string(300, 'n') + "\""));
  }
  LG_OK(store->commit());
  settle(*store);
  ASSERT_TRUE(steal("before"));
  const auto before = dump(folder / "before");  // opening the copy would move its write-ahead log
  const auto values = pairs_of(folder / "before", "SELECT path, value FROM vault ORDER BY place");
  const auto keys = pairs_of(folder / "before", "SELECT name, value FROM vault_sealed");
  ASSERT_EQ(values.size(), 50U);
  const auto left_in = [](const Pairs& rows, const std::string& bytes) {
    return std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
      return bytes.find(std::string(row.second.begin() + 100, row.second.begin() + 116)) != std::string::npos;
    });
  };
  EXPECT_EQ(left_in(values, before), 50);
  EXPECT_EQ(value_of(store->erase_subject("person/25")), 1U);
  ASSERT_TRUE(steal("after"));
  const auto after = dump(folder / "after");
  EXPECT_EQ(left_in(values, after), 49);
  EXPECT_EQ(left_in({values[25]}, after), 0) << "the erased value still lies there";
  EXPECT_EQ(left_in(keys, before), static_cast<std::ptrdiff_t>(keys.size()));
  EXPECT_EQ(left_in(keys, after), static_cast<std::ptrdiff_t>(keys.size()) - 1) << "the erased key still lies there";
}

// -- who may open it --

TEST(StoreOpening, RefusesAnotherKeyAMissingKeyAndAKeyInTheFolder) {
  const TemporaryFolder folder;
  opened(folder.options());
  struct stat about {};
  ASSERT_EQ(::stat((folder / "vault.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  auto options = folder.options();
  options.key_file = folder / "other.key";
  EXPECT_EQ(open_sqlite(options).refusal().code, "STORE-02") << "a key is made for a new store only";
  EXPECT_FALSE(std::filesystem::exists(folder / "other.key"));
  opened({.folder = folder / "other", .key_file = folder / "other.key"});
  EXPECT_EQ(open_sqlite(options).refusal().code, "STORE-02");
  options.key_file = "";
  EXPECT_EQ(open_sqlite(options).refusal().code, "STORE-02");
  EXPECT_EQ(open_sqlite({.folder = folder / "third", .key_file = folder / "third/vault.key"}).refusal().code, "STORE-02");
  std::ofstream(folder / "bad.key") << "landglass-vault-key-1 abc\n";
  EXPECT_EQ(open_sqlite({.folder = folder / "fourth", .key_file = folder / "bad.key"}).refusal().code, "STORE-02");
  EXPECT_TRUE(open_sqlite(folder.options()));
}

TEST(StoreOpening, RefusesAFolderOfAnotherVersion) {
  for (const auto version : {k_format - 1, k_format + 1}) {
    const TemporaryFolder folder;
    opened(folder.options());
    {
      auto db = value_of(Connection::open(folder / "store/landglass.db", SQLITE_OPEN_READWRITE, ""));
      LG_OK(db.execute("PRAGMA user_version = " + std::to_string(version)));
    }
    EXPECT_EQ(open_sqlite(folder.options()).refusal().code, "STORE-01");
  }
}

// A list of a register begins with the newest, and is searched: neither reads the rows that it does not show.
TEST(StoreTables, AListOfTheNewestAndASearchGoThroughAnIndex) {
  const TemporaryFolder folder;
  {
    const auto store = value_of(open_sqlite(folder.options()));
    LG_OK(store->shape({{"petition", {{"region", false, true, true}, {"title", false, false, true}}, true}}));
  }
  auto db = value_of(Connection::open(folder / "store/landglass.db", SQLITE_OPEN_READONLY, ""));
  const auto plan = [&](const std::string& where) {
    auto rows = value_of(db.prepare("EXPLAIN QUERY PLAN SELECT id, doc FROM petition_public " + where +
                                    " ORDER BY changed DESC, id LIMIT 51"));
    std::string out;
    while (value_of(rows.row())) out += std::string(rows.text(3)) + "\n";
    return out;
  };
  EXPECT_EQ(plan(""), "SCAN petition_public USING INDEX petition_public/changed\n");
  EXPECT_EQ(plan("WHERE title LIKE '%x%'"), "SCAN petition_public USING INDEX petition_public/changed\n");
  EXPECT_EQ(plan("WHERE region = 'x'"), "SEARCH petition_public USING INDEX petition_public/region (region=?)\n");
  EXPECT_EQ(plan("WHERE state = 'x'"), "SEARCH petition_public USING INDEX petition_public/state (state=?)\n");
  EXPECT_EQ(plan("WHERE state = 'x' AND region LIKE 'y%'"),
            "SEARCH petition_public USING INDEX petition_public/state (state=?)\n");
}

TEST(StoreOpening, RefusesASecondWriter) {
  const TemporaryFolder folder;
  {
    const auto first = opened(folder.options());
    EXPECT_EQ(open_sqlite(folder.options()).refusal().code, "STORE-04");
  }
  EXPECT_TRUE(open_sqlite(folder.options()));
}

TEST(StoreBackup, IsConsistentWhileTheWriterWritesAndOpensWithTheKey) {
  const TemporaryFolder folder;
  const auto store = opened(folder.options());
  const auto hash = value_of(store->keep_file("site plan"));
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> done = 0;
  std::thread writer([&] {
    while (!stop) put_batch(*store, done++, 7);
  });
  while (done < 20) std::this_thread::yield();
  const auto before = done.load();
  const auto copied = store->back_up(folder / "backup");
  stop = true;
  writer.join();
  LG_OK(copied);
  EXPECT_EQ(store->back_up(folder / "backup").refusal().code, "STORE-07");
  EXPECT_FALSE(std::filesystem::exists(folder / "backup/vault.key"));
  const auto restored = opened({.folder = folder / "backup", .key_file = folder / "vault.key"});
  EXPECT_GE(whole_batches(*restored, 7) + 1, before);
  EXPECT_EQ(value_of(restored->file(hash)), "site plan");
}

// -- kills, power cuts, disks that err --

TEST(StoreCrash, AProcessKilledAmidBatchesLeavesWholeBatchesAndEveryoneThatWasAnswered) {
  base::SeededRandom random(20261123);
  const TemporaryFolder folder;
  std::uint64_t answered = 0;
  for (int round = 0; round < 12; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = open_sqlite(folder.options());
      if (!store || !(*store)->shape({k_lots})) ::_exit(1);
      auto batch = value_of((*store)->leaf_count(log::Tree::open)) / 13;
      for (;;) {
        put_batch(**store, batch++, 13);
        if (::write(pipe_ends[1], &batch, sizeof batch) != sizeof batch) ::_exit(1);
      }
    }
    ::close(pipe_ends[1]);
    // Kill after some answers, a moment into the next batch.
    const auto wanted = random.below(40) + 1;
    std::uint64_t batch = 0;
    for (std::uint64_t i = 0; i < wanted && ::read(pipe_ends[0], &batch, sizeof batch) == sizeof batch; ++i)
      answered = batch;
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(400)));
    ::kill(child, SIGKILL);
    while (::read(pipe_ends[0], &batch, sizeof batch) == sizeof batch) answered = batch;
    ::close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    const auto store = opened(folder.options());
    EXPECT_GE(whole_batches(*store, 13), answered) << "a batch that was answered is lost";
  }
}

TEST(StoreCrash, APowerCutWithTornWritesLosesNoAnsweredBatch) {
  int cuts = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const TemporaryFolder folder;
    const auto disk = std::make_shared<FaultyDisk>();
    mount_disk("landglass-test", disk);
    auto options = folder.options();
    opened(options).reset();
    options.disk = "landglass-test";
    std::uint64_t answered = 0;
    {
      const auto store = opened(options);
      base::SeededRandom random(seed);
      disk->cut_power_in(static_cast<int>(random.below(120)) + 1);  // about one write a batch
      for (std::uint64_t batch = 0; batch < 100 && !disk->power_is_cut(); ++batch) {
        if (!store->begin()) break;
        bool put = true;
        for (std::uint64_t i = 0; i < 13; ++i) {
          put = put && store->put_leaf(log::Tree::open, batch * 13 + i,
                                       "leaf " + std::to_string(batch * 13 + i) + std::string(200, '.'));
        }
        put = put && put_lot(*store, "lot/1", batch + 1, "listed", 1) &&
              store->put_tally("batches", static_cast<std::int64_t>(batch) + 1);
        if (!put || !store->commit()) break;
        answered = batch + 1;
      }
    }
    cuts += disk->power_is_cut() ? 1 : 0;
    disk->lose(seed);
    const auto store = opened(folder.options());
    const auto held = whole_batches(*store, 13);
    EXPECT_GE(held, answered) << "seed " << seed;
    EXPECT_LE(held, answered + 1) << "seed " << seed;
  }
  EXPECT_GT(cuts, 20) << "the power was hardly ever cut: the test tries nothing";
}

TEST(StoreFault, AFailedFsyncIsAFailureWithUnknownOutcomeAndStopsTheStore) {
  const TemporaryFolder folder;
  const auto disk = std::make_shared<FaultyDisk>();
  mount_disk("landglass-test", disk);
  auto options = folder.options();
  options.disk = "landglass-test";
  {
    const auto store = opened(options);
    put_batch(*store, 0, 3);
    LG_OK(store->begin());
    for (std::uint64_t i = 3; i < 6; ++i)
      LG_OK(store->put_leaf(log::Tree::open, i, "leaf " + std::to_string(i) + std::string(200, '.')));
    LG_OK(put_lot(*store, "lot/1", 2, "listed", 1));
    LG_OK(store->put_tally("batches", 2));
    settle(*store);  // the next sync is this batch's own
    disk->fail_sync_in(1);
    const auto committed = store->commit();
    ASSERT_TRUE(committed.failed());
    EXPECT_FALSE(committed.failure().retryable);
    EXPECT_NE(committed.failure().what.find("unknown"), std::string::npos) << committed.failure().what;
    EXPECT_EQ(disk->faults(), 1);
    const auto again = store->begin();
    ASSERT_TRUE(again.failed()) << "a store whose last commit is in doubt must not go on";
    EXPECT_FALSE(again.failure().retryable);
  }
  const auto store = opened(folder.options());
  EXPECT_GE(whole_batches(*store, 3), 1U);
}

TEST(StoreFault, AFullDiskIsAFailureThatSaysSo) {
  const TemporaryFolder folder;
  const auto disk = std::make_shared<FaultyDisk>();
  mount_disk("landglass-test", disk);
  auto options = folder.options();
  options.disk = "landglass-test";
  {
    const auto store = opened(options);
    put_batch(*store, 0, 3);
    LG_OK(store->begin());
    LG_OK(store->put_tally("batches", 2));
    settle(*store);
    disk->fail_write_in(1, DiskAnswer::full);
    const auto committed = store->commit();
    ASSERT_TRUE(committed.failed());
    EXPECT_NE(committed.failure().what.find("disk full"), std::string::npos) << committed.failure().what;
    EXPECT_FALSE(committed.failure().retryable);
  }
  const auto store = opened(folder.options());
  EXPECT_EQ(whole_batches(*store, 3), 1U);
}

TEST(StoreFault, AnErrorAnywhereLeavesAConsistentStore) {
  for (int nth = 1; nth <= 30; ++nth) {
    const TemporaryFolder folder;
    const auto disk = std::make_shared<FaultyDisk>();
    mount_disk("landglass-test", disk);
    auto options = folder.options();
    options.disk = "landglass-test";
    std::uint64_t answered = 0;
    {
      const auto store = opened(options);
      nth % 2 == 0 ? disk->fail_sync_in(nth) : disk->fail_write_in(nth, DiskAnswer::io_error);
      for (std::uint64_t batch = 0; batch < 40; ++batch) {
        if (!store->begin()) break;
        bool put = true;
        for (std::uint64_t i = 0; i < 13; ++i) {
          put = put && store->put_leaf(log::Tree::open, batch * 13 + i,
                                       "leaf " + std::to_string(batch * 13 + i) + std::string(200, '.'));
        }
        put = put && put_lot(*store, "lot/1", batch + 1, "listed", 1) &&
              store->put_tally("batches", static_cast<std::int64_t>(batch) + 1);
        if (!put || !store->commit()) break;
        answered = batch + 1;
      }
      EXPECT_EQ(disk->faults(), 1);
      const auto reader = value_of(store->reader(Sight::internal));  // a fault that met the tables shows to who reads
      EXPECT_TRUE(answered < 40U || !reader->query("SELECT 1", {})) << "the fault was not noticed";
    }
    const auto store = opened(folder.options());
    EXPECT_GE(whole_batches(*store, 13), answered) << nth;
  }
}

TEST(StoreLog, StaysWithinItsRoomUnderAWriterThatNeverRests) {
  const TemporaryFolder folder;
  const auto store = opened(folder.options());
  const std::string leaf(4000, 'x');
  std::uint64_t seq = 0;
  for (int batch = 0; batch < 60; ++batch) {  // each more than the step at which pages are moved; 240 MB in all
    LG_OK(store->begin());
    for (int i = 0; i < 1000; ++i) LG_OK(store->put_leaf(log::Tree::open, seq++, leaf));
    LG_OK(store->commit());
  }
  // 24 MiB, 8 that the writer may run ahead and one batch, whatever else the machine has to do.
  EXPECT_LT(std::filesystem::file_size(folder / "store/landglass.db-wal"), 48U << 20);
}
TEST(StoreLog, AnErasureAmidHeavyWritingIsNotInTheMoversWay) {
  const TemporaryFolder folder;
  const auto store = opened(folder.options());
  std::uint64_t seq = 0;
  for (int round = 0; round < 12; ++round) {
    LG_OK(store->begin());
    for (int i = 0; i < 2000; ++i) {
      LG_OK(store->put_leaf(log::Tree::open, seq, std::string(2000, 'x')));
      LG_OK(store->put_secret(log::Tree::open, seq++, "name", "person/" + std::to_string(round), k_salt, "1"));
    }
    LG_OK(store->commit());
    EXPECT_EQ(value_of(store->erase_subject("person/" + std::to_string(round))), 2000U);
  }
}

}  // namespace
