#include "cli/clock_guard.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>

#include "cli/serve.hpp"
#include "cli/town.hpp"

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;

std::string code(const base::Result<engine::Answer>& answer) {
  return answer ? "done" : answer.refused() ? answer.refusal().code : "failed";
}

TEST(ClockGuard, WhileTheClockIsInDoubtALotTakesNoOfferAndDoesNotClose) {
  std::string folder = fs::temp_directory_path() / "landglass-clock-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  HouseOptions house;
  house.folder = folder + "/data";
  house.keys = folder + "/keys";
  house.origin = "test.landglass.invalid/clock";
  house.durable = false;
  house.signing = "session";
  base::SystemRandom random;
  const base::Time start{1'795'397'229'000};
  base::VirtualClock clock(start);
  auto core = open_core(house, clock, random, false);
  ASSERT_TRUE(core) << base::explain(core.trouble());
  auto& engine = *core->engine;
  Town town(engine, *core->store, &clock, 7);
  town.honest_bank();
  const auto founded = town.found("packs/cn-land/worlds/county.yaml", "350124");
  ASSERT_TRUE(founded) << base::explain(founded.trouble());
  const auto year = base::to_civil(base::date_of(start)).year;
  const auto plan =
      town.create("land-use", "supply-plan",
                  {{"region", "350124"}, {"year", year}, {"total_area", "2000000.00"}, {"residential_area", "800000.00"}});
  ASSERT_TRUE(plan) << base::explain(plan.trouble());
  ASSERT_TRUE(town.act("mayor", plan->record, "publish"));
  LotPlan lot_plan;
  lot_plan.region = "350124";
  lot_plan.location = "梅城镇";
  lot_plan.opens = town.now() + 21 * base::k_day;
  lot_plan.closes = town.now() + 32 * base::k_day;
  lot_plan.variant = "custom";
  const auto lot = town.announce(lot_plan, plan->record);
  ASSERT_TRUE(lot) << base::explain(lot.trouble());
  auto entry = town.apply(*lot, 0);
  ASSERT_TRUE(entry) << base::explain(entry.trouble());
  ASSERT_TRUE(town.bank());
  ASSERT_TRUE(town.admitted(*entry));
  town.pass(lot_plan.opens + base::k_hour);
  const auto price = lot_plan.start_yuan * 100;
  ASSERT_EQ(code(town.offer(*lot, *entry, {price})), "done");
  const auto step = lot_plan.increment_yuan * 100;

  engine.doubt_clock(base::refuse("CLK-01", "时钟存疑", "the clock is in doubt"));
  EXPECT_EQ(code(town.offer(*lot, *entry, {price + step})), "CLK-01");
  clock.set(lot_plan.closes + base::k_hour);
  while (engine.step()) {
  }
  EXPECT_EQ(town.doc(*lot).text("state"), "listed");
  // What does not count in seconds goes on.
  EXPECT_EQ(code(town.create("clerk", "parcel", {})).substr(0, 3), "EN-") << "refused for its fields, not for the clock";

  engine.doubt_clock(std::nullopt);
  while (engine.step()) {
  }
  EXPECT_NE(town.doc(*lot).text("state"), "listed");
  core->engine.reset();
  core->store.reset();
  fs::remove_all(folder);
}

TEST(ClockGuard, TellsTheEngineOfAJumpAndOfItsEnd) {
  std::string folder = fs::temp_directory_path() / "landglass-clock-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  HouseOptions house;
  house.folder = folder + "/data";
  house.keys = folder + "/keys";
  house.origin = "test.landglass.invalid/clock";
  base::SystemRandom random;
  base::SystemClock clock;
  auto core = open_core(house, clock, random, true);
  ASSERT_TRUE(core) << base::explain(core.trouble());
  web::Metrics metrics;
  std::atomic<std::int64_t> jumped{0};
  std::atomic<std::int64_t> said{0};
  const auto shows = [&](const std::string& line) {
    for (int i = 0; i < 200; ++i) {
      if (metrics.text().find("landglass_clock_off_ms " + line + "\n") != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  };
  {
    ClockGuard guard(
        *core->engine, [&] { return jumped.load(); }, [&] { return said.load(); }, metrics);
    jumped = 3'600'000;
    EXPECT_TRUE(shows("3600000"));
    jumped = 0;
    EXPECT_TRUE(shows("0"));
    said = -2'500;  // they are behind us, so we are ahead
    EXPECT_TRUE(shows("2500"));
  }
  core->engine.reset();
  core->store.reset();
  fs::remove_all(folder);
}

}  // namespace
}  // namespace landglass::cli
