#include "web/lamps.hpp"

#include <algorithm>

#include "law/lights.hpp"

namespace landglass::web {
namespace {

using institution::Institution;

std::optional<base::Time> overdue_since(const Institution& in, const institution::Record& record) {
  base::Time acted;
  for (const auto& [action, done] : record.done) {
    if (!action.starts_with("due:") && done.actor != "system") acted = std::max(acted, done.time);
  }
  const auto warns = [&](std::string_view timer) {
    const auto of_region = [&](const institution::Region& region) {
      return std::any_of(region.states.begin(), region.states.end(), [&](const institution::State& state) {
        return std::any_of(state.after.begin(), state.after.end(),
                           [&](const institution::Deadline& one) { return one.name == timer && one.raise; });
      });
    };
    return of_region(in.main) || std::any_of(in.parallel.begin(), in.parallel.end(), of_region);
  };
  std::optional<base::Time> since;
  for (const auto& [action, done] : record.done) {
    if (!action.starts_with("due:") || done.time < acted || !warns(std::string_view(action).substr(4))) continue;
    if (!since || done.time < *since) since = done.time;
  }
  return since;
}

}  // namespace

const std::array<Lamp, 4>& all_lamps() {
  static const std::array<Lamp, 4> lamps{{{"red", {"严重逾期", "Long overdue"}, {"严重逾期", "long overdue"}},
                                          {"yellow", {"逾期", "Overdue"}, {"逾期", "overdue"}},
                                          {"reminder", {"将到期", "Due soon"}, {"将到期", "due soon"}},
                                          {"green", {"在期限内", "In time"}, {"在期限内", "in time"}}}};
  return lamps;
}

const Lamp& in_time() { return all_lamps()[3]; }

const Lamp& lamp_of(base::Date due, base::Date today, const law::Calendar& calendar) {
  law::Matter matter;
  matter.due = due;
  switch (law::light_of(matter, today, calendar)) {
    case law::Light::red: return all_lamps()[0];
    case law::Light::yellow: return all_lamps()[1];
    case law::Light::reminder: return all_lamps()[2];
    case law::Light::none: break;
  }
  return in_time();
}

std::optional<base::Time> next_due(const Institution& in, const institution::Record& record) {
  if (const auto overdue = overdue_since(in, record)) return overdue;
  std::optional<base::Time> due;
  for (const auto& [name, timer] : record.timers) {
    if (timer.left_ms || name == "tick" || name == "settle") continue;
    if (!due || timer.due < *due) due = timer.due;
  }
  return due;
}

}  // namespace landglass::web
