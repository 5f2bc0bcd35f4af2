#include "money/liabilities.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/units.hpp"
#include "money/golden.hpp"

using namespace landglass;
using namespace landglass::money;

namespace {

base::Hash counted() {
  base::Hash seed{};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
  return seed;
}
const std::vector<Liability> k_three{{"bank-line/a", 200'000'000}, {"bank-line/b", 200'000'000}, {"payment-order/c", 700}};

}  // namespace

TEST(Liabilities, TheGoldenProofOfTheDocumentComesOutAgain) {
  const auto sum = Liabilities::build("3501240001", "2011-03-29", counted(), k_three);
  ASSERT_TRUE(sum) << base::explain(sum.trouble());
  const auto vectors = golden_blocks(std::string(LG_SOURCE_DIR) + "/docs/formats/sum-tree.md");
  ASSERT_EQ(vectors.size(), 1U);
  EXPECT_EQ(base::canonical(sum->proof("bank-line/a")), vectors[0]);
}

TEST(Liabilities, IsPaddedToSixtyFourAndThenToPowersOfTwo) {
  std::vector<Liability> all;
  EXPECT_EQ(Liabilities::build("1", "d", counted(), all)->leaves(), 64U);
  for (int i = 0; i < 65; ++i) all.push_back({"bank-line/" + std::to_string(i), i});
  const auto more = Liabilities::build("1", "d", counted(), all);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->leaves(), 128U);
  EXPECT_EQ(more->root().sum, 64 * 65 / 2);
}

TEST(Liabilities, EveryPartOfTheTreeHangsOnTheSeed) {
  auto other = counted();
  other[31] ^= 1;
  const auto one = Liabilities::build("1", "d", counted(), k_three);
  const auto two = Liabilities::build("1", "d", other, k_three);
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->root().hash, two->root().hash);
  std::set<std::string> places;
  for (const auto& sum : {*one, *two}) {
    for (const auto& each : k_three) places.insert(base::canonical(sum.proof(each.holder).at("index")));
  }
  EXPECT_GT(places.size(), 3U);  // not in the order in which they came
}

TEST(Liabilities, RefusesAHolderTwiceADebtAndASumThatDoesNotFit) {
  const auto refused = [](const std::vector<Liability>& all) {
    const auto sum = Liabilities::build("1", "d", counted(), all);
    return sum ? std::string("built") : sum.refusal().code;
  };
  EXPECT_EQ(refused({{"bank-line/a", 1}, {"bank-line/a", 2}}), "SUM-04");
  EXPECT_EQ(refused({{"", 1}}), "SUM-04");
  EXPECT_EQ(refused({{"bank-line/a", -1}, {"bank-line/b", 5}}), "SUM-03");
  EXPECT_EQ(refused({{"bank-line/a", INT64_MAX}, {"bank-line/b", 1}}), "SUM-03");
}
