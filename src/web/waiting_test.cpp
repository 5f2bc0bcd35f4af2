#include "web/waiting.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/cache.hpp"
#include "engine/columns.hpp"
#include "engine/test_house.hpp"

namespace landglass::web {
namespace {

using base::Json;

class WaitingRecords : public ::testing::Test {
 protected:
  ~WaitingRecords() override { std::filesystem::remove_all(folder_); }

  // A row of both tables, as a record that nobody keeps anything of.
  void stand(const std::string& institution, const std::string& key, const std::string& state, std::int64_t changed,
             base::JsonObject fields, std::int64_t due = 0, const std::string& doc = "{}") {
    const auto* in = pack_->current(institution);
    const auto columns = engine::columns_of(*in, fields);
    const auto table = engine::Cache::table_of(institution);
    const auto id = institution + "/" + key;
    const store::RecordRow row{table, id, 1, state, doc, base::Time{changed}, &columns};
    ASSERT_TRUE(store_->begin());
    if (due != 0) {
      ASSERT_TRUE(store_->put_timer({base::Time{due}, id, "term"}));
    }
    ASSERT_TRUE(store_->put_record(row));
    ASSERT_TRUE(store_->put_public(row));
    ASSERT_TRUE(store_->commit());
  }
  Waiting one_round(const std::string& institution, const Worker& worker, int round) {
    auto reader = store_->reader(store::Sight::internal);
    EXPECT_TRUE(reader);
    auto found = waiting_records(**reader, *pack_->current(institution), worker, round);
    EXPECT_TRUE(found) << base::explain(found.trouble());
    return found ? *found : Waiting{};
  }
  std::vector<std::string> waiting(const std::string& institution, const Worker& worker) {
    return one_round(institution, worker, 0).ids;
  }

