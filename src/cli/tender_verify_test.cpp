// A tender that was played is verified out of its public leaves, and whatever is changed in one of them is found there.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

#include "cli/behaviours.hpp"
#include "engine/scenario.hpp"
#include "log/merkle.hpp"
#include "verify/tender.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;

struct PlayedTender {
  std::vector<log::Leaf> leaves;
  std::vector<base::Hash> roots;  // by size
  std::string tender;
  std::string lot;
};

// The open leaves of the scenario of that name; the files of scenarios are those of the pack.
PlayedTender play(const std::string& only, const std::string& name) {
  PlayedTender played;
  engine::Coverage coverage;
  bool mine = false;
  const auto all = engine::play_scenarios(LG_SOURCE_DIR "/packs/cn-land", LG_SOURCE_DIR "/build/data", only, behaviours,
                                          coverage, [&](store::Store& store) -> std::string {
                                            if (mine) return {};
                                            PlayedTender one;
                                            const auto count = store.leaf_count(log::Tree::open);
                                            const auto bytes = store.leaves(log::Tree::open, 0, *count);
                                            log::Frontier frontier;
                                            one.roots.push_back(frontier.root());
                                            for (const auto& text : *bytes) {
                                              auto leaf = log::decode(text);
                                              frontier.append(log::leaf_hash(text));
                                              frontier.take_full_tiles();
                                              one.roots.push_back(frontier.root());
                                              if (leaf->change.institution == "land-tender") {
                                                one.tender = leaf->change.record;
                                                if (leaf->change.version == 1) one.lot = leaf->change.set.text("lot");
                                                mine = mine || leaf->change.action == name;
                                              }
                                              one.leaves.push_back(std::move(*leaf));
                                            }
                                            if (mine) played = std::move(one);
                                            return {};
                                          });
  EXPECT_TRUE(all) << base::explain(all.trouble());
  return played;
}

verify::TenderReport run(const PlayedTender& played, const std::vector<log::Leaf>& leaves) {
  return verify::verify_tender(played.tender, leaves, [&](std::uint64_t size) {
    return size < played.roots.size() ? std::optional(played.roots[size]) : std::nullopt;
  });
}

class VerifyTender : public testing::Test {
 protected:
  static void SetUpTestSuite() { played_ = new PlayedTender(play("land-tender.test", "award")); }
  static void TearDownTestSuite() { delete played_; }

  // Changes the first leaf whose change (its own, or an effect on such a record) is this action, and says what is found.
  static void tampered(const std::string& institution, const std::string& action, const std::string& code,
                       const std::function<void(base::JsonObject& set)>& change) {
    auto leaves = played_->leaves;
    std::optional<std::uint64_t> at;
    for (auto& leaf : leaves) {
      std::vector<log::Change*> changes{&leaf.change};
      for (auto& effect : leaf.effects) changes.push_back(&effect);
      for (auto* one : changes) {
        if (at || one->institution != institution || one->action != action) continue;
        change(one->set);
        at = leaf.seq;
      }
    }
    ASSERT_TRUE(at) << "no " << action;
    const auto report = run(*played_, leaves);
    ASSERT_TRUE(report.misfit) << action << " was changed and nothing found";
    EXPECT_EQ(report.misfit->code, code) << report.misfit->detail;
    EXPECT_EQ(report.misfit->seq, *at) << report.misfit->code << " " << report.misfit->detail;
  }
  static PlayedTender* played_;
};
PlayedTender* VerifyTender::played_ = nullptr;

TEST_F(VerifyTender, FitsAsItStands) {
  const auto report = run(*played_, played_->leaves);
  ASSERT_TRUE(report.fits()) << report.misfit->code << " " << report.misfit->seq << " " << report.misfit->detail;
  EXPECT_EQ(report.stage, "awarded");
  EXPECT_EQ(report.received, 3u);
  EXPECT_EQ(report.opened, 3u);
  EXPECT_EQ(report.valid, 3u);
  EXPECT_EQ(report.drawn, 4u);
  EXPECT_EQ(report.sheets, 5u);
  EXPECT_TRUE(report.winner);
}

