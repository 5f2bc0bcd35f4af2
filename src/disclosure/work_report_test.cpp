// The report's file: what it may not say, and that its queries count what stands in the tables.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "disclosure/work_report.hpp"
#include "engine/cache.hpp"

namespace landglass::disclosure {
namespace {

const std::string k_root = LG_SOURCE_DIR;

const institution::Pack& pack() {
  static const auto loaded = institution::Pack::load(k_root + "/packs/cn-land", k_root + "/build/data");
  EXPECT_TRUE(loaded) << base::explain(loaded.trouble());
  return **loaded;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// The report of the pack with one text in another's place.
base::Result<WorkReport> changed(const std::string& was, const std::string& is) {
  auto text = bytes_of(k_root + "/packs/cn-land/report/annual.yaml");
  const auto at = text.find(was);
  EXPECT_NE(at, std::string::npos) << was;
  text.replace(at, was.size(), is);
  const auto folder = std::filesystem::temp_directory_path() / ("landglass-report-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "report");
  std::ofstream(folder / "report" / "annual.yaml") << text;
  auto read = load_work_report(folder.string(), pack());
  std::filesystem::remove_all(folder);
  return read;
}

std::string code_of(const base::Result<WorkReport>& read) {
  return read ? "loads" : read.refused() ? read.refusal().code : "fails";
}

TEST(WorkReportFile, HasTheShapeOfTheSource) {
  const auto report = load_work_report(k_root + "/packs/cn-land", pack());
  ASSERT_TRUE(report) << base::explain(report.trouble());
  ASSERT_EQ(report->parts.size(), 3U);
  EXPECT_EQ(report->parts[0].sections.size(), 7U);
  EXPECT_EQ(report->parts[1].sections.size(), 6U);
  EXPECT_EQ(report->parts[2].sections.size(), 5U);
}

TEST(WorkReportFile, AFigureWrittenByHandIsRefused) {
  EXPECT_EQ(code_of(changed("全系统{video_attendances}人次", "全系统330000人次")), "PACK-12");
  EXPECT_EQ(code_of(changed("全系统{video_attendances}人次", "全系统{no_such_figure}人次")), "PACK-12");
  EXPECT_EQ(code_of(changed("year = :year AND kind = 'video'", "year = :jahr AND kind = 'video'")), "PACK-12");
  EXPECT_EQ(code_of(changed("of: training-session\n    act: close", "of: attendance\n    act: close")), "PACK-12");
  EXPECT_EQ(code_of(changed("act: conclude", "act: forget")), "PACK-02");
  EXPECT_EQ(code_of(changed("annual", "annual")), "loads");
}

class WorkReportCount : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = store::open_sqlite({":memory:", "", false, 0, ""});
    ASSERT_TRUE(store) << base::explain(store.trouble());
    store_ = std::move(*store);
    ASSERT_TRUE(store_->shape(engine::Cache::shapes(pack())));
  }
  std::unique_ptr<store::Store> store_;
};

TEST_F(WorkReportCount, AnEmptyLogGivesNoughtAndEveryQueryReads) {
  const auto report = load_work_report(k_root + "/packs/cn-land", pack());
  ASSERT_TRUE(report);
  const auto reader = store_->reader(store::Sight::open);
  ASSERT_TRUE(reader);
  const auto counted = count_report(*report, **reader, 2011, 10);
  ASSERT_TRUE(counted) << base::explain(counted.trouble());
  for (std::size_t i = 0; i < report->figures.size(); ++i)
    EXPECT_EQ(counted->figures[i].value, 0) << report->figures[i].name;
  const auto far = count_report(*report, **reader, 99'999, 10);
  EXPECT_TRUE(far.refused());
}

TEST(WorkReportText, FiguresAreGroupedAndAmountsHaveTheirFen) {
  ReportFigure count, money;
  money.money = true;
  EXPECT_EQ(figure_text(count, 330'000), "330,000");
  EXPECT_EQ(figure_text(count, 36), "36");
  EXPECT_EQ(figure_text(money, 123'456'789'05), "123,456,789.05");
}

}  // namespace
}  // namespace landglass::disclosure
