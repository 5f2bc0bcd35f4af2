// The contract of a store, the same for each that stands behind store/store.hpp. Another one adds itself to k_stores.

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "base/crypto.hpp"
#include "store/test_store.hpp"

using namespace landglass;
using namespace landglass::store;

namespace {

struct Kept {  // a store that can be closed and opened again, where it outlives that
  virtual ~Kept() = default;
  virtual base::Result<std::unique_ptr<Store>> open() = 0;
  virtual bool lasts() const = 0;
};
struct InMemory final : Kept {
  base::Result<std::unique_ptr<Store>> open() override { return open_sqlite({.folder = ":memory:", .key_file = ""}); }
  bool lasts() const override { return false; }
};
struct InFolder final : Kept {
  TemporaryFolder folder;
  base::Result<std::unique_ptr<Store>> open() override { return open_sqlite(folder.options()); }
  bool lasts() const override { return true; }
};

struct StoreKind {
  const char* name;
  std::function<std::unique_ptr<Kept>()> make;
};
const StoreKind k_stores[] = {
    {"SqliteInMemory", [] { return std::make_unique<InMemory>(); }},
    {"SqliteInFolder", [] { return std::make_unique<InFolder>(); }},
};

class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    kept_ = GetParam().make();
    open();
  }
  void open() {
    store_.reset();
    store_ = value_of(kept_->open());
    LG_OK(store_->shape({k_lots}));
  }
  Store& store() { return *store_; }
  void batch(const std::function<void()>& puts) {
    LG_OK(store().begin());
    puts();
    LG_OK(store().commit());
  }
  base::JsonObject hashes() { return value_of(store().table_hashes()); }
  std::unique_ptr<Reader> reader(Sight sight) { return value_of(store().reader(sight)); }

  std::unique_ptr<Kept> kept_;
  std::unique_ptr<Store> store_;
};

const std::string k_command = "00112233445566778899aabbccddeeff";

TEST_P(StoreContract, GivesLeavesBackInOrderFromBothTrees) {
  batch([&] {
    for (std::uint64_t i = 0; i < 5; ++i) {
      LG_OK(store().put_leaf(log::Tree::open, i, "open " + std::to_string(i)));
      LG_OK(store().put_leaf(log::Tree::sealed, i, "sealed " + std::to_string(i)));
    }
  });
  EXPECT_EQ(value_of(store().leaf_count(log::Tree::open)), 5U);
  EXPECT_EQ(value_of(store().leaves(log::Tree::open, 3, 10)), (std::vector<std::string>{"open 3", "open 4"}));
  EXPECT_EQ(value_of(store().leaves(log::Tree::sealed, 0, 2)), (std::vector<std::string>{"sealed 0", "sealed 1"}));
  EXPECT_TRUE(value_of(store().leaves(log::Tree::open, 5, 1)).empty());
}

TEST_P(StoreContract, SeesItsOwnBatchBeforeTheCommitAndReadersDoNot) {
  batch([&] { LG_OK(put_lot(store(), "lot/1", 1, "drafted", 10)); });
  const auto inside = reader(Sight::internal);
  LG_OK(store().begin());
  LG_OK(put_lot(store(), "lot/1", 2, "announced", 12));
  LG_OK(store().put_tally("sold", 3));
  LG_OK(store().put_leaf(log::Tree::open, 0, "a"));
  EXPECT_EQ(value_of(store().record("land_listing", "lot/1")), R"({"state":"announced"})");
  EXPECT_EQ(value_of(store().tally("sold")), 3);
  EXPECT_EQ(value_of(store().leaf_count(log::Tree::open)), 1U);
  EXPECT_EQ(value_of(inside->query("SELECT state, price FROM land_listing", {})), (std::vector<Row>{{"drafted", 10}}));
  EXPECT_TRUE(value_of(inside->leaves(log::Tree::open, 0, 9)).empty());
  LG_OK(store().commit());
  EXPECT_EQ(value_of(inside->query("SELECT state, price FROM land_listing", {})), (std::vector<Row>{{"announced", 12}}));
  EXPECT_EQ(value_of(inside->leaf(log::Tree::open, 0)), "a");
}

