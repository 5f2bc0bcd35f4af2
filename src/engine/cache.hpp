#pragma once
// The shelf of records as the engine keeps it: a bounded cache over the store's write connection, written back within the
// batch, so that a lot bid on a thousand times in one batch is one row written.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/sealed_timers.hpp"
#include "institution/registry.hpp"
#include "store/store.hpp"

namespace landglass::engine {

class Cache final : public institution::Shelf {
 public:
  Cache(store::Store& store, institution::Pack& pack, std::size_t most_records)
      : store_(store), pack_(pack), most_(most_records), sealed_timers_(store) {}
  // The registry publishes and loads behaviours; it is made over this cache, so it comes second.
  void serve(institution::Registry& registry) { registry_ = &registry; }

  base::Result<institution::Record*> find(std::string_view id) override;
  institution::Record& add(institution::Record record) override;
  void touched(institution::Record& record) override;
  base::Result<std::int64_t> tally(std::string_view key, bool sealed) override;
  void put_tally(std::string_view key, std::int64_t value, bool sealed) override;
  base::Result<std::vector<std::string>> index(std::string_view key, bool sealed) override;
  void put_index(std::string_view key, const std::vector<std::string>& ids, bool sealed) override;
  bool witnessed(const institution::Record& record) override;
  base::Result<std::string> file(std::string_view hash) override { return store_.file(hash); }

  // Writes what the batch changed into the open transaction; the cache stays warm. Between begin() and commit().
  base::Status write_back();
  // The public document of a record as the last write_back() wrote it, canonical JSON; none of one that it did not write.
  std::shared_ptr<const std::string> published(std::string_view id) const;
  // Lets clean records go where the cache is over its bound, few at a time, since every caller waits. After commit().
  void trim();
  std::size_t held() const { return records_.size(); }  // records
  void forget();                                        // everything, unwritten: only before a rebuild

  // Deadlines of sealed records stand in sealed rows and in memory; those of open ones in the store's own table.
  base::Result<std::vector<store::TimerRow>> timers_due(base::Time until, std::size_t limit);  // by (due, record, name)
  base::Result<std::optional<base::Time>> next_due(base::Time now);                            // as of Store::next_due
  // Sealed records with a deadline, the earliest first, each once: what waits at a desk.
  base::Result<std::vector<std::string>> sealed_waiting(std::size_t limit);

  void set_witnessed(std::uint64_t size, bool configured) {
    witnessed_size_ = size;
    witnesses_ = configured;
  }

  // Tables of all institutions in force, for Store::shape, and the columns of one record.
  static std::vector<store::TableShape> shapes(const institution::Pack& pack);
  static std::string table_of(std::string_view institution);

 private:
  struct Entry {
    institution::Record record;
    std::vector<store::TimerRow> stored;  // timers as they stand on disk
    bool dirty = false;
    bool is_new = false;
    bool was_public = false;
    bool lately = true;  // it was used since trim() came past
  };
  struct Figure {
    std::int64_t value = 0;
    bool dirty = false;
    bool is_new = false;  // it was looked for, and none stands
    bool lately = true;
  };
  struct Ids {
    std::vector<std::string> ids;
    bool dirty = false;
    bool is_new = false;
    bool lately = true;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  template <class T>
  using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  struct ColumnFields {
    const institution::Institution* of = nullptr;  // the pack keeps every version that it took
    std::vector<const institution::Field*> fields;
  };
  const std::vector<const institution::Field*>& column_fields_of(const institution::Institution& in);
  template <class T>
  void trim_one(Map<T>& map, std::size_t& hand);
  base::Status write_record(Entry& entry);

  store::Store& store_;
  institution::Pack& pack_;
  institution::Registry* registry_ = nullptr;
  std::size_t most_;
  Map<std::unique_ptr<Entry>> records_;
  std::vector<Entry*> dirty_;
  Map<std::shared_ptr<const std::string>> published_;  // of the last batch
  Map<ColumnFields> column_fields_;                    // by institution
  std::string doc_;                                    // as a record is written: its room is kept for the next one
  Map<Figure> tallies_[2];
  Map<Ids> indexes_[2];
  std::vector<std::pair<std::string, bool>> dirty_tallies_;
  std::vector<std::pair<std::string, bool>> dirty_indexes_;
  SealedTimers sealed_timers_;
  std::size_t record_hand_ = 0, tally_hands_[2] = {0, 0}, index_hands_[2] = {0, 0};  // where trim() goes on
  std::uint64_t witnessed_size_ = 0;
  bool witnesses_ = false;
};

}  // namespace landglass::engine
