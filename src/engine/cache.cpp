#include "engine/cache.hpp"

#include <algorithm>
#include <set>

#include "engine/columns.hpp"
#include "institution/record_text.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::Result;
using base::Status;
using institution::Institution;
using institution::Record;

constexpr std::string_view k_index_table = "fact_index";
constexpr std::size_t k_buckets = 256;      // of what a batch published
constexpr std::size_t k_least_looks = 256;  // of a look for what may go: into so many buckets

// Under which a behaviour's state is kept that no dump may show.
std::string behaviour_name(std::string_view id) { return "behaviour:" + std::string(id); }

template <class T>
T& held_in(T& held) {
  return held;
}
template <class T>
T& held_in(std::unique_ptr<T>& held) {
  return *held;
}

std::string_view institution_part(std::string_view id) { return id.substr(0, id.find('/')); }

}  // namespace

std::string Cache::table_of(std::string_view institution) {
  std::string table(institution);
  std::replace(table.begin(), table.end(), '-', '_');
  return table;
}

std::vector<store::TableShape> Cache::shapes(const institution::Pack& pack) {
  std::vector<store::TableShape> tables;
  tables.push_back({std::string(k_index_table), {}});
  for (const auto* in : pack.all()) {
    if (in->sealed()) continue;
    tables.push_back(shape_of(*in));
  }
  return tables;
}

Result<Record*> Cache::find(std::string_view id) {
  if (const auto place = records_.find(id); place != records_.end()) {
    place->second->lately = true;
    return &place->second->record;
  }
  const auto* in = pack_.current(institution_part(id));
  if (in == nullptr) return static_cast<Record*>(nullptr);
  const auto doc = in->sealed() ? store_.sealed(id) : store_.record(table_of(in->name), id);
  if (!doc) return doc.trouble();
  if (!*doc) return static_cast<Record*>(nullptr);
  LG_TRY(auto json, base::parse_json(**doc, base::Profile::any));
  if (!in->sealed() && !in->behaviour.empty() && json.at("behaviour").is_null()) {
    LG_TRY(const auto apart, store_.sealed(behaviour_name(id)));
    if (apart) {
      LG_TRY(json.as_object()["behaviour"], base::parse_json(*apart, base::Profile::any));
    }
  }
  LG_TRY(auto record, institution::load_record(json, in->behaviour.empty() ? nullptr : registry_->behaviour(in->behaviour)));
  auto entry = std::make_unique<Entry>();
  for (const auto& [name, timer] : record.timers) {
    if (!timer.left_ms) entry->stored.push_back({timer.due, record.id, name});
  }
  entry->record = std::move(record);
  entry->was_public = !in->sealed();
  auto* raw = &entry->record;
  records_.emplace(std::string(id), std::move(entry));
  return raw;
}

Record& Cache::add(Record record) {
  auto entry = std::make_unique<Entry>();
  entry->record = std::move(record);
  entry->is_new = true;
  auto& raw = *entry;
  records_[raw.record.id] = std::move(entry);
  return raw.record;
}

void Cache::touched(Record& record) {
  const auto place = records_.find(record.id);
  LG_ASSERT(place != records_.end(), "a record was touched that the cache does not hold");
  auto& entry = *place->second;
  if (entry.dirty) return;
  entry.dirty = true;
  dirty_.push_back(&entry);
}

Result<std::int64_t> Cache::tally(std::string_view key, bool sealed) {
  auto& map = tallies_[sealed ? 1 : 0];
  if (const auto place = map.find(key); place != map.end()) {
    place->second.lately = true;
    return place->second.value;
  }
  Figure figure;
  if (sealed) {
    LG_TRY(auto held, store_.sealed("tally:" + std::string(key)));
    if (held) figure.value = std::strtoll(held->c_str(), nullptr, 10);
    figure.is_new = !held;
  } else {
    LG_TRY(figure.value, store_.tally(key));
  }
  map.emplace(key, figure);
  return figure.value;
}

void Cache::put_tally(std::string_view key, std::int64_t value, bool sealed) {
  auto& figure = tallies_[sealed ? 1 : 0][std::string(key)];
  figure.value = value;
  figure.lately = true;
  if (figure.dirty) return;
  figure.dirty = true;
  dirty_tallies_.emplace_back(std::string(key), sealed);
}