TEST_P(StoreContract, RollsBackAllOfABatch) {
  batch([&] { LG_OK(store().put_leaf(log::Tree::open, 0, "kept")); });
  const auto before = hashes();
  LG_OK(store().begin());
  LG_OK(store().put_leaf(log::Tree::open, 1, "dropped"));
  LG_OK(put_lot(store(), "lot/1", 1, "drafted", 10));
  LG_OK(store().put_sealed("bid/1", "{}"));
  LG_OK(store().put_secret(log::Tree::open, 1, "winner", "person/1", k_salt, "\"x\""));
  store().roll_back();
  EXPECT_EQ(value_of(store().leaf_count(log::Tree::open)), 1U);
  EXPECT_EQ(value_of(store().record("land_listing", "lot/1")), std::nullopt);
  EXPECT_EQ(value_of(store().sealed("bid/1")), std::nullopt);
  EXPECT_EQ(hashes(), before);
  // The key made for the subject in the lost batch is not used for the next one.
  batch([&] {
    LG_OK(store().put_leaf(log::Tree::open, 1, "again"));
    LG_OK(store().put_secret(log::Tree::open, 1, "winner", "person/1", k_salt, "\"x\""));
  });
  EXPECT_EQ(value_of(store().secret(log::Tree::open, 1, "winner"))->value, base::Json("x"));
}

TEST_P(StoreContract, KeepsEverythingOverAReopening) {
  if (!kept_->lasts()) GTEST_SKIP() << "a store in memory ends with its process";
  const base::Bytes tile(8192, 9);
  batch([&] {
    LG_OK(store().put_leaf(log::Tree::open, 0, "leaf"));
    LG_OK(store().put_leaf(log::Tree::sealed, 0, "sealed leaf"));
    LG_OK(store().put_tile(log::Tree::open, 1, 2, tile));
    LG_OK(store().put_tile(log::Tree::sealed, 0, 3, tile));
    LG_OK(store().put_secret(log::Tree::open, 0, "winner", "person/1", k_salt, R"({"name":"张三"})"));
    LG_OK(store().put_secret(log::Tree::sealed, 0, "bidder", "person/2", k_salt, "null"));
    LG_OK(put_lot(store(), "lot/1", 1, "drafted", 10));
    LG_OK(store().put_sealed("application/1", R"({"a":1})"));
    LG_OK(store().put_timer({base::Time{500}, "lot/1", "close"}));
    LG_OK(store().put_tally("sold", -4));
    LG_OK(store().put_seen(k_command, {log::Tree::open, 0, "abcd"}));
    LG_OK(store().put_meta("frontier", base::to_bytes("f")));
    LG_OK(store().put_meta("sealed/frontier", base::to_bytes("g")));
  });
  const auto before = hashes();
  open();
  EXPECT_EQ(hashes(), before);
  EXPECT_EQ(value_of(store().leaves(log::Tree::sealed, 0, 9)), std::vector<std::string>{"sealed leaf"});
  EXPECT_EQ(value_of(store().tile(log::Tree::open, 1, 2)), tile);
  EXPECT_EQ(value_of(store().tile(log::Tree::sealed, 0, 3)), tile);
  EXPECT_EQ(value_of(store().tile(log::Tree::sealed, 0, 4)), std::nullopt);
  const auto secret = value_of(store().secret(log::Tree::open, 0, "winner"));
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->salt, k_salt);
  EXPECT_EQ(secret->value.text("name"), "张三");
  EXPECT_TRUE(value_of(store().secret(log::Tree::sealed, 0, "bidder"))->value.is_null());
  EXPECT_EQ(value_of(store().secret(log::Tree::sealed, 0, "winner")), std::nullopt);
  EXPECT_EQ(value_of(store().sealed("application/1")), R"({"a":1})");
  EXPECT_EQ(value_of(store().next_due({500}))->ms, 500);
  EXPECT_EQ(value_of(store().tally("sold")), -4);
  EXPECT_EQ(value_of(store().seen(log::Tree::open, k_command))->digest, "abcd");
  EXPECT_EQ(value_of(store().meta("frontier")), base::to_bytes("f"));
  EXPECT_EQ(value_of(store().meta("sealed/frontier")), base::to_bytes("g"));
}

