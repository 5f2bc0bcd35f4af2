// golden_logs check FOLDER                 each FOLDER/<release>/log.jsonl rebuilds to its hashes.json
// golden_logs make DATA KEYS FOLDER/<release>   writes both from a store (tests/golden/make)

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "cli/behaviours.hpp"
#include "engine/engine.hpp"
#include "golden_log.hpp"

using namespace landglass;
namespace fs = std::filesystem;
using base::Json;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t k_most_bytes = 5U << 19;  // of a log: it stays in the tree for ever

std::string whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Sealed rows are named by the vault key, so golden logs have one of their own.
constexpr const char* k_key = "landglass-vault-key-1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

// Rebuilds a golden log into a store of its own, by the institutions that were in force then.
Result<base::JsonObject> rebuilt(const std::string& text) {
  std::string folder = fs::temp_directory_path() / "landglass-golden-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return base::fail("no folder");
  struct Gone {
    std::string folder;
    ~Gone() { fs::remove_all(folder); }
  } const gone{folder};
  const auto key = folder + "/vault.key";
  std::ofstream(key) << k_key;
  fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
  store::StoreOptions at;
  at.folder = folder + "/data";
  at.key_file = key;
  at.durable = false;
  LG_TRY(auto store, store::open_sqlite(at));
  LG_TRY(auto pack, institution::Pack::load("packs/cn-land", "build/data"));
  engine::Options settings;
  settings.threaded = false;
  LG_TRY(settings.origin, tests::read_golden(text, *store));
  LG_TRY(const auto events, engine::Engine::rebuild(settings, *store, *pack, cli::behaviours()));
  std::printf("  %llu leaves\n", static_cast<unsigned long long>(events));
  return store->table_hashes();
}

Result<int> check_one(const fs::path& folder) {
  std::printf("%s\n", folder.filename().c_str());
  LG_TRY(const auto now, rebuilt(whole(folder / "log.jsonl")));
  LG_TRY(const auto then, base::parse_json(whole(folder / "hashes.json"), base::Profile::any));
  int wrong = 0;
  const auto report = [&](const std::string& table, const char* what) {
    std::printf("  %s: %s\n", table.c_str(), what);
    ++wrong;
  };
  for (const auto& [table, hash] : then.as_object()) {
    const auto* held = now.find(table);
    if (held == nullptr)
      report(table, "no longer there");
    else if (*held != hash)
      report(table, "another hash than at its release");
  }
  for (const auto& [table, hash] : now) {
    if (then.as_object().find(table) == nullptr) report(table, "was not there at its release");
  }
  return wrong;
}

int check(const fs::path& all) {
  int wrong = 0, logs = 0;
  for (const auto& entry : fs::directory_iterator(all)) {
    if (!fs::exists(entry.path() / "log.jsonl")) continue;
    ++logs;
    const auto found = check_one(entry.path());
    if (!found) {
      std::printf("  %s\n", base::explain(found.trouble()).c_str());
      ++wrong;
    } else {
      wrong += *found;
    }
  }
  if (logs == 0) std::printf("no golden log in %s\n", all.c_str());
  return wrong == 0 && logs > 0 ? 0 : 1;
}

Status make(const std::string& data, const std::string& keys, const fs::path& to) {
  store::StoreOptions at;
  at.folder = data;
  at.key_file = keys + "/vault.key";
  LG_TRY(auto store, store::open_sqlite(at));
  LG_TRY(const auto text, tests::write_golden(*store));
  if (text.size() > k_most_bytes) return base::fail("too large: " + std::to_string(text.size()) + " bytes");
  LG_TRY(const auto hashes, rebuilt(text));
  // What was lived must be what is rebuilt; sealed rows have another key there.
  LG_TRY(const auto lived, store->table_hashes());
  for (const auto& [table, hash] : lived) {
    const auto* held = hashes.find(table);
    if (table != "sealed" && (held == nullptr || *held != hash)) return base::fail("rebuilt otherwise than lived: " + table);
  }
  fs::create_directories(to);
  std::ofstream(to / "log.jsonl", std::ios::binary) << text;
  std::ofstream out(to / "hashes.json", std::ios::binary);
  out << "{\n";
  bool first = true;
  for (const auto& [table, hash] : hashes) {
    out << (first ? "" : ",\n") << "  \"" << table << "\": " << base::canonical(hash);
    first = false;
  }
  out << "\n}\n";
  std::printf("  %zu bytes → %s\n", text.size(), to.c_str());
  return base::Done{};
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3 && std::strcmp(arguments[1], "check") == 0) return check(arguments[2]);
  if (count == 5 && std::strcmp(arguments[1], "make") == 0) {
    const auto made = make(arguments[2], arguments[3], arguments[4]);
    if (!made) std::fprintf(stderr, "golden_logs: %s\n", base::explain(made.trouble()).c_str());
    return made ? 0 : 1;
  }
  std::fprintf(stderr, "golden_logs check FOLDER | golden_logs make DATA KEYS FOLDER/RELEASE\n");
  return 2;
}
