#pragma once
// What one commit puts, as the bytes that stand in the journal: made once while it is put, looked up while the tables do not
// have it yet, and put into them out of these bytes, after a crash too. docs/formats/store.md, "The journal".

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/sqlite_lookup.hpp"
#include "store/store.hpp"

namespace landglass::store {

class SqliteStore;

class Batch {
 public:
  Batch() = default;
  // As it was read from a journal; nothing where the bytes are not those of a batch.
  static base::Result<Batch> read(std::string open, std::string hidden);

  void clear();  // its room is kept for the next one
  bool empty() const { return open_.empty() && hidden_.empty(); }
  std::size_t size() const { return open_.size() + hidden_.size(); }
  const std::string& open() const { return open_; }      // leaves and tiles of the open tree: anybody may read them
  const std::string& hidden() const { return hidden_; }  // all else

  void put_leaf(log::Tree tree, std::uint64_t seq, std::string_view bytes);
  void put_tile(log::Tree tree, int level, std::uint64_t index, base::BytesView hashes);
  void put_secret(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject, base::BytesView salt32,
                  std::string_view json);
  void put_record(const TableShape& shape, const RecordRow& row);
  void put_public(const TableShape& shape, const RecordRow& row);
  void erase_public(const TableShape& shape, std::string_view id);
  void put_sealed(std::string_view key, std::string_view json, bool is_new);
  void put_chaff(int rows);
  void put_timer(const TimerRow& timer);
  void erase_timer(std::string_view record, std::string_view name);
  void put_tally(std::string_view key, std::int64_t value);
  void put_seen(std::string_view command, const SeenCommand& seen);
  void put_meta(std::string_view key, base::BytesView value);

  using Timers = std::map<std::pair<std::string, std::string>, std::optional<base::Time>>;  // (record, name); none: erased
  std::optional<std::string> leaf(log::Tree tree, std::uint64_t seq) const;
  std::optional<SeenCommand> seen(std::string_view command) const;  // of the open tree
  const Timers& timers() const { return timers_; }
  std::optional<base::Time> first_due() const { return first_due_; }  // of those put, erased again or not
  std::string_view newest_seen(std::string_view before) const;        // of the open tree, the largest; empty: none

  // What is looked up by name: the doc of a record, a sealed row, a tally, a command seen of the sealed tree. Where its
  // value lies in hidden() is noted in `into` while it is put (store/recent.hpp).
  struct Slot {
    std::size_t at = 0, size = 0;
  };
  enum class Named : char { record = 'r', sealed = 's', tally = 'n', seen = 'c' };
  class Notes {
   public:
    virtual ~Notes() = default;
    virtual void note(Named kind, std::string_view name, std::string_view of, Slot slot) = 0;
  };
  void note_into(Notes* into) { notes_ = into; }
  void tell(Notes& into) const;  // all of them again
  std::string_view text(const Slot& slot) const { return std::string_view(hidden_).substr(slot.at, slot.size); }
  static std::int64_t tally_in(std::string_view text);
  static SeenCommand seen_in(std::string_view text);

  // Puts several, one after the other, into the tables: of what is written over, the last alone. `anew`: the tables were not
  // shaped since the store was opened; the batches say which columns theirs have.
  static base::Status write(const std::vector<std::shared_ptr<const Batch>>& batches, SqliteStore& to, bool anew);

 private:
  void name_columns(const TableShape& shape);
  void put_row(bool open, const TableShape& shape, const RecordRow& row);
  void note(Named kind, std::string_view name, std::string_view of, Slot slot) const {
    if (notes_ != nullptr) notes_->note(kind, name, of, slot);
  }

  std::string open_, hidden_;
  Notes* notes_ = nullptr;
  ByText<Slot> seen_;      // of the open tree
  std::string last_seen_;  // the largest of them: ids that come begin with a later time
  ByText<bool> named_;     // tables whose columns stand in hidden_
  std::vector<Slot> leaves_[2];
  std::uint64_t first_[2] = {0, 0};
  Timers timers_;
  std::optional<base::Time> first_due_;
};

}  // namespace landglass::store