TEST_P(StoreContract, FiresTimersByDueThenRecordThenName) {
  batch([&] {
    LG_OK(store().put_timer({base::Time{20}, "lot/1", "b"}));
    LG_OK(store().put_timer({base::Time{20}, "lot/1", "a"}));
    LG_OK(store().put_timer({base::Time{20}, "lot/0", "z"}));
    LG_OK(store().put_timer({base::Time{10}, "lot/9", "a"}));
    LG_OK(store().put_timer({base::Time{99}, "lot/9", "late"}));
    LG_OK(store().put_timer({base::Time{5}, "lot/2", "moved"}));
    LG_OK(store().put_timer({base::Time{15}, "lot/2", "moved"}));  // replaces
    LG_OK(store().put_timer({base::Time{1}, "lot/3", "gone"}));
    LG_OK(store().erase_timer("lot/3", "gone"));
  });
  std::string order;
  for (const auto& timer : value_of(store().timers_due(base::Time{20}, 100))) order += timer.record + "." + timer.name + " ";
  EXPECT_EQ(order, "lot/9.a lot/2.moved lot/0.z lot/1.a lot/1.b ");
  EXPECT_EQ(value_of(store().timers_due(base::Time{20}, 2)).size(), 2U);
  EXPECT_EQ(value_of(store().next_due({10}))->ms, 10);
}

TEST_P(StoreContract, RemembersACommandWithItsDigestInEitherTree) {
  batch([&] {
    LG_OK(store().put_seen(k_command, {log::Tree::open, 41, std::string(64, 'a')}));
    LG_OK(store().put_seen("ffffffffffffffffffffffffffffffff", {log::Tree::sealed, 7, std::string(64, 'b')}));
  });
  const auto open = value_of(store().seen(log::Tree::open, k_command));
  const auto sealed = value_of(store().seen(log::Tree::sealed, "ffffffffffffffffffffffffffffffff"));
  ASSERT_TRUE(open && sealed);
  EXPECT_EQ(open->seq, 41U);
  EXPECT_EQ(open->digest, std::string(64, 'a'));
  EXPECT_EQ(sealed->tree, log::Tree::sealed);
  EXPECT_EQ(sealed->seq, 7U);
  EXPECT_EQ(sealed->digest, std::string(64, 'b'));
  EXPECT_EQ(value_of(store().seen(log::Tree::open, "00000000000000000000000000000000")), std::nullopt);
}

TEST_P(StoreContract, ErasesASubjectAndLeavesTheOthers) {
  batch([&] {
    for (std::uint64_t i = 0; i < 4; ++i) {
      const auto who = i % 2 == 0 ? "person/1" : "person/2";
      LG_OK(store().put_leaf(log::Tree::open, i, "leaf"));
      LG_OK(store().put_leaf(log::Tree::sealed, i, "leaf"));
      LG_OK(store().put_secret(log::Tree::open, i, "name", who, k_salt, "\"n\""));
      LG_OK(store().put_secret(log::Tree::sealed, i, "name", who, k_salt, "\"n\""));
    }
    LG_OK(store().put_chaff(5));
  });
  EXPECT_EQ(value_of(store().erase_subject("person/1")), 4U);
  for (std::uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(value_of(store().secret(log::Tree::open, i, "name")).has_value(), i % 2 == 1);
    EXPECT_EQ(value_of(store().secret(log::Tree::sealed, i, "name")).has_value(), i % 2 == 1);
  }
  EXPECT_EQ(value_of(store().erase_subject("person/1")), 0U);
  EXPECT_EQ(value_of(store().erase_subject("nobody")), 0U);
  // Who comes back after an erasure gets a fresh key.
  batch([&] {
    LG_OK(store().put_leaf(log::Tree::open, 4, "leaf"));
    LG_OK(store().put_secret(log::Tree::open, 4, "name", "person/1", k_salt, "\"new\""));
  });
  EXPECT_EQ(value_of(store().secret(log::Tree::open, 4, "name"))->value, base::Json("new"));
}

