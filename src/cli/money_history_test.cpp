// Money from the bank's file to the records it moves, through the whole: institutions, behaviours, engine, store. Whatever a
// bank and its payers do wrong, books, bank and records say the same, and the pure deposit book, given the same statements,
// says it too.
#include <gtest/gtest.h>

#include <chrono>

#include "cli/test_county.hpp"
#include "money/books.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::Money;

class Histories : public CountyTest {
 protected:
  void begin(std::uint64_t seed, base::Time at) {
    found("money.invalid/log", seed, at, [this](const std::vector<engine::Published>& events) {
      for (const auto& event : events) {
        if (event.institution == "bank-line") lines_.insert(event.record);
        if (const auto* raise = event.outcome.at("raise").if_array()) {
          for (const auto& one : *raise) raised_.emplace(one.text("code"));
        }
      }
    });
  }

  Json account() { return town_->doc(town_->who("custody")); }

  // The books balance, agree with the bank, and each control account is the sum of its lines a second time.
  void audit() {
    std::map<std::string, std::int64_t> by_state;
    std::int64_t refunds = 0;
    engine_->inspect([&](institution::Registry&, engine::Cache& cache) {
      for (const auto& id : lines_) {
        const auto line = cache.find(id);
        ASSERT_TRUE(line && *line != nullptr);
        by_state[(*line)->state] += base::parse_money((*line)->fields.text("kept")).value_or(Money{}).fen;
      }
      const auto held = cache.find(town_->who("custody"));
      ASSERT_TRUE(held && *held != nullptr);
      const auto& books = money::books_of(**held);
      const auto audited = books.ledger.audit();
      EXPECT_TRUE(audited) << base::explain(audited.trouble());
      using money::AccountKind;
      EXPECT_EQ(books.of(AccountKind::deposit).fen, by_state["held"]);
      EXPECT_EQ(books.of(AccountKind::earnest).fen, by_state["earnest"]);
      EXPECT_EQ(books.of(AccountKind::suspense).fen, by_state["suspense"]);
      EXPECT_EQ(books.of(AccountKind::treasury).fen, by_state["priced"]);
      EXPECT_EQ(books.of(AccountKind::forfeited).fen, by_state["forfeited"]);
      EXPECT_EQ(base::money_text(books.of(AccountKind::bank)), (*held)->fields.text("bank_balance"));
      refunds = books.of(AccountKind::refund_payable).fen;
    });
    EXPECT_GE(refunds, 0);
    EXPECT_FALSE(raised_.contains("BKS-01")) << "books and bank differ";
  }

  std::string announced(base::Time opens, base::Time closes, int number) {
    LotPlan plan;
    plan.location = "演示" + std::to_string(number) + "号地块";
    plan.opens = opens;
    plan.closes = closes;
    const auto lot = town_->announce(plan, plan_);
    EXPECT_TRUE(lot) << base::explain(lot.trouble());
    return lot ? *lot : std::string();
  }
  void supply(int year) {
    const auto plan = town_->create(
        "land-use", "supply-plan",
        {{"region", "350124"}, {"year", year}, {"total_area", "2000000.00"}, {"residential_area", "800000.00"}});
    ASSERT_TRUE(plan) << base::explain(plan.trouble());
    ASSERT_TRUE(town_->act("mayor", plan->record, "publish"));
    plan_ = plan->record;
  }

  std::set<std::string> lines_;
  std::set<std::string> raised_;
  std::string plan_;
};

