// Tables of our own, and the real ones where they are.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/import.hpp"
#include "cli/import_report.hpp"
#include "cli/serve.hpp"

using namespace landglass;
using namespace landglass::cli;
namespace fs = std::filesystem;

namespace {

const std::string k_source = LG_SOURCE_DIR;

class ImportPlay : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("landglass-import-" + std::to_string(::getpid()))).string();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string map(const std::string& name) { return k_source + "/packs/cn-land/import/" + name + ".yaml"; }
  std::string file(const std::string& name, const std::string& text) {
    auto path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  base::Result<ImportReport> play(const std::vector<std::string>& maps, const std::vector<std::string>& files) {
    ImportOptions options;
    options.maps = maps;
    options.files = files;
    options.folder = folder_ + "/log";
    options.pack = k_source + "/packs/cn-land";
    options.data = k_source + "/build/data";
    return import_tables(options);
  }
  // Of the notices' columns, what a case changes; the rest is a listing that is as it should be.
  static std::string notice(const std::map<std::string, std::string>& changed) {
    std::map<std::string, std::string> cells = {{"notice_no", "梅告〔2019〕1号"},
                                                {"authority", "闽清县自然资源和规划局"},
                                                {"division_code", "350124"},
                                                {"tenure", "国有"},
                                                {"method", "挂牌"},
                                                {"parcel_no", "2019-01"},
                                                {"location", "梅城镇"},
                                                {"area_m2", "20000"},
                                                {"use", "城镇住宅用地"},
                                                {"term_years", "70"},
                                                {"far_max", "2.5"},
                                                {"deposit_10k_yuan", "200"},
                                                {"start_price", "1000"},
                                                {"start_price_unit", "万元"},
                                                {"increment_10k_yuan", "10"},
                                                {"notice_date", "2019-05-01"},
                                                {"deposit_deadline", "2019-06-01T16:00:00+08:00"},
                                                {"listing_open", "2019-05-25T09:00:00+08:00"},
                                                {"listing_close_or_auction", "2019-06-05T10:00:00+08:00"}};
    for (const auto& [name, cell] : changed) cells[name] = cell;
    std::string line;
    for (const auto& name : k_columns) line += (&name == &k_columns[0] ? "" : ",") + cells[name];
    return line + "\n";
  }
  static std::string notices(const std::vector<std::map<std::string, std::string>>& rows) {
    std::string text;
    for (const auto& name : k_columns) text += (text.empty() ? "" : ",") + name;
    text += "\n";
    for (const auto& row : rows) text += notice(row);
    return text;
  }
  static std::string codes(const std::vector<base::Refusal>& list) {
    std::string out;
    for (const auto& one : list) out += (out.empty() ? "" : " ") + one.code;
    return out;
  }
  static bool unchecked(const ImportedRow& row, std::string_view code, std::string_view absent) {
    for (const auto& one : row.findings.unchecked) {
      if (one.code != code) continue;
      for (const auto& name : one.absent) {
        if (name == absent) return true;
      }
    }
    return false;
  }

  std::string folder_;
  inline static const std::vector<std::string> k_columns = {"notice_no",
                                                            "authority",
                                                            "province",
                                                            "city",
                                                            "county",
                                                            "division_code",
                                                            "tenure",
                                                            "method",
                                                            "parcel_no",
                                                            "location",
                                                            "area_m2",
                                                            "use",
                                                            "term_years",
                                                            "far_min",
                                                            "far_max",
                                                            "density_min_pct",
                                                            "density_max_pct",
                                                            "green_min_pct",
                                                            "green_max_pct",
                                                            "height_max_m",
                                                            "deposit_10k_yuan",
                                                            "start_price",
                                                            "start_price_unit",
                                                            "increment_10k_yuan",
                                                            "investment_10k_yuan_per_ha",
                                                            "notice_date",
                                                            "registration_open",
                                                            "deposit_deadline",
                                                            "listing_open",
                                                            "listing_close_or_auction",
                                                            "county_basis",
                                                            "source_url",
                                                            "source"};
};

#define ASSERT_PLAYED(report) ASSERT_TRUE(report) << base::explain((report).trouble())

}  // namespace

