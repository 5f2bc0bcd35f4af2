// Acts signed with the key of a post, from the registering of the key to the leaf.
#include "engine/test_house.hpp"
#include "institution/signed_act.hpp"

using namespace landglass;
using base::JsonArray;
using base::JsonObject;
using engine::test::fresh_folder;
using engine::test::House;

namespace {

struct Signer {
  base::P256Key key = base::P256Key::generate();
  std::string public_key() const { return base::to_base64url(key.public_key()); }
};

struct Signing : ::testing::Test {
  std::string folder = fresh_folder();
  base::VirtualClock clock{base::Time{1'300'000'000'000}};
  House house{folder, clock, false, institution::Signing::post_key};
  Signer mayor;
  std::string scheme;

  void SetUp() override {
    ASSERT_TRUE(
        house.act("genesis", "office", "",
                  {{"key", "gov"}, {"name", "县政府"}, {"short", "政"}, {"region", "350124"}, {"kind", "government"}}));
    house.seat("he", "mayor", "office/gov", JsonArray{"government"});
    house.seat("wu", "finance", "office/gov", JsonArray{"finance"});
    house.seat("feng", "secadmin", "office/gov", JsonArray{"security-admin"});
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void register_key(const Signer& signer) {
    const auto made = house.act("person/he", "post-key", "", {{"post", "post/mayor"}, {"key", signer.public_key()}});
    ASSERT_TRUE(made) << base::explain(made.trouble());
    const auto confirmed = house.act("person/feng", *made, "confirm");
    ASSERT_TRUE(confirmed) << base::explain(confirmed.trouble());
  }

  engine::Command party(const std::string& key) {
    engine::Command made;
    made.id = base::to_hex(house.random.bytes32()).substr(0, 32);
    made.institution = "party";
    made.actor = "person/he";
    made.fields = {{"key", key}, {"kind", "person"}, {"name", "林某"}};
    return made;
  }
  base::Result<log::Act> state(engine::Command& command) {
    const auto* in = house.pack->current(command.institution);
    return institution::state_act(*house.pack, "test.invalid/log", *in, in->create, command, clock.now(), house.random);
  }
};

base::Json signed_by(const Signer& signer, const log::Act& act, const JsonObject& salts) {
  return JsonObject{{"statement", log::to_json(act)},
                    {"salts", salts},
                    {"key", signer.public_key()},
                    {"bytes", base::to_base64url(signer.key.sign(base::as_bytes(log::message_of(act))))}};
}

}  // namespace

TEST_F(Signing, AStatementHoldsEveryFieldInTheFormInWhichItWillStand) {
  auto made = party("p");
  const auto act = state(made);
  ASSERT_TRUE(act) << base::explain(act.trouble());
  EXPECT_EQ(act->fields.at("kind"), base::Json("person"));
  const auto salt = base::from_base64url(made.salts.text("name"));
  ASSERT_TRUE(salt);
  EXPECT_EQ(act->fields.at("name").text("hidden"),
            base::to_hex(log::commitment(*salt, "test.invalid/log", made.id, "name", base::Json("林某"))));
  EXPECT_EQ(base::canonical(log::to_json(*act)).find("林某"), std::string::npos);
}

TEST_F(Signing, OutsideBytesAreTakenOnlyWithAFittingSignatureForThisLog) {
  auto made = party("p");
  made.post = "post/mayor";
  const auto act = state(made);
  ASSERT_TRUE(act);
  engine::Command taken;
  EXPECT_TRUE(institution::take_signature(signed_by(mayor, *act, made.salts), "test.invalid/log", taken));
  EXPECT_EQ(taken.post, "post/mayor");
  EXPECT_EQ(institution::take_signature(signed_by(mayor, *act, {}), "other", taken).refusal().code, "EN-18");
  auto spoilt = signed_by(mayor, *act, {});
  spoilt.as_object()["statement"].as_object()["post"] = "post/finance";
  EXPECT_EQ(institution::take_signature(spoilt, "test.invalid/log", taken).refusal().code, "ACT-02");
}

TEST_F(Signing, APrivateFieldThatWasSignedStandsUnderTheSignersOwnCommitment) {
  auto made = party("p");
  made.statement = *state(made);
  const auto answer = house.engine->call(made);
  ASSERT_TRUE(answer) << base::explain(answer.trouble());
  const auto leaf = log::decode(answer->leaf);
  EXPECT_EQ(leaf->change.commit.text("name"), made.statement->fields.at("name").text("hidden"));
  const auto opened = house.store->secret(log::Tree::open, answer->seq, "name");
  ASSERT_TRUE(opened && *opened);
  EXPECT_EQ(base::to_base64url((*opened)->salt), made.salts.text("name"));

  auto other = party("q");
  other.statement = *state(other);
  other.fields["name"] = "张某";
  const auto refused = house.engine->call(other);
  ASSERT_TRUE(refused.refused());
  EXPECT_EQ(refused.refusal().code, "EN-18");
}

TEST_F(Signing, OneKeyIsInForceForAPostAndItFallsWithTheNext) {
  register_key(mayor);
  Signer next;
  register_key(next);
  house.engine->inspect([&](institution::Registry& registry, engine::Cache&) {
    EXPECT_EQ(*registry.post_key("person/he", "post/mayor", mayor.public_key()), nullptr);
    const auto held = registry.post_key("person/he", "post/mayor", "");
    ASSERT_TRUE(held && *held != nullptr);
    EXPECT_EQ((*held)->fields.text("key"), next.public_key());
    EXPECT_EQ(*registry.post_key("person/wu", "post/mayor", next.public_key()), nullptr);
  });
}