TEST_F(Histories, OfABankThatErrsAreTheSameInBooksRecordsAndModel) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    lines_.clear();
    raised_.clear();
    const auto start = base::parse_time("2024-03-04T09:00:00+08:00").value();
    begin(seed, start);
    if (HasFatalFailure()) return;
    supply(2024);
    const auto opens = start + 21 * base::k_day;
    const auto closes = start + 32 * base::k_day;
    std::vector<std::string> lots;
    for (int i = 0; i < 3; ++i) lots.push_back(announced(opens, closes, i));
    // A bank in which hardly anybody pays as told; the model hears of the same deposits and reads the same files.
    money::BankSimulator bank("3501240001", {}, base::date_of(clock_.now()), seed, {15, 12, 12, 10, 10, 8, 8, 5, 30});
    money::DepositBook model;
    std::vector<money::Expected> to_pay;
    std::map<money::DepositKey, std::string> deposits;
    const auto tell = [&](const money::DepositCommand& command) {
      const auto decided = model.decide(command);
      ASSERT_TRUE(decided) << base::explain(decided.trouble());
      if (*decided) model.evolve(**decided);
    };
    const auto state = [&](const std::string& csv) {
      const auto file = store_->keep_file(csv);
      ASSERT_TRUE(file);
      const auto taken = town_->act("bank", town_->who("custody"), "take", {{"statement_file", *file}});
      ASSERT_TRUE(taken) << base::explain(taken.trouble());
      while (engine_->step()) {
      }
      audit();
    };
    for (const auto& lot : lots) {
      for (std::size_t b = 0; b < town_->bidders().size(); ++b) {
        const auto entry = town_->apply(lot, b);
        ASSERT_TRUE(entry) << base::explain(entry.trouble());
      }
    }
    to_pay = town_->told();
    for (const auto& one : to_pay) tell(money::Expect{one});
    const auto read = [&](const std::string& csv) {
      state(csv);
      const auto statement = money::parse_statement("model.csv", csv);
      ASSERT_TRUE(statement);
      for (const auto& line : statement->lines) tell(money::Receive{line, statement->to + 7});
    };
    read(bank.statement_until(to_pay, {}, clock_.now()));
    town_->pass(closes + -3 * base::k_day);  // past the deadline of deposits, before the close
    read(bank.statement_until({}, {}, clock_.now()));
    if (HasFatalFailure()) return;

    const auto model_audit = model.audit();
    ASSERT_TRUE(model_audit) << base::explain(model_audit.trouble());
    std::int64_t held = 0;
    for (const auto& [key, deposit] : model.deposits()) held += deposit.held().fen;
    const auto fields = account().at("fields");
    EXPECT_EQ(fields.text("deposits_held"), base::money_text({held}));
    // After five working days what nobody can be told of goes back by itself: to the model that is suspense still.
    std::int64_t suspense = 0;
    for (const auto& [reference, line] : model.suspense()) suspense += line.amount.fen;
    std::int64_t refunds = 0;
    for (const auto& [id, refund] : model.refunds()) refunds += refund.amount.fen;
    const auto in_suspense = base::parse_money(fields.text("suspense_held")).value();
    const auto due = base::parse_money(fields.text("refunds_due")).value();
    EXPECT_EQ(in_suspense.fen + due.fen, suspense + refunds);

    // The close, and then the bank pays, or returns, what it is told to until nothing is owed.
    town_->pass(closes + base::k_hour);
    audit();
    for (int day = 0; day < 40; ++day) {
      town_->pass(clock_.now() + base::k_day);
      const auto orders = town_->orders();
      state(bank.statement_until({}, orders, clock_.now()));
      if (HasFatalFailure()) return;
      for (const auto& id : town_->bounced()) {
        const auto again = town_->act("finance", id, "retry", {{"reason", "演示：账户已恢复"}});
        ASSERT_TRUE(again) << base::explain(again.trouble());
      }
    }
    const auto end = account().at("fields");
    EXPECT_EQ(end.text("refunds_due"), "0.00");
    EXPECT_EQ(end.text("deposits_held"), "0.00");
    EXPECT_EQ(end.text("suspense_held"), "0.00");
    EXPECT_EQ(end.text("unexplained"), "0.00");
  }
}

TEST_F(Histories, TakeAStatementOfTenThousandLinesInSeconds) {
  begin(1, base::parse_time("2024-03-04T09:00:00+08:00").value());
  if (HasFatalFailure()) return;
  money::Statement statement{"3501240001", base::date_of(clock_.now()), base::date_of(clock_.now()), {}, {}, {}, 0};
  for (int i = 0; i < 10'000; ++i) {
    statement.lines.push_back({"3501240001",
                               statement.to,
                               clock_.now(),
                               {100 + i},
                               "某公司",
                               "62220" + std::to_string(i),
                               "货款",
                               "T" + std::to_string(i),
                               0});
    statement.closing.fen += 100 + i;
  }
  const auto file = store_->keep_file(money::format_statement(statement));
  ASSERT_TRUE(file);
  const auto before = std::chrono::steady_clock::now();
  const auto taken = town_->act("bank", town_->who("custody"), "take", {{"statement_file", *file}});
  ASSERT_TRUE(taken) << base::explain(taken.trouble());
  while (engine_->step()) {
  }
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  std::printf("10,000 lines taken and booked in %.2f s\n", seconds);
  EXPECT_EQ(lines_.size(), 10'000U);
  EXPECT_EQ(account().at("fields").text("suspense_held"), base::money_text(statement.closing));
  audit();
  EXPECT_LT(seconds, 60);  // a bound that a loaded machine keeps; the figure is printed
}

}  // namespace
}  // namespace landglass::cli