TEST_F(ImportPlay, ANoticeIsPlayedAsFarAsItsAnnouncementAndWhatTheTableCannotSayIsNotChecked) {
  const auto report = play({map("land-notices")}, {file("n.csv", notices({{}}))});
  ASSERT_PLAYED(report);
  ASSERT_EQ(report->rows.size(), 1U);
  const auto& row = report->rows[0];
  EXPECT_EQ(row.verdict, Verdict::imported);
  EXPECT_TRUE(row.record.starts_with("land-listing/")) << row.record;
  EXPECT_GE(row.leaf, 0);
  EXPECT_EQ(row.reached.zh, "国有建设用地使用权出让·发布公告");
  for (const auto* code : {"LL-02", "LL-03", "LL-04", "LL-05", "GS-04", "GS-05"})
    EXPECT_TRUE(std::find(row.findings.held.begin(), row.findings.held.end(), code) != row.findings.held.end()) << code;
  EXPECT_TRUE(unchecked(row, "LL-01", "the_scheme"));
  EXPECT_TRUE(unchecked(row, "PA-01", "parcel_code"));
  EXPECT_TRUE(unchecked(row, "GS-01", "the_parcel.state"));
}

TEST_F(ImportPlay, ARefusalNamesTheRuleOfTheLawAndBothSidesOfTheFigure) {
  const auto report =
      play({map("land-notices")},
           {file("n.csv", notices({{{"deposit_10k_yuan", "180"}},
                                   {{"parcel_no", "2019-02"}, {"listing_close_or_auction", "2019-06-03T10:00:00+08:00"}},
                                   {{"parcel_no", "2019-03"}, {"use", "商业用地"}, {"term_years", "41"}}}))});
  ASSERT_PLAYED(report);
  ASSERT_EQ(report->rows.size(), 3U);
  for (const auto& row : report->rows) EXPECT_EQ(row.verdict, Verdict::refused);
  EXPECT_EQ(codes(report->rows[0].findings.failed), "LL-03");
  EXPECT_NE(report->rows[0].findings.failed[0].detail.zh.find("1,800,000.00 元 < 20% × 10,000,000.00 元"), std::string::npos)
      << report->rows[0].findings.failed[0].detail.zh;
  EXPECT_NE(report->rows[0].findings.failed[0].law.find("国土资发〔2010〕34号"), std::string::npos);
  EXPECT_EQ(report->rows[0].reached.zh, "国有建设用地使用权出让·拟定公告");  // the announcement is not in the log
  EXPECT_EQ(codes(report->rows[1].findings.failed), "LL-04");
  EXPECT_EQ(codes(report->rows[2].findings.failed), "GS-05");
}

TEST_F(ImportPlay, ARuleBindsFromItsDayOn) {
  const std::map<std::string, std::string> small = {{"deposit_10k_yuan", "100"},
                                                    {"notice_date", "2009-05-01"},
                                                    {"deposit_deadline", "2009-06-01T16:00:00+08:00"},
                                                    {"listing_open", "2009-05-25T09:00:00+08:00"},
                                                    {"listing_close_or_auction", "2009-06-05T10:00:00+08:00"}};
  auto early = small;
  early["notice_date"] = "2007-03-01";
  early["parcel_no"] = "2007-01";
  const auto report = play({map("land-notices")}, {file("n.csv", notices({small, early}))});
  ASSERT_PLAYED(report);
  EXPECT_EQ(report->rows[0].verdict, Verdict::imported);  // the 20 % came in March 2010
  ASSERT_FALSE(report->rows[1].stops.empty());
  EXPECT_EQ(report->rows[1].stops[0].code, "EN-17");  // Order 39 came in November 2007
}

TEST_F(ImportPlay, WhatIsMissingIsNamedAndWhatStandsThereIsJudgedAllTheSame) {
  const auto report =
      play({map("land-notices")}, {file("n.csv", notices({{{"increment_10k_yuan", ""}},
                                                          {{"parcel_no", "2019-02"},
                                                           {"notice_date", ""},
                                                           {"listing_close_or_auction", "2019-06-03T10:00:00+08:00"}},
                                                          {{"parcel_no", "2019-03"}, {"area_m2", "two"}}}))});
  ASSERT_PLAYED(report);
  EXPECT_EQ(report->rows[0].verdict, Verdict::incomplete);
  EXPECT_TRUE(std::find(report->rows[0].missing.begin(), report->rows[0].missing.end(), "increment") !=
              report->rows[0].missing.end());
  EXPECT_TRUE(report->rows[0].record.starts_with("planning-conditions/")) << report->rows[0].record;
  EXPECT_EQ(report->rows[1].verdict, Verdict::refused);
  EXPECT_EQ(codes(report->rows[1].findings.failed), "LL-04");
  EXPECT_TRUE(unchecked(report->rows[1], "LL-03", "as_of")) << "whether 20 % bound then is not known without a date";
  EXPECT_TRUE(report->rows[1].record.empty());
  EXPECT_EQ(report->rows[2].verdict, Verdict::malformed);
  EXPECT_TRUE(report->rows[2].record.empty());
}

