#pragma once
// The tables of a store's folder (docs/formats/store.md) and who may read which.

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "log/leaf.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"

namespace landglass::store {

inline constexpr std::int64_t k_format = 3;                // PRAGMA user_version
inline constexpr std::int64_t k_application = 0x4c474c53;  // PRAGMA application_id: "LGLS"
inline constexpr std::string_view k_public_suffix = "_public";

// The institutions' tables that stand; shared with readers, which ask it while a statement is prepared.
class KnownTables {
 public:
  void add(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    names_.insert(std::string(name));
  }
  bool holds(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    return names_.find(name) != names_.end();
  }
  std::set<std::string, std::less<>> all() const {
    const std::scoped_lock lock(mutex_);
    return names_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> names_;
};

base::Status create_fixed_tables(Connection& db);  // where they do not stand yet; sets user_version and application_id
base::Status load_known_tables(Connection& db, KnownTables& known);
base::Status shape_table(Connection& db, const TableShape& shape, KnownTables& known);

// Whether a reader of this sight may read the table by SQL.
bool covers(Sight sight, std::string_view table, const KnownTables& known);

inline std::string_view leaves_table(log::Tree tree) { return tree == log::Tree::open ? "leaves_open" : "leaves_sealed"; }
inline std::string_view tiles_table(log::Tree tree) { return tree == log::Tree::open ? "tiles_open" : "tiles_sealed"; }
// "open/…", "sealed/…", "projection/…" have tables of their own; all else is internal.
std::string_view meta_table(std::string_view key);
inline std::int64_t tile_id(int level, std::uint64_t index) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(level) << 48 | index);
}

}  // namespace landglass::store
