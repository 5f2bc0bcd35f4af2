#include "store/journaled_store.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <tuple>

#include "log/command_id.hpp"

namespace landglass::store {
namespace {

using base::Done;
using base::Result;
using base::Status;

constexpr std::size_t k_most_bytes = 1 << 20;     // past it a commit waits for the tables
constexpr std::size_t k_usual_bytes = 256 << 10;  // of a batch whose room is kept
constexpr std::size_t k_spares = 16;
constexpr int k_astray = 256;  // ids, until it is asked anew where those of this time lie

}  // namespace

// -- opening and closing --

Result<std::unique_ptr<Store>> JournaledStore::over(std::unique_ptr<SqliteStore> tables) {
  auto store = std::unique_ptr<JournaledStore>(new JournaledStore(std::move(tables)));
  LG_CHECK(store->open());
  store->thread_ = std::thread([raw = store.get()] { raw->work(); });
  return std::unique_ptr<Store>(std::move(store));
}

Result<std::uint64_t> JournaledStore::recover(SqliteStore& tables, std::uint64_t session) {
  LG_TRY(const auto mark, tables.mark());
  if (mark.session == 0 && session == 0) return mark.number;
  LG_TRY(const auto left, Journal::read(tables.folder(), tables.keys().journal, mark));
  const auto last = left.empty() ? mark.number : left.rbegin()->first;
  Batches batches;
  for (const auto& [number, batch] : left) batches.push_back(batch);
  LG_CHECK(tables.begin());
  const auto put = [&]() -> Status {
    LG_CHECK(Batch::write(batches, tables, true));
    return tables.put_mark({last, session});
  };
  if (auto done = put(); !done) {
    tables.roll_back();
    return done.trouble();
  }
  LG_CHECK(tables.commit());
  return last;
}

Status JournaledStore::open() {
  while (session_ == 0) fill_random(reinterpret_cast<std::uint8_t*>(&session_), sizeof session_);
  LG_TRY(number_, recover(*tables_, session_));
  LG_TRY(journal_, Journal::open(tables_->folder(), tables_->disk(), tables_->keys().journal, session_));
  LG_TRY(beside_, tables_->lookup());
  for (const auto tree : {log::Tree::open, log::Tree::sealed}) {
    LG_TRY(next_[static_cast<std::size_t>(tree)], tables_->leaf_count(tree));
  }
  committed_next_ = next_;
  tail_->committed_ = number_;
  tail_->written_ = number_;
  tables_->serve_behind(tail_);
  return Done{};
}

JournaledStore::~JournaledStore() {
  if (in_batch_) roll_back();
  {
    const std::scoped_lock lock(tail_->mutex_);
    stop_ = true;
  }
  tail_->wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  // A reader may outlive the store: what the tables have not, they will have when it is opened again.
  const std::scoped_lock lock(tail_->mutex_);
  if (tail_->written_ < tail_->committed_ && tail_->broken_.empty()) tail_->broken_ = "it was closed";
}

// -- a batch --

Status JournaledStore::shape(const std::vector<TableShape>& tables) {
  LG_ASSERT(!in_batch_, "tables are shaped within a batch");
  LG_TRY(auto* to, whole());
  LG_CHECK(to->shape(tables));
  for (const auto& table : tables) shapes_.insert_or_assign(table.name, table);
  return Done{};
}

void JournaledStore::tidy() {
  if (held_ != nullptr) return;  // of a moment before
  const std::uint64_t written = tail_->written_;
  while (!unwritten_.empty() && unwritten_.front().first <= written) {
    auto& batch = unwritten_.front().second;
    if (!batch->timers().empty()) disk_due_.reset();
    if (lately_) in_tables_now(batch->newest_seen(lately_->end));
    if (batch.use_count() == 1 && batch->size() <= k_usual_bytes && spare_.size() < k_spares) {
      batch->clear();
      spare_.push_back(std::move(batch));
    }
    unwritten_.pop_front();
  }
}

bool JournaledStore::made_lately(std::string_view command) const {
  return lately_ && command > lately_->newest && command < lately_->end;
}
void JournaledStore::in_tables_now(std::string_view command) {
  if (made_lately(command)) lately_->newest = command;
}

Status JournaledStore::begin() {
  LG_ASSERT(!in_batch_, "a batch is begun within a batch");
  LG_CHECK(tables_->room());
  tidy();
  if (spare_.empty()) {
    batch_ = std::make_shared<Batch>();
  } else {
    batch_ = std::move(spare_.back());
    spare_.pop_back();
  }
  recent_.of(number_ + 1);
  batch_->note_into(&recent_);
  in_batch_ = true;
  return Done{};
}

Status JournaledStore::go_direct() {
  let_go();
  LG_CHECK(await_handed_over());
  LG_CHECK(tail_->settle());
  tables_lock_ = std::unique_lock(tables_mutex_);
  auto begun = tables_->begin();
  if (!begun) {
    tables_lock_.unlock();
    return begun;
  }
  tidy();
  direct_ = true;
  disk_due_.reset();
  if (lately_) in_tables_now(batch_->newest_seen(lately_->end));
  return Batch::write({std::exchange(batch_, nullptr)}, *tables_, false);
}

// Into the journal, once it has room. From here on another thread may read it, and does not wait for the tables.
Status JournaledStore::make_durable(std::uint64_t number, const std::shared_ptr<Batch>& batch, base::BytesView record) {
  auto& tail = *tail_;
  const auto lost = [&](std::string why) -> Status {
    const std::scoped_lock lock(tail.mutex_);
    tail.lost_ = true;
    tail.wake_.notify_all();
    return base::fail(std::move(why), false);
  };
  if (auto well = tables_->healthy(); !well) return lost(base::explain(well.trouble()));
  const auto first = journal_->first_done(record.size());
  {
    std::unique_lock lock(tail.mutex_);
    const auto behind = [&] { return tail.written_ < first || waiting_bytes_ > k_most_bytes; };
    if (behind()) {
      tail.wanted_ = std::max(tail.wanted_, first);
      tail.wake_.notify_all();
      tail.wake_.wait(lock, [&] { return !behind() || !tail.broken_.empty(); });
      const bool stopped = behind();
      const auto why = "the store stopped and must be opened anew: " + tail.broken_;
      lock.unlock();
      if (stopped) return lost(why);
    }
  }
  if (auto done = journal_->append(number, record); !done) {
    const auto why = "the outcome of a commit is unknown: " + done.failure().what;
    tables_->break_down(why);
    return lost(why);
  }
  const std::scoped_lock lock(tail.mutex_);
  tail.committed_ = number;
  waiting_bytes_ += batch->size();
  waiting_.push_back(batch);
  if (waiting_.size() == 1 || waiting_bytes_ >= k_enough_bytes || tail.awaited_) tail.wake_.notify_all();
  return Done{};
}

Status JournaledStore::await_handed_over() {
  auto& tail = *tail_;
  if (tail.committed_ >= number_) return Done{};
  std::unique_lock lock(tail.mutex_);
  tail.awaited_ = true;
  tail.wake_.wait(lock, [&] { return tail.committed_ >= number_ || tail.lost_; });
  tail.awaited_ = false;
  return tail.lost_ ? Status(base::fail("the store stopped and must be opened anew: a commit did not end")) : Done{};
}

// Of a large batch and one that was looked at whole: into the tables at once, and so is everything before it.
Status JournaledStore::commit_direct() {
  if (!direct_) LG_CHECK(go_direct());
  const auto number = number_ + 1;
  LG_CHECK(tables_->put_mark({number, session_}));
  LG_CHECK(tables_->commit());
  direct_ = false;
  tables_lock_.unlock();
  in_batch_ = false;
  number_ = number;
  committed_next_ = next_;
  const std::scoped_lock lock(tail_->mutex_);
  tail_->committed_ = number;
  tail_->written_ = number;
  return Done{};
}

Result<Store::Last> JournaledStore::hand_over() {
  LG_ASSERT(in_batch_, "nothing was begun");
  const auto lasts = Last([] { return Status(Done{}); });
  let_go();
  if (!direct_ && batch_->empty()) {
    in_batch_ = false;
    batch_.reset();
    return lasts;
  }
  if (auto well = tables_->healthy(); !well) {
    roll_back();
    return well.trouble();
  }
  if (direct_ || batch_->size() > Journal::k_most_bytes) {
    if (auto done = commit_direct(); !done) {
      roll_back();
      return done.trouble();
    }
    return lasts;
  }
  in_batch_ = false;
  committed_next_ = next_;
  const auto number = ++number_;
  batch_->note_into(nullptr);
  unwritten_.emplace_back(number, batch_);
  auto record = std::make_shared<const Pages>(journal_->record(number, *batch_));
  return Last([this, number, batch = std::exchange(batch_, nullptr), record = std::move(record)] {
    return make_durable(number, batch, record->view());
  });
}

Status JournaledStore::commit() {
  if (auto done = await_handed_over(); !done) {
    roll_back();
    return done;
  }
  const auto before = std::pair(number_, committed_next_);
  LG_TRY(const auto last, hand_over());
  auto done = last();
  if (done) return done;
  unwritten_.pop_back();
  number_ = before.first;
  next_ = committed_next_ = before.second;
  recent_.begin_anew(unwritten_);
  return done;
}

void JournaledStore::roll_back() {
  if (!in_batch_) return;
  let_go();
  in_batch_ = false;
  if (batch_ == nullptr || !batch_->empty()) recent_.begin_anew(unwritten_);
  batch_.reset();
  next_ = committed_next_;
  if (!std::exchange(direct_, false)) return;
  tables_->roll_back();
  tables_lock_.unlock();
}

// -- putting --

Status JournaledStore::put_leaf(log::Tree tree, std::uint64_t seq, std::string_view bytes) {
  LG_ASSERT(in_batch_, "a leaf is put outside a batch");
  auto& next = next_[static_cast<std::size_t>(tree)];
  LG_ASSERT(seq == next, "a leaf is put out of order");
  ++next;
  if (direct_) return tables_->put_leaf(tree, seq, bytes);
  batch_->put_leaf(tree, seq, bytes);
  return Done{};
}
Status JournaledStore::put_tile(log::Tree tree, int level, std::uint64_t index, base::BytesView hashes) {
  LG_ASSERT(in_batch_, "a tile is put outside a batch");
  if (direct_) return tables_->put_tile(tree, level, index, hashes);
  batch_->put_tile(tree, level, index, hashes);
  return Done{};
}
Status JournaledStore::put_secret(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject,
                                  base::BytesView salt32, std::string_view json) {
  LG_ASSERT(in_batch_, "a secret is put outside a batch");
  LG_ASSERT(salt32.size() == 32, "a salt has 32 bytes");
  if (direct_) return tables_->put_secret(tree, seq, path, subject, salt32, json);
  batch_->put_secret(tree, seq, path, subject, salt32, json);
  return Done{};
}

namespace {
Result<const TableShape*> shape_of(const ByText<TableShape>& shapes, std::string_view table) {
  const auto found = shapes.find(table);
  if (found == shapes.end()) return base::refuse("STORE-06", "没有这张表", "no such table was shaped", std::string(table));
  return &found->second;
}
}  // namespace

Status JournaledStore::put_record(const RecordRow& row) {
  LG_ASSERT(in_batch_, "a record is put outside a batch");
  if (direct_) return tables_->put_record(row);
  LG_TRY(const auto* shape, shape_of(shapes_, row.table));
  LG_ASSERT(row.columns == nullptr || row.columns->size() == shape->columns.size(),
            "a record has other columns than its table");
  batch_->put_record(*shape, row);
  return Done{};
}
Status JournaledStore::put_public(const RecordRow& row) {
  LG_ASSERT(in_batch_, "a record is put outside a batch");
  if (direct_) return tables_->put_public(row);
  LG_TRY(const auto* shape, shape_of(shapes_, row.table));
  LG_ASSERT(row.columns == nullptr || row.columns->size() == shape->columns.size(),
            "a record has other columns than its table");
  batch_->put_public(*shape, row);
  return Done{};
}
Status JournaledStore::erase_public(std::string_view table, std::string_view id) {
  LG_ASSERT(in_batch_, "a record is erased outside a batch");
  if (direct_) return tables_->erase_public(table, id);
  LG_TRY(const auto* shape, shape_of(shapes_, table));
  batch_->erase_public(*shape, id);
  return Done{};
}
Status JournaledStore::put_sealed(std::string_view key, std::string_view json, bool is_new) {
  LG_ASSERT(in_batch_, "a sealed row is put outside a batch");
  if (direct_) return tables_->put_sealed(key, json, is_new);
  batch_->put_sealed(key, json, is_new);
  return Done{};
}
Status JournaledStore::put_chaff(int rows) {
  LG_ASSERT(in_batch_, "chaff is put outside a batch");
  if (direct_) return tables_->put_chaff(rows);
  batch_->put_chaff(rows);
  return Done{};
}
Status JournaledStore::put_timer(const TimerRow& timer) {
  LG_ASSERT(in_batch_, "a timer is put outside a batch");
  if (direct_) return tables_->put_timer(timer);
  batch_->put_timer(timer);
  return Done{};
}
Status JournaledStore::erase_timer(std::string_view record, std::string_view name) {
  LG_ASSERT(in_batch_, "a timer is erased outside a batch");
  if (direct_) return tables_->erase_timer(record, name);
  batch_->erase_timer(record, name);
  return Done{};
}
Status JournaledStore::put_tally(std::string_view key, std::int64_t value) {
  LG_ASSERT(in_batch_, "a tally is put outside a batch");
  if (direct_) return tables_->put_tally(key, value);
  batch_->put_tally(key, value);
  return Done{};
}
Status JournaledStore::put_seen(std::string_view command, const SeenCommand& seen) {
  LG_ASSERT(in_batch_, "a command is noted outside a batch");
  if (direct_) {
    if (seen.tree == log::Tree::open) in_tables_now(command);
    return tables_->put_seen(command, seen);
  }
  batch_->put_seen(command, seen);
  return Done{};
}
Status JournaledStore::put_meta(std::string_view key, base::BytesView value) {
  LG_ASSERT(in_batch_, "meta is put outside a batch");
  LG_ASSERT(!key.starts_with("store/"), "meta of this prefix is the store's own");
  if (direct_) return tables_->put_meta(key, value);
  batch_->put_meta(key, value);
  return Done{};
}

// -- looking up: what is put now, what is not yet in the tables, the tables. A batch leaves unwritten_ between two looks of
// the sequencer and never within one, so what comes into the tables meanwhile is seen twice at most, and is the same. --

template <class Find>
auto JournaledStore::in_batches(Find find) const -> decltype(find(std::declval<const Batch&>())) {
  if (batch_ != nullptr) {
    if (auto found = find(*batch_)) return found;
  }
  for (auto one = unwritten_.rbegin(); one != unwritten_.rend(); ++one) {
    if (auto found = find(*one->second)) return found;
  }
  return std::nullopt;
}

std::optional<std::string_view> JournaledStore::lately(Batch::Named kind, std::string_view name, std::string_view of) {
  return recent_.find(kind, name, of, batch_.get(), unwritten_);
}

// The writer's own pages are warm; beside it, each write makes the other connection read its pages anew.
Result<SqliteLookup*> JournaledStore::held() {
  if (held_ != nullptr && tables_lock_ && writer_waits_) let_go();
  if (held_ != nullptr) return held_;
  if (!writer_waits_) tables_lock_ = std::unique_lock(tables_mutex_, std::try_to_lock);
  auto* at = tables_lock_ ? &tables_->look() : beside_.get();
  LG_CHECK(at->hold());
  return held_ = at;
}
void JournaledStore::let_go() {
  if (held_ == nullptr) return;
  if (auto done = std::exchange(held_, nullptr)->let_go(); !done) tables_->break_down(base::explain(done.trouble()));
  if (tables_lock_) tables_lock_.unlock();
}

template <class Look>
auto JournaledStore::on_disk(Look look) {
  using Found = decltype(look(*beside_));
  if (direct_) return look(tables_->look());
  if (in_batch_) {
    auto at = held();
    return at ? look(**at) : Found(at.trouble());
  }
  if (const std::unique_lock lock(tables_mutex_, std::try_to_lock); lock) return look(tables_->look());
  return look(*beside_);
}

Result<std::optional<std::string>> JournaledStore::record(std::string_view table, std::string_view id) {
  if (const auto found = lately(Batch::Named::record, table, id)) return std::optional(std::string(*found));
  return on_disk([&](auto& at) { return at.record(table, id); });
}
Result<std::optional<std::string>> JournaledStore::sealed(std::string_view key) {
  if (const auto found = lately(Batch::Named::sealed, key)) return std::optional(std::string(*found));
  return on_disk([&](auto& at) { return at.sealed(key); });
}
Result<std::int64_t> JournaledStore::tally(std::string_view key) {
  if (const auto found = lately(Batch::Named::tally, key)) return Batch::tally_in(*found);
  return on_disk([&](auto& at) { return at.tally(key); });
}
Result<std::optional<SeenCommand>> JournaledStore::seen(log::Tree tree, std::string_view command) {
  if (tree == log::Tree::sealed) {
    if (const auto found = lately(Batch::Named::seen, command)) return std::optional(Batch::seen_in(*found));
  } else {
    if (auto found = in_batches([&](const Batch& batch) { return batch.seen(command); })) return found;
    if (!made_lately(command) && (!lately_ || ++astray_ >= k_astray)) {
      auto end = log::made_later(command, base::k_day);
      LG_TRY(auto newest, on_disk([&](auto& at) { return at.newest_seen(end); }));
      lately_ = {std::move(newest), std::move(end)};
      astray_ = 0;
    }
    if (made_lately(command)) {
      astray_ = 0;
      return std::optional<SeenCommand>();
    }
  }
  return on_disk([&](auto& at) { return at.seen(tree, command); });
}

Result<std::vector<TimerRow>> JournaledStore::timers_due(base::Time until, std::size_t limit) {
  Batch::Timers changed;
  for (const auto& [number, batch] : unwritten_) {
    for (const auto& [which, due] : batch->timers()) changed.insert_or_assign(which, due);
  }
  if (batch_ != nullptr) {
    for (const auto& [which, due] : batch_->timers()) changed.insert_or_assign(which, due);
  }
  const auto most = std::numeric_limits<std::size_t>::max() - changed.size() < limit ? limit : limit + changed.size();
  LG_TRY(auto rows, on_disk([&](auto& at) { return at.timers_due(until, most); }));
  if (changed.empty()) return rows;
  std::erase_if(rows, [&](const auto& row) { return changed.contains({row.record, row.name}); });
  for (const auto& [which, due] : changed) {
    if (due && *due <= until) rows.push_back({*due, which.first, which.second});
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.due, a.record, a.name) < std::tie(b.due, b.record, b.name);
  });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}
