#include "store/remake.hpp"

#include <algorithm>
#include <cstring>

#include "store/journaled_store.hpp"
#include "store/sqlite_store.hpp"
#include "store/vault_value.hpp"

namespace landglass::store {
namespace {

using base::Done;
using base::Result;
using base::Status;

constexpr std::size_t k_subjects_at_remaking = 262'144;
constexpr std::size_t k_rows_at_once = 64;  // of a statement: SQLite keeps its place in the tree between them

// Names are HMACs: any eight bytes of one are as good as a hash.
struct NameHash {
  std::size_t operator()(const ShortName& name) const {
    std::size_t hash = 0;
    std::memcpy(&hash, name.data(), sizeof hash);
    return hash;
  }
};

class SqliteLogReader final : public LogReader {
 public:
  SqliteLogReader(Connection db, std::shared_ptr<const Keys> keys) : db_(std::move(db)), keys_(std::move(keys)) {}

  Status open() {
    LG_CHECK(db_.execute("PRAGMA query_only = ON; PRAGMA mmap_size = 4294967296; PRAGMA cache_size = -8192"));
    LG_TRY(leaves_[0], db_.prepare("SELECT seq, bytes FROM leaves_open WHERE seq >= ? AND seq < ? ORDER BY seq"));
    LG_TRY(leaves_[1], db_.prepare("SELECT seq, bytes FROM leaves_sealed WHERE seq >= ? AND seq < ? ORDER BY seq"));
    LG_TRY(values_, db_.prepare("SELECT place, path, value FROM vault WHERE place >= ? AND place < ? ORDER BY place"));
    LG_TRY(by_name_, db_.prepare(select_by_name("value", "vault_sealed")));
    return Done{};
  }

  Status each(log::Tree tree, std::uint64_t from, std::uint64_t count,
              const std::function<Status(std::string_view leaf)>& take) override {
    tree_ = tree;
    auto& leaves = leaves_[static_cast<std::size_t>(tree)];
    leaves.integer(1, static_cast<std::int64_t>(from)).integer(2, static_cast<std::int64_t>(from + count));
    const Resetting leaves_end{leaves};
    values_.integer(1, first_place(from)).integer(2, first_place(from + count));
    const Resetting values_end{values_};
    values_stand_ = tree == log::Tree::open;
    if (values_stand_) LG_CHECK(step_values());
    for (;;) {
      LG_TRY(const bool row, leaves.row());
      if (!row) return Done{};
      seq_ = static_cast<std::uint64_t>(leaves.integer(0));
      if (tree == log::Tree::open) {
        LG_CHECK(gather());
        LG_CHECK(take(base::as_text(leaves.blob(1))));
      } else {
        LG_TRY(const auto leaf, open_leaf(*keys_, seq_, leaves.blob(1)));
        if (!leaf) return Done{};
        LG_CHECK(take(*leaf));
      }
    }
  }

  Result<std::optional<Value>> value(std::string_view path) override {
    bound_ = bound_secret(tree_, seq_, path);
    base::BytesView sealed;
    if (tree_ == log::Tree::sealed) {
      const auto name = secret_row(*keys_, bound_);
      const Resetting resetting{by_name_};
      LG_TRY(const bool row, by_name_.blob(1, name).row());
      if (!row) return std::optional<Value>();
      const auto held = by_name_.blob(0);
      sealed_.assign(held.begin(), held.end());  // the key of its subject is asked for by the same statement
      sealed = sealed_;
    } else {
      const auto end = held_.begin() + static_cast<std::ptrdiff_t>(holds_);
      const auto found = std::find_if(held_.begin(), end, [&](const Held& one) { return one.path == path; });
      if (found == end) return std::optional<Value>();
      sealed = found->value;
    }
    const auto owner = owner_of(*keys_, sealed);
    if (!owner) return base::fail("a vault value is damaged: " + bound_);
    LG_TRY(const auto* key, subject_key(*owner));
    if (!*key) return std::optional<Value>();
    const auto opened = open_owned(frame_, **key, sealed, base::as_bytes(bound_));
    if (!opened || opened->plain.size() < 32) return base::fail("a vault value is damaged: " + bound_);
    return std::optional(Value{opened->plain.first(32), base::as_text(opened->plain).substr(32)});
  }

 private:
  struct Held {
    std::string path;
    base::Bytes value;
  };

