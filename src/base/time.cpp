#include "base/time.hpp"

#include <chrono>
#include <cstdio>

namespace landglass::base {
namespace {

constexpr std::int64_t k_shanghai = 8 * k_hour;

std::int32_t floor_days(std::int64_t ms) {
  return static_cast<std::int32_t>(ms >= 0 ? ms / k_day : -((-ms + k_day - 1) / k_day));
}

bool digits(std::string_view text, std::size_t at, std::size_t count, int& value) {
  if (at + count > text.size()) return false;
  value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  return true;
}

}  // namespace

Date from_civil(Civil civil) {
  const std::chrono::year_month_day ymd{std::chrono::year{civil.year},
                                        std::chrono::month{static_cast<unsigned>(civil.month)},
                                        std::chrono::day{static_cast<unsigned>(civil.day)}};
  return {static_cast<std::int32_t>(std::chrono::sys_days{ymd}.time_since_epoch().count())};
}

Civil to_civil(Date date) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{date.days}}};
  return {static_cast<int>(ymd.year()), static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(static_cast<unsigned>(ymd.day()))};
}

int weekday(Date date) {
  return static_cast<int>(std::chrono::weekday{std::chrono::sys_days{std::chrono::days{date.days}}}.iso_encoding());
}

Date add_months(Date date, int months) {
  const auto civil = to_civil(date);
  const auto month =
      std::chrono::year_month{std::chrono::year{civil.year}, std::chrono::month{static_cast<unsigned>(civil.month)}} +
      std::chrono::months{months};
  const std::chrono::year_month_day_last last{month.year(), std::chrono::month_day_last{month.month()}};
  const int last_day = static_cast<int>(static_cast<unsigned>(last.day()));
  return from_civil({static_cast<int>(month.year()), static_cast<int>(static_cast<unsigned>(month.month())),
                     civil.day < last_day ? civil.day : last_day});
}

Date date_of(Time time) { return {floor_days(time.ms + k_shanghai)}; }
Time start_of(Date date) { return {std::int64_t{date.days} * k_day - k_shanghai}; }

namespace {
std::string format_far(const Civil& civil, std::int64_t rest) {
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", civil.year, civil.month, civil.day,
                static_cast<int>(rest / k_hour), static_cast<int>(rest / k_minute % 60),
                static_cast<int>(rest / k_second % 60), static_cast<int>(rest % 1000));
  return out;
}
}  // namespace

// By hand: a leaf of a bid has four of them, and printf reads its format anew for each.
std::string format_utc(Time time) {
  const auto days = floor_days(time.ms);
  const auto civil = to_civil({days});
  const auto rest = time.ms - std::int64_t{days} * k_day;
  if (civil.year < 0 || civil.year > 9999) return format_far(civil, rest);
  std::string out = "0000-00-00T00:00:00.000Z";
  const auto put = [&out](std::size_t last, std::int64_t value) {  // its digits, the last one there
    for (; value != 0; value /= 10) out[last--] = static_cast<char>('0' + value % 10);
  };
  put(3, civil.year);
  put(6, civil.month);
  put(9, civil.day);
  put(12, rest / k_hour);
  put(15, rest / k_minute % 60);
  put(18, rest / k_second % 60);
  put(22, rest % 1000);
  return out;
}

std::string format_local(Time time) {
  auto text = format_utc(time + k_shanghai).substr(0, 19);
  text[10] = ' ';
  return text;
}

std::string format_date(Date date) {
  const auto civil = to_civil(date);
  char out[16];
  std::snprintf(out, sizeof out, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
  return out;
}

std::string format_date_zh(Date date) {
  const auto civil = to_civil(date);
  return std::to_string(civil.year) + "年" + std::to_string(civil.month) + "月" + std::to_string(civil.day) + "日";
}

std::optional<Date> parse_date(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !digits(text, 0, 4, year) || !digits(text, 5, 2, month) ||
      !digits(text, 8, 2, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  if (!ymd.ok()) return std::nullopt;
  return from_civil({year, month, day});
}

std::optional<Time> parse_time(std::string_view text) {
  if (text.size() < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const auto date = parse_date(text.substr(0, 10));
  int hour = 0;
  int minute = 0;
  int second = 0;
  int ms = 0;
  if (!date || !digits(text, 11, 2, hour) || !digits(text, 14, 2, minute) || !digits(text, 17, 2, second))
    return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  auto rest = text.substr(19);
  if (rest.size() >= 4 && rest[0] == '.') {
    if (!digits(rest, 1, 3, ms)) return std::nullopt;
    rest.remove_prefix(4);
  }
  std::int64_t offset = 0;
  if (rest == "+08:00") {
    offset = k_shanghai;
  } else if (rest != "Z") {
    return std::nullopt;
  }
  return Time{std::int64_t{date->days} * k_day + hour * k_hour + minute * k_minute + second * k_second + ms - offset};
}

Time SystemClock::now() {
  return {
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace landglass::base
