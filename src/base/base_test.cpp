#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

using namespace landglass::base;

TEST(Json, KeepsAnObjectInTheOrderOfUtf16) {
  const auto value = parse_json("{\"\\ud83d\\ude00\":1,\"\\ufb33\":2,\"b\":3,\"a\":4}", Profile::any);
  ASSERT_TRUE(value) << explain(value.trouble());
  EXPECT_EQ(canonical(*value), "{\"a\":4,\"b\":3,\"\xF0\x9F\x98\x80\":1,\"\xEF\xAC\xB3\":2}");
}
TEST(Json, RefusesADuplicateKeyAndSaysWhere) {
  const auto value = parse_json(R"({"price":1,"price":2})");
  ASSERT_TRUE(value.refused());
  EXPECT_EQ(value.refusal().code, "JSON-02");
  EXPECT_NE(value.refusal().where, "");
}
TEST(Json, LeafProfileRefusesFractionsLargeIntegersAndTextOutsideNfc) {
  EXPECT_EQ(parse_json("1.5").refusal().code, "JSON-03");
  EXPECT_EQ(parse_json("9007199254740992").refusal().code, "JSON-03");
  EXPECT_EQ(parse_json("\"e\\u0301\"").refusal().code, "JSON-04");
  EXPECT_TRUE(parse_json("9007199254740991"));
  EXPECT_TRUE(parse_json("\"国有建设用地\""));
}
TEST(Json, RefusesTrailingBytesDepthAndBrokenText) {
  EXPECT_EQ(parse_json("{} x").refusal().code, "JSON-01");
  EXPECT_EQ(parse_json(std::string(70, '[') + std::string(70, ']')).refusal().code, "JSON-05");
  EXPECT_EQ(parse_json("\"\xff\"").refusal().code, "JSON-01");
  EXPECT_EQ(parse_json("\"\\ud800\"").refusal().code, "JSON-01");
}
TEST(Json, TheShortWayToNfcAgreesWithTheFullOne) {
  const auto utf8 = [](unsigned point) {
    std::string out;
    if (point < 0x80) return std::string(1, static_cast<char>(point));
    if (point < 0x800) return out + static_cast<char>(0xC0 | point >> 6) + static_cast<char>(0x80 | (point & 0x3F));
    return out + static_cast<char>(0xE0 | point >> 12) + static_cast<char>(0x80 | (point >> 6 & 0x3F)) +
           static_cast<char>(0x80 | (point & 0x3F));
  };
  for (unsigned point = 0; point < 0xFFFE; ++point) {
    if (point >= 0xD800 && point < 0xE000) continue;
    for (const auto& text : {utf8(point), "a" + utf8(point) + "\xCC\x81", utf8(point) + "界"}) {
      ASSERT_EQ(is_nfc(text), to_nfc(text) == text) << std::hex << point;
    }
  }
  for (const auto* broken : {"\xC2", "\xC2\x41", "\xE4", "\xE4\xB8", "\xE4\xB8\x41", "\xE2\x80", "\xC0\x80", "\xED\xA0\x80"})
    EXPECT_FALSE(is_nfc(broken));
}
TEST(Base64, RoundTripsAndRefusesASecondForm) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(from_base64(to_base64(as_bytes(text))), to_bytes(text));
    EXPECT_EQ(from_base64url(to_base64url(as_bytes(text))), to_bytes(text));
  }
  EXPECT_EQ(from_base64("Zh=="), std::nullopt);
  EXPECT_EQ(from_base64("Zg="), std::nullopt);
  EXPECT_EQ(from_hex("AB"), std::nullopt);
}
TEST(Crypto, HashesAsTheStandardsSay) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
TEST(Crypto, SignsAndVerifies) {
  const auto key = Ed25519Key::from_seed({1, 2, 3});
  EXPECT_TRUE(ed25519_verify(key.public_key(), as_bytes("a"), key.sign(as_bytes("a"))));
  EXPECT_FALSE(ed25519_verify(key.public_key(), as_bytes("b"), key.sign(as_bytes("a"))));
  const auto plate = P256Key::generate();
  const auto again = P256Key::from_scalar(plate.scalar());
  ASSERT_TRUE(again);
  const auto open = P256PublicKey::parse(again->public_key());
  ASSERT_TRUE(open);
  EXPECT_TRUE(open->verify(as_bytes("bid"), plate.sign(as_bytes("bid"))));
  EXPECT_FALSE(open->verify(as_bytes("bit"), plate.sign(as_bytes("bid"))));
}
TEST(Time, RoundTripsAndKeepsShanghaiDays) {
  const auto time = parse_time("2012-01-31T16:00:00.000Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(format_date(date_of(*time)), "2012-02-01");
  EXPECT_EQ(format_utc(*time), "2012-01-31T16:00:00.000Z");
  EXPECT_EQ(parse_time("2019-06-21T08:30:00+08:00")->ms, parse_time("2019-06-21T00:30:00.000Z")->ms);
  EXPECT_EQ(format_date(add_months(*parse_date("2012-01-31"), 1)), "2012-02-29");
  EXPECT_FALSE(parse_date("2012-02-30"));
  EXPECT_EQ(weekday(*parse_date("2012-01-20")), 5);
}
TEST(Money, ReadsAndWritesExactly) {
  EXPECT_EQ(parse_money("1800000.5")->fen, 180000050);
  EXPECT_FALSE(parse_money("1.005"));
  EXPECT_FALSE(parse_money("01"));
  EXPECT_EQ(money_text({-5}), "-0.05");
  EXPECT_EQ(money_zh({180000000}), "180 万元");
  EXPECT_EQ(money_zh({180000050}), "1,800,000.50 元");
}
TEST(Money, IsSpelledInCapitals) {
  EXPECT_EQ(money_upper({180000000}), "人民币壹佰捌拾万元整");
  EXPECT_EQ(money_upper({0}), "人民币零元整");
  EXPECT_EQ(money_upper({100}), "人民币壹元整");
  EXPECT_EQ(money_upper({101}), "人民币壹元零壹分");
  EXPECT_EQ(money_upper({150}), "人民币壹元伍角整");
  EXPECT_EQ(money_upper({10'000'500'00}), "人民币壹仟万零伍佰元整");
  EXPECT_EQ(money_upper({10'010'000'00}), "人民币壹仟零壹万元整");
  EXPECT_EQ(money_upper({100'000'000'00}), "人民币壹亿元整");
  EXPECT_EQ(money_upper({100'000'001'00}), "人民币壹亿零壹元整");
  EXPECT_EQ(money_upper({107'000'53}), "人民币壹拾万零柒仟元伍角叁分");
  EXPECT_EQ(money_upper({5}), "人民币伍分");
}
TEST(Units, CompareWithoutRounding) {
  EXPECT_EQ(compare_scaled(180000000, 1000000000, *parse_ratio("20%")), -1);
  EXPECT_EQ(compare_scaled(200000000, 1000000000, *parse_ratio("20%")), 0);
  EXPECT_EQ(ratio_text(*parse_ratio("20%")), "20%");
  EXPECT_EQ(ratio_text(*parse_ratio("1‰")), "0.1%");
  for (const auto* text : {"-111111111111111113/50", "12345678901234567.25%", "9223372036854775807/9223372036854775806"}) {
    ASSERT_TRUE(parse_ratio(text)) << text;
    EXPECT_EQ(parse_ratio(ratio_text(*parse_ratio(text))), parse_ratio(text)) << text;
  }
  EXPECT_EQ(area_zh(*parse_area("66666.67")), "6.6667 公顷（100.00 亩）");
  EXPECT_FALSE(add(std::numeric_limits<std::int64_t>::max(), 1));
}
