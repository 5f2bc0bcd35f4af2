#pragma once
// Records as they were after a leaf, for one who asks: made again from the leaves that changed them and the private values
// that are open to him. A paper is printed from them, never from what has become of the records since.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "institution/registry.hpp"
#include "institution/sight.hpp"
#include "store/store.hpp"

namespace landglass::disclosure {

using institution::Asking;
using institution::sees;

// The place of an act in the log.
struct Moment {
  log::Tree tree = log::Tree::open;
  std::uint64_t seq = 0;
  base::Time time;
};

class Past final : public institution::Shelf {
 public:
  // `now` and `store` as the sequencer's thread sees them: only within Engine::inspect.
  Past(const institution::Pack& pack, institution::Shelf& now, store::Store& store, const Asking& asking, Moment at)
      : pack_(pack), now_(now), store_(store), asking_(asking), at_(at) {}

  // nullptr where it was not yet there. A private value that he may not see reads {"erased": "hidden"}, one that was erased
  // {"erased": true}.
  base::Result<institution::Record*> find(std::string_view id) override;
  // The same, without the leaf of the moment itself.
  base::Result<std::unique_ptr<institution::Record>> before(std::string_view id);
  // The code of its slip, for who may read what the code opens.
  base::Result<std::string> slip(std::string_view id);
  base::Result<std::vector<std::string>> index(std::string_view key, bool sealed) override;

  // Nothing is written into the past, and a figure of now says nothing of it.
  institution::Record& add(institution::Record record) override;
  void touched(institution::Record& record) override;
  base::Result<std::int64_t> tally(std::string_view key, bool sealed) override;
  void put_tally(std::string_view key, std::int64_t value, bool sealed) override;
  void put_index(std::string_view key, const std::vector<std::string>& ids, bool sealed) override;
  bool witnessed(const institution::Record&) override { return true; }
  base::Result<std::string> file(std::string_view hash) override { return store_.file(hash); }  // its hash is its moment

 private:
  base::Result<std::unique_ptr<institution::Record>> make(std::string_view id, bool with_last);

  const institution::Pack& pack_;
  institution::Shelf& now_;
  store::Store& store_;
  const Asking& asking_;
  Moment at_;
  std::map<std::string, std::unique_ptr<institution::Record>, std::less<>> made_;
};

// The change of a record within a leaf, and how its committed fields are called there; nullptr where it is not about it.
struct Part {
  const log::Change* change = nullptr;
  std::string prefix;
};
Part part_of(const log::Leaf& leaf, std::string_view record);

}  // namespace landglass::disclosure
