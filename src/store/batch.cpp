#include "store/batch.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "store/sqlite_store.hpp"

namespace landglass::store {
namespace {

// An entry is its kind, the length of the rest (4 bytes), and the rest: numbers of 8 bytes, little endian, and texts after
// their length of 4.
enum class Part : std::uint8_t {
  leaf = 1,
  tile,
  secret,
  columns,  // of a table, before its first row in the batch
  record,
  open_row,
  erase_open_row,
  sealed,
  chaff,
  timer,
  erase_timer,
  tally,
  seen,
  meta,
  sealed_anew,  // a sealed row that did not stand before
};
constexpr std::size_t k_head = 5;

class Entering {
 public:
  Entering(std::string& out, Part kind) : out_(out), from_(out.size()) {
    out_.push_back(static_cast<char>(kind));
    out_.append(4, '\0');
  }
  ~Entering() {
    const auto size = static_cast<std::uint32_t>(out_.size() - from_ - k_head);
    std::memcpy(out_.data() + from_ + 1, &size, sizeof size);
  }
  Entering(const Entering&) = delete;
  Entering& operator=(const Entering&) = delete;

  Entering& number(std::uint64_t value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Entering& integer(std::int64_t value) { return number(static_cast<std::uint64_t>(value)); }
  Entering& text(std::string_view value) {
    const auto size = static_cast<std::uint32_t>(value.size());
    out_.append(reinterpret_cast<const char*>(&size), sizeof size);
    out_ += value;
    return *this;
  }
  template <class Kind>
  Entering& kind(Kind kind) {
    out_.push_back(static_cast<char>(kind));
    return *this;
  }
  // A text that is written piece by piece.
  std::size_t begin_text() {
    out_.append(4, '\0');
    return out_.size();
  }
  void end_text(std::size_t from) {
    const auto size = static_cast<std::uint32_t>(out_.size() - from);
    std::memcpy(out_.data() + from - 4, &size, sizeof size);
  }
  std::size_t at() const { return out_.size(); }

 private:
  std::string& out_;
  std::size_t from_;
};

struct Fields {
  std::string_view rest;
  bool ok = true;

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (rest.size() < sizeof value) return ok = false, 0;
    std::memcpy(&value, rest.data(), sizeof value);
    rest.remove_prefix(sizeof value);
    return value;
  }
  std::int64_t integer() { return static_cast<std::int64_t>(number()); }
  std::string_view text() {
    std::uint32_t size = 0;
    if (rest.size() < sizeof size) return ok = false, std::string_view();
    std::memcpy(&size, rest.data(), sizeof size);
    rest.remove_prefix(sizeof size);
    if (rest.size() < size) return ok = false, std::string_view();
    const auto value = rest.substr(0, size);
    rest.remove_prefix(size);
    return value;
  }
  template <class Kind>
  Kind kind() {
    if (rest.empty()) return ok = false, Kind{};
    const auto value = static_cast<Kind>(rest.front());
    rest.remove_prefix(1);
    return value;
  }
  log::Tree tree() { return number() == 0 ? log::Tree::open : log::Tree::sealed; }
};

struct Entry {
  Part kind;
  std::string_view rest;
};
// Calls with each entry of the bytes; false where they are not whole entries.
template <class F>
bool each(std::string_view bytes, F call) {
  while (!bytes.empty()) {
    std::uint32_t size = 0;
    if (bytes.size() < k_head) return false;
    std::memcpy(&size, bytes.data() + 1, sizeof size);
    if (bytes.size() - k_head < size) return false;
    call(Entry{static_cast<Part>(bytes[0]), bytes.substr(k_head, size)});
    bytes.remove_prefix(k_head + size);
  }
  return true;
}

std::uint64_t number_of(log::Tree tree) { return tree == log::Tree::open ? 0 : 1; }

std::string row_key(std::string_view table, std::string_view id) {
  std::string key(table);
  key += '\0';
  key += id;
  return key;
}

// What an entry is written over by: its kind and key. Empty for what is only added.
std::string key_of(const Entry& entry) {
  Fields in{entry.rest};
  std::string key;
  const auto two = [&](char kind) {
    const auto a = in.text();
    key = kind + row_key(a, in.text());
  };
  switch (entry.kind) {
    case Part::record: two('r'); break;
    case Part::open_row:
    case Part::erase_open_row: two('o'); break;
    case Part::timer:
    case Part::erase_timer: two('t'); break;
    case Part::sealed:
    case Part::sealed_anew: key = "s" + std::string(in.text()); break;
    case Part::tally: key = "n" + std::string(in.text()); break;
    case Part::meta: key = "m" + std::string(in.text()); break;
    default: break;
  }
  return key;
}

// What the columns of a row hold: `c`, how many they are, and each as its kind and, of a number or truth, 8 bytes, of a text
// the text.
constexpr char k_columns = 'c';
enum class Kept : std::uint8_t { nothing, number, truth, text };
void appcolumns(Entering& to, const std::vector<base::Json>& columns) {
  to.kind(k_columns).number(columns.size());
  for (const auto& value : columns) {
    if (const auto* number = value.if_int()) {
      to.kind(Kept::number).integer(*number);
    } else if (const auto* truth = value.if_bool()) {
      to.kind(Kept::truth).integer(*truth ? 1 : 0);
    } else if (value.is_null()) {
      to.kind(Kept::nothing);
    } else {
      to.kind(Kept::text).text(value.as_string());
    }
  }
}
bool columns_from(std::string_view text, std::vector<base::Json>& columns) {
  Fields in{text};
  if (in.kind<char>() != k_columns) return false;
  const auto count = in.number();
  if (count > text.size()) return false;
  columns.reserve(count);
  for (std::uint64_t i = 0; i < count && in.ok; ++i) {
    switch (in.kind<Kept>()) {
      case Kept::nothing: columns.emplace_back(); break;
      case Kept::number: columns.emplace_back(in.integer()); break;
      case Kept::truth: columns.emplace_back(in.integer() != 0); break;
      case Kept::text: columns.emplace_back(in.text()); break;
      default: return false;
    }
  }
  return in.ok && in.rest.empty();
}

base::Status write_row(SqliteStore& to, const Entry& entry) {
  Fields in{entry.rest};
  RecordRow row;
  row.table = in.text();
  row.id = in.text();
  row.version = in.number();
  row.state = in.text();
  row.changed = {in.integer()};
  row.doc = in.text();
  std::vector<base::Json> columns;
  if (const auto text = in.text(); text.starts_with('[')) {  // as it was written once
    LG_TRY(auto parsed, base::parse_json(text, base::Profile::any));
    for (const auto& value : parsed.as_array()) columns.push_back(value);
    row.columns = &columns;
  } else if (!text.empty()) {
    if (!columns_from(text, columns)) return base::fail("the columns of a row do not read in the journal");
    row.columns = &columns;
  }
  return entry.kind == Part::record ? to.put_record(row) : to.put_public(row);
}

base::Status write_one(SqliteStore& to, const Entry& entry) {
  Fields in{entry.rest};
  const auto text = [&in] { return in.text(); };
  switch (entry.kind) {
    case Part::leaf: {
      const auto tree = in.tree();
      const auto seq = in.number();
      return to.put_leaf(tree, seq, text());
    }
    case Part::tile: {
      const auto tree = in.tree();
      const auto level = static_cast<int>(in.integer());
      const auto index = in.number();
      return to.put_tile(tree, level, index, base::as_bytes(text()));
    }
    case Part::secret: {
      const auto tree = in.tree();
      const auto seq = in.number();
      const auto path = text();
      const auto subject = text();
      const auto salt = text();
      return to.put_secret(tree, seq, path, subject, base::as_bytes(salt), text());
    }
    case Part::record:
    case Part::open_row: return write_row(to, entry);
    case Part::erase_open_row: {
      const auto table = text();
      return to.erase_public(table, text());
    }
    case Part::sealed:
    case Part::sealed_anew: {
      const auto key = text();
      return to.put_sealed(key, text(), entry.kind == Part::sealed_anew);
    }
    case Part::chaff: return to.put_chaff(static_cast<int>(in.integer()));
    case Part::timer: {
      TimerRow timer;
      timer.record = text();
      timer.name = text();
      timer.due = {in.integer()};
      return to.put_timer(timer);
    }
    case Part::erase_timer: {
      const auto record = text();
      return to.erase_timer(record, text());
    }
    case Part::tally: {
      const auto key = text();
      return to.put_tally(key, in.integer());
    }
    case Part::seen: {
      const auto command = text();
      SeenCommand seen;
      seen.tree = in.tree();
      seen.seq = in.number();
      seen.digest = text();
      return to.put_seen(command, seen);
    }
    case Part::meta: {
      const auto key = text();
      return to.put_meta(key, base::as_bytes(text()));
    }
    case Part::columns: return base::Done{};
  }
  return base::fail("a batch of the journal holds what this version does not know");
}

base::Status prepare(SqliteStore& to, const Entry& entry) {
  Fields in{entry.rest};
  TableShape shape;
  shape.name = in.text();
  for (auto left = in.number(); left > 0 && in.ok; --left) shape.columns.push_back({std::string(in.text())});
  if (!in.ok) return base::fail("the columns of a table do not read in the journal");
  return to.prepare_rows(shape);
}

}  // namespace

// -- putting --

void Batch::clear() {
  open_.clear();
  hidden_.clear();
  notes_ = nullptr;
  seen_.clear();
  last_seen_.clear();
  named_.clear();
  for (auto& leaves : leaves_) leaves.clear();
  timers_.clear();
  first_due_.reset();
}

void Batch::put_leaf(log::Tree tree, std::uint64_t seq, std::string_view bytes) {
  auto& out = tree == log::Tree::open ? open_ : hidden_;
  auto& leaves = leaves_[number_of(tree)];
  if (leaves.empty()) first_[number_of(tree)] = seq;
  Entering writer(out, Part::leaf);
  writer.number(number_of(tree)).number(seq).text(bytes);
  leaves.push_back({writer.at() - bytes.size(), bytes.size()});
}
void Batch::put_tile(log::Tree tree, int level, std::uint64_t index, base::BytesView hashes) {
  Entering(tree == log::Tree::open ? open_ : hidden_, Part::tile)
      .number(number_of(tree))
      .integer(level)
      .number(index)
      .text(base::as_text(hashes));
}
void Batch::put_secret(log::Tree tree, std::uint64_t seq, std::string_view path, std::string_view subject,
                       base::BytesView salt32, std::string_view json) {
  Entering(hidden_, Part::secret)
      .number(number_of(tree))
      .number(seq)
      .text(path)
      .text(subject)
      .text(base::as_text(salt32))
      .text(json);
}

void Batch::name_columns(const TableShape& shape) {
  if (!named_.try_emplace(shape.name).second) return;
  Entering names(hidden_, Part::columns);
  names.text(shape.name).number(shape.columns.size());
  for (const auto& column : shape.columns) names.text(column.name);
}
void Batch::put_row(bool open, const TableShape& shape, const RecordRow& row) {
  name_columns(shape);
  Entering writer(hidden_, open ? Part::open_row : Part::record);
  writer.text(row.table).text(row.id).number(row.version).text(row.state).integer(row.changed.ms).text(row.doc);
  if (!open) note(Named::record, row.table, row.id, {writer.at() - row.doc.size(), row.doc.size()});
  const auto columns = writer.begin_text();
  if (row.columns != nullptr) appcolumns(writer, *row.columns);
  writer.end_text(columns);
}
void Batch::put_record(const TableShape& shape, const RecordRow& row) { put_row(false, shape, row); }
void Batch::put_public(const TableShape& shape, const RecordRow& row) { put_row(true, shape, row); }
void Batch::erase_public(const TableShape& shape, std::string_view id) {
  name_columns(shape);
  Entering(hidden_, Part::erase_open_row).text(shape.name).text(id);
}
void Batch::put_sealed(std::string_view key, std::string_view json, bool is_new) {
  Entering writer(hidden_, is_new ? Part::sealed_anew : Part::sealed);
  writer.text(key).text(json);
  note(Named::sealed, key, {}, {writer.at() - json.size(), json.size()});
}
void Batch::put_chaff(int rows) { Entering(hidden_, Part::chaff).integer(rows); }
void Batch::put_timer(const TimerRow& timer) {
  Entering(hidden_, Part::timer).text(timer.record).text(timer.name).integer(timer.due.ms);
  timers_.insert_or_assign({timer.record, timer.name}, timer.due);
  if (!first_due_ || timer.due < *first_due_) first_due_ = timer.due;
}
void Batch::erase_timer(std::string_view record, std::string_view name) {
  Entering(hidden_, Part::erase_timer).text(record).text(name);
  timers_.insert_or_assign({std::string(record), std::string(name)}, std::nullopt);
}
void Batch::put_tally(std::string_view key, std::int64_t value) {
  Entering writer(hidden_, Part::tally);
  writer.text(key).integer(value);
  note(Named::tally, key, {}, {writer.at() - sizeof value, sizeof value});
}
void Batch::put_seen(std::string_view command, const SeenCommand& seen) {
  Entering writer(hidden_, Part::seen);
  writer.text(command);
  const auto from = writer.at();
  writer.number(number_of(seen.tree)).number(seen.seq).text(seen.digest);
  const Slot slot{from, writer.at() - from};
  if (seen.tree == log::Tree::sealed) return note(Named::seen, command, {}, slot);
  seen_.insert_or_assign(std::string(command), slot);
  if (command > last_seen_) last_seen_ = command;
}
void Batch::put_meta(std::string_view key, base::BytesView value) {
  Entering(hidden_, Part::meta).text(key).text(base::as_text(value));
}

// -- looking up --

std::optional<std::string> Batch::leaf(log::Tree tree, std::uint64_t seq) const {
  const auto& leaves = leaves_[number_of(tree)];
  const auto first = first_[number_of(tree)];
  if (leaves.empty() || seq < first || seq - first >= leaves.size()) return std::nullopt;
  const auto& slot = leaves[seq - first];
  return (tree == log::Tree::open ? open_ : hidden_).substr(slot.at, slot.size);
}
std::optional<SeenCommand> Batch::seen(std::string_view command) const {
  if (command > last_seen_) return std::nullopt;
  const auto place = seen_.find(command);
  return place == seen_.end() ? std::nullopt : std::optional(seen_in(text(place->second)));
}

std::string_view Batch::newest_seen(std::string_view before) const {
  std::string_view newest;
  for (const auto& [command, slot] : seen_) {
    if (command < before && command > newest) newest = command;
  }
  return newest;
}

std::int64_t Batch::tally_in(std::string_view text) { return Fields{text}.integer(); }
SeenCommand Batch::seen_in(std::string_view text) {
  Fields in{text};
  SeenCommand seen;
  seen.tree = in.tree();
  seen.seq = in.number();
  seen.digest = in.text();
  return seen;
}

void Batch::tell(Notes& into) const {
  const auto slot_of = [this](std::string_view value) {
    return Slot{static_cast<std::size_t>(value.data() - hidden_.data()), value.size()};
  };
  each(hidden_, [&](const Entry& entry) {
    Fields in{entry.rest};
    switch (entry.kind) {
      case Part::record: {
        const auto table = in.text();
        const auto id = in.text();
        in.number();
        in.text();
        in.integer();
        return into.note(Named::record, table, id, slot_of(in.text()));
      }
      case Part::sealed:
      case Part::sealed_anew: {
        const auto key = in.text();
        return into.note(Named::sealed, key, {}, slot_of(in.text()));
      }
      case Part::tally: {
        const auto key = in.text();
        return into.note(Named::tally, key, {}, slot_of(in.rest));
      }
      case Part::seen: {
        const auto command = in.text();
        const auto value = in.rest;
        if (in.tree() == log::Tree::sealed) into.note(Named::seen, command, {}, slot_of(value));
        return;
      }
      default: return;
    }
  });
}

// -- into the tables --

base::Result<Batch> Batch::read(std::string open, std::string hidden) {
  Batch batch;
  batch.open_ = std::move(open);
  batch.hidden_ = std::move(hidden);
  const auto nothing = [](const Entry&) {};
  if (!each(batch.open_, nothing) || !each(batch.hidden_, nothing))
    return base::fail("a batch of the journal does not read");
  return batch;
}

base::Status Batch::write(const std::vector<std::shared_ptr<const Batch>>& batches, SqliteStore& to, bool anew) {
  std::vector<Entry> leaves, secrets, seen, rows;
  std::unordered_map<std::string_view, std::size_t> last;  // by key: which of `rows` is not written over
  std::vector<std::string> keys;
  for (const auto& batch : batches) {
    const auto sort = [&](const Entry& entry) {
      switch (entry.kind) {
        case Part::leaf: leaves.push_back(entry); return;
        case Part::secret: secrets.push_back(entry); return;
        case Part::seen: seen.push_back(entry); return;
        case Part::columns:
          if (anew) rows.push_back(entry);
          return;
        default: rows.push_back(entry);
      }
    };
    each(batch->open_, sort);
    each(batch->hidden_, sort);
  }
  keys.reserve(rows.size());
  last.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    keys.push_back(key_of(rows[i]));  // in room that was reserved: no key moves
    if (!keys.back().empty()) last.insert_or_assign(keys.back(), i);
  }
  // Table by table, and commands in the order of their tree: pages that were just written to are at hand.
  for (const auto& entry : leaves) LG_CHECK(write_one(to, entry));
  for (const auto& entry : secrets) LG_CHECK(write_one(to, entry));
  std::sort(seen.begin(), seen.end(), [](const Entry& a, const Entry& b) { return a.rest < b.rest; });
  for (const auto& entry : seen) LG_CHECK(write_one(to, entry));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].kind == Part::columns) {
      LG_CHECK(prepare(to, rows[i]));
      continue;
    }
    if (!keys[i].empty() && last.find(keys[i])->second != i) continue;
    LG_CHECK(write_one(to, rows[i]));
  }
  return base::Done{};
}

}  // namespace landglass::store
