// A generated year and its report: the figures are those that the year was made of, another year gives others, and one act
// more changes its figure alone.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/test_county.hpp"
#include "cli/year.hpp"
#include "cli/year_answers.hpp"
#include "disclosure/work_report.hpp"

namespace landglass::cli {
namespace {

using base::JsonObject;

class GeneratedYear : public CountyTest {
 protected:
  void play(const std::string& plan_text, bool watched = false) {
    const auto file = std::filesystem::temp_directory_path() / ("landglass-year-" + std::to_string(::getpid()) + ".yaml");
    std::ofstream(file) << plan_text;
    const auto plan = read_year(file.string());
    std::filesystem::remove(file);
    ASSERT_TRUE(plan) << base::explain(plan.trouble());
    auto pack = institution::Pack::load(k_root + "/packs/cn-land", k_root + "/build/data");
    ASSERT_TRUE(pack) << base::explain(pack.trouble());
    stories_.reset();
    watch_.reset();
    town_.reset();
    engine_.reset();
    pack_ = std::move(*pack);
    year_ = plan->year;
    clock_.set(base::parse_time(std::to_string(year_ - 1) + "-12-17T00:00:00+08:00").value());
    auto store = store::open_sqlite({":memory:", "", false, 0});
    ASSERT_TRUE(store) << base::explain(store.trouble());
    store_ = std::move(*store);
    engine::Options options;
    options.origin = "year.invalid/log";
    options.threaded = false;
    auto engine = engine::Engine::start(options, *store_, *pack_, behaviours(), clock_, random_,
                                        log::Signer(options.origin, log::KeyKind::log, std::array<std::uint8_t, 32>{}));
    ASSERT_TRUE(engine) << base::explain(engine.trouble());
    engine_ = std::move(*engine);
    town_ = std::make_unique<Town>(*engine_, *store_, &clock_, 1);
    auto stories = Stories::load(k_root + "/packs/cn-land/worlds/year", *town_, *engine_);
    ASSERT_TRUE(stories) << base::explain(stories.trouble());
    stories_ = std::move(*stories);
    places_ = places_of(*pack_, plan->places);
    std::unique_ptr<Answers> answers;
    std::function<base::Status()> weekly;
    if (watched) {
      auto watch = watch::Watch::open(*engine_, *store_, *pack_, clock_);
      ASSERT_TRUE(watch) << base::explain(watch.trouble());
      watch_ = std::move(*watch);
      town_->watched_by([this] { return watch_->settle(); });
      answers = std::make_unique<Answers>(*town_, *store_, *watch_, places_);
      weekly = [&answers] { return answers->look(); };
    }
    const auto played = play_year(
        *town_, *stories_, *pack_, *engine_, places_, *plan, k_root + "/packs/cn-land/worlds", [](const std::string&) {},
        weekly);
    town_->watched_by({});
    ASSERT_TRUE(played) << base::explain(played.trouble());
  }

  std::map<std::string, std::int64_t> figures(int year) {
    std::map<std::string, std::int64_t> out;
    const auto report = disclosure::load_work_report(k_root + "/packs/cn-land", *pack_);
    EXPECT_TRUE(report) << base::explain(report.trouble());
    const auto reader = store_->reader(store::Sight::open);
    EXPECT_TRUE(reader);
    counted_ = *disclosure::count_report(*report, **reader, year, 100);
    for (std::size_t i = 0; i < report->figures.size(); ++i) {
      out[report->figures[i].name] = counted_.figures[i].value;
      // Each figure is the sum of its events, and each event is a leaf that names the record.
      std::int64_t sum = 0;
      for (const auto& event : counted_.figures[i].events) {
        sum += event.n;
        EXPECT_TRUE(event.leaf) << report->figures[i].name << " " << event.record;
        const auto bytes = event.leaf ? *(*reader)->leaf(log::Tree::open, *event.leaf) : std::nullopt;
        EXPECT_TRUE(bytes && bytes->find(event.record) != std::string::npos) << event.record;
      }
      EXPECT_EQ(sum, counted_.figures[i].value) << report->figures[i].name;
    }
    return out;
  }

