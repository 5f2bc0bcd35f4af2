// Backup, restore, rebuild and export of a small house, as their commands do it.

#include "cli/keep.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/export.hpp"
#include "cli/given_out.hpp"
#include "store/folder.hpp"
#include "verify/log.hpp"

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;

std::string whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Keep : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / "landglass-keep-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    options_.folder = folder_ + "/data";
    options_.keys = folder_ + "/keys";
    options_.pack = std::string(LG_SOURCE_DIR) + "/packs/cn-land";
    options_.data = std::string(LG_SOURCE_DIR) + "/build/data";
    options_.origin = "keep.invalid/log";
    options_.durable = false;
    log(3);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // So many offices more, by an engine that then ends; what it gave out last is kept with the keys.
  void log(int offices) {
    auto core = open_core(options_, clock_, random_, true);
    ASSERT_TRUE(core) << base::explain(core.trouble());
    for (int i = 0; i < offices; ++i) {
      engine::Command command;
      command.id = base::to_hex(random_.bytes32()).substr(0, 32);
      command.institution = "office";
      command.actor = "genesis";
      command.fields = {{"key", "o" + std::to_string(++offices_)},
                        {"name", "=某局,\"甲\""},
                        {"short", "某"},
                        {"region", "350124"},
                        {"kind", "resources"}};
      const auto answer = core->engine->call(std::move(command));
      ASSERT_TRUE(answer) << base::explain(answer.trouble());
    }
    const GivenOut kept(*core->engine, options_.keys);
  }
  void damage(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((options_.folder + "/landglass.db").c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  std::string folder_;
  HouseOptions options_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  int offices_ = 0;
};

TEST_F(Keep, ABackupTakenWhileTheEngineRunsIsRestoredAndGoesOn) {
  auto core = open_core(options_, clock_, random_, true);
  ASSERT_TRUE(core);
  ASSERT_TRUE(back_up_house(options_, folder_ + "/copy"));
  core = base::fail("closed");
  const auto again = back_up_house(options_, folder_ + "/copy");
  ASSERT_TRUE(again.refused());
  EXPECT_EQ(again.refusal().code, "STORE-07");
  fs::remove_all(options_.folder);
  const auto restored = restore_house(options_, {folder_ + "/copy", {}, {}, {}});
  ASSERT_TRUE(restored) << base::explain(restored.trouble());
  EXPECT_EQ(store::look_at(options_.folder)->leaves, 3U);
  log(1);
  EXPECT_EQ(store::look_at(options_.folder)->leaves, 4U);
}

TEST_F(Keep, AnOldBackupIsNotRestoredWhereMoreWasGivenOutAndNothingIsLeftBehind) {
  ASSERT_TRUE(back_up_house(options_, folder_ + "/copy"));
  log(2);
  fs::remove_all(options_.folder);
  const auto refused = restore_house(options_, {folder_ + "/copy", {}, {}, {}});
  ASSERT_TRUE(refused.refused());
  EXPECT_EQ(refused.refusal().code, "LOG-01");
  EXPECT_NE(refused.refusal().where.find("5 > 3"), std::string::npos) << refused.refusal().where;
  EXPECT_FALSE(fs::exists(options_.folder));
  int left = 0;
  for (const auto& entry : fs::directory_iterator(folder_))
    left += entry.path().filename().string().starts_with("data") ? 1 : 0;
  EXPECT_EQ(left, 0);

  // The same by a checkpoint that somebody else kept, where ours was lost.
  const auto known = folder_ + "/somebodys-checkpoint";
  fs::rename(options_.keys + "/checkpoint", known);
  const auto also = restore_house(options_, {folder_ + "/copy", {known}, {}, {}});
  ASSERT_TRUE(also.refused());
  EXPECT_EQ(also.refusal().code, "LOG-01");
  std::ofstream(known) << "not a checkpoint\n";
  EXPECT_TRUE(restore_house(options_, {folder_ + "/copy", {known}, {}, {}}).refused());
}

TEST_F(Keep, ANewLogCitesTheOldOneAndTheGapInItsFirstLeaf) {
  ASSERT_TRUE(back_up_house(options_, folder_ + "/copy"));
  log(2);
  fs::remove_all(options_.folder);
  EXPECT_TRUE(succeed_house(options_, {folder_ + "/copy", {}, "keep.invalid/log", "lost"}).refused()) << "the same name";
  EXPECT_TRUE(succeed_house(options_, {folder_ + "/copy", {}, "keep.invalid/log-2", ""}).refused()) << "no reason";
  ASSERT_TRUE(fs::exists(options_.keys + "/checkpoint"));
  const auto begun = succeed_house(options_, {folder_ + "/copy", {}, "keep.invalid/log-2", "磁盘损坏"});
  ASSERT_TRUE(begun) << base::explain(begun.trouble());
  options_.origin = "keep.invalid/log-2";
  log(1);
  const auto to = folder_ + "/export";
  ASSERT_TRUE(export_house(options_, {to, false}));
  const auto row = whole(to + "/tables/predecessor.jsonl");
  EXPECT_NE(row.find("\"old_origin\":\"keep.invalid/log\""), std::string::npos) << row;
  EXPECT_NE(row.find("\"held\":3"), std::string::npos) << row;
  EXPECT_NE(row.find("\"given_out\":5"), std::string::npos) << row;
  EXPECT_NE(row.find("\"missing\":2"), std::string::npos) << row;
  const auto policy = log::Policy::parse(whole(to + "/policy"));
  verify::LogFolder files(to);
  EXPECT_EQ(verify::verify_log(files, *policy).read, 2U);
}

TEST_F(Keep, AFolderSetBackByHandIsRefusedAtTheStart) {
  ASSERT_TRUE(back_up_house(options_, folder_ + "/copy"));
  log(1);
  fs::remove_all(options_.folder);
  fs::rename(folder_ + "/copy", options_.folder);
  const auto core = open_core(options_, clock_, random_, true);
  ASSERT_TRUE(core.refused());
  EXPECT_EQ(core.refusal().code, "LOG-01");
}

TEST_F(Keep, RebuildFindsTheTableThatIsNotTheLogsAndMakesItAgain) {
  auto checked = rebuild_house(options_, true);
  ASSERT_TRUE(checked) << base::explain(checked.trouble());
  EXPECT_TRUE(checked->differing.empty());
  EXPECT_EQ(checked->events, 3U);
  damage("UPDATE office SET state = 'dissolved' WHERE id = 'office/o2'");
  checked = rebuild_house(options_, true);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->differing, std::vector<std::string>{"office"});
  EXPECT_EQ(rebuild_house(options_, true)->differing.size(), 1U) << "--check changes nothing";
  EXPECT_EQ(rebuild_house(options_, false)->differing, std::vector<std::string>{"office"});
  EXPECT_TRUE(rebuild_house(options_, true)->differing.empty());
}

