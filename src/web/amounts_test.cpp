#include "web/amounts.hpp"

#include <gtest/gtest.h>

namespace landglass::web {
namespace {

TEST(Amounts, AreSpelledInEnglishAsInChinese) {
  struct Case {
    std::int64_t fen;
    const char* zh;
    const char* en;
  };
  for (const auto& one :
       {Case{1'080'000'000, "人民币壹仟零捌拾万元整", "ten million eight hundred thousand yuan"},
        Case{0, "人民币零元整", "zero yuan"}, Case{100'000'000'000'00, "人民币壹仟亿元整", "one hundred billion yuan"},
        Case{123'456'789, "人民币壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分",
             "one million two hundred and thirty-four thousand five hundred and sixty-seven yuan and eighty-nine fen"},
        Case{-1'500, "人民币负壹拾伍元整", "minus fifteen yuan"}}) {
    EXPECT_EQ(money_spelled({one.fen}).zh, one.zh);
    EXPECT_EQ(money_spelled({one.fen}).en, one.en);
  }
}

TEST(Amounts, OfMoneyAndLandHaveTheUnitsOfTheLanguage) {
  EXPECT_EQ(money_shown({1'080'000'000}).zh, "1,080 万元");
  EXPECT_EQ(money_shown({1'080'000'000}).en, "10,800,000 yuan");
  EXPECT_EQ(money_shown({99'950}).en, "999.50 yuan");
  EXPECT_EQ(money_shown({-100'000}).en, "-1,000 yuan");
  const auto area = base::parse_area("20000.00");
  ASSERT_TRUE(area);
  EXPECT_EQ(area_shown(*area).zh, "2.0000 公顷（30.00 亩）");
  EXPECT_EQ(area_shown(*area).en, "20,000 m² (30.00 mu)");
}

}  // namespace
}  // namespace landglass::web