Result<std::optional<base::Time>> JournaledStore::next_due(base::Time now) {
  tidy();
  if (!direct_) {
    if (!disk_due_) {
      LG_TRY(disk_due_, on_disk([](auto& at) { return at.next_due(); }));
    }
    // One that a batch has erased is still among these, so the next is no earlier than the first of them.
    auto first = *disk_due_;
    bool changed = false;
    const auto look = [&](const Batch& batch) {
      changed = changed || !batch.timers().empty();
      if (const auto due = batch.first_due(); due && (!first || *due < *first)) first = due;
    };
    for (const auto& [number, batch] : unwritten_) look(*batch);
    if (batch_ != nullptr) look(*batch_);
    if (!changed || !first || *first > now) return first;
  }
  LG_TRY(const auto rows, timers_due(base::Time{std::numeric_limits<std::int64_t>::max()}, 1));
  return rows.empty() ? std::optional<base::Time>() : std::optional(rows.front().due);
}

Result<SqliteStore*> JournaledStore::whole() {
  if (in_batch_ && !direct_ && !batch_->empty()) LG_CHECK(go_direct());
  if (direct_) return tables_.get();
  let_go();
  LG_CHECK(await_handed_over());
  LG_CHECK(tail_->settle());  // nothing is committed meanwhile, so the other thread rests
  tidy();
  return tables_.get();
}
Result<std::optional<Secret>> JournaledStore::secret(log::Tree tree, std::uint64_t seq, std::string_view path) {
  LG_TRY(auto* at, whole());
  return at->secret(tree, seq, path);
}
Result<bool> JournaledStore::belongs(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject) {
  LG_TRY(auto* at, whole());
  return at->belongs(tree, seq, path, subject);
}
Result<std::optional<base::Bytes>> JournaledStore::meta(std::string_view key) {
  LG_TRY(auto* at, whole());
  return at->meta(key);
}
Result<std::vector<std::string>> JournaledStore::leaves(log::Tree tree, std::uint64_t from, std::uint64_t count) {
  if (count == 1) {  // of a command that comes again at once
    if (auto found = in_batches([&](const Batch& batch) { return batch.leaf(tree, from); }))
      return std::vector<std::string>{*std::move(found)};
  }
  LG_TRY(auto* at, whole());
  return at->leaves(tree, from, count);
}
Result<std::optional<base::Bytes>> JournaledStore::tile(log::Tree tree, int level, std::uint64_t index) {
  LG_TRY(auto* at, whole());
  return at->tile(tree, level, index);
}

// -- keeping --

Result<std::uint64_t> JournaledStore::erase_subject(std::string_view subject) {
  LG_ASSERT(!in_batch_, "a subject is erased within a batch");
  LG_TRY(auto* to, whole());
  auto dropped = to->erase_subject(subject);
  // The values stood in the journal too.
  if (dropped) {
    if (auto erased = journal_->erase(); !erased) {
      to->break_down(base::explain(erased.trouble()));
      return erased.trouble();
    }
  }
  return dropped;
}
Result<base::JsonObject> JournaledStore::table_hashes() {
  LG_TRY(auto* at, whole());
  return at->table_hashes();
}
Status JournaledStore::back_up(const std::string& folder) {
  LG_CHECK(tail_->settle());
  return tables_->back_up(folder);
}

}  // namespace landglass::store
