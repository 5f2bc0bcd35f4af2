#include "engine/sealed_timers.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace landglass::engine {
namespace {

using base::Result;
using base::Status;
using store::TimerRow;

constexpr std::size_t k_page_bytes = 3'900;  // then another is begun: a sealed row of 4 KiB
constexpr std::size_t k_idle_lines = 512;    // that say nothing any more, beside as many as stand
constexpr std::size_t k_sweeps = 4;          // pages a batch goes through at least, where there are more
constexpr std::size_t k_changes_a_sweep = 16;

}  // namespace

Status SealedTimers::load() {
  if (loaded_) return base::Done{};
  loaded_ = true;
  LG_TRY(const auto head, store_->sealed(store::k_timer_slots));
  if (!head || *head == "[]") return base::Done{};
  return store::is_timer_page(*head) ? load_pages(*head) : load_days(*head);
}

// As they stood before there were pages: with the next change they all go into some.
Status SealedTimers::load_days(std::string_view days) {
  LG_TRY(const auto list, base::parse_json(days, base::Profile::any));
  by_days_ = true;
  for (const auto& day : list.as_array()) {
    auto key = std::string(store::k_timer_slots) + ":" + day.as_string();
    LG_TRY(const auto row, store_->sealed(key));
    if (!row) return base::fail("a day of the sealed timers is missing: " + day.as_string());
    LG_TRY(const auto timers, store::read_timers_of_day(*row));
    for (const auto& timer : timers) timers_[timer] = 0;
    cleared_.push_back(std::move(key));
  }
  return base::Done{};
}

Status SealedTimers::load_pages(std::string_view slots) {
  LG_TRY(auto all, store::read_timer_pages(slots, [this](std::string_view key) { return store_->sealed(key); }));
  slots_ = kept_slots_ = all.slots;
  free_ = std::move(all.free);
  for (auto& [number, page] : all.pages) {
    for (const auto& change : page.changes) {
      if (change.stands) {
        timers_[change.timer] = number;
      } else {
        timers_.erase(change.timer);
      }
    }
    pages_[number] = {page.slot, page.changes.size()};
    lines_ += page.changes.size();
    next_page_ = number + 1;
    newest_ = std::move(page.row);
  }
  return base::Done{};
}

void SealedTimers::put(const TimerRow& timer) {
  timers_[timer] = 0;
  changes_[timer] = true;
}

void SealedTimers::drop(const TimerRow& timer) {
  if (timers_.erase(timer) > 0) changes_[timer] = false;
}

Status SealedTimers::write_newest() {
  if (pages_.empty()) return base::Done{};
  return store_->put_sealed(store::timer_slot_key(pages_.rbegin()->second.slot), newest_,
                            std::exchange(slot_is_new_, false));
}

Status SealedTimers::note(bool stands, const TimerRow& timer) {
  if (pages_.empty() || newest_.size() >= k_page_bytes) {
    LG_CHECK(write_newest());
    Page page;
    slot_is_new_ = free_.empty();
    page.slot = slot_is_new_ ? slots_++ : free_.back();
    if (!slot_is_new_) {
      free_.pop_back();
      std::erase(cleared_, store::timer_slot_key(page.slot));
    }
    newest_ = store::begin_timer_page(next_page_);
    pages_.emplace(next_page_++, page);
  }
  store::append_timer_change(newest_, stands, timer);
  auto& [number, page] = *pages_.rbegin();
  ++page.lines;
  ++lines_;
  if (stands) timers_.at(timer) = number;
  return base::Done{};
}

// The oldest page: what stands in it and in no later one goes into the newest.
Status SealedTimers::sweep() {
  const auto oldest = pages_.begin();
  const auto [number, page] = *oldest;
  auto key = store::timer_slot_key(page.slot);
  LG_TRY(const auto row, store_->sealed(key));
  if (!row) return base::fail("a page of the sealed deadlines is missing: " + key);
  LG_TRY(const auto said, store::read_timer_page(*row));
  lines_ -= page.lines;
  pages_.erase(oldest);
  free_.push_back(page.slot);
  cleared_.push_back(std::move(key));
  for (const auto& change : said.changes) {
    const auto at = change.stands ? timers_.find(change.timer) : timers_.end();
    if (at != timers_.end() && at->second == number) LG_CHECK(note(true, at->first));
  }
  return base::Done{};
}

Status SealedTimers::write() {
  if (changes_.empty()) return base::Done{};
  if (std::exchange(by_days_, false)) {
    for (const auto& [timer, page] : timers_) changes_.emplace(timer, true);
  }
  const auto sweeps = k_sweeps + changes_.size() / k_changes_a_sweep;
  for (const auto& [timer, stands] : changes_) LG_CHECK(note(stands, timer));
  changes_.clear();
  for (std::size_t i = 0; i < sweeps && pages_.size() > 1 && lines_ > 2 * timers_.size() + k_idle_lines; ++i)
    LG_CHECK(sweep());
  LG_CHECK(write_newest());
  for (const auto& key : cleared_) LG_CHECK(store_->put_sealed(key, "[]"));
  cleared_.clear();
  if (kept_slots_ == slots_) return base::Done{};
  kept_slots_ = slots_;
  return store_->put_sealed(store::k_timer_slots, "#" + std::to_string(slots_));
}

}  // namespace landglass::engine
