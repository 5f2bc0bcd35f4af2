#include "law/locked.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/crypto.hpp"
#include "law/auction_test_vectors.hpp"

namespace landglass::law {
namespace {

using base::Json;

std::vector<OpenerKey> openers(std::size_t n) {
  std::vector<OpenerKey> keys;
  for (std::size_t i = 0; i < n; ++i) keys.push_back(OpenerKey::generate());
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.public_key < b.public_key; });
  return keys;
}
std::vector<base::Bytes> publics(const std::vector<OpenerKey>& keys) {
  std::vector<base::Bytes> all;
  for (const auto& key : keys) all.push_back(key.public_key);
  return all;
}
std::string opened_by(const Json& locked, const std::vector<OpenerKey>& keys, const std::vector<std::size_t>& who) {
  Json doc = locked;
  for (const auto one : who) {
    auto next = peel(doc, keys[one]);
    if (!next) return std::get<base::Refusal>(next.trouble()).code;
    doc = *next;
  }
  const auto found = unlocked(doc);
  if (!found) return std::get<base::Refusal>(found.trouble()).code;
  return *found ? std::string(base::as_text((**found).value)) : "closed";
}

TEST(Locked, AnySubsetOfTheOpenersOpensItAndFewerDoNot) {
  const auto keys = openers(4);
  const auto doc = lock(base::as_bytes("12000000.00"), 3, publics(keys));
  ASSERT_TRUE(doc);
  EXPECT_EQ(doc->at("boxes").as_array().size(), 4u);
  EXPECT_EQ(opened_by(*doc, keys, {0, 1, 2}), "12000000.00");
  EXPECT_EQ(opened_by(*doc, keys, {0, 2, 3}), "12000000.00");
  EXPECT_EQ(opened_by(*doc, keys, {1, 2, 3}), "12000000.00");
  EXPECT_EQ(opened_by(*doc, keys, {0, 1}), "closed");
  EXPECT_EQ(opened_by(*doc, keys, {2}), "LK-02");  // the first of a subset opens first
  EXPECT_EQ(opened_by(*doc, openers(4), {0}), "LK-02");
}

TEST(Locked, TheLengthOfTheValueDoesNotShowUpTo256Bytes) {
  const auto keys = publics(openers(3));
  const auto length = [&](std::string_view value) { return base::canonical(*lock(base::as_bytes(value), 2, keys)).size(); };
  EXPECT_EQ(length("1"), length(std::string(200, '9')));
}

// Who writes a document that says this to these openers and that to those is found out by whoever opens it.
TEST(Locked, BoxesThatDifferAreRefused) {
  const auto keys = openers(2);
  auto doc = *lock(base::as_bytes("a"), 1, publics(keys));
  const auto other = *lock(base::as_bytes("b"), 1, publics(keys));
  doc.as_object()["boxes"].as_array()[1] = other.at("boxes").as_array()[1];
  EXPECT_EQ(opened_by(doc, keys, {0}), "a");
  EXPECT_EQ(opened_by(doc, keys, {1}), "LK-03");
}

TEST(Locked, WhatIsNoDocumentIsRefused) {
  const auto keys = openers(3);
  const auto doc = *lock(base::as_bytes("a"), 2, publics(keys));
  const auto with = [&](std::string_view name, Json value) {
    auto changed = doc;
    changed.as_object()[name] = std::move(value);
    return check_locked(changed);
  };
  EXPECT_TRUE(check_locked(doc));
  EXPECT_FALSE(with("k", 3));
  EXPECT_FALSE(with("k", 0));
  EXPECT_FALSE(with("format", "landglass/locked/2"));
  EXPECT_FALSE(with("commitment", "00"));
  EXPECT_FALSE(with("boxes", base::JsonArray{}));
  EXPECT_FALSE(with("openers", base::JsonArray{doc.at("openers").as_array()[0]}));
  EXPECT_FALSE(lock(base::as_bytes(std::string(4'097, 'x')), 2, publics(keys)));
  EXPECT_FALSE(lock(base::as_bytes("a"), 4, publics(keys)));
  EXPECT_FALSE(lock(base::as_bytes("a"), 1, {keys[0].public_key, keys[0].public_key}));
}

TEST(LockedVectors, EveryDocumentOpensToItsValue) {
  const Json all = test::vectors(LG_SOURCE_DIR, "locked", "locked");
  std::vector<OpenerKey> keys;
  for (const auto& secret : all.at("secrets").as_array())
    keys.push_back(OpenerKey::from_secret(*base::from_base64url(secret.as_string())));
  for (std::size_t i = 0; i < keys.size(); ++i)
    EXPECT_EQ(base::to_base64url(keys[i].public_key), all.at("openers").as_array()[i].as_string());
  for (const auto& one : all.at("documents").as_array()) {
    const auto& doc = one.at("doc");
    for (const auto& box : doc.at("boxes").as_array()) {
      std::vector<std::size_t> who;
      for (const auto& index : box.at("by").as_array()) who.push_back(static_cast<std::size_t>(index.as_int()));
      EXPECT_EQ(opened_by(doc, keys, who), one.text("value")) << one.text("name");
    }
  }
}

}  // namespace
}  // namespace landglass::law
