#include "web/compare.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "institution/pack.hpp"
#include "web/compare_versions.hpp"

using landglass::web::compare_texts;

TEST(Compare, ShowsWhatFellAndWhatCame) {
  EXPECT_EQ(compare_texts("a\nb\nc\n", "a\nx\nc\n"), " a\n-b\n+x\n c\n");
  EXPECT_EQ(compare_texts("a\n", "a\n"), " a\n");
  EXPECT_EQ(compare_texts("", "a\nb"), "+a\n+b\n");
  EXPECT_EQ(compare_texts("a\nb", ""), "-a\n-b\n");
  EXPECT_EQ(compare_texts("版本一\n条\n期限 90日\n末", "版本一\n期限 30日\n新\n末"),
            " 版本一\n-条\n-期限 90日\n+期限 30日\n+新\n 末\n");
}

TEST(Compare, GivesBothTextsBack) {
  std::string before;
  std::string after;
  for (int i = 0; i < 300; ++i) {
    if (i % 3 != 0) before += std::to_string(i % 17) + "\n";
    if (i % 5 != 0) after += std::to_string(i % 13) + "\n";
  }
  const auto shown = compare_texts(before, after);
  std::string a;
  std::string b;
  for (std::size_t at = 0; at < shown.size();) {
    const auto end = shown.find('\n', at);
    const auto line = shown.substr(at + 1, end - at);
    if (shown[at] != '+') a += line;
    if (shown[at] != '-') b += line;
    at = end + 1;
  }
  EXPECT_EQ(a, before);
  EXPECT_EQ(b, after);
}

// Of a version with another number, a check less, an act more and a state renamed.
TEST(Compare, SetsTwoVersionsSideBySideAndMarksWhatChanged) {
  using landglass::base::Json;
  auto pack = landglass::institution::Pack::load("packs/cn-land", "build/data");
  ASSERT_TRUE(pack) << landglass::base::explain(pack.trouble());
  const auto* was = (*pack)->current("pack-change");
  ASSERT_NE(was, nullptr);
  std::string bytes = (*pack)->bytes(was->hash);
  const auto swap = [&](std::string_view from, std::string_view to) {
    const auto at = bytes.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    bytes.replace(at, from.size(), to);
  };
  swap("version: 1", "version: 2\nrunning: {announced: keep, ready: keep, endorsed: keep, waiting: keep}");
  swap("value: 5工作日", "value: 10工作日");
  swap("title: {zh: 公示中,", "title: {zh: 公开征求意见,");
  swap("    - {code: PC-02, that: 'effective >= add(today, notice_days)'",
       "    - {code: PC-09, that: 'effective >= add(today, notice_days)'");
  auto is = (*pack)->candidate(bytes);
  ASSERT_TRUE(is) << landglass::base::explain(is.trouble());
  const Json compare(landglass::web::compare_versions(*was, **is, **pack));
  EXPECT_EQ(compare.at("was").text("version"), "1");
  EXPECT_EQ(compare.at("now").text("version"), "2");
  std::map<std::string, std::string> marks;
  std::vector<std::string> order;
  for (const auto& section : compare.at("sections").at("items").as_array()) {
    for (const auto& row : section.at("rows").at("items").as_array()) {
      const std::string about(row.at("about").text("en"));
      if (row.text("mark") != "same") marks[about] = row.text("mark");
      if (section.text("id") == "states") order.push_back(about);
    }
  }
  EXPECT_EQ(marks["Version"], "changed");
  EXPECT_EQ(marks["Notice"], "changed");
  EXPECT_EQ(marks["State: Announced"], "changed");
  EXPECT_EQ(marks["Check PC-09"], "fresh");
  EXPECT_EQ(marks["Check PC-02"], "gone");
  EXPECT_EQ(marks.size(), 5U);
  // What is gone stands where it stood.
  const auto gone = std::find(order.begin(), order.end(), "Check PC-02");
  ASSERT_NE(gone, order.end());
  EXPECT_EQ(*(gone - 1), "Check PC-01");
}
