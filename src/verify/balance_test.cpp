#include "verify/balance.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/json.hpp"
#include "base/units.hpp"
#include "log/sum_tree.hpp"

using namespace landglass;
using base::Json;
using verify::BalanceVerdict;

namespace {

// The proof that stands in docs/formats/sum-tree.md.
std::string golden() {
  std::ifstream file(std::string(LG_SOURCE_DIR) + "/docs/formats/sum-tree.md");
  std::string line;
  std::string proof;
  for (bool inside = false; std::getline(file, line);) {
    if (line == "```json") {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      proof += line;
    }
  }
  return proof;
}
std::string code_of(const Json& proof) {
  const auto verdict = verify::verify_balance(base::canonical(proof), {}, log::Policy());
  if (verdict.level != BalanceVerdict::Level::none) return "holds";
  EXPECT_FALSE(verdict.findings.empty());
  EXPECT_TRUE(verdict.holder.empty()) << "nothing of a bad proof is shown";
  return verdict.findings.back().code;
}

}  // namespace

TEST(VerifyBalance, TheProofOfTheDocumentAddsUpAndSaysThatItIsNotYetPublished) {
  const auto verdict = verify::verify_balance(golden(), {}, log::Policy());
  EXPECT_EQ(verdict.level, BalanceVerdict::Level::adds_up);
  EXPECT_EQ(verdict.balance, "2000000.00");
  EXPECT_EQ(verdict.total, "4000007.00");
  EXPECT_EQ(verdict.holder, "bank-line/a");
}

TEST(VerifyBalance, EveryMemberThatIsChangedIsFound) {
  const auto parsed = base::parse_json(golden());
  ASSERT_TRUE(parsed);
  const Json& proof = *parsed;
  const auto with = [&](const char* member, Json value) {
    auto forged = proof;
    forged.as_object()[member] = std::move(value);
    return code_of(forged);
  };
  EXPECT_EQ(code_of(proof), "holds");
  EXPECT_EQ(with("balance", "2000000.01"), "SUM-05");
  EXPECT_EQ(with("balance", "1999999.99"), "SUM-05");
  EXPECT_EQ(with("holder", "bank-line/b"), "SUM-05");
  EXPECT_EQ(with("account", "3501240002"), "SUM-05");
  EXPECT_EQ(with("period", "2011-03-30"), "SUM-05");
  EXPECT_EQ(with("salt", std::string(64, '0')), "SUM-05");
  EXPECT_EQ(with("root", std::string(64, '0')), "SUM-05");
  EXPECT_EQ(with("index", proof.at("index").as_int() ^ 1), "SUM-05");
  EXPECT_EQ(with("index", std::int64_t{64}), "SUM-02");
  EXPECT_EQ(with("total", "4000006.99"), "SUM-06");
  EXPECT_EQ(with("path", base::JsonArray{}), "SUM-02");
  EXPECT_EQ(with("balance", "-1.00"), "SUM-03");
  EXPECT_EQ(with("balance", "2000000"), "SUM-01");  // one amount has one form
  EXPECT_EQ(with("v", "landglass/sum-proof/2"), "SUM-01");
  EXPECT_EQ(with("salt", "00"), "SUM-01");
  auto longer = proof.at("path").as_array();
  longer.push_back(longer.back());
  EXPECT_EQ(with("path", longer), "SUM-05");
  for (std::size_t i = 0; i < proof.at("path").as_array().size(); ++i) {
    auto path = proof.at("path").as_array();
    path[i].as_object()["sum"] = "123456.78";
    EXPECT_EQ(with("path", path), "SUM-05") << i;
    path = proof.at("path").as_array();
    path[i].as_object()["hash"] = std::string(64, 'f');
    EXPECT_EQ(with("path", path), "SUM-05") << i;
  }
}

// A debt beside a claim would let a desk publish less than it owes and still show each creditor his place.
TEST(VerifyBalance, ADebtHiddenInThePathIsRefused) {
  const auto parsed = base::parse_json(golden());
  ASSERT_TRUE(parsed);
  Json proof = *parsed;
  auto path = proof.at("path").as_array();
  path.back().as_object()["sum"] = "-4000000.00";
  proof.as_object()["path"] = path;
  EXPECT_EQ(code_of(proof), "SUM-03");
  path.back().as_object()["sum"] = "92233720368547758.07";
  proof.as_object()["path"] = path;
  EXPECT_EQ(code_of(proof), "SUM-03");
}

TEST(VerifyBalance, AReceiptThatDoesNotHoldProvesNothing) {
  const auto verdict = verify::verify_balance(golden(), "not a receipt", log::Policy());
  EXPECT_EQ(verdict.level, BalanceVerdict::Level::none);
  EXPECT_EQ(verdict.findings.back().code, "SUM-07");
}
