// Other people's vectors against our canonical JSON and our signatures: RFC 8785's own test data and Wycheproof.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/p256_table.hpp"

using namespace landglass::base;

namespace {

const std::filesystem::path k_vectors = LG_SHARED_DIR "/data/vectors";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool shared_is_here() {
  if (std::filesystem::exists(k_vectors)) return true;
  std::cout << "SKIPPED: ../shared is absent" << std::endl;
  return false;
}

Bytes hex_of(const Json& json, std::string_view name) { return from_hex(json.text(name)).value_or(Bytes{}); }

double from_bits(std::uint64_t bits) {
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

TEST(ForeignVectors, CanonicalJsonIsThatOfRfc8785) {
  if (!shared_is_here()) GTEST_SKIP();
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(k_vectors / "jcs/testdata/input")) {
    const auto input = parse_json(read_file(entry.path()), Profile::any);
    ASSERT_TRUE(input) << entry.path() << ": " << explain(input.trouble());
    EXPECT_EQ(canonical(*input), read_file(k_vectors / "jcs/testdata/output" / entry.path().filename())) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 6);
}

// RFC 8785, appendix B.
TEST(ForeignVectors, NumbersAreWrittenAsEcmaScriptWritesThem) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : cases) {
    EXPECT_EQ(canonical(Json(from_bits(bits))), text);
    const auto back = parse_json(text, Profile::any);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(canonical(*back), text);
  }
}

TEST(ForeignVectors, Ed25519AgreesWithWycheproof) {
  if (!shared_is_here()) GTEST_SKIP();
  const auto file = parse_json(read_file(k_vectors / "wycheproof/ed25519_test.json"), Profile::any);
  ASSERT_TRUE(file);
  int count = 0;
  for (const auto& group : file->at("testGroups").as_array()) {
    const auto key = hex_of(group.at("publicKey"), "pk");
    for (const auto& test : group.at("tests").as_array()) {
      EXPECT_EQ(ed25519_verify(key, hex_of(test, "msg"), hex_of(test, "sig")), test.text("result") == "valid")
          << "tcId " << test.at("tcId").as_int() << " " << test.text("comment");
      ++count;
    }
  }
  EXPECT_EQ(count, file->at("numberOfTests").as_int());
}

TEST(ForeignVectors, Es256AgreesWithWycheproof) {
  if (!shared_is_here()) GTEST_SKIP();
  const auto file = parse_json(read_file(k_vectors / "wycheproof/ecdsa_secp256r1_sha256_p1363_test.json"), Profile::any);
  ASSERT_TRUE(file);
  int count = 0;
  for (const auto& group : file->at("testGroups").as_array()) {
    const auto point = hex_of(group.at("publicKey"), "uncompressed");
    const auto key = P256PublicKey::parse(point);
    const auto table = key ? std::optional<P256Table>(point) : std::nullopt;
    for (const auto& test : group.at("tests").as_array()) {
      const bool verified = key && key->verify(hex_of(test, "msg"), hex_of(test, "sig"));
      EXPECT_EQ(verified, test.text("result") == "valid")
          << "tcId " << test.at("tcId").as_int() << " " << test.text("comment");
      EXPECT_EQ(table && table->fits(sha256(hex_of(test, "msg")), hex_of(test, "sig")), verified)
          << "table, tcId " << test.at("tcId").as_int();
      ++count;
    }
  }
  EXPECT_EQ(count, file->at("numberOfTests").as_int());
}
