#include "law/calendar.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <set>

using namespace landglass;
using law::Calendar;
using law::DayKind;

namespace {

base::Date day(std::string_view text) {
  const auto date = base::parse_date(text);
  LG_ASSERT(date, "a test date");
  return *date;
}

void add_days_off(std::vector<Calendar::Day>& days, std::string_view from, std::string_view to) {
  for (auto date = day(from); date <= day(to); date = date + 1) days.push_back({date, true});
}

// The State Council's notice for 2012: days off, and the weekends worked in exchange.
Calendar year_2012() {
  std::vector<Calendar::Day> days;
  add_days_off(days, "2012-01-01", "2012-01-03");
  add_days_off(days, "2012-01-22", "2012-01-28");
  add_days_off(days, "2012-04-02", "2012-04-04");
  add_days_off(days, "2012-04-29", "2012-05-01");
  add_days_off(days, "2012-06-22", "2012-06-24");
  add_days_off(days, "2012-09-30", "2012-10-07");
  for (const auto* work :
       {"2011-12-31", "2012-01-21", "2012-01-29", "2012-03-31", "2012-04-01", "2012-04-28", "2012-09-29"}) {
    days.push_back({day(work), false});
  }
  return Calendar(std::move(days), {2012});
}

std::string after(const Calendar& calendar, std::string_view from, std::int64_t count, DayKind kind = DayKind::working,
                  bool move = false) {
  return base::format_date(calendar.last_day(day(from), count, kind, move));
}

}  // namespace

TEST(Calendar, CountsWorkingDaysWithMakeUpDaysAndNotTheStartDay) {
  const auto calendar = year_2012();
  EXPECT_EQ(after(calendar, "2012-01-20", 10), "2012-02-08");
  EXPECT_EQ(after(calendar, "2011-12-30", 1), "2011-12-31");
  EXPECT_EQ(after(calendar, "2012-03-30", 5), "2012-04-09");
  EXPECT_EQ(after(calendar, "2012-09-28", 10), "2012-10-18");
  EXPECT_EQ(after(calendar, "2012-02-08", -10), "2012-01-20");
  EXPECT_EQ(after(calendar, "2012-01-22", 0), "2012-01-22");
}
TEST(Calendar, MovesALastDayOffTheHolidayOnlyWhereTheStatuteSaysSo) {
  const auto calendar = year_2012();
  EXPECT_EQ(after(calendar, "2012-01-10", 15, DayKind::calendar), "2012-01-25");
  EXPECT_EQ(after(calendar, "2012-01-10", 15, DayKind::calendar, true), "2012-01-29");
  EXPECT_EQ(after(calendar, "2012-01-10", 20, DayKind::calendar, true), "2012-01-30");
}
TEST(Calendar, CountsWorkingDaysBetweenAsIfDayByDay) {
  const auto calendar = year_2012();
  for (auto from = day("2011-12-20"); from < day("2012-02-10"); from = from + 1) {
    std::int64_t walked = 0;
    for (auto to = from; to < day("2012-11-01"); to = to + 1) {
      if (to > from && calendar.working(to)) ++walked;
      ASSERT_EQ(calendar.working_days_between(from, to), walked) << base::format_date(from) << " " << base::format_date(to);
      ASSERT_EQ(calendar.working_days_between(to, from), -walked);
    }
  }
}
TEST(Calendar, KnowsWhichYearsHaveANotice) {
  EXPECT_TRUE(year_2012().known(2012));
  EXPECT_FALSE(year_2012().known(2013));
}
TEST(Calendar, AgreesWithTwentyYearsOfPublishedNotices) {
  std::ifstream file(LG_SHARED_DIR "/data/holidays.csv");
  if (!file) {
    std::cerr << "SKIPPED: ../shared is absent\n";
    GTEST_SKIP();
  }
  std::vector<Calendar::Day> days;
  std::set<int> years;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const auto date = day(line.substr(0, 10));
    days.push_back({date, line.substr(11, 3) == "off"});
    years.insert(base::to_civil(date).year);
  }
  ASSERT_EQ(days.size(), 766u);
  const Calendar calendar(days, {years.begin(), years.end()});
  EXPECT_EQ(after(calendar, "2012-01-20", 10), "2012-02-08");
  EXPECT_EQ(after(calendar, "2011-12-30", 1), "2011-12-31");
  EXPECT_EQ(after(calendar, "2012-03-30", 5), "2012-04-09");
  EXPECT_EQ(after(calendar, "2012-09-28", 10), "2012-10-18");
  for (int year = 2008; year <= 2025; ++year) {
    EXPECT_TRUE(calendar.known(year)) << year;
    // 365 days hold 104 or 105 weekend days and 10 to 13 statutory holidays, of which make-up days give back none.
    const auto worked =
        calendar.working_days_between(base::from_civil({year - 1, 12, 31}), base::from_civil({year, 12, 31}));
    EXPECT_GE(worked, 245) << year;
    EXPECT_LE(worked, 254) << year;
  }
}
