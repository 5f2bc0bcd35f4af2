#include "verify/receipt.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "log/test_vectors.hpp"

using namespace landglass;
using namespace landglass::verify;

TEST(VerifyReceipt, DocumentHoldsItsOwnVectors) {
  const auto blocks = log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/receipt.md");
  ASSERT_EQ(blocks.size(), 1U);
  const auto policy = log::Policy::parse(blocks[0].text("policy"));
  ASSERT_TRUE(policy) << base::explain(policy.trouble());
  ASSERT_GE(blocks[0].at("cases").as_array().size(), 15U);
  for (const auto& item : blocks[0].at("cases").as_array()) {
    const auto verdict = verify_receipt(item.text("receipt"), *policy);
    const auto level = verdict.level == log::Level::none     ? "none"
                       : verdict.level == log::Level::logged ? "logged"
                                                             : "witnessed";
    EXPECT_EQ(level, item.text("level")) << item.text("what");
    const auto has = [&](std::string_view code) {
      return std::any_of(verdict.findings.begin(), verdict.findings.end(),
                         [&](const auto& f) { return !f.good && f.code == code; });
    };
    if (!item.text("code").empty()) {
      EXPECT_TRUE(has(item.text("code"))) << item.text("what");
    } else {
      EXPECT_TRUE(std::all_of(verdict.findings.begin(), verdict.findings.end(), [](const auto& f) { return f.good; }))
          << item.text("what");
    }
    for (const auto& finding : verdict.findings) {
      EXPECT_FALSE(finding.say.zh.empty() || finding.say.en.empty()) << "a person reads each finding in both languages";
    }
    if (verdict.level != log::Level::none) {
      const auto receipt = *log::parse_receipt(item.text("receipt"));
      EXPECT_EQ(receipt.format(), item.text("receipt")) << "written as the other implementation writes it";
      EXPECT_EQ(verdict.openings, receipt.openings);
    }
  }
}

TEST(VerifyReceipt, NoChangedByteOfAReceiptPasses) {
  const auto block = log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/receipt.md")[0];
  const auto policy = *log::Policy::parse(block.text("policy"));
  const std::string receipt(block.at("cases").as_array()[0].text("receipt"));
  const auto first = verify_receipt(receipt, policy);
  ASSERT_EQ(first.level, log::Level::witnessed);
  for (std::size_t i = 0; i + 1 < receipt.size(); ++i) {
    auto changed = receipt;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto verdict = verify_receipt(changed, policy);
    // What survives lost a cosignature, or is another spelling of the same: never another leaf, value, place or root.
    if (verdict.level == log::Level::none) continue;
    EXPECT_EQ(*verdict.leaf, *first.leaf) << i;
    EXPECT_EQ(*verdict.head, *first.head) << i;
    EXPECT_EQ(verdict.openings, first.openings) << i;
  }
}

TEST(VerifyOpening, OpensOnlyItsOwnPlace) {
  log::Leaf leaf;
  leaf.origin = "o";
  leaf.command = std::string(32, '0');
  leaf.effects.resize(2);
  const base::Bytes salt(32, 5);
  const auto hex = [&](const char* path) { return base::to_hex(log::commitment(salt, leaf.origin, leaf.command, path, 7)); };
  leaf.change.commit = {{"name", hex("name")}};
  leaf.effects[1].commit = {{"name", hex("effects/1/name")}};
  EXPECT_TRUE(verify_opening(leaf, {"name", salt, 7}));
  EXPECT_TRUE(verify_opening(leaf, {"effects/1/name", salt, 7}));
  EXPECT_FALSE(verify_opening(leaf, {"effects/0/name", salt, 7}));
  EXPECT_FALSE(verify_opening(leaf, {"effects/2/name", salt, 7}));
  EXPECT_FALSE(verify_opening(leaf, {"effects/01/name", salt, 7}));
  EXPECT_FALSE(verify_opening(leaf, {"effects/", salt, 7}));
  EXPECT_FALSE(verify_opening(leaf, {"other", salt, 7}));
  EXPECT_FALSE(verify_opening(leaf, {"name", salt, 8}));
  EXPECT_FALSE(verify_opening(leaf, {"name", base::Bytes(31, 5), 7}));
  leaf.command[0] = '1';
  EXPECT_FALSE(verify_opening(leaf, {"name", salt, 7}));
}
