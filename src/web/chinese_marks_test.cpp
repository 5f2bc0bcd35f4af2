#include "web/chinese_marks.hpp"

#include <gtest/gtest.h>

#include <string>

using landglass::web::mark_chinese;

TEST(ChineseMarks, AnElementThatHoldsNothingButChineseIsMarkedItself) {
  EXPECT_EQ(mark_chinese("<a href=\"/r/x\">梅溪镇樟洋路东侧</a>"), "<a href=\"/r/x\" lang=\"zh-CN\">梅溪镇樟洋路东侧</a>");
  EXPECT_EQ(mark_chinese("<b>\n 国土资发〔2010〕151号 \n</b>"), "<b lang=\"zh-CN\">\n 国土资发〔2010〕151号 \n</b>");
  EXPECT_EQ(mark_chinese("<td title=\"a > b\">住宅</td>"), "<td title=\"a > b\" lang=\"zh-CN\">住宅</td>");
}

TEST(ChineseMarks, WithinOtherWordsAPieceIsMarkedWithWhatBelongsToIt) {
  EXPECT_EQ(mark_chinese("<p>Parcel 梅溪镇12号 of 2012年, sold</p>"),
            "<p>Parcel <span lang=\"zh-CN\">梅溪镇12号</span> of <span lang=\"zh-CN\">2012年</span>, sold</p>");
  EXPECT_EQ(mark_chinese("<p>坂东镇 第 12 号 &amp; 池园镇</p>"),
            "<p><span lang=\"zh-CN\">坂东镇 第 12 号</span> &amp; <span lang=\"zh-CN\">池园镇</span></p>");
  EXPECT_EQ(mark_chinese("<p>甲<b>x</b>乙</p>"),
            "<p><span lang=\"zh-CN\">甲</span><b>x</b><span lang=\"zh-CN\">乙</span></p>");
}

TEST(ChineseMarks, TheLabelOfACellStaysEnglishAndTheCellOne) {
  EXPECT_EQ(mark_chinese("<td data-label=\"Place\">坂东镇</td>"),
            "<td data-label=\"Place\"><span lang=\"zh-CN\">坂东镇</span></td>");
  EXPECT_EQ(mark_chinese("<td data-label=\"Place\">At 坂东镇</td>"),
            "<td data-label=\"Place\"><span>At <span lang=\"zh-CN\">坂东镇</span></span></td>");
}

TEST(ChineseMarks, WhereNoElementMayStandItIsMarkedIfChineseForTheMostPart) {
  EXPECT_EQ(mark_chinese("<option value=\"1\">闽江城投 (firm)</option>"),
            "<option value=\"1\" lang=\"zh-CN\">闽江城投 (firm)</option>");
  EXPECT_EQ(mark_chinese("<title>Lot of land 坂 · Landglass</title>"), "<title>Lot of land 坂 · Landglass</title>");
  EXPECT_EQ(mark_chinese("<input type=\"text\" name=\"q\" value=\"坂东\">"),
            "<input type=\"text\" name=\"q\" value=\"坂东\" lang=\"zh-CN\">");
  EXPECT_EQ(mark_chinese("<input type=\"hidden\" value=\"坂东\">"), "<input type=\"hidden\" value=\"坂东\">");
  EXPECT_EQ(mark_chinese("<textarea rows=\"4\">理由</textarea>"), "<textarea rows=\"4\" lang=\"zh-CN\">理由</textarea>");
  EXPECT_EQ(mark_chinese("<svg><text x=\"1\">公告 announced</text></svg>"),
            "<svg><text x=\"1\">公告 announced</text></svg>");
  EXPECT_EQ(mark_chinese("<svg><text x=\"1\">公告</text></svg>"), "<svg><text x=\"1\" lang=\"zh-CN\">公告</text></svg>");
}

TEST(ChineseMarks, WhatIsMarkedAlreadyAScriptAndEnglishAreLeftAlone) {
  for (const std::string same :
       {"<div lang=\"zh-CN\"><div>甲</div>乙</div>", "<a lang=\"zh\">中文</a>", "<script>let a = '甲 < 乙';</script>",
        "<style>a::before{content:\"甲\"}</style>", "<p>Parcel — “one” · 2.5 ha</p>", "<!-- 甲 > --><!doctype html>",
        "<p>Name：</p>", "", "<p", "<p>\xe7</p>"}) {
    EXPECT_EQ(mark_chinese(same), same);
  }
  EXPECT_EQ(mark_chinese("<a lang=\"zh\">甲</a>乙"), "<a lang=\"zh\">甲</a><span lang=\"zh-CN\">乙</span>");
  EXPECT_EQ(mark_chinese("<!-- 甲 --><p>乙</p>"), "<!-- 甲 --><p lang=\"zh-CN\">乙</p>");
}
