#pragma once
// Efficacy lights (效能监察): reminder, yellow, red. A pure function of a matter's dates, so that anybody recomputes them
// from public leaves: none of it is a setting of the one who is watched.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "law/calendar.hpp"

namespace landglass::law {

enum class Light : std::uint8_t { none, reminder, yellow, red };
std::string_view name_of(Light light);  // "none", "reminder", "yellow", "red"

// The days that do not count against the office: those after `from` up to `to`, as a term's start day is not counted.
struct Pause {
  base::Date from;
  std::optional<base::Date> to;  // nullopt: still stopped
};

struct Matter {
  base::Date due;                      // as first set, before any pause
  DayKind kind = DayKind::working;     // of the term's days
  bool move = false;                   // a due day off the holiday (Calendar::last_day)
  std::vector<Pause> pauses;           // in the order of `from`
  std::optional<base::Date> finished;  // nullopt: still open
};

// Defaults: a reminder one working day before the due day, yellow from the day after it, red when more than three working
// days late.
struct LightThresholds {
  std::int64_t reminder_working_days = 1;
  std::int64_t red_after_working_days = 3;
};

// The due day moved by as many days of the matter's kind as its pauses hold, up to `today`. A pause that begins after the
// due day as it stands then heals nothing; days that two pauses share count once.
base::Date due_after_pauses(const Matter& matter, base::Date today, const Calendar& calendar);

// The light on `today`, or for good once the matter is finished. While a pause stands nothing is reminded of, but a due day
// missed before it began stays missed.
Light light_of(const Matter& matter, base::Date today, const Calendar& calendar, const LightThresholds& thresholds = {});

}  // namespace landglass::law
