#pragma once
// Folders and rows for the tests of the store.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "store/remake.hpp"
#include "store/store.hpp"

namespace landglass::store {

#define LG_OK(expression)                                     \
  do {                                                        \
    const auto& status_ = (expression);                       \
    ASSERT_TRUE(status_) << base::explain(status_.trouble()); \
  } while (false)

template <class T>
T value_of(base::Result<T> result) {
  EXPECT_TRUE(result) << base::explain(result.trouble());
  if (!result) std::abort();
  return *std::move(result);
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "landglass-store-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  StoreOptions options() const { return {.folder = *this / "store", .key_file = *this / "vault.key"}; }

 private:
  std::string path_;
};

// Returns when all that was committed stands in the tables, which it does a moment after the commit.
inline void settle(Store& store) { value_of(value_of(store.reader(Sight::internal))->query("SELECT 1", {})); }

// What a rebuild begins with, and nothing made again.
inline base::Status drop_projections(Store& store) {
  LG_TRY(const auto remade, remake(store));
  LG_CHECK(remade->begin());
  return remade->finish();
}

inline const TableShape k_lots{"land_listing", {{"region", false, true}, {"price", true, false}}};
inline const base::Bytes k_salt(32, 7);

inline std::unique_ptr<Store> opened(const StoreOptions& options) {
  auto store = value_of(open_sqlite(options));
  EXPECT_TRUE(store->shape({k_lots}));
  return store;
}

inline base::Status put_lot(Store& store, const std::string& id, std::uint64_t version, const std::string& state,
                            std::int64_t price) {
  const std::vector<base::Json> columns{"350100", price};
  const auto doc = R"({"state":")" + state + R"("})";
  return store.put_record({"land_listing", id, version, state, doc, base::Time{1000}, &columns});
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
// All bytes that lie in a folder, database, write-ahead log and files alike. Only while no store of this process has it
// open: closing a file drops SQLite's locks on it.
inline std::string dump(const std::string& folder) {
  std::string out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) out += bytes_of(entry.path());
  }
  return out;
}

}  // namespace landglass::store