TEST_P(StoreContract, RebuildsToEqualHashesWhateverTheOrderAndTheChaff) {
  const auto project = [&](bool other_way) {
    std::vector<std::function<void()>> puts;
    for (int i = 0; i < 20; ++i) {
      puts.push_back([&, i] {
        const auto n = std::to_string(i);
        LG_OK(put_lot(store(), "lot/" + n, 1, "sold", i));
        LG_OK(store().put_sealed("application/" + n, "{\"n\":" + n + "}"));
        LG_OK(store().put_timer({base::Time{i}, "lot/" + n, "close"}));
        LG_OK(store().put_tally("tally/" + n, i));
        LG_OK(store().put_seen(std::string(30, '0') + (i < 10 ? "0" : "") + n,
                               {log::Tree::open, static_cast<std::uint64_t>(i), "aa"}));
        LG_OK(store().put_meta("projection/" + n, base::to_bytes(n)));
      });
    }
    if (other_way) std::reverse(puts.begin(), puts.end());
    batch([&] {
      for (const auto& put : puts) put();
    });
  };
  project(false);
  const auto before = hashes();
  for (const auto* table : {"land_listing", "sealed", "timers", "tallies", "seen", "meta_projection"}) {
    EXPECT_NE(before.find(table), nullptr) << table;
  }
  EXPECT_EQ(before.find("land_listing_public"), nullptr) << "a table without rows has no hash";
  batch([&] {
    LG_OK(store().put_chaff(7));
    LG_OK(store().put_meta("checkpoint", base::to_bytes("stays")));
  });
  EXPECT_EQ(hashes(), before) << "chaff and operational meta are no projection";
  LG_OK(drop_projections(store()));
  EXPECT_TRUE(hashes().empty());
  EXPECT_EQ(value_of(store().sealed("application/1")), std::nullopt);
  EXPECT_EQ(value_of(store().meta("projection/1")), std::nullopt);
  EXPECT_EQ(value_of(store().meta("checkpoint")), base::to_bytes("stays"));
  project(true);
  EXPECT_EQ(hashes(), before);
  batch([&] {
    LG_OK(store().put_sealed("tally:gone", "0"));
    LG_OK(store().put_sealed("index:gone", "[]"));
  });
  EXPECT_EQ(hashes(), before) << "a figure of nought and an empty list say what no row says";
  batch([&] { LG_OK(store().put_sealed("tally:gone", "1")); });
  EXPECT_NE(*hashes().find("sealed"), *before.find("sealed"));
  batch([&] { LG_OK(put_lot(store(), "lot/3", 1, "sold", 4711)); });
  EXPECT_NE(*hashes().find("land_listing"), *before.find("land_listing")) << "a typed column is part of the hash";
}

TEST_P(StoreContract, ADropKeepsLogVaultAndFiles) {
  const auto hash = value_of(store().keep_file("a plan of the site"));
  batch([&] {
    LG_OK(store().put_leaf(log::Tree::open, 0, "leaf"));
    LG_OK(store().put_tile(log::Tree::open, 0, 0, base::Bytes(8192, 1)));
    LG_OK(store().put_secret(log::Tree::open, 0, "name", "person/1", k_salt, "\"n\""));
  });
  LG_OK(drop_projections(store()));
  EXPECT_EQ(value_of(store().leaves(log::Tree::open, 0, 9)).size(), 1U);
  EXPECT_TRUE(value_of(store().tile(log::Tree::open, 0, 0)));
  EXPECT_TRUE(value_of(store().secret(log::Tree::open, 0, "name")));
  EXPECT_EQ(value_of(store().file(hash)), "a plan of the site");
}