Result<std::vector<std::string>> Cache::index(std::string_view key, bool sealed) {
  auto& map = indexes_[sealed ? 1 : 0];
  if (const auto place = map.find(key); place != map.end()) {
    place->second.lately = true;
    return place->second.ids;
  }
  const auto held = sealed ? store_.sealed("index:" + std::string(key)) : store_.record(k_index_table, key);
  if (!held) return held.trouble();
  std::vector<std::string> ids;
  if (*held) {
    LG_TRY(auto json, base::parse_json(**held, base::Profile::any));
    for (const auto& id : json.as_array()) ids.push_back(id.as_string());
  }
  auto& found = map[std::string(key)];
  found.ids = ids;
  found.is_new = !*held;
  return ids;
}

void Cache::put_index(std::string_view key, const std::vector<std::string>& ids, bool sealed) {
  auto& held = indexes_[sealed ? 1 : 0][std::string(key)];
  held.ids = ids;
  held.lately = true;
  if (held.dirty) return;
  held.dirty = true;
  dirty_indexes_.emplace_back(std::string(key), sealed);
}

bool Cache::witnessed(const Record& record) {
  return !witnesses_ || record.tree == log::Tree::sealed || record.last_leaf < witnessed_size_;
}

// Looked through once for each version of a file.
const std::vector<const institution::Field*>& Cache::column_fields_of(const institution::Institution& in) {
  auto& known = column_fields_[in.name];
  if (known.of != &in) known = {&in, column_fields(in)};
  return known.fields;
}

Status Cache::write_record(Entry& entry) {
  auto& record = entry.record;
  const auto* in = registry_->institution_of(record);
  LG_ASSERT(in != nullptr, "a record without its institution");
  const bool apart = record.tree != log::Tree::sealed && record.behaviour && record.behaviour->sealed();
  auto& doc = doc_;
  doc.clear();
  if (apart) {
    institution::append_state(doc, *record.behaviour);
    LG_CHECK(store_.put_sealed(behaviour_name(record.id), doc, entry.is_new));
    doc.clear();
  }
  institution::append_saved(doc, record, apart);
  if (record.tree == log::Tree::sealed) {
    LG_CHECK(sealed_timers_.load());
    std::set<store::TimerRow, store::ByDue> now;
    for (const auto& [name, timer] : record.timers) {
      if (!timer.left_ms) now.insert({timer.due, record.id, name});
    }
    for (const auto& old : entry.stored) {
      if (now.erase(old) == 0) sealed_timers_.drop(old);
    }
    for (const auto& fresh : now) sealed_timers_.put(fresh);
    entry.stored.clear();
    for (const auto& [name, timer] : record.timers) {
      if (!timer.left_ms) entry.stored.push_back({timer.due, record.id, name});
    }
    return store_.put_sealed(record.id, doc, entry.is_new);
  }
  const auto table = table_of(record.institution);
  const auto states = record.states();
  // Columns follow the file in force; a record of an older version has what it has.
  const auto* shape = pack_.current(record.institution);
  const auto& with_column = column_fields_of(shape == nullptr ? *in : *shape);
  auto columns = columns_of(with_column, record.fields);
  LG_CHECK(store_.put_record({table, record.id, record.version, states, doc, record.changed, &columns}));
  doc.clear();
  if (registry_->append_public(doc, record)) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto* field = in->field(with_column[i]->name);
      if (field == nullptr || !institution::is_public(*field, record)) columns[i] = Json();
    }
    LG_CHECK(store_.put_public({table, record.id, record.version, states, doc, record.changed, &columns}));
    published_[record.id] = std::make_shared<const std::string>(doc);
  }
  std::vector<store::TimerRow> now;
  for (const auto& [name, timer] : record.timers) {
    if (!timer.left_ms) now.push_back({timer.due, record.id, name});
  }
  for (const auto& old : entry.stored) {
    const auto still =
        std::find_if(now.begin(), now.end(), [&](const store::TimerRow& one) { return one.name == old.name; });
    if (still == now.end()) LG_CHECK(store_.erase_timer(record.id, old.name));
  }
  for (const auto& one : now) {
    const auto same = std::find_if(entry.stored.begin(), entry.stored.end(),
                                   [&](const store::TimerRow& old) { return old.name == one.name && old.due == one.due; });
    if (same == entry.stored.end()) LG_CHECK(store_.put_timer(one));
  }
  entry.stored = std::move(now);
  return base::Done{};
}

