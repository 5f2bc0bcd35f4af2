#pragma once
// Deadlines of sealed records stand in no table, which would show how many there are and when they fall: they are pages of a
// log in sealed rows (decision 0198). What a batch changes goes into the newest page and those after it, so that it costs
// the same however many deadlines a day has.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace landglass::store {

struct ByDue {
  bool operator()(const TimerRow& a, const TimerRow& b) const;  // due, record, name
};

// The row that says how many slots there are, "#<slots>"; each slot is a row that holds a page, or "[]".
inline constexpr std::string_view k_timer_slots = "timers";
std::string timer_slot_key(std::uint64_t slot);

struct TimerChange {
  bool stands = false;  // from then on; else it falls
  TimerRow timer;
};
// "#<number>\n", then a line for each change: "+" or "-", ["<due>","<record>","<name>"]. Pages are followed by their
// numbers.
struct TimerPage {
  std::uint64_t number = 0;
  std::vector<TimerChange> changes;
};
std::string begin_timer_page(std::uint64_t number);
void append_timer_change(std::string& page, bool stands, const TimerRow& timer);
bool is_timer_page(std::string_view row);  // or the row of the slots
base::Result<std::uint64_t> read_timer_slots(std::string_view row);
base::Result<TimerPage> read_timer_page(std::string_view row);

// All pages, whose slots `row` counts; `find` looks for a sealed row.
struct TimerPages {
  struct Page {
    std::uint64_t slot = 0;
    std::string row;
    std::vector<TimerChange> changes;
  };
  std::uint64_t slots = 0;
  std::vector<std::uint64_t> free;      // slots without a page, the last first
  std::map<std::uint64_t, Page> pages;  // by number
};
using FindSealed = std::function<base::Result<std::optional<std::string>>(std::string_view key)>;
base::Result<TimerPages> read_timer_pages(std::string_view row, const FindSealed& find);

// The rows under "timers" and "timers:<day>" that a table hash is made of, however the pages came to be; as they stood
// before there were pages: a list of the days, and of each day's [due, record, name].
std::map<std::string, std::string> timers_by_day(const std::set<TimerRow, ByDue>& timers);
base::Result<std::vector<TimerRow>> read_timers_of_day(std::string_view row);

}  // namespace landglass::store
