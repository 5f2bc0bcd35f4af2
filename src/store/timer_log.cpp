#include "store/timer_log.hpp"

#include <charconv>
#include <tuple>

#include "base/json.hpp"

namespace landglass::store {
namespace {

using base::Json;
using base::JsonArray;
using base::Result;

Json listed(const TimerRow& timer) { return JsonArray{base::format_utc(timer.due), timer.record, timer.name}; }

Result<TimerRow> unlisted(const Json& json) {
  const auto* parts = json.if_array();
  if (parts == nullptr || parts->size() != 3) return base::fail("a deadline of a sealed record does not read");
  const auto due = base::parse_time((*parts)[0].as_string());
  if (!due) return base::fail("a deadline of a sealed record has no time");
  return TimerRow{*due, (*parts)[1].as_string(), (*parts)[2].as_string()};
}

// The number after "#", up to the end of the line.
Result<std::uint64_t> number_in(std::string_view line) {
  std::uint64_t number = 0;
  const auto* end = line.data() + line.size();
  if (line.size() < 2 || line[0] != '#' || std::from_chars(line.data() + 1, end, number).ptr != end)
    return base::fail("a page of the sealed deadlines has no number");
  return number;
}

}  // namespace

bool ByDue::operator()(const TimerRow& a, const TimerRow& b) const {
  return std::tie(a.due, a.record, a.name) < std::tie(b.due, b.record, b.name);
}

std::string timer_slot_key(std::uint64_t slot) { return std::string(k_timer_slots) + "/" + std::to_string(slot); }

std::string begin_timer_page(std::uint64_t number) { return "#" + std::to_string(number) + "\n"; }

void append_timer_change(std::string& page, bool stands, const TimerRow& timer) {
  page += stands ? '+' : '-';
  base::append_canonical(page, listed(timer));
  page += '\n';
}

bool is_timer_page(std::string_view row) { return row.starts_with('#'); }

Result<std::uint64_t> read_timer_slots(std::string_view row) { return number_in(row); }

Result<TimerPage> read_timer_page(std::string_view row) {
  TimerPage page;
  const auto head = row.find('\n');
  LG_TRY(page.number, number_in(row.substr(0, head)));
  while (head != std::string_view::npos) {
    row.remove_prefix(row.find('\n') + 1);
    const auto end = row.find('\n');
    if (row.empty()) break;
    if (end == std::string_view::npos || (row[0] != '+' && row[0] != '-'))
      return base::fail("a page of the sealed deadlines does not read: " + std::to_string(page.number));
    LG_TRY(const auto json, base::parse_json(row.substr(1, end - 1), base::Profile::any));
    LG_TRY(auto timer, unlisted(json));
    page.changes.push_back({row[0] == '+', std::move(timer)});
  }
  return page;
}

Result<TimerPages> read_timer_pages(std::string_view row, const FindSealed& find) {
  TimerPages all;
  LG_TRY(all.slots, read_timer_slots(row));
  for (auto slot = all.slots; slot-- > 0;) {
    LG_TRY(auto held, find(timer_slot_key(slot)));
    if (!held) return base::fail("a page of the sealed deadlines is missing: " + timer_slot_key(slot));
    if (!is_timer_page(*held)) {
      all.free.push_back(slot);
      continue;
    }
    LG_TRY(auto page, read_timer_page(*held));
    all.pages.emplace(page.number, TimerPages::Page{slot, *std::move(held), std::move(page.changes)});
  }
  return all;
}

std::map<std::string, std::string> timers_by_day(const std::set<TimerRow, ByDue>& timers) {
  std::map<std::string, std::string> rows;
  JsonArray days;
  for (auto one = timers.begin(); one != timers.end();) {
    const auto day = base::date_of(one->due);
    JsonArray of_day;
    for (; one != timers.end() && base::date_of(one->due) == day; ++one) of_day.push_back(listed(*one));
    days.emplace_back(base::format_date(day));
    rows.emplace(std::string(k_timer_slots) + ":" + base::format_date(day), base::canonical(Json(std::move(of_day))));
  }
  if (!days.empty()) rows.emplace(k_timer_slots, base::canonical(Json(std::move(days))));
  return rows;
}

Result<std::vector<TimerRow>> read_timers_of_day(std::string_view row) {
  LG_TRY(const auto list, base::parse_json(row, base::Profile::any));
  std::vector<TimerRow> timers;
  for (const auto& one : list.as_array()) {
    LG_TRY(auto timer, unlisted(one));
    timers.push_back(std::move(timer));
  }
  return timers;
}

}  // namespace landglass::store
