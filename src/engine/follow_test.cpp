// One command, as many leaves as its list has items; and whoever stands aside, also after a restart and a rebuild.
#include "engine/test_house.hpp"

using namespace landglass;
using base::JsonArray;
using base::JsonObject;
using engine::test::fresh_folder;
using engine::test::House;

namespace {

constexpr std::int64_t k_march = 1'300'000'000'000;  // 2011-03-13

void office(House& house) {
  ASSERT_TRUE(house.act("genesis", "office", "",
                        {{"key", "o"}, {"name", "局"}, {"short", "局"}, {"region", "350124"}, {"kind", "resources"}}));
}
void settle(House& house) {
  while (house.engine->step()) {
  }
}

}  // namespace

TEST(FollowUp, ARollOfAThousandMakesAThousandAttendancesAndAsManyLeaves) {
  base::VirtualClock clock(base::Time{k_march});
  House house(fresh_folder(), clock, false);
  office(house);
  house.seat("teacher", "teacher", "office/o", JsonArray{"trainer"});
  const auto session = house.act("person/teacher", "training-session", "",
                                 {{"region", "350124"},
                                  {"course", "警示教育"},
                                  {"kind", "video"},
                                  {"held_on", base::format_date(base::date_of(clock.now()))}});
  ASSERT_TRUE(session) << base::explain(session.trouble());
  ASSERT_TRUE(house.act("person/teacher", *session, "open"));
  JsonArray people;
  for (int i = 0; i < 1'000; ++i) people.emplace_back("person/p" + std::to_string(i));
  const auto before = house.engine->head(log::Tree::sealed)->frontier.size();
  const auto roll = house.act("person/teacher", "attendance-roll", "",
                              {{"region", "350124"}, {"session", *session}, {"office", "office/o"}, {"people", people}});
  ASSERT_TRUE(roll) << base::explain(roll.trouble());
  house.seat("colleague", "colleague", "office/o", JsonArray{"planner"});
  ASSERT_TRUE(house.act("person/colleague", *roll, "confirm"));
  settle(house);
  EXPECT_EQ(house.engine->head(log::Tree::sealed)->frontier.size() - before, 1'002U);  // the roll and its confirmation too
  ASSERT_TRUE(house.act("person/teacher", *session, "close"));
  EXPECT_EQ(house.record(*session).fields.at("came").as_int(), 1'000);

  // One more than a list takes is refused whole: no half of a roll stands.
  people.emplace_back("person/p1000");
  const auto more = house.act("person/teacher", "attendance-roll", "",
                              {{"region", "350124"}, {"session", *session}, {"office", "office/o"}, {"people", people}});
  ASSERT_TRUE(more.refused());
  EXPECT_EQ(more.refusal().code, "EN-09");
}

// The orders are kept as one list and how many of it are done: nobody is entered twice, and nobody left out.
TEST(FollowUp, ARollHalfEnteredIsEnteredToItsEndAfterARestart) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{k_march});
  std::uint64_t before = 0;
  std::string session;
  {
    House house(folder, clock, false);
    office(house);
    house.seat("teacher", "teacher", "office/o", JsonArray{"trainer"});
    house.seat("colleague", "colleague", "office/o", JsonArray{"planner"});
    session = *house.act("person/teacher", "training-session", "",
                         {{"region", "350124"},
                          {"course", "警示教育"},
                          {"kind", "video"},
                          {"held_on", base::format_date(base::date_of(clock.now()))}});
    ASSERT_TRUE(house.act("person/teacher", session, "open"));
    before = house.engine->head(log::Tree::sealed)->frontier.size();
    JsonArray people;
    for (int i = 0; i < 300; ++i) people.emplace_back("person/p" + std::to_string(i));
    const auto roll = house.act("person/teacher", "attendance-roll", "",
                                {{"region", "350124"}, {"session", session}, {"office", "office/o"}, {"people", people}});
    ASSERT_TRUE(roll) << base::explain(roll.trouble());
    ASSERT_TRUE(house.act("person/colleague", *roll, "confirm"));
    for (int i = 0; i < 4; ++i) house.engine->step();
  }
  for (int opening = 0; opening < 3; ++opening) {
    House house(folder, clock, false);
    const auto entered = house.engine->head(log::Tree::sealed)->frontier.size() - before;
    if (opening < 2) {
      ASSERT_LT(entered, 300U) << "the test stops in the middle of a roll";
      house.engine->step();
      continue;
    }
    settle(house);
    EXPECT_EQ(house.engine->head(log::Tree::sealed)->frontier.size() - before, 302U);
    ASSERT_TRUE(house.act("person/teacher", session, "close"));
    EXPECT_EQ(house.record(session).fields.at("came").as_int(), 300);
  }
}

TEST(Recusal, StandsAfterARestartAndARebuild) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{k_march});
  std::string plan;
  const auto refused_as = [&](House& house) {
    const auto act = house.act("person/mayor", plan, "publish");
    return act.refused() ? act.refusal().code : std::string("took place");
  };
  {
    House house(folder, clock, false);
    office(house);
    house.seat("use", "use", "office/o", JsonArray{"land-use"});
    house.seat("mayor", "mayor", "office/o", JsonArray{"government"});
    plan = *house.act("person/use", "supply-plan", "", {{"region", "350124"}, {"year", 2011}, {"total_area", "100.00"}});
    ASSERT_TRUE(house.act("person/mayor", plan, "recuse", {{"reason", "亲属为用地单位负责人"}}));
    EXPECT_EQ(refused_as(house), "EN-20");
  }
  {
    House house(folder, clock, false);
    EXPECT_EQ(refused_as(house), "EN-20");
    house.engine.reset();
    ASSERT_TRUE(engine::Engine::rebuild(House::settings(), *house.store, *house.pack, {}));
  }
  House house(folder, clock, false);
  EXPECT_EQ(refused_as(house), "EN-20");
  EXPECT_EQ(house.record(plan).recused, std::vector<std::string>{"person/mayor"});
}
