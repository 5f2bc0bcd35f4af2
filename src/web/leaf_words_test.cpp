#include "web/leaf_words.hpp"

#include <gtest/gtest.h>

using namespace landglass;

namespace {

class LeafWords : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loaded = institution::Pack::load("packs/cn-land", "build/data");
    ASSERT_TRUE(loaded) << base::explain(loaded.trouble());
    pack_ = *std::move(loaded);
  }
  std::unique_ptr<institution::Pack> pack_;
};

TEST_F(LeafWords, EveryFileStandsUnderItsDigestWithEachOfItsStates) {
  const auto words = web::leaf_words(*pack_);
  for (const auto* in : pack_->all()) {
    const auto& file = words.at("files").at(in->hash);
    EXPECT_EQ(file.text("institution"), in->name);
    for (const auto& state : in->main.states) EXPECT_EQ(file.at("states").at(state.name).as_array().size(), 2U) << in->name;
    for (const auto& field : in->fields)
      EXPECT_FALSE(file.at("fields").at(field.name).is_null()) << in->name << " " << field.name;
  }
  EXPECT_EQ(words.at("tables").at("resettlement-ways").at("money").as_array()[0].as_string(), "货币补偿");
  EXPECT_TRUE(words.at("tables").at("divisions").is_null()) << "thousands of codes stand as they are";
}

TEST_F(LeafWords, AnActThatIsTitledOtherwiseInAnotherStateIsToldAsEither) {
  const auto* application = pack_->current("application");
  const auto told = web::act_in_words(*application, "decline").zh;
  EXPECT_NE(told.find("不予受理"), std::string::npos) << told;
  EXPECT_NE(told.find("资格审查不通过"), std::string::npos) << told;
  const auto* line = pack_->current("household-line");
  EXPECT_EQ(web::act_in_words(*line, "create").zh, "登记一户");
  EXPECT_EQ(web::act_in_words(*line, "agree-on-paper:concur1").zh, "登记纸质补偿安置协议（待会同）");
  EXPECT_EQ(web::act_in_words(*line, "due:signing").zh, "期限届满");
  EXPECT_TRUE(web::act_in_words(*line, "offer").empty()) << "only a sale has offers";
  EXPECT_EQ(web::act_in_words(*pack_->current("land-listing"), "offer").zh, "报价");
}

TEST_F(LeafWords, AStateIsToldWithThoseBesideItOrNotAtAll) {
  const auto* line = pack_->current("household-line");
  EXPECT_EQ(web::states_in_words(*line, "entered").zh, "已登记待签约");
  EXPECT_TRUE(web::states_in_words(*line, "entered|no:such").empty());
  for (const auto* in : pack_->all()) {
    if (in->parallel.empty()) continue;
    auto state = in->main.states.front().name;
    for (const auto& region : in->parallel) state += "|" + region.name + ":" + region.initial;
    EXPECT_FALSE(web::states_in_words(*in, state).empty()) << in->name << " " << state;
  }
}

}  // namespace