TEST_P(StoreContract, ShapesNewColumnsAndRefusesReservedNames) {
  batch([&] { LG_OK(put_lot(store(), "lot/1", 1, "drafted", 10)); });
  auto wider = k_lots;
  wider.columns.push_back({"use", false, true});
  const auto before = hashes();
  LG_OK(store().shape({wider}));
  EXPECT_EQ(hashes(), before) << "a column that holds nothing leaves the hash alone";
  const std::vector<base::Json> columns{"350100", 11, "real-estate"};
  batch([&] { LG_OK(store().put_public({"land_listing", "lot/1", 2, "s", "{}", base::Time{1}, &columns})); });
  EXPECT_EQ(value_of(reader(Sight::open)->query("SELECT use FROM land_listing_public WHERE region = ?", {"350100"})),
            (std::vector<Row>{{"real-estate"}}));
  for (const auto& bad :
       {TableShape{"vault", {}}, TableShape{"leaves_open", {}}, TableShape{"x_public", {}}, TableShape{"X", {}},
        TableShape{"sqlite_x", {}}, TableShape{"a\"b", {}}, TableShape{"x", {{"doc"}}}, TableShape{"x", {{"a"}, {"a"}}},
        TableShape{"land_listing", {{"price", false}}}}) {
    const auto shaped = store().shape({bad});
    ASSERT_TRUE(shaped.refused()) << bad.name;
    EXPECT_EQ(shaped.refusal().code, "STORE-06");
  }
  EXPECT_EQ(value_of(store().record("land_listing", "lot/1")), R"({"state":"drafted"})");
  EXPECT_EQ(store().record("unknown", "x").refusal().code, "STORE-06");
}

TEST_P(StoreContract, WithdrawsWhatIsNoLongerOpen) {
  batch([&] { LG_OK(store().put_public({"land_listing", "lot/1", 1, "sold", "{}", base::Time{1}, nullptr})); });
  const auto open = reader(Sight::open);
  EXPECT_EQ(value_of(open->query("SELECT id, price FROM land_listing_public", {})), (std::vector<Row>{{"lot/1", nullptr}}));
  batch([&] { LG_OK(store().erase_public("land_listing", "lot/1")); });
  EXPECT_TRUE(value_of(open->query("SELECT id FROM land_listing_public", {})).empty());
}

TEST_P(StoreContract, TheOpenSightReadsWhatIsOpen) {
  batch([&] {
    LG_OK(store().put_leaf(log::Tree::open, 0, "leaf"));
    LG_OK(store().put_tile(log::Tree::open, 0, 0, base::Bytes(8192, 1)));
    LG_OK(store().put_public({"land_listing", "lot/1", 1, "sold", R"({"use":"住宅"})", base::Time{1}, nullptr}));
    LG_OK(store().put_meta("open/checkpoint", base::to_bytes("signed")));
  });
  const auto open = reader(Sight::open);
  EXPECT_EQ(value_of(open->leaf(log::Tree::open, 0)), "leaf");
  EXPECT_EQ(value_of(open->leaf(log::Tree::open, 1)), std::nullopt);
  EXPECT_TRUE(value_of(open->tile(log::Tree::open, 0, 0)));
  EXPECT_EQ(value_of(open->meta("open/checkpoint")), base::to_bytes("signed"));
  EXPECT_EQ(value_of(open->query("WITH sold AS (SELECT id, doc FROM land_listing_public WHERE state = ?) "
                                 "SELECT id, json_extract(doc, '$.use') FROM sold ORDER BY 1 LIMIT ?",
                                 {"sold", 10})),
            (std::vector<Row>{{"lot/1", "住宅"}}));
}

