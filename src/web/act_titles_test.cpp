#include "web/act_titles.hpp"

#include <gtest/gtest.h>

#include "institution/pack.hpp"

using namespace landglass;
using web::action_title_in;

namespace {

class ActTitles : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loaded = institution::Pack::load("packs/cn-land", "build/data");
    ASSERT_TRUE(loaded) << base::explain(loaded.trouble());
    pack_ = *std::move(loaded);
  }
  std::unique_ptr<institution::Pack> pack_;
};

}  // namespace

// Held against the files: each act that leads somewhere is called there as its own state calls it.
TEST_F(ActTitles, AreOfTheStateInWhichItWasDone) {
  int several = 0;
  for (const auto* in : pack_->all()) {
    for (const auto& state : in->main.states) {
      for (const auto& action : state.actions) {
        auto after = action.to;
        if (after.empty()) after.push_back({std::nullopt, state.name});
        for (const auto& target : after) {
          const auto told = action_title_in(*in, action.name, target.state, state.name);
          EXPECT_EQ(told.zh, action.title.zh) << in->name << "." << state.name << "." << action.name;
        }
        if (action_title_in(*in, action.name, "", "").zh != action.title.zh) ++several;
      }
    }
  }
  EXPECT_GT(several, 0) << "no name means two acts: nothing was tested";
}

TEST_F(ActTitles, WhereItStoodBeforeIsNotKnownItIsTheOneThatLeadsThere) {
  const auto* application = pack_->current("application");
  ASSERT_NE(application, nullptr);
  EXPECT_EQ(action_title_in(*application, "decline", "declined", "received").zh, "不予受理");
  EXPECT_EQ(action_title_in(*application, "decline", "declined", "reviewing").zh, "资格审查不通过");
  const auto* payment = pack_->current("payment");
  EXPECT_EQ(action_title_in(*payment, "void", "voided").zh, "作废") << "two lead there: neither can be told from it";
  EXPECT_EQ(action_title_in(*payment, "void:concur1", "released").zh, "撤销未付的支付令（待会同）");
  EXPECT_EQ(action_title_in(*payment, "due:late", "released").zh, "期限届满");
}

TEST_F(ActTitles, InATimelineTheOlderActSaysWhereTheNewerWasDone) {
  const auto* application = pack_->current("application");
  base::JsonArray timeline;
  web::TimelineTitles titles(*application, timeline);
  for (const auto& [action, state] :
       {std::pair("decline", "declined"), std::pair("accept", "reviewing"), std::pair("create", "received")}) {
    log::Change change;
    change.action = action;
    change.state = state;
    titles.came_before(change);
    timeline.emplace_back(base::JsonObject{{"label", "?"}});
    titles.pushed(change);
  }
  EXPECT_EQ(timeline[0].at("label").text("zh"), "资格审查不通过");
  EXPECT_EQ(timeline[2].at("label").as_string(), "?") << "nothing was before it";
}