TEST_F(ImportPlay, TheSameFileTwiceDoesNothingNewAndAChangedRowIsACorrection) {
  const auto first = play({map("land-notices")}, {file("a.csv", notices({{}, {{"parcel_no", "2019-02"}}}))});
  ASSERT_PLAYED(first);
  const auto again = play({map("land-notices")}, {file("a.csv", notices({{}, {{"parcel_no", "2019-02"}}}))});
  ASSERT_PLAYED(again);
  EXPECT_EQ(again->leaves, 0U);
  for (const auto& row : again->rows) EXPECT_EQ(row.verdict, Verdict::unchanged);
  const auto later =
      play({map("land-notices")}, {file("b.csv", notices({{}, {{"parcel_no", "2019-02"}, {"location", "坂东镇"}}}))});
  ASSERT_PLAYED(later);
  EXPECT_EQ(later->rows[0].verdict, Verdict::unchanged);
  EXPECT_EQ(later->rows[1].verdict, Verdict::imported);
  EXPECT_TRUE(later->rows[1].corrected);
  EXPECT_EQ(later->rows[1].changed, std::vector<std::string>{"location"});
  EXPECT_EQ(later->leaves, 3U);  // parcel, lot, and the row itself
}

TEST_F(ImportPlay, EventsOfAParcelAreOfItsNotice) {
  const std::string events =
      "notice_no,parcel_no,division_code,event,event_date,detail,source_url\n"
      "梅告〔2019〕1号,2019-01,350124,suspend,2019-05-10,疫情,\n"
      "梅告〔2019〕1号,2019-01,350124,resume,2019-05-20,,\n"
      "梅告〔2019〕9号,2019-99,350124,suspend,2019-05-20,,\n";
  const auto report =
      play({map("land-notices"), map("land-notice-events")}, {file("n.csv", notices({{}})), file("e.csv", events)});
  ASSERT_PLAYED(report);
  ASSERT_EQ(report->rows.size(), 4U);
  EXPECT_EQ(report->rows[1].record, report->rows[0].record);
  EXPECT_EQ(report->rows[1].verdict, Verdict::imported);
  EXPECT_EQ(report->rows[2].verdict, Verdict::imported);
  EXPECT_NE(report->rows[2].leaf, report->rows[1].leaf);
  EXPECT_EQ(report->rows[3].verdict, Verdict::incomplete);
  EXPECT_EQ(codes(report->rows[3].stops), "IMP-30");
}

TEST_F(ImportPlay, ACountyThatIsNoMoreWasOneThen) {
  const auto report =
      play({map("land-notices")},
           {file("n.csv", notices({{{"division_code", "330103"}}, {{"division_code", "990001"}, {"parcel_no", "2"}}}))});
  ASSERT_PLAYED(report);
  EXPECT_EQ(report->rows[0].verdict, Verdict::imported);
  EXPECT_EQ(report->rows[1].verdict, Verdict::malformed);
  EXPECT_EQ(report->rows[1].problems.at(0).code, "EN-09");
}

TEST_F(ImportPlay, ALogOfImportsIsNeverOpenedAsALiveOneNorTheOtherWay) {
  ASSERT_PLAYED(play({map("land-notices")}, {file("n.csv", notices({{}}))}));
  HouseOptions house;
  house.folder = folder_ + "/log/data";
  house.keys = folder_ + "/log/keys";
  house.pack = k_source + "/packs/cn-land";
  house.data = k_source + "/build/data";
  house.origin = "import.landglass.invalid/published";
  base::SystemClock clock;
  base::SystemRandom random;
  const auto live = open_core(house, clock, random, false);
  ASSERT_TRUE(live.refused());
  EXPECT_EQ(live.refusal().code, "ENG-06");
  ImportOptions options;
  options.maps = {map("land-notices")};
  options.files = {folder_ + "/n.csv"};
  options.folder = folder_ + "/other";
  options.origin = "landglass.invalid/log";
  const auto named = import_tables(options);
  ASSERT_TRUE(named.refused());
  EXPECT_EQ(named.refusal().code, "IMP-20");
}

TEST_F(ImportPlay, AReportIsWrittenInThreeForms) {
  const auto report =
      play({map("land-notices")}, {file("n.csv", notices({{{"deposit_10k_yuan", "180"}, {"location", "<b>"}}}))});
  ASSERT_PLAYED(report);
  for (const auto* ending : {"csv", "json", "html"}) {
    const auto path = folder_ + "/report." + ending;
    ASSERT_TRUE(write_report(*report, path));
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NE(text.find("LL-03"), std::string::npos) << ending;
  }
  const auto other = write_report(*report, folder_ + "/report.doc");
  ASSERT_TRUE(other.refused());
  EXPECT_EQ(other.refusal().code, "IMP-22");
}

