// A holder's proof from the sheet to his own check: through institutions, engine and log, and then with nothing but the
// proof, a receipt and the log's key.
#include <gtest/gtest.h>

#include "cli/test_county.hpp"
#include "log/merkle.hpp"
#include "log/receipt.hpp"
#include "verify/balance.hpp"

namespace landglass::cli {
namespace {

using verify::BalanceVerdict;

class Balances : public CountyTest {
 protected:
  void begin() {
    found("balances.invalid/log", 1, base::parse_time("2024-03-04T09:00:00+08:00").value(),
          [this](const std::vector<engine::Published>& events) {
            for (const auto& event : events) seen_.emplace_back(event.institution, event.record, event.action, event.seq);
          });
  }
  void take(const std::vector<std::int64_t>& amounts, const std::string& first) {
    const auto today = base::date_of(clock_.now());
    const auto held = town_->doc(town_->who("custody")).at("fields").text("bank_balance");
    const auto opening = base::parse_money(held).value_or(base::Money{});
    money::Statement statement{"3501240001", today, today, opening, opening, {}, 0};
    for (const auto fen : amounts) {
      statement.lines.push_back({"3501240001",
                                 today,
                                 clock_.now(),
                                 {fen},
                                 "某公司",
                                 "6222",
                                 "货款",
                                 first + std::to_string(statement.lines.size()),
                                 0});
      statement.closing.fen += fen;
    }
    const auto file = store_->keep_file(money::format_statement(statement));
    ASSERT_TRUE(file);
    const auto taken = town_->act("bank", town_->who("custody"), "take", {{"statement_file", *file}});
    ASSERT_TRUE(taken) << base::explain(taken.trouble());
    while (engine_->step()) {
    }
  }
  std::vector<std::string> records(const std::string& institution) {
    std::vector<std::string> list;
    for (const auto& [of, record, action, seq] : seen_) {
      if (of == institution && action == "create") list.push_back(record);
    }
    return list;
  }
  std::uint64_t leaf_of(const std::string& record, const std::string& wanted) {
    for (const auto& [of, id, action, seq] : seen_) {
      if (id == record && action == wanted) return seq;
    }
    ADD_FAILURE() << record << " " << wanted;
    return 0;
  }
  std::string receipt_of(std::uint64_t seq) {
    const auto head = engine_->head(log::Tree::open);
    const auto leaves = store_->leaves(log::Tree::open, 0, head->size);
    log::Frontier tree;
    for (const auto& leaf : *leaves) tree.append(log::leaf_hash(leaf));
    log::Receipt receipt;
    receipt.leaf = (*leaves)[seq];
    receipt.proof.index = seq;
    receipt.proof.proof = *tree.inclusion(seq, nullptr);
    receipt.proof.checkpoint = head->checkpoint;
    return receipt.format();
  }
  // The sheet of today, published; its open record.
  std::string published(const std::string& seed) {
    const auto sheet = town_->create("finance", "balance-sheet",
                                     {{"region", "350124"}, {"account", town_->who("custody")}, {"seed", seed}});
    EXPECT_TRUE(sheet) << base::explain(sheet.trouble());
    if (!sheet) return {};
    while (engine_->step()) {
    }
    const auto done = town_->act("finance2", sheet->record, "publish");
    EXPECT_TRUE(done) << base::explain(done.trouble());
    while (engine_->step()) {
    }
    const auto roots = records("liability-root");
    return roots.empty() ? std::string() : roots.back();
  }

  std::vector<std::tuple<std::string, std::string, std::string, std::uint64_t>> seen_;
};

TEST_F(Balances, OfEachHolderAreShownToBePartOfThePublishedTotal) {
  begin();
  if (HasFatalFailure()) return;
  take(std::vector<std::int64_t>(450, 12'300), "A");  // more than two pages of proofs
  const auto root = published(std::string(64, '7'));
  ASSERT_FALSE(root.empty());
  const auto policy = log::Policy::parse("log " + engine_->verifier_key() + "\nquorum none\n");
  ASSERT_TRUE(policy);
  const auto receipt = receipt_of(leaf_of(root, "publish"));
  const auto proofs = records("balance-proof");
  ASSERT_EQ(proofs.size(), 450U);
  for (const auto& id : proofs) {
    const auto fields = town_->doc(id).at("fields");
    const auto proof = base::canonical(fields.at("proof"));
    const auto verdict = verify::verify_balance(proof, receipt, *policy);
    ASSERT_EQ(verdict.level, BalanceVerdict::Level::published) << verdict.findings.back().say.en;
    EXPECT_EQ(verdict.record, root);
    EXPECT_EQ(verdict.balance, "123.00");
    EXPECT_EQ(verdict.total, "55350.00");
    EXPECT_EQ(verdict.holder, fields.text("about"));
  }
  // The receipt of another act of the same record, and the proof of another day, prove nothing.
  const auto proof = base::canonical(town_->doc(proofs[0]).at("fields").at("proof"));
  const auto committed = verify::verify_balance(proof, receipt_of(leaf_of(root, "create")), *policy);
  EXPECT_EQ(committed.level, BalanceVerdict::Level::none);
  EXPECT_EQ(committed.findings.back().code, "SUM-08");
  town_->pass(clock_.now() + base::k_day);
  take({5'000}, "B");
  const auto next = published(std::string(64, '8'));
  ASSERT_NE(next, root);
  const auto crossed = verify::verify_balance(proof, receipt_of(leaf_of(next, "publish")), *policy);
  EXPECT_EQ(crossed.findings.back().code, "SUM-08");
}

}  // namespace
}  // namespace landglass::cli
