#include "web/known_keys.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace landglass;

TEST(KnownKeys, AKnownKeyVerifiesAsAFreshOneDoes) {
  web::KnownKeys known({.keys = 8});
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
  web::KnownKeys known({.keys = 4});
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

TEST(KnownKeys, AKeyThatIsUsedOnAndOnGetsATableAndTheOneUnusedLongestLosesIts) {
  web::KnownKeys known({.keys = 8, .tables = 2, .uses = 3});
  const auto message = base::as_bytes(std::string_view("a bid"));
  const auto use = [&](const base::P256Key& key, int times) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(known.verify(key.public_key(), message, key.sign(message)));
  };
  const auto first = base::P256Key::generate(), second = base::P256Key::generate(), third = base::P256Key::generate();
  use(first, 3);  // the first makes it known
  EXPECT_EQ(known.tables(), 0U);
  EXPECT_FALSE(known.verify(first.public_key(), message, base::Bytes(64, 1)));  // which is no use of it
  EXPECT_EQ(known.tables(), 0U);
  use(first, 1);
  EXPECT_EQ(known.tables(), 1U);
  EXPECT_FALSE(known.verify(first.public_key(), base::as_bytes(std::string_view("another")), first.sign(message)));
  EXPECT_FALSE(known.verify(first.public_key(), message, second.sign(message)));
  EXPECT_FALSE(known.verify(first.public_key(), message, base::Bytes(63, 1)));
  use(second, 4);
  use(first, 1);
  use(third, 4);  // the second's goes
  EXPECT_EQ(known.tables(), 2U);
  use(second, 2);
  EXPECT_EQ(known.tables(), 2U);
  for (int i = 0; i < 8; ++i) use(base::P256Key::generate(), 1);  // all that is kept is forgotten, with its tables
  EXPECT_EQ(known.tables(), 0U);
  use(first, 5);
  EXPECT_EQ(known.tables(), 1U);
}

TEST(KnownKeys, ManyThreadsAtOnceAreAnsweredAsOneIs) {
  web::KnownKeys known({.keys = 64, .tables = 2, .uses = 2});
  std::vector<base::P256Key> keys;
  for (int i = 0; i < 5; ++i) keys.push_back(base::P256Key::generate());
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 400; ++i) {
        const auto& key = keys[static_cast<std::size_t>(i + thread) % keys.size()];
        const auto text = std::to_string(i);
        const auto signature = key.sign(base::as_bytes(text));
        if (!known.verify(key.public_key(), base::as_bytes(text), signature)) ++wrong;
        if (known.verify(key.public_key(), base::as_bytes(text + "0"), signature)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(known.tables(), 2U);
}
