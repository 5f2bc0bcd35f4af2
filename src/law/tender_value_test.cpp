// What a tenderer signs, against the vectors of docs/formats/tender.md, which another program made.
#include <gtest/gtest.h>

#include "law/auction_test_vectors.hpp"
#include "law/tender_value.hpp"

namespace landglass::law {
namespace {

base::JsonArray vectors() {
  const auto all = test::vectors(LG_SOURCE_DIR, "tender", "tenders");
  return all.as_array();
}

TEST(TenderValue, ReadsSignsAndWritesAsTheVectorsSay) {
  ASSERT_EQ(vectors().size(), 2u);
  for (const auto& one : vectors()) {
    const auto value = parse_tender_value(one.text("value"));
    ASSERT_TRUE(value) << base::explain(value.trouble());
    EXPECT_EQ(tender_bytes(*value), one.text("bytes"));
    EXPECT_EQ(base::canonical(to_json(*value)), one.text("value"));
    EXPECT_TRUE(check_tender_signature(*value, *base::from_base64url(one.text("key"))));
  }
}

TEST(TenderValue, AnotherPricePlateOrUndertakingIsNotSigned) {
  for (const auto& one : vectors()) {
    const auto key = *base::from_base64url(one.text("key"));
    auto value = *parse_tender_value(one.text("value"));
    value.price.fen += 1;
    EXPECT_FALSE(check_tender_signature(value, key));
    value = *parse_tender_value(one.text("value"));
    value.plate += 1;
    EXPECT_FALSE(check_tender_signature(value, key));
    value = *parse_tender_value(one.text("value"));
    value.undertakings += " ";
    EXPECT_FALSE(check_tender_signature(value, key));
  }
}

TEST(TenderValue, OneFormOnly) {
  const std::string good(vectors().at(0).text("value"));
  for (const auto& [from, to] :
       {std::pair("13000000.00", "13000000.0"), std::pair("13000000.00", "0.00"), std::pair("\"plate\":1024", "\"plate\":0"),
        std::pair("null", "\"ab\""), std::pair("landglass/tender/1", "landglass/tender/2"),
        std::pair("{\"format", "{ \"format")}) {
    auto text = good;
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, std::string(from).size(), to);
    const auto value = parse_tender_value(text);
    EXPECT_TRUE(value.refused() && value.refusal().code == "AU-34") << to;
  }
}

}  // namespace
}  // namespace landglass::law