TEST_F(VerifyTender, IsFoundByItsLot) {
  std::set<std::string> found;
  for (const auto& leaf : played_->leaves) {
    if (auto one = verify::tender_of_lot(leaf, played_->lot)) found.insert(*one);
  }
  EXPECT_EQ(found, std::set<std::string>{played_->tender});
}

TEST_F(VerifyTender, AnotherWeightThanAnnounced) {
  tampered("land-listing", "announce", "AV-01", [](auto& set) {
    set["rule_sheet"].as_object()["tender"].as_object()["price_weight"] = "30%";
    set["rule_sheet"].as_object()["tender"].as_object()["criteria"].as_array()[0].as_object()["weight"] = "40%";
  });
}

TEST_F(VerifyTender, ATenderThatWasNotHandedIn) {
  tampered("opened-tender", "create", "AV-05", [](auto& set) { set["commitment"] = std::string(64, 'a'); });
}

TEST_F(VerifyTender, AnotherPriceThanTheLockedOne) {
  tampered("opened-tender", "open", "AV-05", [](auto& set) {
    auto text = set.at("value").as_string();
    text.replace(text.find("\"price\":\"1"), 10, "\"price\":\"2");
    set["value"] = text;
  });
  tampered("opened-tender", "open", "AV-04", [](auto& set) { set["price"] = "99999999.00"; });
  tampered("land-tender", "close-opening", "AV-04",
           [](auto& set) { set["tenders"].as_array()[0].as_object()["price"] = "99999999.00"; });
}

TEST_F(VerifyTender, ATenderLeftOutAtTheReading) {
  tampered("land-tender", "close-opening", "AV-04", [](auto& set) { set["tenders"].as_array().pop_back(); });
}

TEST_F(VerifyTender, AnotherReserve) {
  tampered("land-tender", "open-reserve", "AV-05", [](auto& set) { set["reserve_price"] = "13000000.00"; });
}

TEST_F(VerifyTender, ARootThatSuitsSomebody) {
  tampered("land-tender", "draw", "AV-09", [](auto& set) { set["draw_root"] = std::string(64, '1'); });
  tampered("land-tender", "draw", "AV-09", [](auto& set) { set["draw_root_size"] = 1; });
}

TEST_F(VerifyTender, AnExpertWhomNobodyDrew) {
  tampered("land-tender", "reveal", "AV-04", [](auto& set) {
    // One of the pool who was not drawn takes the place of one who was.
    set["evaluation"].as_array()[0].as_object()["expert"] = "expert/350100-2011-999999";
  });
  tampered("land-tender", "reveal", "AV-05", [](auto& set) { set["salt_shown"] = std::string(64, '0'); });
}

TEST_F(VerifyTender, AScoreRaisedAfterwards) {
  tampered("land-tender", "reveal", "AV-04", [](auto& set) {
    for (auto& row : set["evaluation"].as_array()) {
      for (auto& score : row.as_object()["scores"].as_array()) score.as_object()["points"] = 10;
    }
  });
  tampered("land-tender", "reveal", "AV-03", [](auto& set) {
    set["evaluation"].as_array()[0].as_object()["scores"].as_array()[0].as_object()["points"] = 101;
  });
}

TEST_F(VerifyTender, AnotherWinner) {
  tampered("land-tender", "reveal", "AV-04", [](auto& set) { set["winner_plate"] = 1; });
  tampered("land-listing", "award", "AV-04", [](auto& set) { set["deal_price"] = "1.00"; });
}

// A member's signature says nothing else than what is shown, and is of a key that the log knows as his.
TEST_F(VerifyTender, AForgedSignatureOfAMember) {
  tampered("land-tender", "reveal", "AV-06", [](auto& set) {
    set["evaluation"].as_array()[0].as_object()["signed_act"] =
        base::JsonObject{{"act", base::JsonObject()}, {"alg", "es256"}, {"key", "AA"}, {"sig", "AA"}};
  });
}

}  // namespace
}  // namespace landglass::cli
