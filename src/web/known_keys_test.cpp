#include "web/known_keys.hpp"

#include <gtest/gtest.h>

using namespace landglass;

TEST(KnownKeys, AKnownKeyVerifiesAsAFreshOneDoes) {
  web::KnownKeys known(8);
  const auto key = base::P256Key::generate();
  const auto other = base::P256Key::generate();
  const auto message = base::as_bytes(std::string_view("a bid"));
  const auto signature = key.sign(message);
  EXPECT_TRUE(known.verify(key.public_key(), message, signature));
  EXPECT_EQ(known.size(), 1U);
  EXPECT_TRUE(known.verify(key.public_key(), message, signature));
  EXPECT_FALSE(known.verify(key.public_key(), base::as_bytes(std::string_view("another")), signature));
  EXPECT_FALSE(known.verify(other.public_key(), message, signature));
}

TEST(KnownKeys, OnlyAKeyUnderWhichSomethingWasVerifiedIsKeptAndNeverMoreThanTheBound) {
  web::KnownKeys known(4);
  const auto message = base::as_bytes(std::string_view("a bid"));
  const base::Bytes forged(64, 1);
  for (int i = 0; i < 10; ++i) {
    const auto key = base::P256Key::generate();
    EXPECT_FALSE(known.verify(key.public_key(), message, forged));
    EXPECT_EQ(known.size(), 0U);
  }
  for (int i = 0; i < 10; ++i) {
    const auto key = base::P256Key::generate();
    EXPECT_TRUE(known.verify(key.public_key(), message, key.sign(message)));
    EXPECT_LE(known.size(), 4U);
  }
  EXPECT_FALSE(known.verify(base::Bytes(65, 4), message, forged));
}
