// The whole house on one seed, life after life. What a seed finds, LG_SEED=<it> finds again.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "village.hpp"

using namespace landglass;
using tests::Plan;
using tests::Promises;
using tests::Ruin;
using tests::Told;
using tests::Village;

namespace {

namespace fs = std::filesystem;

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

class Sim : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / "landglass-sim-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    village_ = new Village(folder_);
  }
  static void TearDownTestSuite() {
    delete village_;
    fs::remove_all(folder_);
  }
  static std::string folder_;
  static Village* village_;
};
std::string Sim::folder_;
Village* Sim::village_ = nullptr;

// A county goes on from life to life: what was promised in one is kept in all that follow.
std::string play(Village& village, std::uint64_t seed, int lives, int moves, std::map<std::string, std::uint64_t>& answers) {
  base::SeededRandom random(seed);
  Promises promises(village.verifier());
  Told told;
  told.now = village.founded_at();
  std::size_t bid = 0;
  if (auto wrong = village.contradiction(); !wrong.empty()) return "as it was founded: " + wrong;
  std::uint64_t made = 0, ruined = 0, doubts = 0;
  for (int life = 0; life < lives; ++life) {
    Plan plan;
    plan.seed = random.below(1ULL << 40);
    plan.ruin = life + 1 == lives ? Ruin::none : static_cast<Ruin>(random.below(5));
    plan.begins = base::Time{told.now.ms + static_cast<std::int64_t>(random.below(3)) * base::k_hour};
    plan.moves = moves;
    plan.in_doubt = std::move(told.in_doubt);
    plan.first_bid = bid;
    bid = std::min(bid + 40, village.bids() - 1);
    told = village.live(plan);
    const auto at = "life " + std::to_string(life) + " (ruin " + std::to_string(static_cast<int>(plan.ruin)) + "): ";
    if (!told.wrong.empty()) return at + told.wrong;
    if (auto wrong = promises.settle(village.as_it_was_left(), told.promises); !wrong.empty()) return at + wrong;
    if (auto wrong = promises.one_history(); !wrong.empty()) return at + wrong;
    if (auto wrong = village.contradiction(); !wrong.empty()) return at + wrong;
    made += told.promises.size();
    ruined += plan.ruin == Ruin::none ? 0 : 1;
    doubts += told.clock_doubts;
    for (const auto& [code, count] : told.answers) answers[code] += count;
  }
  if (made == 0 || promises.leaves() == 0) return "nothing was promised";
  std::printf("seed %llu: %d lives, %llu of them ruined, %llu acts proven, %llu leaves, clock in doubt %llu times\n",
              static_cast<unsigned long long>(seed), lives, static_cast<unsigned long long>(ruined),
              static_cast<unsigned long long>(made), static_cast<unsigned long long>(promises.leaves()),
              static_cast<unsigned long long>(doubts));
  return {};
}

TEST_F(Sim, EveryPromiseIsKeptAndEveryTableIsThatOfTheLog) {
  const bool one = std::getenv("LG_SEED") != nullptr;
  const auto first = number("LG_SEED", 1), seeds = one ? 1 : number("LG_SEEDS", 3);
  std::map<std::string, std::uint64_t> answers;
  for (auto seed = first; seed < first + seeds; ++seed) {
    village_->begin_anew("run");
    const auto wrong =
        play(*village_, seed, static_cast<int>(number("LG_LIVES", 6)), static_cast<int>(number("LG_MOVES", 150)), answers);
    ASSERT_EQ(wrong, "") << "LG_SEED=" << seed;
  }
  std::uint64_t all = 0;
  std::string text;
  for (const auto& [code, count] : answers) {
    all += count;
    if (number("LG_TALK", 0) != 0) text += code + " " + std::to_string(count) + ", ";
  }
  std::printf("%llu answers of %zu kinds%s%s\n", static_cast<unsigned long long>(all), answers.size(),
              text.empty() ? "" : ": ", text.c_str());
  EXPECT_GT(answers.size(), 60U) << "the callers do not get far";
}

TEST_F(Sim, TheSameSeedMakesTheSameLeaves) {
  std::string roots[2];
  for (auto& of : roots) {
    village_->begin_anew("again");
    Plan plan;
    plan.seed = number("LG_SEED", 7);
    plan.begins = village_->founded_at();
    plan.moves = 150;
    const auto told = village_->live(plan);
    ASSERT_EQ(told.wrong, "");
    of = village_->roots();
  }
  EXPECT_EQ(roots[0], roots[1]);
}

}  // namespace
