#pragma once
// A county in memory for tests that play histories: its institutions, engine, clock and people, with nothing left to chance.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/behaviours.hpp"
#include "cli/town.hpp"
#include "store/sqlite_store.hpp"

namespace landglass::cli {

class CountyTest : public ::testing::Test {
 protected:
  static inline const std::string k_root = LG_SOURCE_DIR;

  using Follow = std::function<void(const std::vector<engine::Published>&)>;

  // A county founded anew at `at`, under a log of its own; `follow` hears of every act.
  void found(const std::string& origin, std::uint64_t seed, base::Time at, Follow follow) {
    auto pack = institution::Pack::load(k_root + "/packs/cn-land", k_root + "/build/data");
    ASSERT_TRUE(pack) << base::explain(pack.trouble());
    town_.reset();
    engine_.reset();
    pack_ = std::move(*pack);
    clock_.set(at);
    auto store = store::open_sqlite({":memory:", "", true, 0});
    ASSERT_TRUE(store) << base::explain(store.trouble());
    store_ = std::move(*store);
    engine::Options options;
    options.origin = origin;
    options.threaded = false;
    options.anchor_every_ms = 36'500 * base::k_day;
    auto engine = engine::Engine::start(options, *store_, *pack_, behaviours(), clock_, random_,
                                        log::Signer(options.origin, log::KeyKind::log, std::array<std::uint8_t, 32>{}));
    ASSERT_TRUE(engine) << base::explain(engine.trouble());
    engine_ = std::move(*engine);
    engine_->listen(std::move(follow));
    town_ = std::make_unique<Town>(*engine_, *store_, &clock_, seed);
    const auto founded = town_->found(k_root + "/packs/cn-land/worlds/county.yaml", "350124");
    ASSERT_TRUE(founded) << base::explain(founded.trouble());
  }

  std::unique_ptr<institution::Pack> pack_;
  base::VirtualClock clock_{base::Time{}};
  base::SeededRandom random_{1};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Town> town_;
};

}  // namespace landglass::cli