TEST_P(StoreContract, TheOpenSightIsRefusedAllElse) {
  const auto open = reader(Sight::open);
  for (const auto* sql : {"SELECT * FROM land_listing",
                          "SELECT count(*) FROM land_listing",
                          "SELECT 1 FROM timers",
                          "SELECT * FROM vault",
                          "SELECT * FROM sealed",
                          "SELECT count(*) FROM vault_sealed",
                          "SELECT max(seq) FROM leaves_sealed",
                          "SELECT * FROM tallies",
                          "SELECT * FROM seen",
                          "SELECT * FROM meta",
                          "SELECT * FROM meta_sealed",
                          "SELECT * FROM tiles_sealed",
                          "SELECT * FROM sqlite_master",
                          "SELECT sql FROM sqlite_schema",
                          "SELECT name FROM sqlite_temp_master",
                          "SELECT * FROM pragma_table_info('land_listing')",
                          "SELECT * FROM pragma_table_list",
                          "PRAGMA table_info(land_listing)",
                          "PRAGMA query_only = OFF",
                          "PRAGMA database_list",
                          "ATTACH 'x.db' AS x",
                          "SELECT * FROM dbstat",
                          "WITH x AS (SELECT doc FROM land_listing) SELECT * FROM x",
                          "SELECT (SELECT doc FROM land_listing LIMIT 1)",
                          "SELECT id FROM land_listing_public UNION SELECT id FROM land_listing",
                          "SELECT id FROM land_listing_public WHERE EXISTS (SELECT 1 FROM sealed)",
                          "CREATE TEMP VIEW v AS SELECT * FROM land_listing",
                          "CREATE TEMP TABLE t (a)",
                          "DELETE FROM land_listing_public",
                          "UPDATE land_listing_public SET state = 'x'",
                          "INSERT INTO land_listing_public SELECT * FROM land_listing",
                          "EXPLAIN SELECT 1",
                          "SELECT 1; SELECT 2",
                          "BEGIN",
                          "VACUUM",
                          "",
                          "SELECT load_extension('x')"}) {
    const auto answer = open->query(sql, {});
    ASSERT_TRUE(answer.refused()) << sql << " "
                                  << (answer ? std::to_string(answer->size()) + " rows" : base::explain(answer.trouble()));
    EXPECT_EQ(answer.refusal().code, "STORE-03") << sql;
  }
  EXPECT_EQ(open->leaf(log::Tree::sealed, 0).refusal().code, "STORE-03");
  EXPECT_EQ(open->tile(log::Tree::sealed, 0, 0).refusal().code, "STORE-03");
  EXPECT_EQ(open->meta("frontier").refusal().code, "STORE-03");
  EXPECT_EQ(open->meta("sealed/x").refusal().code, "STORE-03");
}

TEST_P(StoreContract, TheInternalSightReadsAllButWhatIsEncrypted) {
  batch([&] {
    LG_OK(store().put_leaf(log::Tree::sealed, 0, "sealed leaf"));
    LG_OK(put_lot(store(), "lot/1", 1, "drafted", 10));
    LG_OK(store().put_tally("sold", 2));
    LG_OK(store().put_meta("frontier", base::to_bytes("f")));
  });
  const auto inside = reader(Sight::internal);
  EXPECT_EQ(value_of(inside->leaf(log::Tree::sealed, 0)), "sealed leaf");
  EXPECT_EQ(value_of(inside->meta("frontier")), base::to_bytes("f"));
  EXPECT_EQ(value_of(inside->query("SELECT l.id, t.value FROM land_listing l, tallies t", {})),
            (std::vector<Row>{{"lot/1", 2}}));
  for (const auto* sql :
       {"SELECT * FROM vault", "SELECT count(*) FROM vault_sealed", "SELECT * FROM sealed", "SELECT * FROM meta_sealed",
        "SELECT * FROM dbstat", "DELETE FROM land_listing", "PRAGMA query_only = OFF"}) {
    const auto answer = inside->query(sql, {});
    ASSERT_TRUE(answer.refused()) << sql << " "
                                  << (answer ? std::to_string(answer->size()) + " rows" : base::explain(answer.trouble()));
    EXPECT_EQ(answer.refusal().code, "STORE-03") << sql;
  }
  EXPECT_EQ(inside->meta("sealed/x").refusal().code, "STORE-03");
}

TEST_P(StoreContract, AReaderMeetsTablesShapedAfterIt) {
  const auto open = reader(Sight::open);
  LG_OK(store().shape({{"certificate", {{"holder", false, true}}}}));
  const std::vector<base::Json> columns{"x"};
  batch([&] { LG_OK(store().put_public({"certificate", "c/1", 1, "in-force", "{}", base::Time{1}, &columns})); });
  EXPECT_EQ(value_of(open->query("SELECT holder FROM certificate_public", {})), (std::vector<Row>{{"x"}}));
  EXPECT_TRUE(open->query("SELECT holder FROM certificate", {}).refused());
}

