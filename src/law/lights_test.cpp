#include "law/lights.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace landglass;
using law::Light;
using law::Matter;
using law::Pause;

namespace {

base::Date that_day(std::string_view text) { return base::parse_date(text).value(); }

// Spring festival of 2012: off from 22 to 28 January, 21 and 29 January worked.
const law::Calendar& festival() {
  static const law::Calendar made = [] {
    std::vector<law::Calendar::Day> days = {{that_day("2012-01-21"), false}, {that_day("2012-01-29"), false}};
    for (auto off = that_day("2012-01-22"); off <= that_day("2012-01-28"); off = off + 1) days.push_back({off, true});
    return law::Calendar(std::move(days), {2012});
  }();
  return made;
}

Light on(std::string_view today, const Matter& matter, const law::LightThresholds& thresholds = {}) {
  return law::light_of(matter, that_day(today), festival(), thresholds);
}

Matter due(std::string_view date) { return Matter{that_day(date)}; }

}  // namespace

TEST(Lights, RemindOneWorkingDayBeforeAndBurnYellowThenRedAfter) {
  const auto matter = due("2012-01-29");
  EXPECT_EQ(on("2012-01-20", matter), Light::none);
  EXPECT_EQ(on("2012-01-21", matter), Light::reminder);  // the working day before the 29th is the 21st
  EXPECT_EQ(on("2012-01-29", matter), Light::reminder);
  EXPECT_EQ(on("2012-01-30", matter), Light::yellow);
  EXPECT_EQ(on("2012-02-01", matter), Light::yellow);
  EXPECT_EQ(on("2012-02-02", matter), Light::red);
}
TEST(Lights, AFinishedMatterKeepsTheLightOfTheDayItWasFinished) {
  auto matter = due("2012-02-01");
  matter.finished = that_day("2012-02-01");
  EXPECT_EQ(on("2012-06-01", matter), Light::none);
  matter.finished = that_day("2012-02-03");
  EXPECT_EQ(on("2012-06-01", matter), Light::yellow);
  EXPECT_EQ(on("2012-02-02", matter), Light::yellow);  // as it looked the day before
  matter.finished = that_day("2012-02-20");
  EXPECT_EQ(on("2012-06-01", matter), Light::red);
}
TEST(Lights, APauseMovesTheDueDayAndHealsNothingThatWasMissed) {
  auto matter = due("2012-02-08");
  matter.pauses = {{that_day("2012-02-06"), that_day("2012-02-09")}};
  EXPECT_EQ(base::format_date(due_after_pauses(matter, that_day("2012-03-01"), festival())), "2012-02-13");
  EXPECT_EQ(on("2012-02-08", matter), Light::none);
  EXPECT_EQ(on("2012-02-10", matter), Light::reminder);
  EXPECT_EQ(on("2012-02-14", matter), Light::yellow);
  matter.pauses = {{that_day("2012-02-09"), std::nullopt}};  // begun after the due day
  EXPECT_EQ(on("2012-02-09", matter), Light::yellow);
  EXPECT_EQ(on("2012-02-20", matter), Light::red);
  matter.pauses = {{that_day("2012-02-08"), std::nullopt}};  // begun on it
  EXPECT_EQ(on("2012-05-20", matter), Light::none);
}
TEST(Lights, APauseThatEndsOnADayOffLeavesTheNextWorkingDay) {
  auto matter = due("2012-02-08");
  matter.pauses = {{that_day("2012-02-08"), that_day("2012-02-19")}};
  EXPECT_EQ(on("2012-02-19", matter), Light::reminder);
  EXPECT_EQ(on("2012-02-20", matter), Light::reminder);
  EXPECT_EQ(on("2012-02-21", matter), Light::yellow);
}
TEST(Lights, DaysThatTwoPausesShareCountOnce) {
  auto matter = due("2012-02-08");
  matter.pauses = {{that_day("2012-02-06"), that_day("2012-02-09")}, {that_day("2012-02-07"), that_day("2012-02-09")}};
  EXPECT_EQ(base::format_date(due_after_pauses(matter, that_day("2012-03-01"), festival())), "2012-02-13");
}
TEST(Lights, CalendarDaysOfATermArePausedAsCalendarDays) {
  auto matter = due("2012-01-20");
  matter.kind = law::DayKind::calendar;
  matter.pauses = {{that_day("2012-01-18"), that_day("2012-01-21")}};
  EXPECT_EQ(base::format_date(due_after_pauses(matter, that_day("2012-03-01"), festival())), "2012-01-23");
  matter.move = true;
  EXPECT_EQ(base::format_date(due_after_pauses(matter, that_day("2012-03-01"), festival())), "2012-01-29");
}
TEST(Lights, ThresholdsAreParameters) {
  const auto matter = due("2012-02-08");
  EXPECT_EQ(on("2012-02-03", matter, {.reminder_working_days = 3}), Light::reminder);
  EXPECT_EQ(on("2012-02-09", matter, {.red_after_working_days = 0}), Light::red);
}
TEST(Lights, OfAnOpenMatterNeverGrowMilderDayByDay) {
  EXPECT_TRUE(rc::check([](std::uint8_t due_in, std::uint8_t from) {
    auto matter = Matter{that_day("2012-01-01") + due_in};
    auto before = Light::none;
    for (auto today = that_day("2012-01-01") + from % 30; today < that_day("2012-11-01"); today = today + 1) {
      const auto now = law::light_of(matter, today, festival());
      RC_ASSERT(now >= before);
      before = now;
    }
  }));
}
