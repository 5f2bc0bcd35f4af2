#pragma once
// Which light a matter shows, and what of it is due next: the same on the desk, a leader's page and a board.

#include <array>
#include <optional>

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
// past.
const std::array<Lamp, 4>& all_lamps();
const Lamp& in_time();
const Lamp& lamp_of(base::Date due, base::Date today, const law::Calendar& calendar);

// When something is due: what runs out next, or since when it is overdue although the deadline is gone from the record (one
// that only warned has passed, and nobody has acted since). Nothing where no deadline runs.
std::optional<base::Time> next_due(const institution::Institution& in, const institution::Record& record);

}  // namespace landglass::web
