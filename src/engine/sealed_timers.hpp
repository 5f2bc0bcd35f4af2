#pragma once
// The deadlines of sealed records, in memory by time, and their pages in the store (store/timer_log.hpp). A page of which
// little stands any more gives what does to the newest one, so that all of them are at most some twice as long as what
// stands.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/timer_log.hpp"

namespace landglass::engine {

class SealedTimers {
 public:
  explicit SealedTimers(store::Store& store) : store_(&store) {}

  base::Status load();  // once; nothing else before it
  void put(const store::TimerRow& timer);
  void drop(const store::TimerRow& timer);
  base::Status write();                             // what changed since, into the open transaction
  void forget() { *this = SealedTimers(*store_); }  // everything, unwritten

  using All = std::map<store::TimerRow, std::uint64_t, store::ByDue>;
  const All& all() const { return timers_; }  // with the page each was put in last; 0: in none yet

 private:
  struct Page {
    std::uint64_t slot = 0;
    std::size_t lines = 0;
  };
  base::Status load_days(std::string_view days);
  base::Status load_pages(std::string_view slots);
  base::Status note(bool stands, const store::TimerRow& timer);
  base::Status write_newest();
  base::Status sweep();

  store::Store* store_;
  All timers_;
  std::map<store::TimerRow, bool, store::ByDue> changes_;  // that no page says: whether it stands
  std::map<std::uint64_t, Page> pages_;                    // by number
  std::string newest_;                                     // the newest page, as it is to be written
  bool slot_is_new_ = false;                               // that of the newest page: no row stands under it
  std::uint64_t next_page_ = 1, slots_ = 0, kept_slots_ = 0;
  std::vector<std::uint64_t> free_;   // slots
  std::vector<std::string> cleared_;  // keys of rows that say nothing any more
  std::size_t lines_ = 0;             // in all pages
  bool loaded_ = false, by_days_ = false;
};

}  // namespace landglass::engine
