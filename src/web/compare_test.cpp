#include "web/compare.hpp"

#include <gtest/gtest.h>

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
