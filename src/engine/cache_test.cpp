// What the engine holds in memory stays within its bound, and whatever has gone is read again as it was.
#include "engine/test_house.hpp"

using namespace landglass;
using engine::test::fresh_folder;
using engine::test::House;

TEST(Cache, HoldsNoMoreThanItsBoundAndFindsWhatHasGone) {
  base::VirtualClock clock(base::Time{1'300'000'000'000});
  House house(fresh_folder(), clock, false, institution::Signing::session, 36'500 * base::k_day, 0, 64);
  constexpr int k_people = 600;
  for (int i = 0; i < k_people; ++i) {
    const auto made = house.act("genesis", "person", "", {{"key", "p" + std::to_string(i)}, {"name", "某氏"}});
    ASSERT_TRUE(made) << base::explain(made.trouble());
  }
  for (int i = 0; i < k_people; ++i) {
    const auto id = "person/p" + std::to_string(i);
    const auto record = house.record(id);
    ASSERT_EQ(record.id, id);
    EXPECT_EQ(record.version, 1U);
    ASSERT_TRUE(house.act("genesis", "party", "",
                          {{"key", "b" + std::to_string(i)},
                           {"kind", "organisation"},
                           {"name", "某公司"},
                           {"number", "91350100M000100Y43"},
                           {"contact", "0591-0000000"}}));
    house.engine->inspect([](institution::Registry&, engine::Cache& cache) { EXPECT_LE(cache.held(), 64U + 8U); });
  }
}
