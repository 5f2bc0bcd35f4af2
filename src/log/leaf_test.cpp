#include "log/leaf.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "log/leaf_reader.hpp"
#include "log/test_vectors.hpp"

using namespace landglass;
using namespace landglass::log;

namespace {

Leaf sample() {
  Leaf leaf;
  leaf.origin = "landglass.example/350100/2026";
  leaf.time = leaf.as_of = *base::parse_time("2026-11-23T01:27:01.123Z");
  leaf.command = "000102030405060708090a0b0c0d0e0f";
  leaf.actor = "person/7Q2M";
  leaf.change = {.institution = "land-listing",
                 .file = std::string(64, 'a'),
                 .record = "land-listing/1",
                 .action = "announce",
                 .version = 1,
                 .state = "announced",
                 .set = {{"title", "挂牌出让"}},
                 .commit = {},
                 .due = {},
                 .holds = {},
                 .outcome = {}};
  return leaf;
}

}  // namespace

TEST(Leaf, DocumentHoldsItsOwnVectors) {
  const auto blocks = log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/leaf.md");
  int good = 0;
  int bad = 0;
  for (const auto& block : blocks) {
    const auto& bytes = block.at("bytes").as_string();
    const auto leaf = decode(bytes);
    if (block.at("refused").is_null()) {
      ++good;
      ASSERT_TRUE(leaf) << base::explain(leaf.trouble()) << "\n" << bytes;
      EXPECT_EQ(*encode(*leaf), bytes);
      Leaf at_once;
      EXPECT_TRUE(read_canonical_leaf(bytes, at_once)) << "not read in one pass: " << bytes;
      EXPECT_EQ(at_once, *leaf);
      const std::uint8_t zero = 0;
      EXPECT_EQ(base::to_hex(base::sha256({&zero, 1}, base::as_bytes(bytes))), block.text("hash"));
    } else {
      ++bad;
      ASSERT_TRUE(leaf.refused()) << bytes;
      EXPECT_EQ(leaf.refusal().code, block.text("refused")) << bytes;
    }
  }
  EXPECT_GE(good, 2);
  EXPECT_GE(bad, 8);
}

TEST(Leaf, NoSecondSpellingIsReadInOnePass) {
  const std::string bytes = log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/leaf.md")[0].at("bytes").as_string();
  const auto with = [&bytes](const std::string& set) {
    auto out = bytes;
    return out.insert(out.find(",\"state\""), ",\"set\":" + set);
  };
  const auto code = [](const std::string& text) {
    const auto leaf = decode(text);
    return leaf ? std::string("read") : leaf.refusal().code;
  };
  for (const auto* good : {R"({"a":{},"b":[],"c":-1,"d":[{},[],null,true,false,"\u0000\n\""]})", R"({"a":9007199254740991})",
                           R"({"":"/"})", R"({"€":1,"😀":2,"ﬀ":3})"}) {
    EXPECT_EQ(code(with(good)), "read") << good;
  }
  for (const auto* bad : {R"({"b":1,"a":2})", R"({"a":{"c":1,"b":2}})", R"({"a": 1})", R"({"a":-0})", R"({"a":"\u0041"})",
                          R"({"a":"\/"})", R"({"a":"\u000a"})", R"({"a":"\u001F"})", R"({"ﬀ":3,"😀":2})"}) {
    EXPECT_EQ(code(with(bad)), "LEAF-04") << bad;
  }
  for (const auto* bad : {R"({"a":1,"a":1})", R"({"a":1.5})", R"({"a":01})", R"({"a":9007199254740992})", R"({"a":1,})",
                          "{\"a\":\"e\xCC\x81\"}", R"({})", R"([])", R"({"a":"\ud800"})"}) {
    EXPECT_EQ(code(with(bad)), "LEAF-03") << bad;
  }
}

TEST(Leaf, ComesBackTheSameWithAllItsParts) {
  auto leaf = sample();
  leaf.effects.push_back(leaf.change);
  leaf.effects[0].commit = {{"contact", std::string(64, '0')}};
  leaf.sig = LeafSignature{"ed25519", "", "AAAA"};
  const auto bytes = encode(leaf);
  ASSERT_TRUE(bytes) << base::explain(bytes.trouble());
  const auto back = decode(*bytes);
  ASSERT_TRUE(back) << base::explain(back.trouble());
  EXPECT_EQ(*back, leaf);
}

TEST(Leaf, WritesTheSameBytesAsTheGeneralJsonWriter) {
  const auto bytes = *encode(sample());
  EXPECT_EQ(base::canonical(*base::parse_json(bytes)), bytes);
}

TEST(Leaf, RefusesOneByteTooManyAndOneEffectTooMany) {
  auto leaf = sample();
  leaf.change.set["pad"] = "";
  const auto room = k_max_leaf_bytes - encode(leaf)->size();
  leaf.change.set["pad"] = std::string(room, 'x');
  EXPECT_EQ(encode(leaf)->size(), k_max_leaf_bytes);
  EXPECT_TRUE(decode(*encode(leaf)));
  leaf.change.set["pad"] = std::string(room + 1, 'x');
  EXPECT_EQ(encode(leaf).refusal().code, "LEAF-01");
  leaf = sample();
  leaf.effects.assign(k_max_effects, leaf.change);
  EXPECT_TRUE(encode(leaf));
  leaf.effects.push_back(leaf.change);
  EXPECT_EQ(encode(leaf).refusal().code, "LEAF-02");
}

TEST(Leaf, RefusesToWriteWhatItWouldRefuseToRead) {
  const auto refused = [](auto&& spoil) {
    auto leaf = sample();
    spoil(leaf);
    const auto bytes = encode(leaf);
    return bytes.refused() ? bytes.refusal().code : "written";
  };
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.change.set["ratio"] = 0.5; }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.change.set["n"] = std::int64_t{1} << 53; }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.change.set["name"] = "e\xCC\x81"; }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.change.set["name"] = "\xFF"; }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.change.commit["name"] = "00"; }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.change.file = "AA"; }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.command = "1"; }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.origin.clear(); }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.time.ms = std::int64_t{1} << 60; }), "LEAF-03");
  EXPECT_EQ(refused([](Leaf& leaf) { leaf.sig = LeafSignature{"es256", "", "A+A="}; }), "LEAF-03");
}

TEST(Commitment, DocumentHoldsItsOwnVectors) {
  const auto blocks = log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/commitment.md");
  ASSERT_GE(blocks.size(), 4U);
  for (const auto& block : blocks) {
    const auto hash = commitment(*base::from_hex(block.text("salt")), block.text("origin"), block.text("command"),
                                 block.text("path"), block.at("value"));
    EXPECT_EQ(base::to_hex(hash), block.text("commitment"));
    EXPECT_EQ(base::to_hex(base::hmac_sha256(*base::from_hex(block.text("salt")), base::as_bytes(block.text("text")))),
              block.text("commitment"));
  }
}
