#pragma once
// Which light a matter shows, and what of it is due next: the same on the desk, a leader's page and a board.

#include <array>
#include <optional>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "institution/institution.hpp"
#include "institution/record.hpp"
#include "law/calendar.hpp"

namespace landglass::web {

struct Lamp {
  const char* name;
  base::Text title;  // of a group
  base::Text text;   // beside a lamp
};

// As 效能监察 has them (law/lights.hpp), the gravest first: a reminder before the day, yellow past it, red when it is long
// past; the last where no term runs.
const std::array<Lamp, 5>& all_lamps();
// Of a term that ends at this instant; one that is counted in days ends with its last day.
const Lamp& lamp_of(std::optional<base::Time> due, base::Date today, const law::Calendar& calendar);
base::Date last_day(base::Time due);
// How far off it is, in days; on the day itself in hours, where it ends at an hour.
base::Text time_left(base::Time due, base::Time now);
// A deadline as every page says it (docs/formats/page-model.md, Due): its last day, with the hour where it ends at one.
base::JsonObject due_model(base::Time due, base::Time now, const law::Calendar& calendar);
// The same of a deadline whose clock stands, with so much left of it.
base::JsonObject stopped_model(std::int64_t left_ms);

// When something is due: what runs out next, or since when it is overdue although the deadline is gone from the record (one
// that only warned has passed, and nobody has acted since). Nothing where no deadline runs.
std::optional<base::Time> next_due(const institution::Institution& in, const institution::Record& record);

}  // namespace landglass::web
