#include "law/names.hpp"

#include <gtest/gtest.h>

using landglass::law::name_core;

TEST(Names, TwoWaysToWriteOneCompanyHaveOneCore) {
  EXPECT_EQ(name_core("福州榕建置业有限公司"), "福州榕建置业");
  EXPECT_EQ(name_core("福州榕建置业（集团）有限责任公司"), "福州榕建置业");
  EXPECT_EQ(name_core("福州 榕建置业(集团)公司"), "福州榕建置业");
  EXPECT_EQ(name_core("Rongjian 置业"), name_core("RONGJIAN置业"));
}

TEST(Names, OtherCompaniesKeepApart) {
  EXPECT_NE(name_core("福州榕建置业有限公司"), name_core("福州榕建建设有限公司"));
  EXPECT_NE(name_core("梅溪房地产有限公司"), name_core("梅溪公司"));
}

TEST(Names, ANameThatIsOnlyALegalFormStays) {
  EXPECT_EQ(name_core("有限公司"), "有限公司");
  EXPECT_EQ(name_core(""), "");
}
