#include "log/tip_roll.hpp"

#include <gtest/gtest.h>

#include <set>

namespace landglass::log {
namespace {

TEST(TipRoll, ProvesEachMessageAndNoOther) {
  base::SeededRandom random(7);
  const std::vector<std::string> documents{"one", "two", "three"};
  std::vector<Hash> entries;
  for (const auto& one : documents) entries.push_back(roll_entry(one));
  const auto roll = make_roll(entries, random);
  std::set<std::uint64_t> places;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    EXPECT_TRUE(in_roll(documents[i], roll.places[i], roll.root));
    EXPECT_FALSE(in_roll("another", roll.places[i], roll.root));
    places.insert(roll.places[i].index);
  }
  EXPECT_EQ(places.size(), documents.size());
}

TEST(TipRoll, HasTheSameSizeWhateverCame) {
  base::SeededRandom random(7);
  std::vector<Hash> full(k_roll_size, roll_entry("x"));
  EXPECT_EQ(make_roll(full, random).places.front().proof.size(), 10U);
  EXPECT_EQ(make_roll({roll_entry("x")}, random).places.front().proof.size(), 10U);
  EXPECT_NE(make_roll({}, random).root, make_roll({}, random).root);  // random leaves, tips or none
}

}  // namespace
}  // namespace landglass::log