std::shared_ptr<const std::string> Cache::published(std::string_view id) const {
  const auto place = published_.find(id);
  return place == published_.end() ? nullptr : place->second;
}

Status Cache::write_back() {
  // Clearing goes through all buckets, and a batch that was once large left many.
  if (published_.bucket_count() > k_buckets) published_ = {};
  published_.clear();
  for (auto* entry : dirty_) {
    LG_CHECK(write_record(*entry));
    entry->dirty = false;
    entry->is_new = false;
  }
  dirty_.clear();
  LG_CHECK(sealed_timers_.write());
  for (const auto& [key, sealed] : dirty_tallies_) {
    auto& figure = tallies_[sealed ? 1 : 0][key];
    LG_CHECK(sealed ? store_.put_sealed("tally:" + key, std::to_string(figure.value), figure.is_new)
                    : store_.put_tally(key, figure.value));
    figure.dirty = figure.is_new = false;
  }
  dirty_tallies_.clear();
  for (const auto& [key, sealed] : dirty_indexes_) {
    auto& held = indexes_[sealed ? 1 : 0][key];
    base::JsonArray ids;
    for (const auto& id : held.ids) ids.emplace_back(id);
    const auto doc = base::canonical(Json(std::move(ids)));
    if (sealed) {
      LG_CHECK(store_.put_sealed("index:" + key, doc, held.is_new));
    } else {
      const std::vector<Json> none;
      LG_CHECK(store_.put_record({k_index_table, key, 1, "", doc, base::Time{}, &none}));
    }
    held.dirty = held.is_new = false;
  }
  dirty_indexes_.clear();
  return base::Done{};
}

Result<std::vector<store::TimerRow>> Cache::timers_due(base::Time until, std::size_t limit) {
  LG_TRY(auto due, store_.timers_due(until, limit));
  LG_CHECK(sealed_timers_.load());
  const auto open = due.size();
  for (const auto& [one, page] : sealed_timers_.all()) {
    if (one.due > until || due.size() - open == limit) break;
    due.push_back(one);
  }
  std::inplace_merge(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(open), due.end(), store::ByDue());
  if (due.size() > limit) due.resize(limit);
  return due;
}

Result<std::vector<std::string>> Cache::sealed_waiting(std::size_t limit) {
  LG_CHECK(sealed_timers_.load());
  std::vector<std::string> ids;
  for (const auto& [one, page] : sealed_timers_.all()) {
    if (ids.size() == limit) break;
    if (std::find(ids.begin(), ids.end(), one.record) == ids.end()) ids.push_back(one.record);
  }
  return ids;
}

Result<std::optional<base::Time>> Cache::next_due(base::Time now) {
  LG_TRY(auto next, store_.next_due(now));
  LG_CHECK(sealed_timers_.load());
  const auto& sealed = sealed_timers_.all();
  if (!sealed.empty() && (!next || sealed.begin()->first.due < *next)) next = sealed.begin()->first.due;
  return next;
}

// A hand goes round: what was used since it came past stays, once more.
template <class T>
void Cache::trim_one(Map<T>& map, std::size_t& hand) {
  if (map.size() <= most_) return;
  auto looks = k_least_looks + 4 * (map.size() - most_);
  for (; looks > 0 && map.size() > most_; --looks, ++hand) {
    if (hand >= map.bucket_count()) hand = 0;
    for (auto one = map.begin(hand); one != map.end(hand);) {
      auto& held = held_in(one->second);
      if (held.dirty || std::exchange(held.lately, false)) {
        ++one;
        continue;
      }
      const auto at = map.find(one->first);
      ++one;
      map.erase(at);
    }
  }
}

void Cache::trim() {
  trim_one(records_, record_hand_);
  for (int sealed = 0; sealed < 2; ++sealed) {
    trim_one(tallies_[sealed], tally_hands_[sealed]);
    trim_one(indexes_[sealed], index_hands_[sealed]);
  }
}

void Cache::forget() {
  records_.clear();
  dirty_.clear();
  for (auto& map : tallies_) map.clear();
  for (auto& map : indexes_) map.clear();
  dirty_tallies_.clear();
  dirty_indexes_.clear();
  sealed_timers_.forget();
}

}  // namespace landglass::engine
