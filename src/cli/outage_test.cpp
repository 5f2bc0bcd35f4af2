// A lot whose server is killed in the middle of timed bidding, and what it is when the server comes back.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/behaviours.hpp"
#include "cli/sale_audit.hpp"
#include "engine/scenario_world.hpp"

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;
using institution::Node;

constexpr auto k_pack = LG_SOURCE_DIR "/packs/cn-land";
constexpr auto k_lot = "land-listing/350124-2011-000001";

Node yaml(const std::string& text) {
  auto node = institution::read_yaml(text, "outage");
  LG_ASSERT(bool(node), "the steps do not read");
  return *std::move(node);
}
Node world(const std::string& name) {
  std::ifstream in(std::string(k_pack) + "/" + name);
  std::ostringstream text;
  text << in.rdbuf();
  return yaml(text.str());
}
// The steps of a world after those of the worlds that it includes.
void play(engine::World& here, const std::string& name) {
  const auto node = world(name);
  if (const auto inner = node.text("include"); !inner.empty()) play(here, std::string(inner));
  for (const auto& step : node.at("given").items) {
    const auto why = here.step(step, {name}, true);
    LG_ASSERT(why.empty(), why.c_str());
  }
}

// Bids until a window of timed bidding runs, and dies there.
[[noreturn]] void bid_and_die(const std::string& folder) {
  engine::Coverage coverage;
  engine::World here(std::move(*institution::Pack::load(k_pack, LG_SOURCE_DIR "/build/data")), behaviours(), coverage);
  if (!here.begin(engine::time_of("2007-01-05T09:00+08:00"), folder)) ::_exit(3);
  play(here, "worlds/inquiry.yaml");
  const auto steps = yaml(R"(
given:
  - {by: $bidder-c, on: $lot, do: wish, with: {application: $app-c}}
  - {until: 2011-04-08T10:05+08:00}
  - {by: $bidder-c, on: $lot, do: offer, with: {application: $app-c, price: '12100000.00', counter: 1}}
  - {until: 2011-04-08T10:06+08:00, then: {on: lot, state: listed}}
)");
  for (const auto& step : steps.at("given").items) {
    if (!here.step(step, {"outage"}, true).empty()) ::_exit(4);
  }
  ::raise(SIGKILL);
  ::_exit(5);
}

// What stands of the lot once a server has come back at this instant.
struct Found {
  std::string state;
  std::string head;
  std::string audit;
};
Found come_back(const std::string& folder, base::Time at) {
  Found found;
  auto store = store::open_sqlite({folder + "/store", folder + "/vault.key", false, 0, {}});
  if (!store) return {base::explain(store.trouble()), "", ""};
  auto pack = institution::Pack::load(k_pack, LG_SOURCE_DIR "/build/data");
  base::VirtualClock clock(at);
  base::SeededRandom random(2);
  engine::Options options;
  options.origin = "scenario.invalid/log";
  options.threaded = false;
  options.anchor_every_ms = 36'500 * base::k_day;
  std::array<std::uint8_t, 32> seed{};
  auto engine = engine::Engine::start(options, **store, **pack, behaviours(), clock, random,
                                      log::Signer(options.origin, log::KeyKind::log, seed));
  if (!engine) return {base::explain(engine.trouble()), "", ""};
  while ((*engine)->step()) {
  }
  (*engine)->inspect([&](institution::Registry&, engine::Cache& cache) {
    const auto lot = cache.find(k_lot);
    if (!lot || *lot == nullptr) return;
    found.state = (*lot)->state;
    found.head = base::canonical((*lot)->behaviour->publish().at("head"));
  });
  found.audit = audit_sales(**store);
  return found;
}

class Outage : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / "landglass-outage-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) bid_and_die(folder_);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  std::string folder_;
};

TEST_F(Outage, AKillInTheMiddleOfTimedBiddingFreezesTheLotAsOfItsLastLeaf) {
  const auto found = come_back(folder_, engine::time_of("2011-04-08T10:30+08:00"));
  EXPECT_EQ(found.state, "frozen");
  EXPECT_NE(found.head.find(R"("reason":"outage")"), std::string::npos) << found.head;
  EXPECT_NE(found.head.find(R"("top":"12100000.00")"), std::string::npos) << found.head;
  EXPECT_EQ(found.audit, "");
}
TEST_F(Outage, AServerThatIsBackWithinTheAllowedSilenceGoesOn) {
  const auto found = come_back(folder_, engine::time_of("2011-04-08T10:06:05+08:00"));
  EXPECT_EQ(found.state, "listed");
  EXPECT_NE(found.head.find(R"("phase":"timed")"), std::string::npos) << found.head;
  EXPECT_EQ(found.audit, "");
}

}  // namespace
}  // namespace landglass::cli
