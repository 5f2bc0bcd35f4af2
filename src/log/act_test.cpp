#include "log/act.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "log/command_id.hpp"
#include "log/test_vectors.hpp"

using namespace landglass;
using base::Json;
using base::JsonObject;

namespace {

const Json& given() {
  static const Json one = log::test::json_blocks(std::string(LG_SOURCE_DIR) + "/docs/formats/act.md").at(0);
  return one;
}

log::Leaf leaf_of(const log::Act& act, const base::P256Key& key) {
  log::Leaf leaf;
  leaf.origin = act.origin;
  leaf.seq = 7;
  leaf.time = act.until + -base::k_minute;
  leaf.as_of = act.as_of.value_or(leaf.time);
  leaf.command = act.command;
  leaf.actor = "person/he";
  leaf.change.institution = act.institution;
  leaf.change.record = act.record.empty() ? act.institution + "/made" : act.record;
  leaf.change.action = act.action;
  leaf.change.version = act.version ? *act.version + 1 : 1;
  leaf.change.state = "approved";
  for (const auto& [name, value] : act.fields) {
    if (value.is_object()) {
      leaf.change.commit[name] = value.at("hidden");
    } else {
      leaf.change.set[name] = value;
    }
  }
  leaf.change.outcome["post"] = act.post;
  leaf.change.outcome["signed"] = log::kept_of(act);
  leaf.sig = log::LeafSignature{"es256", base::to_base64url(key.public_key()),
                                base::to_base64url(key.sign(base::as_bytes(log::message_of(act))))};
  return leaf;
}

std::string code_of(const base::Status& status) { return status ? "" : status.refusal().code; }

}  // namespace

TEST(SignedAct, HasTheBytesAndSignaturesOfTheDocument) {
  for (const auto& one : given().at("acts").as_array()) {
    const auto act = log::read_act(one.at("statement"));
    ASSERT_TRUE(act) << base::explain(act.trouble());
    EXPECT_EQ(log::message_of(*act), one.text("bytes"));
    const log::LeafSignature sig{"es256", std::string(one.text("key")), std::string(one.text("sig"))};
    EXPECT_TRUE(log::verify(*act, sig));
    auto other = *act;
    other.post = "post/other";
    EXPECT_EQ(code_of(log::verify(other, sig)), "ACT-02");
  }
}

TEST(SignedAct, SignsAPrivateFieldAsTheCommitmentOfTheLeaf) {
  const auto& one = given().at("acts").as_array().at(0);
  const auto salt = base::from_base64url(given().text("salt"));
  const auto hidden = log::commitment(*salt, one.at("statement").text("origin"), one.at("statement").text("command"),
                                      "contact", given().at("private_value"));
  EXPECT_EQ(base::to_hex(hidden), one.at("statement").at("fields").at("contact").text("hidden"));
}

TEST(SignedAct, IsFoundInItsLeafAndNotInAnother) {
  const auto key = base::P256Key::generate();
  for (const auto& one : given().at("acts").as_array()) {
    const auto act = log::read_act(one.at("statement"));
    const auto leaf = leaf_of(*act, key);
    const auto read = log::decode(*log::encode(leaf));
    ASSERT_TRUE(read) << base::explain(read.trouble());
    EXPECT_EQ(**log::act_of(*read), *act);
    EXPECT_TRUE(log::check_signed(*read)) << base::explain(log::check_signed(*read).trouble());
    const auto spoilt = [&](const std::function<void(log::Leaf&)>& spoil) {
      auto other = leaf;
      spoil(other);
      return code_of(log::check_signed(other));
    };
    EXPECT_EQ(spoilt([](auto& l) { l.command[0] = 'f'; }), "ACT-02");
    EXPECT_EQ(spoilt([](auto& l) { l.change.action = "refuse"; }), "ACT-02");
    EXPECT_EQ(spoilt([](auto& l) { l.origin = "other"; }), "ACT-02");
    EXPECT_EQ(spoilt([](auto& l) { l.time = l.time + base::k_hour; }), "ACT-03");
    EXPECT_EQ(spoilt([](auto& l) { l.change.outcome["post"] = "post/other"; }), "ACT-03");
    EXPECT_EQ(spoilt([](auto& l) {
                auto& fields = l.change.set.empty() ? l.change.commit : l.change.set;
                fields[fields.begin()->first] = "other";
              }),
              "ACT-03");
    EXPECT_EQ(spoilt([](auto& l) { l.sig.reset(); }), "ACT-01");
  }
}

TEST(SignedAct, HasOneSpellingOnly) {
  const auto& statement = given().at("acts").as_array().at(0).at("statement");
  const auto spoilt = [&](const char* name, Json value) {
    auto other = statement;
    other.as_object()[name] = std::move(value);
    const auto read = log::read_act(other);
    return read ? "" : read.refusal().code;
  };
  EXPECT_EQ(spoilt("more", 1), "ACT-01");
  EXPECT_EQ(spoilt("post", Json()), "ACT-01");
  EXPECT_EQ(spoilt("fields", "x"), "ACT-01");
  EXPECT_EQ(spoilt("until", "2026-11-23T09:42:01.123+08:00"), "ACT-01");
  EXPECT_EQ(spoilt("version", "3"), "ACT-01");
}

TEST(CommandId, BeginsWithItsTimeWhereThatMayShow) {
  const auto rest = base::sha256(base::as_bytes("x"));
  const base::Time time{1'764'225'000'123};
  const auto id = log::command_id(time, rest);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(log::time_in_key(id), time);
  EXPECT_EQ(log::command_id(std::nullopt, rest), base::to_hex(rest).substr(0, 32));
  EXPECT_LT(log::command_id(time, rest), log::command_id(base::Time{time.ms + 1}, base::sha256(base::as_bytes("y"))));
  EXPECT_EQ(log::time_in_key("019acb2f-1a7b-7000-8000-000000000000"), base::Time{0x019acb2f1a7b});
  for (const auto* key : {"", "k-1", "00000000000000000000000000000000", "019ACB2F1A7B70008000000000000000", "019acb2f1a7b"})
    EXPECT_FALSE(log::time_in_key(key)) << key;
}
