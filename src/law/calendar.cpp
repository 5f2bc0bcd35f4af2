#include "law/calendar.hpp"

#include <algorithm>

namespace landglass::law {
namespace {

constexpr std::int64_t k_longest = 36'525;  // a hundred years: no term in law is longer

}  // namespace

Calendar::Calendar(std::vector<Day> days, std::vector<int> known_years) : known_years_(std::move(known_years)) {
  for (const auto& day : days) off_[day.date] = day.off;
  std::sort(known_years_.begin(), known_years_.end());
}

bool Calendar::working(base::Date date) const {
  const auto notice = off_.find(date);
  return notice != off_.end() ? !notice->second : base::weekday(date) <= 5;
}

bool Calendar::known(int year) const { return std::binary_search(known_years_.begin(), known_years_.end(), year); }

base::Date Calendar::last_day(base::Date from, std::int64_t count, DayKind kind, bool move) const {
  count = std::clamp(count, -k_longest, k_longest);
  if (kind == DayKind::calendar) {
    auto last = from + static_cast<int>(count);
    while (move && !working(last)) last = last + 1;
    return last;
  }
  const int step = count < 0 ? -1 : 1;
  auto last = from;
  for (auto left = count * step; left > 0;) {
    last = last + step;
    if (working(last)) --left;
  }
  return last;
}

std::int64_t Calendar::working_days_between(base::Date from, base::Date to) const {
  if (to < from) return -working_days_between(to, from);
  // Whole weeks hold five weekdays each; what is left is at most six days; then the notices' exceptions.
  const std::int64_t length = to - from;
  std::int64_t count = length / 7 * 5;
  for (auto date = from + static_cast<int>(length / 7 * 7) + 1; date <= to; date = date + 1) {
    if (base::weekday(date) <= 5) ++count;
  }
  for (auto notice = off_.upper_bound(from); notice != off_.end() && notice->first <= to; ++notice) {
    const bool weekday = base::weekday(notice->first) <= 5;
    if (notice->second && weekday) --count;
    if (!notice->second && !weekday) ++count;
  }
  return count;
}

}  // namespace landglass::law
