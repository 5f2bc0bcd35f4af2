#pragma once
// Days as the statutes count them (domain.md §11): the start day is not counted; a last day on a statutory holiday moves to
// the next working day; make-up working days (调休) count as working days. Years without a published notice are provisional.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "law/value.hpp"

namespace landglass::law {

class Calendar {
 public:
  struct Day {
    base::Date date;
    bool off = false;  // true: statutory day off; false: a make-up working day
  };
  Calendar() = default;
  Calendar(std::vector<Day> days, std::vector<int> known_years);

  bool working(base::Date date) const;
  bool known(int year) const;
  const std::map<base::Date, bool>& published() const { return off_; }  // day -> off, or a make-up working day
  const std::vector<int>& known_years() const { return known_years_; }
  // The last day of a term of `count` days of this kind that starts the day after `from`. Working days: the count-th working
  // day. Calendar days: moved to the next working day where it falls on a day off, when `move` is set (Civil Code art. 203).
  // A negative count goes back the same way; a count past a hundred years (36,525) is taken as that.
  base::Date last_day(base::Date from, std::int64_t count, DayKind kind, bool move = false) const;
  // Working days in (from, to]; where to < from, those in (to, from], negative.
  std::int64_t working_days_between(base::Date from, base::Date to) const;

 private:
  std::map<base::Date, bool> off_;
  std::vector<int> known_years_;
};

}  // namespace landglass::law
