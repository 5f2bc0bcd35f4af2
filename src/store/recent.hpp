#pragma once
// Where the newest value of a name lies among the batches that are not yet in the tables: one search, however many they are.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "store/batch.hpp"

namespace landglass::store {

class Recent final : public Batch::Notes {
 public:
  using Batches = std::deque<std::pair<std::uint64_t, std::shared_ptr<Batch>>>;  // by number, none left out

  // What is noted from now on is of this batch.
  void of(std::uint64_t number) { number_ = number; }
  void note(Batch::Named kind, std::string_view name, std::string_view of, Batch::Slot slot) override;
  // The value, where it lies in `now`, the batch under way (null: none), or in one of those handed over.
  std::optional<std::string_view> find(Batch::Named kind, std::string_view name, std::string_view of, const Batch* now,
                                       const Batches& handed_over);
  // After the batch under way fell, with what it had put: these are left.
  void begin_anew(const Batches& handed_over);

 private:
  struct Place {
    std::uint64_t number = 0;
    Batch::Slot slot;
  };
  static void compose(std::string& out, Batch::Named kind, std::string_view name, std::string_view of);
  static const Batch* batch(const Batches& handed_over, std::uint64_t number);
  void sweep(const Batches& handed_over);

  ByText<Place> places_;  // of batches that went into the tables too, until there are too many
  std::string name_;      // that is looked for: its room is kept
  std::uint64_t number_ = 0;
  std::size_t sweep_at_ = 4'096;
};

}  // namespace landglass::store
