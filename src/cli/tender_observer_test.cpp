// Before the opening of a tender nothing that a stranger can read, and no dump of the folder without its key, tells how many
// tenders were handed in or by whom. The same lot is played with none, with one and with three.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "cli/serve.hpp"
#include "cli/town.hpp"

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;

void must(const base::Status& status) { ASSERT_TRUE(status) << base::explain(status.trouble()); }

// What differs by chance, put in one form of the same length.
std::string plain(const std::string& text) {
  static const std::regex hash("[0-9a-f]{16,}|[A-Za-z0-9_-]{40,}");
  return std::regex_replace(text, hash, "h");
}

struct View {
  std::vector<std::string> leaves;            // of the open log, in form
  std::map<std::string, std::string> tables;  // of the dump: rows and sizes of values
  std::string bytes;                          // of the whole folder
  std::vector<std::string> secrets;
};

std::map<std::string, std::string> shape(const std::string& file) {
  std::map<std::string, std::string> out;
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  const auto each = [&](const std::string& sql, const std::function<void(sqlite3_stmt*)>& row) {
    sqlite3_stmt* query = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &query, nullptr), SQLITE_OK) << sql;
    while (sqlite3_step(query) == SQLITE_ROW) row(query);
    sqlite3_finalize(query);
  };
  std::vector<std::string> names;
  each("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
       [&](sqlite3_stmt* row) { names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(row, 0))); });
  for (const auto& name : names) {
    std::multiset<int> sizes;
    int rows = 0;
    each("SELECT * FROM \"" + name + "\"", [&](sqlite3_stmt* row) {
      ++rows;
      for (int i = 0; i < sqlite3_column_count(row); ++i) {
        if (sqlite3_column_type(row, i) == SQLITE_BLOB) sizes.insert(sqlite3_column_bytes(row, i));
      }
    });
    std::ostringstream text;
    text << rows << " rows;";
    for (auto at = sizes.begin(); at != sizes.end(); at = sizes.upper_bound(*at))
      text << " " << *at << "×" << sizes.count(*at);
    out[name] = text.str();
  }
  sqlite3_close(db);
  return out;
}

View play(std::size_t tenders) {
  View view;
  std::string folder = fs::temp_directory_path() / "landglass-observer-XXXXXX";
  EXPECT_NE(::mkdtemp(folder.data()), nullptr);
  HouseOptions house;
  house.folder = folder + "/data";
  house.keys = folder + "/keys";
  house.origin = "test.landglass.invalid/observer";
  house.durable = false;
  house.signing = "session";
  base::SystemRandom random;
  base::VirtualClock clock(base::Time{1'795'397'229'000});
  {
    auto core = open_core(house, clock, random, false);
    EXPECT_TRUE(core) << base::explain(core.trouble());
    Town town(*core->engine, *core->store, &clock, 7);
    town.honest_bank();
    must(town.found("packs/cn-land/worlds/county.yaml", "350124"));
    must(town.found("packs/cn-land/worlds/experts.yaml", "350124"));
    const auto plan = town.create("land-use", "supply-plan",
                                  {{"region", "350124"},
                                   {"year", base::to_civil(base::date_of(clock.now())).year},
                                   {"total_area", "2000000.00"},
                                   {"residential_area", "800000.00"}});
    EXPECT_TRUE(plan && town.act("mayor", plan->record, "publish"));
    LotPlan lot_plan;
    lot_plan.location = "观察标的";
    lot_plan.mode = "tender";
    lot_plan.opens = town.now() + 21 * base::k_day;
    lot_plan.closes = town.now() + 32 * base::k_day;
    const auto lot = town.announce(lot_plan, plan->record);
    EXPECT_TRUE(lot) << base::explain(lot.trouble());
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < 3; ++i) {
      auto entry = town.apply(*lot, i);
      EXPECT_TRUE(entry) << base::explain(entry.trouble());
      entries.push_back(*entry);
    }
    must(town.bank());
    town.pass(lot_plan.opens + base::k_hour);
    for (std::size_t i = 0; i < tenders; ++i) {
      EXPECT_TRUE(town.admitted(entries[i]));
      const auto handed = town.hand_in(*lot, entries[i], {1'234'567'800 + static_cast<std::int64_t>(i)}, "观察者的承诺");
      EXPECT_TRUE(handed) << base::explain(handed.trouble());
      view.secrets.push_back(handed->record.substr(handed->record.find('/') + 1));
      const auto held = town.doc(handed->record).at("fields");
      view.secrets.emplace_back(held.text("commitment"));
      view.secrets.emplace_back(held.text("document").substr(40, 80));
    }
    town.pass(lot_plan.closes + -base::k_hour);
    const auto count = core->store->leaf_count(log::Tree::open);
    const auto leaves = core->store->leaves(log::Tree::open, 0, *count);
    for (const auto& leaf : *leaves) view.leaves.push_back(plain(leaf));
  }
  view.tables = shape(house.folder + "/landglass.db");
  for (const auto& file : fs::recursive_directory_iterator(house.folder)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    view.bytes += out.str();
  }
  fs::remove_all(folder);
  return view;
}

TEST(TenderObserver, BeforeTheOpeningNeitherLogNorDumpTellsHowManyTendersThereAre) {
  const auto none = play(0);
  const auto one = play(1);
  const auto three = play(3);
  ASSERT_EQ(one.leaves.size(), none.leaves.size());
  ASSERT_EQ(three.leaves.size(), none.leaves.size());
  for (std::size_t i = 0; i < none.leaves.size(); ++i) {
    EXPECT_EQ(one.leaves[i], none.leaves[i]) << "leaf " << i;
    EXPECT_EQ(three.leaves[i], none.leaves[i]) << "leaf " << i;
  }
  ASSERT_GT(none.tables.size(), 10u);
  for (const auto& [table, rows] : none.tables) {
    EXPECT_EQ(one.tables.at(table), rows) << table << " with one tender";
    EXPECT_EQ(three.tables.at(table), rows) << table << " with three";
  }
  EXPECT_NE(three.bytes.find("观察标的"), std::string::npos) << "the dump does not see what is there";
  for (const auto* view : {&one, &three}) {
    ASSERT_FALSE(view->secrets.empty());
    for (const auto& secret : view->secrets) {
      EXPECT_EQ(view->bytes.find(secret), std::string::npos) << secret;
      for (const auto& leaf : view->leaves) EXPECT_EQ(leaf.find(secret), std::string::npos) << secret;
    }
  }
}

}  // namespace
}  // namespace landglass::cli