TEST_F(Keep, RebuildRefusesALeafThatIsNotTheTrees) {
  damage("UPDATE leaves_open SET bytes = CAST(replace(CAST(bytes AS TEXT), 'o2', 'o9') AS BLOB) WHERE seq = 1");
  const auto checked = rebuild_house(options_, true);
  ASSERT_TRUE(checked.refused());
  EXPECT_EQ(checked.refusal().code, "LOG-03");
  // In place too, and the tables stand as they stood.
  EXPECT_TRUE(rebuild_house(options_, false).refused());
  damage("UPDATE leaves_open SET bytes = CAST(replace(CAST(bytes AS TEXT), 'o9', 'o2') AS BLOB) WHERE seq = 1");
  const auto again = rebuild_house(options_, true);
  ASSERT_TRUE(again) << base::explain(again.trouble());
  EXPECT_TRUE(again->differing.empty());
}

TEST_F(Keep, WhatIsExportedIsVerifiedFromItsFilesAloneAndCarriedOn) {
  const auto to = folder_ + "/export";
  auto exported = export_house(options_, {to, false});
  ASSERT_TRUE(exported) << base::explain(exported.trouble());
  EXPECT_EQ(exported->leaves, 3U);
  EXPECT_EQ(exported->beyond, 0U);
  EXPECT_EQ(exported->records, 3U);
  const auto verdict = [&] {
    const auto policy = log::Policy::parse(whole(to + "/policy"));
    verify::LogFolder files(to);
    return verify::verify_log(files, *policy);
  };
  EXPECT_EQ(verdict().level, log::Level::logged);
  EXPECT_EQ(verdict().read, 3U);
  EXPECT_EQ(whole(to + "/checkpoint"), whole(options_.keys + "/checkpoint")) << "the same bytes as were given out";
  const auto csv = whole(to + "/tables/office.csv");
  EXPECT_NE(csv.find("office/o1,1,active,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("\"=某局,\"\"甲\"\"\""), std::string::npos) << csv;
  log(300);
  ASSERT_TRUE(export_house(options_, {to, true}));
  EXPECT_EQ(verdict().read, 303U);
  // Without the key: the checkpoint that was kept, one batch behind; what it does not cover is said.
  fs::remove(options_.keys + "/log.key");
  exported = export_house(options_, {folder_ + "/without", true});
  ASSERT_TRUE(exported);
  EXPECT_EQ(exported->leaves + exported->beyond, 303U);
  EXPECT_GT(exported->beyond, 0U);
}

TEST_F(Keep, ANewerStoreIsRefusedByWhatWouldReadIt) {
  damage("PRAGMA user_version = 99");
  const auto copied = back_up_house(options_, folder_ + "/copy");
  ASSERT_TRUE(copied.refused());
  EXPECT_EQ(copied.refusal().code, "STORE-01");
  const auto facts = store::look_at(options_.folder);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->format, 99);
  EXPECT_GT(facts->format, facts->newest);
}

}  // namespace
}  // namespace landglass::cli