TEST_F(ImportPlay, TheRealTablesAddUpAndTheirKnownFaultsAreFound) {
  const auto data = k_source + "/../shared/data/";
  if (!fs::exists(data + "land_notices.csv")) GTEST_SKIP() << "SKIPPED: no ../shared/data/land_notices.csv here";
  const auto report = play({map("land-notices"), map("land-notice-events"), map("land-results")},
                           {data + "land_notices.csv", data + "land_notice_events.csv", data + "land_results.csv"});
  ASSERT_PLAYED(report);
  std::size_t short_listings = 0, short_notices = 0, small_deposits = 0;
  std::vector<std::size_t> rows(3);
  for (const auto& row : report->rows) {
    ++rows[row.file];
    EXPECT_FALSE(row.row_record.empty());
    for (const auto& one : row.findings.failed) {
      if (one.code == "LL-04") ++short_listings;
      if (one.code == "LL-02") ++short_notices;
    }
    for (const auto& [code, say] : row.remarks) {
      if (code == "IR-01") ++small_deposits;
    }
    if (row.verdict == Verdict::refused) {
      EXPECT_FALSE(row.findings.failed.empty());
    }
    if (row.verdict == Verdict::incomplete) {
      EXPECT_FALSE(row.missing.empty());
    }
    if (row.verdict == Verdict::malformed) {
      EXPECT_FALSE(row.problems.empty());
    }
  }
  const auto lines = [&](const char* name) {
    std::ifstream in(data + name, std::ios::binary);
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n')) - 1;
  };
  EXPECT_EQ(rows[0], lines("land_notices.csv"));
  EXPECT_EQ(rows[1], lines("land_notice_events.csv"));
  EXPECT_EQ(rows[2], lines("land_results.csv"));
  EXPECT_EQ(short_listings, 5U);
  EXPECT_EQ(short_notices, 0U);
  EXPECT_EQ(small_deposits, 1U);
}

TEST_F(ImportPlay, ZonePricesPlayIntoTheRegisterInTheUnitsTheyCameIn) {
  const std::string head =
      "division_code,province,county,class,zone,price,unit,basic_farmland_price,construction_land_price,unused_land_price,"
      "land_compensation_pct,resettlement_pct,effective,note,source_url\n";
  const auto table = file("prices.csv", head +
                                            "350124,福建省,闽清县,Ⅰ,梅城镇,4.5,万元/亩,5,4.5,1.8,40,60,2020-01-01,某文,x\n"
                                            "350124,福建省,闽清县,Ⅱ,坂东镇,42000,元/亩,,,,,,2020,某文,x\n"
                                            "350124,福建省,闽清县,Ⅲ,某镇,42000,元/亩,,,,40,50,2020-01-01,某文,x\n"
                                            "350124,福建省,闽清县,,某镇,42000,元/亩,,,,,,2020-01-01,某文,x\n"
                                            "350124,福建省,闽清县,Ⅳ,某镇,42000,元/公亩,,,,,,2020-01-01,某文,x\n");
  const auto report = play({map("compensation-prices")}, {table});
  ASSERT_PLAYED(report);
  ASSERT_EQ(report->rows.size(), 5U);
  EXPECT_EQ(report->rows[0].verdict, Verdict::imported);
  EXPECT_EQ(report->rows[1].verdict, Verdict::imported) << "a year alone is its last day";
  EXPECT_EQ(report->rows[2].verdict, Verdict::refused);
  ASSERT_FALSE(report->rows[2].findings.failed.empty());
  EXPECT_EQ(report->rows[2].findings.failed[0].code, "CS-01");
  EXPECT_EQ(report->rows[3].verdict, Verdict::incomplete);
  EXPECT_EQ(report->rows[4].verdict, Verdict::malformed);
}

TEST_F(ImportPlay, TheRealZonePricesAreEachImportedOrSayWhyNot) {
  const auto data = k_source + "/../shared/data/compensation_prices.csv";
  if (!fs::exists(data)) GTEST_SKIP() << "SKIPPED: no ../shared/data/compensation_prices.csv here";
  const auto report = play({map("compensation-prices")}, {data});
  ASSERT_PLAYED(report);
  std::map<Verdict, std::size_t> verdicts;
  for (const auto& row : report->rows) {
    ++verdicts[row.verdict];
    if (row.verdict == Verdict::incomplete) {
      EXPECT_FALSE(row.missing.empty());
    }
    if (row.verdict == Verdict::malformed) {
      EXPECT_FALSE(row.problems.empty());
    }
  }
  EXPECT_EQ(report->rows.size(), 74U);
  // 30 rows name no zone: which price would hold for which land is not said.
  EXPECT_EQ(verdicts[Verdict::incomplete], 30U);
  EXPECT_EQ(verdicts[Verdict::imported] + verdicts[Verdict::refused], 44U);
  EXPECT_GE(verdicts[Verdict::imported], 40U);
}