  std::string folder_ = engine::test::fresh_folder();
  base::VirtualClock clock_{base::Time{1'300'000'000'000}};
  engine::test::House house_{folder_, clock_, false};
  institution::Pack* pack_ = house_.pack.get();
  store::Store* store_ = house_.store.get();
};

bool holds(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// However much came after it and is through, and whatever waits elsewhere: what has waited longest is looked at.
TEST_F(WaitingRecords, WhatHasWaitedLongestStandsThoughMuchIsNewer) {
  stand("petition", "old", "filed", 1, {{"region", "350124"}});
  stand("petition", "through", "closed", 2, {{"region", "350124"}});
  stand("petition", "elsewhere", "filed", -5000, {{"region", "350121"}});
  for (int i = 0; i < k_waiting + 50; ++i) {
    stand("petition", "there" + std::to_string(i), "filed", -1000 + i, {{"region", "350121"}});
    stand("petition", "here" + std::to_string(i), "filed", 1000 + i, {{"region", "350124"}});
  }
  const auto ids = waiting("petition", {"person/x", {"petition-officer"}, {"350124"}, {}});
  EXPECT_TRUE(holds(ids, "petition/old"));
  EXPECT_TRUE(holds(ids, "petition/here0"));
  EXPECT_FALSE(holds(ids, "petition/through"));
  EXPECT_FALSE(holds(ids, "petition/elsewhere"));
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(k_waiting));

  EXPECT_TRUE(holds(waiting("petition", {"person/x", {"petition-officer"}, {"350100"}, {}}), "petition/elsewhere"));
  EXPECT_TRUE(holds(waiting("petition", {"person/x", {"petition-officer"}, {"350000"}, {}}), "petition/elsewhere"));
}

// Past the first two hundred there is another round, and none of them is missing in all rounds together.
TEST_F(WaitingRecords, RoundAfterRoundEachIsThereOnce) {
  constexpr int k_open = 2 * k_waiting + 7;
  for (int i = 0; i < k_open; ++i)
    stand("petition", "p" + std::to_string(i), "filed", 1000 + i, {{"region", "350124"}}, i % 2 == 0 ? 9'000'000 - i : 0);
  std::vector<std::string> all;
  int round = 0;
  for (bool more = true; more && round < 9; ++round) {
    const auto found = one_round("petition", {"person/x", {"petition-officer"}, {"350124"}, {}}, round);
    all.insert(all.end(), found.ids.begin(), found.ids.end());
    more = found.more;
  }
  EXPECT_EQ(round, 2);  // of those with a deadline and those without each so many
  EXPECT_EQ(all.size(), static_cast<std::size_t>(k_open));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

// Whose day ends first is in the first round, though it came last and much waits longer.
TEST_F(WaitingRecords, WhatIsDueFirstIsLookedAtFirst) {
  for (int i = 0; i < k_waiting + 50; ++i)
    stand("petition", "far" + std::to_string(i), "filed", 1000 + i, {{"region", "350124"}}, 9'000'000);
  stand("petition", "near", "filed", 5000, {{"region", "350124"}}, 8'000'000);
  EXPECT_TRUE(holds(waiting("petition", {"person/x", {"petition-officer"}, {"350124"}, {}}), "petition/near"));
}

// Whom a list of the record names, or a private field, and no column: he is found in what it says, however many newer ones
// name others.
TEST_F(WaitingRecords, WhoIsNamedInARecordFindsItAmongManyNewerOnes) {
  const institution::Institution* found = nullptr;
  std::string state;
  for (const auto* in : pack_->all()) {
    if (in->sealed() || found != nullptr) continue;
    for (const auto& one : in->main.states) {
      for (const auto& action : one.actions) {
        const auto who = action.by.empty() ? std::string() : action.by.front();
        const auto* field = who.starts_with('@') ? in->field(who.substr(1)) : nullptr;
        const bool no_column = field != nullptr && (field->type == "list" ||
                                                    (field->type == "ref" && field->of == "person" && field->is_private));
        if (one.final || !no_column || !is_task(*in, action)) continue;
        found = in;
        state = one.name;
      }
    }
  }
  ASSERT_NE(found, nullptr);
  stand(found->name, "mine", state, 1, {}, 0, R"({"fields":{"handlers":["person/other","person/me"]}})");
  for (int i = 0; i < k_waiting + 50; ++i)
    stand(found->name, "his" + std::to_string(i), state, 10 + i, {}, 0, R"({"fields":{"handlers":["person/meier"]}})");
  EXPECT_EQ(waiting(found->name, {"person/me", {}, {}, {}}), std::vector<std::string>{found->name + "/mine"});
}

TEST_F(WaitingRecords, ARoleThatNeverActsOnItHasNothing) {
  stand("petition", "old", "filed", 1, {{"region", "350124"}});
  EXPECT_TRUE(waiting("petition", {"person/x", {"trainer"}, {"350124"}, {}}).empty());
}

// Who is named by a column that is open is found by it, whatever is newer.
TEST_F(WaitingRecords, WhoTheRecordNamesIsFoundByTheColumn) {
  const institution::Institution* found = nullptr;
  std::string column;
  std::string state;
  for (const auto* in : pack_->all()) {
    if (in->sealed() || found != nullptr) continue;
    for (const auto& one : in->main.states) {
      for (const auto& action : one.actions) {
        const auto who = action.by.empty() ? std::string() : action.by.front();
        const auto* field = who.starts_with('@') ? in->field(who.substr(1)) : nullptr;
        if (one.final || field == nullptr || field->of != "person" || field->is_private || !is_task(*in, action)) continue;
        found = in;
        column = field->name;
        state = one.name;
      }
    }
  }
  ASSERT_NE(found, nullptr);
  stand(found->name, "mine", state, 1, {{column, "person/me"}});
  const auto& states = found->main.states;
  const auto over = std::find_if(states.begin(), states.end(), [](const auto& one) { return one.final; });
  ASSERT_NE(over, states.end());
  for (int i = 0; i < k_waiting + 5; ++i)
    stand(found->name, "over" + std::to_string(i), over->name, 10 + i, {{column, "person/me"}});
  for (int i = 0; i < k_waiting + 5; ++i)
    stand(found->name, "other" + std::to_string(i), state, 10 + i, {{column, "person/him"}});
  EXPECT_EQ(waiting(found->name, {"person/me", {}, {}, {}}), std::vector<std::string>{found->name + "/mine"});
}

}  // namespace
}  // namespace landglass::web