TEST_P(StoreContract, KeepsFilesByTheirHashAndErasesThem) {
  const std::string large(200'000, 'x');
  const auto hash = value_of(store().keep_file(large));
  EXPECT_EQ(hash, base::to_hex(base::sha256(base::as_bytes(large))));
  EXPECT_EQ(value_of(store().keep_file(large)), hash);
  EXPECT_EQ(value_of(store().file(hash)), large);
  EXPECT_EQ(value_of(store().file(value_of(store().keep_file("")))), "");
  LG_OK(store().erase_file(hash));
  for (const auto& name : {hash, std::string(64, '0'), std::string("../../etc/passwd")}) {
    EXPECT_EQ(store().file(name).refusal().code, "STORE-05");
    EXPECT_EQ(store().erase_file(name).refusal().code, "STORE-05");
  }
}

TEST_P(StoreContract, PurgesWhatWasHandedInAndNeverWhatAnActCites) {
  const auto cited = value_of(store().await_file("minutes of the meeting", "person/clerk"));
  const auto left = value_of(store().await_file("a file that nobody cites", "person/clerk"));
  const auto kept = value_of(store().keep_file("a statement of the bank"));
  EXPECT_EQ(value_of(store().await_file("a statement of the bank", "person/clerk")), kept);
  EXPECT_EQ(store().files_waiting(), 2U) << "handing in what is kept makes nothing wait";
  EXPECT_EQ(value_of(store().file(cited)), "minutes of the meeting") << "what waits is read as any file";
  EXPECT_EQ(value_of(store().purge_files(base::k_hour)), 0U) << "none has waited so long";
  LG_OK(store().settle_file(cited));
  LG_OK(store().settle_file(cited));
  LG_OK(store().settle_file(std::string(64, '0')));
  EXPECT_TRUE(store().hold_file(left));
  EXPECT_FALSE(store().hold_file(std::string(64, '0')));
  EXPECT_EQ(value_of(store().purge_files(-1'000)), 1U);
  EXPECT_EQ(store().file(left).refusal().code, "STORE-05");
  EXPECT_FALSE(store().hold_file(left));
  EXPECT_TRUE(store().hold_file(cited));
  EXPECT_EQ(value_of(store().file(cited)), "minutes of the meeting");
  EXPECT_EQ(value_of(store().file(kept)), "a statement of the bank");
  EXPECT_EQ(value_of(store().await_file("a file that nobody cites", "person/clerk")), left) << "it may be handed in anew";
  EXPECT_EQ(value_of(store().keep_file("a file that nobody cites")), left);
  EXPECT_EQ(store().files_waiting(), 0U);
  EXPECT_EQ(value_of(store().purge_files(-1'000)), 0U);
}

TEST_P(StoreContract, KnowsWhoHandedInAFile) {
  const auto kept = value_of(store().keep_file("minutes"));
  EXPECT_FALSE(store().handed_in(kept, "person/clerk")) << "its digest is public, its bytes are not";
  EXPECT_EQ(value_of(store().await_file("minutes", "person/clerk")), kept);
  EXPECT_TRUE(store().handed_in(kept, "person/clerk"));
  EXPECT_FALSE(store().handed_in(kept, "person/other"));
  EXPECT_FALSE(store().handed_in(kept, ""));
  EXPECT_FALSE(store().handed_in("../../etc/passwd", "person/clerk"));
  EXPECT_EQ(value_of(store().purge_files(base::k_hour)), 0U);
  EXPECT_TRUE(store().handed_in(kept, "person/clerk"));
  EXPECT_EQ(value_of(store().purge_files(-1'000)), 0U) << "a mark is no file";
  EXPECT_FALSE(store().handed_in(kept, "person/clerk"));
  EXPECT_EQ(value_of(store().file(kept)), "minutes");
}

TEST_P(StoreContract, ManyReadersReadWhileTheWriterWrites) {
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, mine = std::shared_ptr<Reader>(reader(i == 0 ? Sight::internal : Sight::open))] {
      while (!stop) {
        // Lot and leaf are put in one batch, so no reader ever sees other than whole batches of ten leaves.
        if (value_of(mine->leaves(log::Tree::open, 0, 1'000'000)).size() % 10 != 0) ++wrong;
      }
    });
  }
  std::uint64_t seq = 0;
  for (int i = 0; i < 200; ++i) {
    batch([&] {
      for (int j = 0; j < 10; ++j) LG_OK(store().put_leaf(log::Tree::open, seq++, "leaf"));
      LG_OK(put_lot(store(), "lot/1", static_cast<std::uint64_t>(i) + 1, "x", i));
    });
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::ValuesIn(k_stores),
                         [](const auto& stand) { return stand.param.name; });

}  // namespace
