#include "web/typed.hpp"

#include <gtest/gtest.h>

using landglass::web::plainly_typed;

TEST(Typed, ByAChineseKeyboardIsWhatIsPrinted) {
  EXPECT_EQ(plainly_typed("３５０１２４－２０２６－０００００１"), "350124-2026-000001");
  EXPECT_EQ(plainly_typed("350124—2026—000001"), "350124-2026-000001");
  EXPECT_EQ(plainly_typed("350124 − 2026 ‐ 000001"), "350124-2026-000001");
  EXPECT_EQ(plainly_typed("350124——2026——000001"), "350124-2026-000001");
  EXPECT_EQ(plainly_typed("350124\u00a02026\u200b\u2009-1\ufeff"), "3501242026-1");
  EXPECT_EQ(plainly_typed("　ＧＢ００００１　"), "GB00001");
}

TEST(Typed, WhatHasOneFormOnlyStays) {
  EXPECT_EQ(plainly_typed("闽（2026）闽清县不动产权第0000001号"), "闽(2026)闽清县不动产权第0000001号");
  EXPECT_EQ(plainly_typed("a--b"), "a--b");
  EXPECT_EQ(plainly_typed("梅溪房地产有限公司"), "梅溪房地产有限公司");
  EXPECT_EQ(plainly_typed("\xE3\x80"), "\xE3\x80");  // cut off
}

TEST(Typed, ANumberIsAskedForAsItIsPrinted) {
  EXPECT_EQ(landglass::web::number_as_printed("闽(2026)闽清县 不动产权第0000001号"), "闽（2026）闽清县不动产权第0000001号");
  EXPECT_EQ(landglass::web::number_as_printed("350124001001gb00001 f00010001"), "350124001001GB00001F00010001");
  EXPECT_EQ(landglass::web::number_as_printed("lc35012420260000017"), "LC35012420260000017");
}
