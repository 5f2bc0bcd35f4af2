// Where tips wait: who is answered when, what outlives a restart, what the file shows, and what the hour makes of it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/bytes.hpp"
#include "cli/behaviours.hpp"
#include "cli/town.hpp"
#include "engine/scenario_bidders.hpp"
#include "law/locked.hpp"
#include "law/tip_message.hpp"
#include "log/note.hpp"
#include "log/tip_roll.hpp"
#include "store/sqlite_store.hpp"
#include "tips/postbox.hpp"

namespace landglass::cli {
namespace {

using base::JsonArray;
using base::JsonObject;

class TipsBox : public ::testing::Test {
 protected:
  static inline const std::string k_root = LG_SOURCE_DIR;

  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("landglass-tips-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    auto pack = institution::Pack::load(k_root + "/packs/cn-land", k_root + "/build/data");
    ASSERT_TRUE(pack) << base::explain(pack.trouble());
    pack_ = std::move(*pack);
    clock_.set(*base::parse_time("2026-03-02T01:00:05.000Z"));
    auto store = store::open_sqlite({":memory:", "", true, 0});
    ASSERT_TRUE(store) << base::explain(store.trouble());
    store_ = std::move(*store);
    start();
    Town town(*engine_, *store_, &clock_, 2026);
    for (const auto* world : {"county", "oversight", "tips"}) {
      const auto founded = town.found(k_root + "/packs/cn-land/worlds/" + world + ".yaml", "350124");
      ASSERT_TRUE(founded) << base::explain(founded.trouble());
    }
    openers_ = {town.who("opener-tipprov1")};
    investigator_ = town.who("tipprov1");
    county_ = {town.who("opener-tipcounty")};
    const auto written = town.write_tip_keys((folder_ / "investigators").string());
    ASSERT_TRUE(written) << base::explain(written.trouble());
    for (const auto& [login, path] : *written) keys_[town.who("opener-" + login)] = path;
  }
  void start() {
    engine::Options options;
    options.origin = "test.landglass.invalid/tips";
    auto engine = engine::Engine::start(options, *store_, *pack_, behaviours(), clock_, random_,
                                        log::Signer(options.origin, log::KeyKind::log, std::array<std::uint8_t, 32>{}));
    ASSERT_TRUE(engine) << base::explain(engine.trouble());
    engine_ = std::move(*engine);
  }
  void TearDown() override {
    if (engine_) engine_->stop();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<tips::Postbox> box(std::uint8_t key = 1) {
    tips::PostboxOptions options;
    options.file = file();
    options.key.fill(key);
    auto opened = tips::Postbox::open(options, *engine_, clock_, random_);
    if (!opened) trouble_ = opened.trouble();
    return opened ? std::move(*opened) : nullptr;
  }
  std::string file() const { return (folder_ / "tips.box").string(); }

  // About the head of the county's bureau, as a browser makes it.
  tips::Letter letter(const std::string& who, bool to_county = false) {
    const auto seed = base::sha256(base::as_bytes(who));
    const auto voice = base::Ed25519Key::from_seed(seed);
    const auto id = base::to_hex(base::BytesView(seed).subspan(0, 16));
    const auto key = base::from_base64url(engine::ScenarioBidders::opener_key(to_county ? 1 : 3));
    const auto doc = law::lock(*law::tip_value("局长 " + who), 1, {*key});
    JsonArray openers;
    for (const auto& one : to_county ? county_ : openers_) openers.emplace_back(one);
    return {id,
            "tip",
            {{"document", base::canonical(*doc)},
             {"openers", std::move(openers)},
             {"subject_office", "office/zrzy"},
             {"about_head", true},
             {"voice", base::to_base64url(voice.public_key())},
             {"reply_key", base::to_base64url(law::OpenerKey::from_secret(seed).public_key)},
             {"sig", base::to_base64url(voice.sign(base::as_bytes(law::tip_voice_bytes(id, doc->text("commitment")))))}}};
  }
  institution::Record record(const std::string& id) {
    institution::Record out;
    engine_->inspect([&](institution::Registry&, engine::Cache& cache) {
      const auto found = cache.find(id);
      if (found && *found != nullptr) out = **found;
    });
    return out;
  }
  void pass(tips::Postbox& box, std::int64_t ms) {
    clock_.set(clock_.now() + ms);
    const auto turned = box.turn();
    EXPECT_TRUE(turned) << base::explain(turned.trouble());
  }

  std::filesystem::path folder_;
  std::unique_ptr<institution::Pack> pack_;
  base::VirtualClock clock_{base::Time{}};
  base::SeededRandom random_{1};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::vector<std::string> openers_, county_;
  std::map<std::string, std::string> keys_;  // an investigator's record of his key, to the file of its secret half
  std::string investigator_;
  std::optional<base::Trouble> trouble_;
};

TEST_F(TipsBox, AnswersWithAPromiseOnceItIsOnDiskAndNotBefore) {
  auto box = this->box();
  ASSERT_TRUE(box);
  const auto one = letter("one");
  std::optional<base::Result<tips::Promise>> kept;
  box->put(one, [&](base::Result<tips::Promise> promise) { kept = std::move(promise); });
  EXPECT_FALSE(kept);
  EXPECT_FALSE(std::filesystem::exists(file()));
  pass(*box, 20 * base::k_second);
  ASSERT_TRUE(kept && *kept);
  EXPECT_TRUE(std::filesystem::exists(file()));
  EXPECT_EQ((*kept)->hour, "20260302-0200");
  EXPECT_NE((*kept)->note.find(base::to_hex(log::roll_entry(one.fields.text("document")))), std::string::npos);
  EXPECT_NE((*kept)->note.find("\u2014 test.landglass.invalid/tips "), std::string::npos);
  EXPECT_EQ(record("tip/" + one.id).version, 0U) << "it is entered before the hour";
}

TEST_F(TipsBox, WhatIsHeldOutlivesARestartAndIsEnteredAtTheHourProvedIntoItsRoll) {
  const auto one = letter("one"), two = letter("two");
  {
    auto box = this->box();
    for (const auto& each : {one, two}) box->put(each, [](const base::Result<tips::Promise>&) {});
    pass(*box, 20 * base::k_second);
  }
  auto box = this->box();
  ASSERT_TRUE(box);
  EXPECT_EQ(box->held(one.id), "20260302-0200");
  pass(*box, base::k_hour);
  EXPECT_EQ(box->held(one.id), "");
  const auto roll = record("tip-roll/20260302-0200");
  ASSERT_EQ(roll.state, "given_out");
  const auto root = base::from_hex(roll.fields.text("root"));
  ASSERT_TRUE(root);
  for (const auto& each : {one, two}) {
    const auto tip = record("tip/" + each.id);
    ASSERT_EQ(tip.state, "received");
    EXPECT_EQ(tip.fields.text("received"), "2026-03-02");
    log::RollPlace place{static_cast<std::uint64_t>(tip.fields.at("roll_index").as_int()), {}};
    std::string_view path = tip.fields.text("roll_proof");
    while (!path.empty()) {
      const auto space = path.find(' ');
      const auto bytes = base::from_base64url(path.substr(0, space));
      ASSERT_TRUE(bytes);
      log::Hash hash{};
      std::copy(bytes->begin(), bytes->end(), hash.begin());
      place.proof.push_back(hash);
      path.remove_prefix(space == std::string_view::npos ? path.size() : space + 1);
    }
    log::Hash wanted{};
    std::copy(root->begin(), root->end(), wanted.begin());
    EXPECT_TRUE(log::in_roll(each.fields.text("document"), place, wanted));
  }
  pass(*box, base::k_hour);
  EXPECT_EQ(record("tip-roll/20260302-0300").state, "given_out") << "an hour without a tip has no roll";
}

TEST_F(TipsBox, TheFileIsWrittenWithEachBeatInOneSizeWithNoneAndWithFour) {
  auto box = this->box();
  pass(*box, 20 * base::k_second);
  const auto empty = std::filesystem::file_size(file());
  std::ifstream before(file(), std::ios::binary);
  const std::string first((std::istreambuf_iterator<char>(before)), std::istreambuf_iterator<char>());
  for (const auto* who : {"a", "b", "c", "d"}) box->put(letter(who), [](const base::Result<tips::Promise>&) {});
  pass(*box, 20 * base::k_second);
  EXPECT_EQ(std::filesystem::file_size(file()), empty);
  std::ifstream after(file(), std::ios::binary);
  const std::string second((std::istreambuf_iterator<char>(after)), std::istreambuf_iterator<char>());
  EXPECT_NE(first, second);
  EXPECT_EQ(second.find("office/zrzy"), std::string::npos);
}

TEST_F(TipsBox, AnotherKeyOpensNothing) {
  pass(*this->box(), 20 * base::k_second);
  auto opened = box();
  pass(*opened, 20 * base::k_second);
  EXPECT_FALSE(box(2));
  ASSERT_TRUE(trouble_ && std::holds_alternative<base::Refusal>(*trouble_));
  EXPECT_EQ(std::get<base::Refusal>(*trouble_).code, "TP-30");
}

TEST_F(TipsBox, WhatARuleRefusesIsRefusedAtOnceAndATipIsAddedToAfterTheHour) {
  auto box = this->box();
  std::optional<base::Result<tips::Promise>> kept;
  const auto keep = [&](base::Result<tips::Promise> promise) { kept = std::move(promise); };
  box->put(letter("county", true), keep);
  ASSERT_TRUE(kept && kept->refused());
  EXPECT_EQ(kept->refusal().code, "TP-16");
  kept.reset();
  const auto one = letter("one");
  box->put(one, keep);
  pass(*box, 20 * base::k_second);
  ASSERT_TRUE(kept && *kept);
  kept.reset();
  box->put({std::string(32, 'a'), "tip-message", {{"tip", "tip/" + one.id}, {"document", "{}"}, {"sig", ""}}}, keep);
  ASSERT_TRUE(kept && kept->refused());
  EXPECT_EQ(kept->refusal().code, "TP-31");
}

// As the page sends it again, and as somebody does who wants to show that a tip was kept out.
TEST_F(TipsBox, NoWordIsGivenOnAnotherDocumentThanTheOneThatIsKept) {
  auto box = this->box();
  std::vector<base::Result<tips::Promise>> said;
  const auto keep = [&](base::Result<tips::Promise> promise) { said.push_back(std::move(promise)); };
  const auto one = letter("one"), other = letter("one");  // the same words, locked anew
  ASSERT_NE(one.fields.text("document"), other.fields.text("document"));
  auto text = one;
  text.fields["document"] = "kept out";
  text.fields["sig"] = "";

  box->put(one, keep);
  box->put(other, keep);  // in the same beat
  box->put(one, keep);
  pass(*box, 20 * base::k_second);
  ASSERT_EQ(said.size(), 3U);
  ASSERT_TRUE(said[0]);
  ASSERT_TRUE(said[1].refused());
  EXPECT_EQ(said[1].refusal().code, "TP-35");
  ASSERT_TRUE(said[2]);
  EXPECT_EQ(said[2]->note, said[0]->note);

  box->put(text, keep);
  ASSERT_EQ(said.size(), 4U);
  ASSERT_TRUE(said[3].refused());
  EXPECT_EQ(said[3].refusal().code, "TP-35");

  pass(*box, base::k_hour);
  ASSERT_EQ(record("tip/" + one.id).fields.text("document"), one.fields.text("document"));
  box->put(other, keep);  // once it is entered
  ASSERT_EQ(said.size(), 5U);
  ASSERT_TRUE(said[4].refused());
  EXPECT_EQ(said[4].refusal().code, "TP-35");
  box->put(one, keep);
  pass(*box, 20 * base::k_second);
  ASSERT_EQ(said.size(), 6U);
  ASSERT_TRUE(said[5]);
  EXPECT_EQ(said[5]->note, said[0]->note) << "the roll that it is in";
}

TEST_F(TipsBox, HoursMissedWhileItStoodStillAreGivenOutLateAndATipGoesIntoTheOneItWasPromised) {
  const auto one = letter("one");
  {
    auto box = this->box();
    box->put(one, [](const base::Result<tips::Promise>&) {});
    pass(*box, 20 * base::k_second);
  }
  clock_.set(clock_.now() + 3 * base::k_hour);
  auto box = this->box();
  ASSERT_TRUE(box);
  pass(*box, 20 * base::k_second);
  for (const auto* hour : {"20260302-0200", "20260302-0300", "20260302-0400"})
    EXPECT_EQ(record(std::string("tip-roll/") + hour).state, "given_out") << hour;
  EXPECT_EQ(record("tip/" + one.id).fields.text("roll"), "tip-roll/20260302-0200");
}

TEST_F(TipsBox, WhatComesWithTheBeatOfTheFullHourIsPromisedForTheNextAndGoesThere) {
  auto box = this->box();
  std::optional<base::Result<tips::Promise>> kept;
  clock_.set(*base::parse_time("2026-03-02T01:59:50.000Z"));
  ASSERT_TRUE(box->turn());
  const auto one = letter("one");
  box->put(one, [&](base::Result<tips::Promise> promise) { kept = std::move(promise); });
  pass(*box, 10 * base::k_second);
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->hour, "20260302-0300");
  EXPECT_EQ(box->held(one.id), "20260302-0300");
  EXPECT_EQ(record("tip-roll/20260302-0200").state, "given_out");
  pass(*box, base::k_hour);
  EXPECT_EQ(record("tip/" + one.id).fields.text("roll"), "tip-roll/20260302-0300");
}

TEST_F(TipsBox, AHaltBetweenTheRollAndTheEnteringLosesNothingAndTheProofLeadsIntoThatRoll) {
  auto box = this->box();
  const auto one = letter("one");
  box->put(one, [](const base::Result<tips::Promise>&) {});
  pass(*box, 20 * base::k_second);
  engine_->listen([&](const std::vector<engine::Published>& events) {
    for (const auto& event : events) {
      if (event.institution == "tip-roll") engine_->halt(base::refuse("LOG-01", "另一历史", "another history"));
    }
  });
  pass(*box, base::k_hour);
  EXPECT_EQ(record("tip-roll/20260302-0200").state, "given_out");
  EXPECT_EQ(record("tip/" + one.id).version, 0U);
  EXPECT_EQ(box->held(one.id), "20260302-0200");
  pass(*box, 20 * base::k_second);
  EXPECT_EQ(box->held(one.id), "20260302-0200");
  clock_.set(clock_.now() + base::k_hour);
  EXPECT_FALSE(box->turn()) << "no roll is given out now";
  box.reset();
  engine_->stop();
  start();
  box = this->box();
  ASSERT_TRUE(box);
  pass(*box, 20 * base::k_second);
  EXPECT_EQ(box->held(one.id), "");
  EXPECT_EQ(record("tip/" + one.id).fields.text("roll"), "tip-roll/20260302-0200");
  EXPECT_EQ(record("tip-roll/20260302-0300").state, "given_out");
}

TEST_F(TipsBox, WhatIsRefusedAtTheHourIsKeptAndTriedAgain) {
  auto box = this->box();
  const auto one = letter("one"), other = letter("one");
  box->put(one, [](const base::Result<tips::Promise>&) {});
  pass(*box, 20 * base::k_second);
  engine::Command forged;  // under the same words, past the box
  forged.id = other.id;
  forged.institution = "tip";
  forged.actor = "system";
  forged.fields = other.fields;
  ASSERT_TRUE(engine_->call(forged));
  pass(*box, base::k_hour);
  EXPECT_EQ(box->held(one.id), "20260302-0200");
  pass(*box, base::k_hour);
  EXPECT_EQ(box->held(one.id), "20260302-0200");
}

// In Asia/Shanghai the roll of 16:00Z is that of midnight.
TEST_F(TipsBox, ATipPromisedBeforeMidnightIsNotUndoneByAKeyRevokedThatEvening) {
  auto box = this->box();
  clock_.set(*base::parse_time("2026-03-02T15:30:00.000Z"));
  pass(*box, 20 * base::k_second);
  engine::Command revoke;
  revoke.id = std::string(32, 'e');
  revoke.record = openers_[0];
  revoke.action = "revoke";
  revoke.actor = investigator_;
  revoke.fields = {{"reason", "离岗"}};
  const auto revoked = engine_->call(revoke);
  ASSERT_TRUE(revoked) << base::explain(revoked.trouble());
  std::optional<base::Result<tips::Promise>> kept;
  const auto one = letter("one");
  box->put(one, [&](base::Result<tips::Promise> promise) { kept = std::move(promise); });
  pass(*box, 20 * base::k_second);
  ASSERT_TRUE(kept && *kept) << "locked to a key that was in force that day";
  clock_.set(*base::parse_time("2026-03-02T16:00:01.000Z"));
  ASSERT_TRUE(box->turn());
  EXPECT_EQ(box->held(one.id), "");
  const auto tip = record("tip/" + one.id);
  EXPECT_EQ(tip.fields.text("roll"), "tip-roll/20260302-1600");
  EXPECT_EQ(tip.fields.text("received"), "2026-03-02");
}

TEST_F(TipsBox, TheKeysThatADemonstrationWritesOutOpenWhatIsLockedToTheirInvestigators) {
  EXPECT_EQ(keys_.size(), 5U);
  for (const auto& [record, path] : keys_) {
    std::ifstream in(path);
    std::string text;
    in >> text;
    const auto secret = base::from_base64url(text);
    ASSERT_TRUE(secret) << path;
    std::string key;
    engine_->inspect([&](institution::Registry&, engine::Cache& cache) {
      const auto found = cache.find(record);
      ASSERT_TRUE(found && *found != nullptr) << record;
      key = (*found)->fields.text("key");
    });
    EXPECT_EQ(base::to_base64url(law::OpenerKey::from_secret(*secret).public_key), key) << path;
    const auto mode = std::filesystem::status(path).permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << path;
  }
}

TEST_F(TipsBox, WhoWaitsWhenItClosesIsToldSo) {
  auto box = this->box();
  std::optional<base::Result<tips::Promise>> kept;
  box->put(letter("one"), [&](base::Result<tips::Promise> promise) { kept = std::move(promise); });
  box->stop();
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->failed());
}

}  // namespace
}  // namespace landglass::cli
