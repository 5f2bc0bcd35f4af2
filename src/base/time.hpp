#pragma once
// Instants and dates. An instant is milliseconds since 1970-01-01T00:00:00Z; a date is a day in Asia/Shanghai, which has
// been UTC+8 without summer time since 1992. What needs the time takes a Clock; nothing else reads one.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace landglass::base {

struct Time {
  std::int64_t ms = 0;
  auto operator<=>(const Time&) const = default;
};
constexpr Time operator+(Time time, std::int64_t ms) { return {time.ms + ms}; }
constexpr std::int64_t operator-(Time a, Time b) { return a.ms - b.ms; }

constexpr std::int64_t k_second = 1'000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;
constexpr std::int64_t k_day = 24 * k_hour;

struct Date {
  std::int32_t days = 0;  // since 1970-01-01
  auto operator<=>(const Date&) const = default;
};
constexpr Date operator+(Date date, int days) { return {date.days + days}; }
constexpr int operator-(Date a, Date b) { return a.days - b.days; }

struct Civil {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
};
Date from_civil(Civil civil);
Civil to_civil(Date date);
int weekday(Date date);                  // 1 Monday .. 7 Sunday
Date add_months(Date date, int months);  // the same day, or the last of a shorter month

Date date_of(Time time);                                      // the day in Asia/Shanghai
Time start_of(Date date);                                     // 00:00 in Asia/Shanghai
inline Time end_of(Date date) { return start_of(date + 1); }  // 24:00

std::string format_utc(Time time);      // 2026-11-23T01:27:01.123Z, the form in leaves
std::string format_local(Time time);    // 2026-11-23 09:27:01, for people, Asia/Shanghai
std::string format_date(Date date);     // 2026-11-23
std::string format_date_zh(Date date);  // 2026年11月23日

// Exact inverse of format_utc; also takes a "+08:00" offset and no fraction. Nothing else.
std::optional<Time> parse_time(std::string_view text);
std::optional<Date> parse_date(std::string_view text);

// Where the time comes from. Called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() override;
};

// Stands still until told; for scenarios, simulation, imports and demonstrations.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Time start) : now_(start) {}
  Time now() override { return now_; }
  void set(Time now) { now_ = now; }
  void advance(std::int64_t ms) { now_.ms += ms; }

 private:
  Time now_;
};

}  // namespace landglass::base
