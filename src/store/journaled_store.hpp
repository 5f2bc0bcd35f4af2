#pragma once
// The store as the sequencer sees it where each commit must last: a batch becomes durable in the journal, by one
// write that lasts, and comes into the tables a moment later, with those that came meanwhile, on a thread of its own. A lot
// that is bid on with every batch is one row in fifty of them. Whoever reads sees every commit that was made before he
// asked: the sequencer looks into what is not yet in the tables, a reader waits for that moment (store/tail.hpp). Decision
// 0152.

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "store/batch.hpp"
#include "store/journal.hpp"
#include "store/recent.hpp"
#include "store/sqlite_store.hpp"
#include "store/tail.hpp"

namespace landglass::store {

class JournaledStore final : public Store {
 public:
  // Puts into the tables what a crash left in the journal, and has nothing of it count any more but what is written in this
  // session; 0: by a store that keeps no journal. Returns the number of the last batch.
  static base::Result<std::uint64_t> recover(SqliteStore& tables, std::uint64_t session);
  static base::Result<std::unique_ptr<Store>> over(std::unique_ptr<SqliteStore> tables);
  ~JournaledStore() override;
  SqliteStore& tables() { return *tables_; }
  // For a rebuild: what waited is in them, and nothing is put here until it has ended.
  base::Result<SqliteStore*> settled() {
    disk_due_.reset();
    lately_.reset();
    return whole();
  }

  base::Status shape(const std::vector<TableShape>& tables) override;

  base::Status begin() override;
  base::Status put_leaf(log::Tree tree, std::uint64_t seq, std::string_view bytes) override;
  base::Status put_tile(log::Tree tree, int level, std::uint64_t index, base::BytesView hashes) override;
  base::Status put_secret(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject,
                          base::BytesView salt32, std::string_view json) override;
  base::Status put_record(const RecordRow& row) override;
  base::Status put_public(const RecordRow& row) override;
  base::Status erase_public(std::string_view table, std::string_view id) override;
  base::Status put_sealed(std::string_view key, std::string_view json, bool is_new) override;
  base::Status put_chaff(int rows) override;
  base::Status put_timer(const TimerRow& timer) override;
  base::Status erase_timer(std::string_view record, std::string_view name) override;
  base::Status put_tally(std::string_view key, std::int64_t value) override;
  base::Status put_seen(std::string_view command, const SeenCommand& seen) override;
  base::Status put_meta(std::string_view key, base::BytesView value) override;
  base::Status commit() override;
  base::Result<Last> hand_over() override;
  void roll_back() override;
  void rest() override { let_go(); }

  base::Result<std::optional<std::string>> record(std::string_view table, std::string_view id) override;
  base::Result<std::optional<std::string>> sealed(std::string_view key) override;
  base::Result<std::vector<TimerRow>> timers_due(base::Time until, std::size_t limit) override;
  base::Result<std::optional<base::Time>> next_due(base::Time now) override;
  base::Result<std::int64_t> tally(std::string_view key) override;
  base::Result<std::optional<SeenCommand>> seen(log::Tree tree, std::string_view command) override;
  base::Result<std::optional<Secret>> secret(log::Tree tree, std::uint64_t seq, std::string_view path) override;
  base::Result<bool> belongs(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject) override;
  base::Result<std::optional<base::Bytes>> meta(std::string_view key) override;
  base::Result<std::vector<std::string>> leaves(log::Tree tree, std::uint64_t from, std::uint64_t count) override;
  base::Result<std::optional<base::Bytes>> tile(log::Tree tree, int level, std::uint64_t index) override;
  base::Result<std::uint64_t> leaf_count(log::Tree tree) override { return next_[static_cast<std::size_t>(tree)]; }

