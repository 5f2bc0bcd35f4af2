#include "web/lamps.hpp"

#include <algorithm>

#include "law/lights.hpp"
#include "web/portal_model.hpp"

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
    const base::Time minute{done.time.ms - done.time.ms % base::k_minute};  // a timer fires a moment after midnight
    if (!since || minute < *since) since = minute;
  }
  return since;
}

}  // namespace

const std::array<Lamp, 5>& all_lamps() {
  static const std::array<Lamp, 5> lamps{{{"red", {"严重逾期", "Long overdue"}, {"严重逾期", "long overdue"}},
                                          {"yellow", {"逾期", "Overdue"}, {"逾期", "overdue"}},
                                          {"reminder", {"将到期", "Due soon"}, {"将到期", "due soon"}},
                                          {"green", {"在期限内", "In time"}, {"在期限内", "in time"}},
                                          {"off", {"无期限", "No deadline"}, {"无期限", "no deadline"}}}};
  return lamps;
}

base::Date last_day(base::Time due) { return base::date_of(due + -1); }

base::Text time_left(base::Time due, base::Time now) {
  const auto counted = [](std::int64_t n, const char* unit) { return std::to_string(n) + " " + unit + (n == 1 ? "" : "s"); };
  const auto days = last_day(due) - base::date_of(now);
  if (days >= 730) return {"还有 " + std::to_string(days / 365) + " 年", counted(days / 365, "year") + " left"};
  if (days > 0) return {"还有 " + std::to_string(days) + " 天", counted(days, "day") + " left"};
  if (days < 0) return {"已过 " + std::to_string(-days) + " 天", counted(-days, "day") + " past"};
  if (due <= now) return {"今天已到期", "passed today"};
  const auto minutes = (due - now) / base::k_minute;
  if (last_day(due) != base::date_of(due)) return {"今天到期", "due today"};
  if (minutes >= 60) return {"还有 " + std::to_string(minutes / 60) + " 小时", counted(minutes / 60, "hour") + " left"};
  return {"还有 " + std::to_string(minutes) + " 分钟", counted(minutes, "minute") + " left"};
}

base::JsonObject due_model(base::Time due, base::Time now, const law::Calendar& calendar) {
  const auto& lamp = lamp_of(due, base::date_of(now), calendar);
  const bool by_day = last_day(due) != base::date_of(due);
  return {{"text", by_day ? base::format_date(last_day(due)) : base::format_local(due).substr(0, 16)},
          {"left", both(time_left(due, now))},
          {"iso", base::format_utc(due)},
          {"light", lamp.name},
          {"light_text", both(lamp.text)}};
}

base::JsonObject stopped_model(std::int64_t left_ms) {
  const auto days = std::to_string((left_ms + base::k_day - 1) / base::k_day);
  return {{"left", both("恢复后还有 " + days + " 天", days + (days == "1" ? " day" : " days") + " left when it goes on")},
          {"light", all_lamps()[4].name},
          {"light_text", both("期限中止", "clock paused")}};
}

const Lamp& lamp_of(std::optional<base::Time> due, base::Date today, const law::Calendar& calendar) {
  if (!due) return all_lamps()[4];
  law::Matter matter;
  matter.due = last_day(*due);
  switch (law::light_of(matter, today, calendar)) {
    case law::Light::red: return all_lamps()[0];
    case law::Light::yellow: return all_lamps()[1];
    case law::Light::reminder: return all_lamps()[2];
    case law::Light::none: break;
  }
  return all_lamps()[3];
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