  Status step_values() {
    LG_TRY(values_stand_, values_.row());
    return Done{};
  }
  // The values of this leaf, while the next ones' stand at the statement. Rooms are used again.
  Status gather() {
    holds_ = 0;
    while (values_stand_ && leaf_at(values_.integer(0)) <= seq_) {
      if (leaf_at(values_.integer(0)) == seq_) {
        if (held_.size() == holds_) held_.emplace_back();
        held_[holds_].path = values_.text(1);
        const auto value = values_.blob(2);
        held_[holds_++].value.assign(value.begin(), value.end());
      }
      LG_CHECK(step_values());
    }
    return Done{};
  }

  Result<const std::optional<Key>*> subject_key(const ShortName& id) {
    if (const auto known = subjects_.find(id); known != subjects_.end()) return &known->second;
    std::optional<Key> key;
    const auto name = subject_row(*keys_, id);
    const Resetting resetting{by_name_};
    LG_TRY(const bool row, by_name_.blob(1, name).row());
    if (row) {
      const auto opened = open_owned(frame_, keys_->subject, by_name_.blob(0), id);
      if (!opened || opened->plain.size() != sizeof(Key)) return base::fail("the key of a subject is damaged");
      std::copy(opened->plain.begin(), opened->plain.end(), key.emplace().begin());
    }
    if (subjects_.size() >= k_subjects_at_remaking) subjects_.clear();
    return &subjects_.emplace(id, key).first->second;
  }

  Connection db_;  // before its statements: they go first
  std::shared_ptr<const Keys> keys_;
  std::array<Statement, 2> leaves_;
  Statement values_, by_name_;
  bool values_stand_ = false;  // a row of values_ waits for its leaf
  log::Tree tree_ = log::Tree::open;
  std::uint64_t seq_ = 0;
  std::vector<Held> held_;
  std::size_t holds_ = 0;
  base::Bytes sealed_, frame_;
  std::string bound_;
  std::unordered_map<ShortName, std::optional<Key>, NameHash> subjects_;
};

class SqliteRemake final : public Remake {
 public:
  explicit SqliteRemake(SqliteStore& tables) : tables_(tables) {}
  ~SqliteRemake() override {
    if (begun_) tables_.roll_back();
  }
  Store& tables() override { return tables_; }

  Status begin() override {
    LG_CHECK(tables_.begin());
    begun_ = true;
    return tables_.empty_projections();
  }
  Status put_seen(std::vector<Seen> commands) override {
    std::sort(commands.begin(), commands.end(),
              [](const Seen& a, const Seen& b) { return a.high != b.high ? a.high < b.high : a.low < b.low; });
    std::size_t at = 0;
    for (; commands.size() - at >= k_rows_at_once; at += k_rows_at_once) {
      LG_CHECK(tables_.put_seen_rows({commands.data() + at, k_rows_at_once}));
    }
    for (; at < commands.size(); ++at) LG_CHECK(tables_.put_seen_rows({commands.data() + at, 1}));
    return Done{};
  }
  Status finish() override {
    begun_ = false;
    return tables_.commit();
  }
  Result<std::unique_ptr<LogReader>> reader() override { return tables_.log_reader(); }

 private:
  SqliteStore& tables_;
  bool begun_ = false;
};

}  // namespace

Result<std::unique_ptr<LogReader>> SqliteStore::log_reader() {
  LG_TRY(auto db, connect(SQLITE_OPEN_READONLY));
  auto reader = std::make_unique<SqliteLogReader>(std::move(db), keys_);
  LG_CHECK(reader->open());
  return std::unique_ptr<LogReader>(std::move(reader));
}

Status SqliteStore::put_seen_rows(std::span<const Remake::Seen> rows) {
  LG_ASSERT(in_transaction_, "commands are noted outside a batch");
  std::string sql = "INSERT INTO seen VALUES (?, ?, x'')";
  for (std::size_t i = 1; i < rows.size(); ++i) sql += ", (?, ?, x'')";
  LG_TRY(auto* put, statement(sql));
  std::vector<ShortName> commands(rows.size());  // bound without a copy
  int at = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    for (std::size_t byte = 0; byte < 16; ++byte)
      commands[i][byte] = static_cast<std::uint8_t>((byte < 8 ? row.high : row.low) >> (8 * (7 - byte % 8)));
    put->blob(++at, commands[i]);
    put->integer(++at, static_cast<std::int64_t>(row.seq));
  }
  return put->run();
}

Result<std::unique_ptr<Remake>> remake(Store& store) {
  auto* sqlite = dynamic_cast<SqliteStore*>(&store);
  if (auto* journaled = dynamic_cast<JournaledStore*>(&store)) {
    LG_TRY(sqlite, journaled->settled());
  }
  if (sqlite == nullptr) return base::fail("only the projections of an SQLite store are made anew");
  return std::unique_ptr<Remake>(std::make_unique<SqliteRemake>(*sqlite));
}

}  // namespace landglass::store
