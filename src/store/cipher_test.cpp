#include "store/cipher.hpp"

#include <gtest/gtest.h>

using namespace landglass;
using namespace landglass::store;

namespace {

TEST(Cipher, OpensOnlyUnderItsKeyAndWhatItIsBoundTo) {
  const auto key = random_key();
  base::Bytes sealed;
  seal(sealed, key, base::as_bytes("value"), base::as_bytes("row 1"));
  EXPECT_EQ(base::as_text(unseal(key, sealed, base::as_bytes("row 1"))->plain), "value");
  EXPECT_FALSE(unseal(key, sealed, base::as_bytes("row 2")));
  EXPECT_FALSE(unseal(random_key(), sealed, base::as_bytes("row 1")));
  for (std::size_t i = 0; i < sealed.size(); i += 13) {
    auto bent = sealed;
    bent[i] ^= 1;
    EXPECT_FALSE(unseal(key, bent, base::as_bytes("row 1")));
  }
  EXPECT_FALSE(unseal(key, base::BytesView(sealed).first(30), base::as_bytes("row 1")));
}
TEST(Cipher, OpensWhatIsShortAndLongAlike) {
  const auto key = random_key();
  for (const std::size_t size : {1, 900, 4'000, 4'096, 5'000, 70'000, 300'000}) {
    for (const std::size_t bound : {0, 20, 5'000}) {
      const base::Bytes value(size, 'v'), place(bound, 'p');
      base::Bytes sealed;
      seal(sealed, key, value, place);
      const auto opened = unseal(key, sealed, place);
      ASSERT_TRUE(opened) << size << ", " << bound;
      EXPECT_EQ(base::Bytes(opened->plain.begin(), opened->plain.end()), value);
      for (const std::size_t at : {sealed.size() / 2, sealed.size() - 1}) {
        auto bent = sealed;
        bent[at] ^= 1;
        EXPECT_FALSE(unseal(key, bent, place)) << size << ", " << at;
      }
    }
  }
}
TEST(Cipher, PadsToBuckets) {
  EXPECT_EQ(bucket(0), 256U);
  EXPECT_EQ(bucket(251), 256U);
  EXPECT_EQ(bucket(252), 1024U);
  EXPECT_EQ(bucket(65531), 65536U);
  EXPECT_EQ(bucket(65532), 131072U);
  EXPECT_EQ(narrow_bucket(251), 256U);
  EXPECT_EQ(narrow_bucket(252), 320U);
  EXPECT_EQ(narrow_bucket(315), 320U);
  EXPECT_EQ(narrow_bucket(316), 512U);
  EXPECT_EQ(narrow_bucket(507), 512U);
  EXPECT_EQ(narrow_bucket(508), 1024U);
  EXPECT_EQ(narrow_bucket(1020), 4096U);
}

}  // namespace
