#include "law/lights.hpp"

#include <algorithm>
#include <limits>

namespace landglass::law {
namespace {

struct Clock {
  base::Date due;
  bool stopped = false;
};

Clock clock_of(const Matter& matter, base::Date today, const Calendar& calendar) {
  Clock clock{matter.due, false};
  auto counted_to = base::Date{std::numeric_limits<std::int32_t>::min()};
  for (const auto& pause : matter.pauses) {
    if (pause.from > clock.due || pause.from > today) continue;
    if (!pause.to || *pause.to > today) clock.stopped = true;
    const auto to = std::min(pause.to.value_or(today), today);
    const auto from = std::max(pause.from, counted_to);
    if (to <= from) continue;
    counted_to = to;
    const auto count = matter.kind == DayKind::working ? calendar.working_days_between(from, to) : to - from;
    clock.due = calendar.last_day(clock.due, count, matter.kind, matter.move);
    // A pause that ends on a day off leaves at least the next working day.
    if (clock.due < to) clock.due = calendar.last_day(to, 0, DayKind::calendar, true);
  }
  return clock;
}

}  // namespace

std::string_view name_of(Light light) {
  switch (light) {
    case Light::none: return "none";
    case Light::reminder: return "reminder";
    case Light::yellow: return "yellow";
    case Light::red: return "red";
  }
  return "none";
}

base::Date due_after_pauses(const Matter& matter, base::Date today, const Calendar& calendar) {
  return clock_of(matter, today, calendar).due;
}

Light light_of(const Matter& matter, base::Date today, const Calendar& calendar, const LightThresholds& thresholds) {
  const auto day = matter.finished ? std::min(*matter.finished, today) : today;
  const auto clock = clock_of(matter, day, calendar);
  if (clock.stopped) return Light::none;
  if (day > clock.due) {
    const auto late = calendar.working_days_between(clock.due, day);
    return late > thresholds.red_after_working_days ? Light::red : Light::yellow;
  }
  const bool finished = matter.finished && *matter.finished <= today;
  if (finished) return Light::none;
  const auto reminded = calendar.last_day(clock.due, -thresholds.reminder_working_days, DayKind::working);
  return day >= reminded ? Light::reminder : Light::none;
}

}  // namespace landglass::law
