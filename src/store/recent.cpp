#include "store/recent.hpp"

#include <algorithm>

namespace landglass::store {

constexpr std::size_t k_few_names = 4'096;

void Recent::compose(std::string& out, Batch::Named kind, std::string_view name, std::string_view of) {
  out.assign(1, static_cast<char>(kind));
  out += name;
  out += '\0';
  out += of;
}

const Batch* Recent::batch(const Batches& handed_over, std::uint64_t number) {
  if (handed_over.empty() || number < handed_over.front().first) return nullptr;
  const auto at = number - handed_over.front().first;
  if (at >= handed_over.size()) return nullptr;
  LG_ASSERT(handed_over[at].first == number, "a batch that was handed over is left out");
  return handed_over[at].second.get();
}

void Recent::note(Batch::Named kind, std::string_view name, std::string_view of, Batch::Slot slot) {
  compose(name_, kind, name, of);
  const Place place{number_, slot};
  if (const auto known = places_.find(name_); known != places_.end()) {
    known->second = place;
  } else {
    places_.emplace(name_, place);
  }
}

std::optional<std::string_view> Recent::find(Batch::Named kind, std::string_view name, std::string_view of, const Batch* now,
                                             const Batches& handed_over) {
  if (places_.size() >= sweep_at_) sweep(handed_over);
  compose(name_, kind, name, of);
  const auto known = places_.find(name_);
  if (known == places_.end()) return std::nullopt;
  const auto& place = known->second;
  const auto* in = now != nullptr && place.number == number_ ? now : batch(handed_over, place.number);
  if (in == nullptr) return std::nullopt;  // it is in the tables
  return in->text(place.slot);
}

void Recent::sweep(const Batches& handed_over) {
  std::erase_if(places_, [&](const auto& one) {
    return one.second.number != number_ && batch(handed_over, one.second.number) == nullptr;
  });
  sweep_at_ = std::max(k_few_names, 4 * places_.size());
}

void Recent::begin_anew(const Batches& handed_over) {
  places_.clear();
  const auto under_way = number_;
  for (const auto& [number, batch] : handed_over) {
    number_ = number;
    batch->tell(*this);
  }
  number_ = under_way;
}

}  // namespace landglass::store