  base::Result<std::unique_ptr<Reader>> reader(Sight sight) override { return tables_->reader(sight); }
  base::Result<std::uint64_t> erase_subject(std::string_view subject) override;
  base::Result<base::JsonObject> table_hashes() override;
  base::Status back_up(const std::string& folder) override;
  base::Result<std::string> keep_file(std::string_view bytes) override { return tables_->keep_file(bytes); }
  base::Result<std::string> file(std::string_view hash) override { return tables_->file(hash); }
  base::Status erase_file(std::string_view hash) override { return tables_->erase_file(hash); }
  base::Result<std::string> await_file(std::string_view bytes, std::string_view by) override {
    return tables_->await_file(bytes, by);
  }
  bool handed_in(std::string_view hash, std::string_view by) override { return tables_->handed_in(hash, by); }
  bool hold_file(std::string_view hash) override { return tables_->hold_file(hash); }
  base::Status settle_file(std::string_view hash) override { return tables_->settle_file(hash); }
  std::size_t files_waiting() const override { return tables_->files_waiting(); }
  base::Result<std::uint64_t> purge_files(std::int64_t older_than_ms) override {
    return tables_->purge_files(older_than_ms);
  }

 private:
  using Batches = std::vector<std::shared_ptr<const Batch>>;
  static constexpr std::size_t k_enough_bytes = 512 << 10;  // to go into the tables without waiting for more
  explicit JournaledStore(std::unique_ptr<SqliteStore> tables) : tables_(std::move(tables)) {}
  base::Status open();
  void work();
  bool take(Batches& batches);          // under the mutex of tail_
  base::Result<std::uint64_t> write();  // in one transaction; the number of the last batch in it
  // The record of the batch, also on a thread of its own.
  base::Status make_durable(std::uint64_t number, const std::shared_ptr<Batch>& batch, base::BytesView record);
  base::Status commit_direct();
  base::Status await_handed_over();

  // Where what was put does not do: everything so far into the tables, within a transaction of theirs that the batch's
  // commit ends; or, between batches, the tables once everything is in them.
  base::Status go_direct();
  base::Result<SqliteStore*> whole();
  template <class Look>
  auto on_disk(Look look);
  base::Result<SqliteLookup*> held();
  void let_go();
  template <class Find>
  auto in_batches(Find find) const -> decltype(find(std::declval<const Batch&>()));
  std::optional<std::string_view> lately(Batch::Named kind, std::string_view name, std::string_view of = {});
  void tidy();
  bool made_lately(std::string_view command) const;
  void in_tables_now(std::string_view newest_seen);

  std::unique_ptr<SqliteStore> tables_;
  std::mutex tables_mutex_;                 // the connection of tables_: the writing thread's, or the sequencer's
  std::atomic<bool> writer_waits_ = false;  // for that mutex
  std::unique_ptr<SqliteLookup> beside_;    // for the sequencer, while the other thread writes
  std::unique_ptr<Journal> journal_;
  std::uint64_t session_ = 0;
  std::shared_ptr<Tail> tail_ = std::make_shared<Tail>();

  // The sequencer's.
  ByText<TableShape> shapes_;
  bool in_batch_ = false;
  bool direct_ = false;
  std::unique_lock<std::mutex> tables_lock_;   // where direct, and while the batch looks into the tables
  SqliteLookup* held_ = nullptr;               // one moment of the tables, for the batch that is put now
  std::shared_ptr<Batch> batch_;               // that is put now
  Recent::Batches unwritten_;                  // that may not be in the tables, by number
  Recent recent_;                              // what lies in them
  std::vector<std::shared_ptr<Batch>> spare_;  // to be used again
  std::uint64_t number_ = 0;                   // of the last that was handed over
  std::array<std::uint64_t, 2> next_{}, committed_next_{};
  // Between the two no command of the open tree stands in the tables. Ids begin with the time they were made at, so most
  // that come lie here, and need no search in a tree that only grows. Ids that do not begin so lie elsewhere and are
  // searched for.
  struct Lately {
    std::string newest, end;
  };
  std::optional<Lately> lately_;
  int astray_ = 0;                                     // ids in turn that were not in it
  std::optional<std::optional<base::Time>> disk_due_;  // the next deadline in the tables, until a batch changes any

  // Between the two, under the mutex of tail_.
  std::deque<std::shared_ptr<const Batch>> waiting_;  // committed, not yet taken
  std::size_t waiting_bytes_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace landglass::store
