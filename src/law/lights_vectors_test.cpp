// The golden vectors of docs/formats/lights.md, which the browser's lights run on too.

#include <gtest/gtest.h>

#include "law/auction_test_vectors.hpp"
#include "law/lights.hpp"

namespace landglass::law {
namespace {

using base::Json;

base::Date day(std::string_view text) { return base::parse_date(text).value(); }

TEST(LightsVectors, EveryCaseOfTheDocumentHolds) {
  const auto given = test::vectors(LG_SOURCE_DIR, "lights", "calendar");
  std::vector<Calendar::Day> days;
  for (const auto& date : given.at("off").as_array()) days.push_back({day(date.as_string()), true});
  for (const auto& date : given.at("work").as_array()) days.push_back({day(date.as_string()), false});
  const Calendar calendar(std::move(days), {2012});
  const auto cases = test::vectors(LG_SOURCE_DIR, "lights", "cases");
  ASSERT_GE(cases.as_array().size(), 13U);
  for (const auto& one : cases.as_array()) {
    Matter matter{day(one.text("due"))};
    if (one.text("kind") == "calendar") matter.kind = DayKind::calendar;
    matter.move = one.at("move").is_bool() && one.at("move").as_bool();
    if (const auto* pauses = one.at("pauses").if_array()) {
      for (const auto& pause : *pauses) {
        matter.pauses.push_back({day(pause.text("from")), std::nullopt});
        if (!pause.text("to").empty()) matter.pauses.back().to = day(pause.text("to"));
      }
    }
    if (!one.text("finished").empty()) matter.finished = day(one.text("finished"));
    LightThresholds by;
    if (one.at("reminder").is_int()) by.reminder_working_days = one.at("reminder").as_int();
    if (one.at("red").is_int()) by.red_after_working_days = one.at("red").as_int();
    for (const auto& [today, light] : one.at("lights").as_object())
      EXPECT_EQ(name_of(light_of(matter, day(today), calendar, by)), light.as_string())
          << one.text("name") << " on " << today;
    if (one.text("moved").empty()) continue;
    EXPECT_EQ(base::format_date(due_after_pauses(matter, day("2012-06-01"), calendar)), one.text("moved"))
        << one.text("name");
  }
}

}  // namespace
}  // namespace landglass::law