  // Of the sealed register, one by one.
  std::size_t warnings_of(int year) {
    const auto ids = watch_->listed({std::string(watch::k_warning), {}, "", "", 0, 10'000});
    EXPECT_TRUE(ids) << base::explain(ids.trouble());
    std::size_t count = 0;
    for (const auto& id : *ids) count += town_->doc(id).at("fields").at("year").as_int() == year ? 1 : 0;
    return count;
  }

  int year_ = 0;
  std::unique_ptr<watch::Watch> watch_;
  std::unique_ptr<Stories> stories_;
  std::vector<Place> places_;
  disclosure::CountedReport counted_;
};

constexpr const char* k_small = R"(year: 2011
places: 2
stories:
  listed-case: {count: 3, from: 5, to: 150}
  mining-case: {count: 1, from: 30, to: 200}
  noticed-case: {count: 2, from: 5, to: 200}
  reversed-case: {count: 1, from: 20, to: 150}
  demolition: {count: 2, from: 15, to: 280}
  region-year: {count: 2, from: 200, to: 230}
  standard: {count: 2, from: 2, to: 3}
  taking: {count: 3, from: 6, to: 120}
  petition: {count: 2, from: 4, to: 200}
education: {video: 60, people: 24, heads: 7, leaders: 9, again: 2}
)";

TEST_F(GeneratedYear, GivesBackWhatItWasMadeOfAndNothingOfAnotherYear) {
  ASSERT_NO_FATAL_FAILURE(play(k_small));
  auto of = figures(2011);
  EXPECT_EQ(of["video_attendances"], 60);
  EXPECT_EQ(of["bureau_heads"], 7);  // nine attendances: two came twice
  EXPECT_EQ(of["leaders"], 9);
  EXPECT_EQ(of["listed_cases"], 3);  // and not the mine
  EXPECT_EQ(of["notices"], 2);
  EXPECT_EQ(of["notices_reversed"], 1);
  EXPECT_EQ(of["demolitions"], 2);
  EXPECT_EQ(of["cases_opened"], 7);
  EXPECT_EQ(of["coverage_attendances"], 60 + 9);
  // A tally over the year's patches opened a proceeding by itself, and people stopped approvals there.
  EXPECT_EQ(of["regions_looked_at"], 2);
  EXPECT_EQ(of["regions_over"], 1);
  EXPECT_EQ(of["accountability"], 1);
  EXPECT_EQ(of["approvals_stopped"], 1);
  // The gate let through what was funded, and the first, whose social security was not, stands before it.
  EXPECT_EQ(of["takings_passed"], 2);
  for (const auto& [name, value] : figures(2010)) EXPECT_EQ(value, 0) << name;
}

TEST_F(GeneratedYear, WithTheWatchPeopleJudgeWhatItSaysAndNoOtherFigureChanges) {
  ASSERT_NO_FATAL_FAILURE(play(k_small, true));
  auto of = figures(2011);
  EXPECT_GT(of["cards"], 0);
  EXPECT_EQ(of["listed_cases"], 3);
  EXPECT_EQ(of["notices"], 2);
  EXPECT_EQ(of["demolitions"], 2);
  EXPECT_EQ(of["video_attendances"], 60);
  EXPECT_EQ(of["bureau_heads"], 7);
  EXPECT_EQ(of["leaders"], 9);
  EXPECT_EQ(of["cases_opened"], 7);
  EXPECT_EQ(of["sanctions"], 0);  // a warning that became a lead is no sanction
  // How many warnings the year had is published by two, as the machine counts them in the sealed register.
  EXPECT_EQ(of["warning_years"], 1);
  const auto told = of["warnings_notice"] + of["warnings_serious"] + of["warnings_grave"];
  EXPECT_EQ(told, static_cast<std::int64_t>(warnings_of(2011)));
  EXPECT_GT(told, 0);
  EXPECT_GT(of["warnings_dismissed"] + of["warnings_cases"], 0);
  const auto reader = store_->reader(store::Sight::open);
  const auto revoked = (*reader)->query("SELECT count(*) FROM efficacy_card_public WHERE state = 'revoked'", {});
  ASSERT_TRUE(revoked);
  EXPECT_GT((*revoked)[0][0].as_int(), 0);
  std::size_t judged = 0;
  for (const auto* state : {"answered", "dismissed", "case"}) {
    const auto ids = watch_->listed({std::string(watch::k_warning), {}, state, "", 0, 100});
    ASSERT_TRUE(ids) << base::explain(ids.trouble());
    judged += ids->size();
  }
  EXPECT_GT(judged, 0U);
}

TEST_F(GeneratedYear, AnotherYearThatIsWatchedHasAnotherNumberOfWarnings) {
  ASSERT_NO_FATAL_FAILURE(play("year: 2012\nplaces: 1\nstories:\n  land-case: {count: 4, from: 20, to: 200}\n", true));
  auto of = figures(2012);
  EXPECT_EQ(of["warning_years"], 1);
  EXPECT_EQ(of["warnings_notice"] + of["warnings_serious"] + of["warnings_grave"],
            static_cast<std::int64_t>(warnings_of(2012)));
  const auto before = figures(2011);
  EXPECT_EQ(before.at("warning_years"), 0);
}

TEST_F(GeneratedYear, AStoryBringsTheWorldsThatItStandsOnAndTipsComeWithTheirRoll) {
  ASSERT_NO_FATAL_FAILURE(
      play("year: 2012\nplaces: 1\nstories:\n  tip: {count: 2, from: 20, to: 40}\n  spending: {count: 1, from: 30}\n"));
  const auto reader = store_->reader(store::Sight::open);
  const auto counted = (*reader)->query(
      "SELECT (SELECT count(*) FROM tip_roll_public), (SELECT count(*) FROM payment_public WHERE state = 'paid')", {});
  ASSERT_TRUE(counted && !counted->empty());
  EXPECT_GE((*counted)[0][0].as_int(), 366) << "one each evening, tips or none";
  EXPECT_GT((*counted)[0][1].as_int(), 0);
}

TEST_F(GeneratedYear, OneActMoreChangesItsFigureAndWhatHangsOnIt) {
  ASSERT_NO_FATAL_FAILURE(play("year: 2012\nplaces: 1\nstories:\n  noticed-case: {count: 2, from: 328, to: 334}\n"));
  const auto before = figures(2012);
  EXPECT_EQ(before.at("notices"), 2);
  EXPECT_EQ(before.at("video_attendances"), 0);
  // In January the decision of one falls on appeal, and its notice and its breach of credit with it.
  const auto place = places_.front().name;
  const auto reader = store_->reader(store::Sight::open);
  const auto rows = (*reader)->query("SELECT id, respondent FROM land_case_public ORDER BY id LIMIT 1", {});
  ASSERT_TRUE(rows && !rows->empty());
  const auto matter = (*rows)[0][0].as_string();
  const auto appealed = town_->act((*rows)[0][1].as_string(), matter, "appeal", {{"appeal", "占地已有批准"}});
  ASSERT_TRUE(appealed) << base::explain(appealed.trouble());
  EXPECT_EQ(figures(2012), before);  // an appeal alone changes nothing
  const auto reversed = town_->act(town_->who(place, "appeals"), matter, "reverse", {{"reason", "批准文件属实"}});
  ASSERT_TRUE(reversed) << base::explain(reversed.trouble());
  auto expected = before;
  expected["notices"] = 1;
  expected["notices_reversed"] = 1;
  expected["cases_decided"] = 1;
  expected["fines"] = before.at("fines") / 2;
  expected["breaches"] = before.at("breaches") - 1;
  EXPECT_EQ(figures(2012), expected);
}

}  // namespace
}  // namespace landglass::cli
