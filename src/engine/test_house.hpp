#pragma once
// For tests alone: a store on disk, the pack of this repository and an engine over them.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace landglass::engine::test {

// Gone with the process.
inline std::string fresh_folder() {
  struct Folders {
    ~Folders() {
      for (const auto& folder : all) std::filesystem::remove_all(folder);
    }
    std::vector<std::string> all;
  };
  static Folders folders;
  std::string name = std::filesystem::temp_directory_path() / "landglass-engine-XXXXXX";
  return folders.all.emplace_back(::mkdtemp(name.data()));
}

struct House {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<institution::Pack> pack;
  base::SystemRandom random;
  std::unique_ptr<Engine> engine;

  House(const std::string& folder, base::Clock& clock, bool threaded,
        institution::Signing signing = institution::Signing::session, std::int64_t anchor_every_ms = 36'500 * base::k_day,
        int fsync_delay_us = 0, std::size_t cached_records = 100'000) {
    auto loaded =
        institution::Pack::load(std::string(LG_SOURCE_DIR) + "/packs/cn-land", std::string(LG_SOURCE_DIR) + "/build/data");
    EXPECT_TRUE(loaded) << base::explain(loaded.trouble());
    pack = std::move(*loaded);
    store::StoreOptions options;
    options.folder = folder + "/data";
    options.key_file = folder + "/vault.key";
    options.fsync_delay_us = fsync_delay_us;
    auto opened = store::open_sqlite(options);
    EXPECT_TRUE(opened) << base::explain(opened.trouble());
    store = std::move(*opened);
    auto with = settings(threaded, signing);
    with.anchor_every_ms = anchor_every_ms;
    with.cached_records = cached_records;
    auto started = Engine::start(with, *store, *pack, {}, clock, random,
                                 log::Signer("test.invalid/log", log::KeyKind::log, std::array<std::uint8_t, 32>{}));
    EXPECT_TRUE(started) << base::explain(started.trouble());
    engine = std::move(*started);
  }
  ~House() {
    engine.reset();
    store.reset();
  }

  static Options settings(bool threaded = false, institution::Signing signing = institution::Signing::session) {
    Options options;
    options.origin = "test.invalid/log";
    options.threaded = threaded;
    options.signing = signing;
    options.anchor_every_ms = 36'500 * base::k_day;
    return options;
  }

  // An act that nobody signs; the record's id, or the trouble.
  base::Result<std::string> act(const std::string& actor, const std::string& what, const std::string& action,
                                base::JsonObject fields = {}) {
    Command command;
    command.id = base::to_hex(random.bytes32()).substr(0, 32);
    command.actor = actor;
    command.action = action;
    (what.find('/') == std::string::npos ? command.institution : command.record) = what;
    command.fields = std::move(fields);
    LG_TRY(const auto answer, engine->call(std::move(command)));
    return answer.record;
  }
  // A person who holds a post with these roles, from the beginning.
  void seat(const std::string& person, const std::string& post, const std::string& office, base::JsonArray roles) {
    EXPECT_TRUE(
        act("genesis", "post", "", {{"key", post}, {"title", "岗"}, {"office", office}, {"roles", std::move(roles)}}));
    EXPECT_TRUE(act("genesis", "person", "", {{"key", person}, {"name", "某氏"}}));
    const auto seat = act("genesis", "appointment", "",
                          {{"person", "person/" + person}, {"post", "post/" + post}, {"from", "2007-01-01"}});
    ASSERT_TRUE(seat) << base::explain(seat.trouble());
    EXPECT_TRUE(act("genesis", *seat, "confirm"));
  }
  institution::Record record(const std::string& id) {
    institution::Record copy;
    engine->inspect([&](institution::Registry&, Cache& cache) {
      auto found = cache.find(id);
      if (found && *found != nullptr) copy = **found;
    });
    return copy;
  }
};

}  // namespace landglass::engine::test
