#include "money/deposits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "money/bank_simulator.hpp"

using namespace landglass;
using namespace landglass::money;
using base::Date;
using base::Money;
using base::Time;

namespace {

const Date k_day = base::from_civil({2026, 11, 20});
const Time k_deadline = base::start_of(k_day) + 16 * base::k_hour;
const Date k_due = k_day + 7;
const DepositKey k_jia{{"lot-1"}, {"jia"}};
const DepositKey k_yi{{"lot-1"}, {"yi"}};

Expected expected(const DepositKey& key, const std::string& name, const std::string& code) {
  return {key, {name}, "350-" + code, code, Money{1'000'000}, k_deadline};
}

struct Desk {
  DepositBook book;
  std::vector<DepositEvent> history;
  Desk() {
    run(Expect{expected(k_jia, "福州甲（集团）公司", "LG01A")});
    run(Expect{expected(k_yi, "乙公司", "LG01B")});
  }
  std::string run(const DepositCommand& command) {  // the outcome's code, the event's name, "nothing", or the refusal's code
    const auto decided = book.decide(command);
    if (!decided) return decided.refusal().code;
    if (!*decided) return "nothing";
    const auto& event = **decided;
    book.evolve(event);
    history.push_back(event);
    const auto audit = book.audit();
    EXPECT_TRUE(audit) << explain(audit.trouble());
    return event.outcome ? std::string(finding(*event.outcome).code) : event.name;
  }
  DepositState state(const DepositKey& key) const { return book.find(key)->state; }
  Money in(std::string_view account) const {
    const auto id = book.ledger().find(account);
    return id ? balance(book.ledger().account(*id)) : Money{};
  }
};

StatementLine line(const std::string& bank_reference, std::int64_t fen, const std::string& reference = "LG01A",
                   const std::string& name = "福州甲（集团）公司", Time time = k_deadline) {
  return {"350", k_day, time, Money{fen}, name, "62220001", reference, bank_reference, 0};
}
Receive receive(const StatementLine& one) { return {one, k_due}; }

}  // namespace

TEST(Deposits, AreAppliedWhenTheBankSaysThatAllOfItCameInTime) {
  Desk desk;
  EXPECT_EQ(desk.run(receive(line("B1", 1'000'000))), "DEP-01");
  EXPECT_EQ(desk.state(k_jia), DepositState::applied);
  EXPECT_EQ(desk.in("deposit/lot-1/jia"), Money{1'000'000});
  EXPECT_EQ(desk.state(k_yi), DepositState::pending);
}
TEST(Deposits, AreAppliedBySubAccountWhereTheReferenceSaysNothing) {
  Desk desk;
  auto one = line("B1", 1'000'000, "");
  one.account = "350-LG01A";
  EXPECT_EQ(desk.run(receive(one)), "DEP-01");
}
TEST(Deposits, AddUpOverSeveralLinesAndReturnWhatIsTooMuch) {
  Desk desk;
  EXPECT_EQ(desk.run(receive(line("B1", 400'000))), "DEP-02");
  EXPECT_EQ(desk.state(k_jia), DepositState::pending);
  EXPECT_EQ(desk.run(receive(line("B2", 700'000))), "DEP-05");
  EXPECT_EQ(desk.state(k_jia), DepositState::applied);
  EXPECT_EQ(desk.run(receive(line("B3", 5))), "DEP-05");  // nothing more is owed
  ASSERT_EQ(desk.book.refunds().size(), 2U);
  EXPECT_EQ(desk.book.refunds().at("B2-R1").amount, Money{100'000});
  EXPECT_EQ(desk.book.refunds().at("B3-R1").amount, Money{5});
  EXPECT_EQ(desk.in("deposit/lot-1/jia"), Money{1'000'000});
}
TEST(Deposits, GoBackToTheirSourceWhenLateOrFromAnother) {
  Desk desk;
  EXPECT_EQ(desk.run(receive(line("B1", 1'000'000, "LG01A", "福州甲（集团）公司", k_deadline + 1))), "DEP-03");
  EXPECT_EQ(desk.run(receive(line("B2", 1'000'000, "LG01A", "丙公司"))), "DEP-04");
  EXPECT_EQ(desk.state(k_jia), DepositState::pending);
  EXPECT_EQ(desk.in("deposit/lot-1/jia"), Money{0});
  EXPECT_EQ(desk.book.refunds().at("B2-R1").payee_name, "丙公司");
  EXPECT_EQ(desk.book.refunds().at("B2-R1").due, k_due);
}
TEST(Deposits, KnowANameInFullWidthAndWithSpacesButNoOther) {
  EXPECT_TRUE(same_payer("福州甲（集团）公司", "福州甲(集团) 公司"));
  EXPECT_TRUE(same_payer("ＡＢＣ　Ltd", "abc LTD"));
  EXPECT_FALSE(same_payer("福州甲公司", "福州甲公司分公司"));
  EXPECT_FALSE(same_payer("甲", ""));
}
TEST(Deposits, KeepInSuspenseWhatNamesNobodyOrTwo) {
  Desk desk;
  EXPECT_EQ(desk.run(receive(line("B1", 1'000'000, "LG01AX"))), "DEP-06");
  EXPECT_EQ(desk.run(receive(line("B2", 1'000'000, "LG01A、LG01B"))), "DEP-07");
  auto crossed = line("B3", 1'000'000, "LG01A");
  crossed.account = "350-LG01B";
  EXPECT_EQ(desk.run(receive(crossed)), "DEP-07");
  EXPECT_EQ(desk.in("suspense"), Money{3'000'000});
  EXPECT_EQ(desk.run(MatchAgain{"B1", k_due}), "DEP-14");
  EXPECT_EQ(desk.run(Expect{expected({{"lot-2"}, {"jia"}}, "福州甲（集团）公司", "LG01AX")}), "expected");
  EXPECT_EQ(desk.run(MatchAgain{"B1", k_due}), "DEP-01");
  EXPECT_EQ(desk.state({{"lot-2"}, {"jia"}}), DepositState::applied);
  EXPECT_EQ(desk.run(ReturnSuspense{"B2", k_due}), "suspense-returned");
  EXPECT_EQ(desk.in("suspense"), Money{1'000'000});
  EXPECT_EQ(desk.run(ReturnSuspense{"B2", k_due}), "DEP-13");
}
TEST(Deposits, ALineKnownWordForWordDoesNothingAndOneThatDiffersIsRefused) {
  Desk desk;
  EXPECT_EQ(desk.run(receive(line("B1", 1'000'000))), "DEP-01");
  EXPECT_EQ(desk.run(receive(line("B1", 1'000'000))), "nothing");
  EXPECT_EQ(desk.run(receive(line("B1", 1'000'001))), "DEP-12");
  EXPECT_EQ(desk.in("bank"), Money{1'000'000});
}
TEST(Deposits, ALosersGoBackLineByLineWithoutInterest) {
  Desk desk;
  auto second = line("B2", 600'000);
  second.payer_account = "62220002";
  desk.run(receive(line("B1", 400'000)));
  desk.run(receive(second));
  EXPECT_EQ(desk.run(Release{k_jia, k_due}), "released");
  EXPECT_EQ(desk.state(k_jia), DepositState::releasing);
  EXPECT_EQ(desk.run(Release{k_jia, k_due}), "DEP-14");
  EXPECT_TRUE(desk.book.overdue(k_due).empty());
  EXPECT_EQ(desk.book.overdue(k_due + 1).size(), 2U);
  auto out = line("B3", -400'000, "退款 B1-R1");
  EXPECT_EQ(desk.run(receive(out)), "DEP-08");
  EXPECT_EQ(desk.state(k_jia), DepositState::releasing);
  out = line("B4", -600'000, "退款 B2-R1");
  out.payer_account = "62220002";
  EXPECT_EQ(desk.run(receive(out)), "DEP-08");
  EXPECT_EQ(desk.state(k_jia), DepositState::released);
  EXPECT_EQ(desk.in("bank"), Money{0});
  EXPECT_TRUE(desk.book.overdue(k_due + 1).empty());
}
TEST(Deposits, ARefundThatComesBackIsOrderedAgainToTheSameAccount) {
  Desk desk;
  desk.run(receive(line("B1", 1'000'000)));
  desk.run(Release{k_jia, k_due});
  EXPECT_EQ(desk.run(OrderAgain{"B1-R1", k_due}), "DEP-14");
  EXPECT_EQ(desk.run(receive(line("B2", -1'000'000, "B1-R1"))), "DEP-08");
  EXPECT_EQ(desk.run(receive(line("B3", 1'000'000, "退汇 B1-R1"))), "DEP-09");
  EXPECT_EQ(desk.state(k_jia), DepositState::releasing);
  EXPECT_EQ(desk.in("refund-payable"), Money{1'000'000});
  EXPECT_EQ(desk.run(OrderAgain{"B1-R1", k_due + 3}), "refund-ordered");
  EXPECT_EQ(desk.book.refunds().at("B1-R2").payee_account, "62220001");
  EXPECT_EQ(desk.run(receive(line("B4", -1'000'000, "B1-R2"))), "DEP-08");
  EXPECT_EQ(desk.state(k_jia), DepositState::released);
}
TEST(Deposits, MoneyThatGoesOutToAnotherAccountOrInAnotherSumIsUnexplained) {
  Desk desk;
  desk.run(receive(line("B1", 1'000'000)));
  desk.run(receive(line("B2", 1'000'000, "LG01B", "乙公司")));
  desk.run(Release{k_jia, k_due});
  auto elsewhere = line("B3", -1'000'000, "B1-R1");
  elsewhere.payer_account = "99";
  EXPECT_EQ(desk.run(receive(elsewhere)), "DEP-10");
  EXPECT_EQ(desk.in("unexplained"), Money{1'000'000});
  EXPECT_EQ(desk.book.refunds().at("B1-R1").state, RefundState::ordered);
}
TEST(Deposits, AWinnersBecomesEarnestAndThenPrice) {
  Desk desk;
  EXPECT_EQ(desk.run(Win{k_jia}), "DEP-14");
  desk.run(receive(line("B1", 1'000'000)));
  EXPECT_EQ(desk.run(Win{k_jia}), "won");
  EXPECT_EQ(desk.run(Release{k_jia, k_due}), "DEP-14");
  EXPECT_EQ(desk.run(Offset{k_jia}), "offset");
  EXPECT_EQ(desk.in("treasury"), Money{1'000'000});
  EXPECT_EQ(desk.run(Forfeit{k_jia, "拒签"}), "DEP-14");
}
TEST(Deposits, ARefusingWinnerForfeitsAndSaysOnWhatGround) {
  Desk desk;
  desk.run(receive(line("B1", 1'000'000)));
  desk.run(receive(line("B2", 1'000'000, "LG01B", "乙公司")));
  EXPECT_EQ(desk.run(Forfeit{k_jia, ""}), "DEP-14");
  EXPECT_EQ(desk.run(Forfeit{k_jia, "拒签成交确认书"}), "forfeited");
  EXPECT_EQ(desk.run(Win{k_yi}), "won");
  EXPECT_EQ(desk.run(Forfeit{k_yi, "拒签出让合同"}), "forfeited");
  EXPECT_EQ(desk.in("forfeited"), Money{2'000'000});
  EXPECT_EQ(desk.run(Forfeit{{{"lot-9"}, {"x"}}, "x"}), "DEP-13");
}
TEST(Deposits, OneBidderHasOneDepositForOneLotAndItsOwnCode) {
  Desk desk;
  EXPECT_EQ(desk.run(Expect{expected(k_jia, "甲", "LG01C")}), "DEP-11");
  EXPECT_EQ(desk.run(Expect{expected({{"lot-1"}, {"bing"}}, "丙", "LG01A")}), "DEP-11");
  EXPECT_EQ(desk.run(Expect{expected({{"lot-1"}, {"bing"}}, "丙", "lg")}), "DEP-11");
  EXPECT_EQ(desk.run(Expect{expected({{"lot-1"}, {"bing"}}, "", "LG01C")}), "DEP-11");
}
TEST(Deposits, SaveLoadAndReplayGiveTheSameBook) {
  Desk desk;
  desk.run(receive(line("B1", 400'000)));
  desk.run(receive(line("B2", 700'000)));
  desk.run(receive(line("B3", 1, "?")));
  desk.run(ReturnSuspense{"B3", k_due});
  desk.run(Release{k_yi, k_due});
  EXPECT_EQ(desk.state(k_yi), DepositState::released);  // nothing had come
  DepositBook replayed;
  for (const auto& event : desk.history) {
    const auto again = deposit_event_from_json(to_json(event));
    ASSERT_TRUE(again) << explain(again.trouble());
    replayed.evolve(*again);
  }
  EXPECT_EQ(base::canonical(to_json(replayed)), base::canonical(to_json(desk.book)));
  const auto parsed = base::parse_json(base::canonical(to_json(desk.book)));
  ASSERT_TRUE(parsed);
  const auto loaded = deposit_book_from_json(*parsed);
  ASSERT_TRUE(loaded) << explain(loaded.trouble());
  EXPECT_TRUE(*loaded == desk.book);
  auto forged = *parsed;
  forged.as_object()["suspense"] = base::JsonArray{};
  forged.as_object()["deposits"].as_array()[0].as_object()["parts"] = base::JsonArray{};
  EXPECT_EQ(deposit_book_from_json(forged).refusal().code, "DEP-15");
}

TEST(BankSimulator, GivesTheSameStatementsForTheSameSeedAndSaysThatItIsOne) {
  const std::vector<Expected> to_pay{expected(k_jia, "甲", "LG01A"), expected(k_yi, "乙", "LG01B")};
  BankSimulator one("350", Money{5}, k_day, 7), same("350", Money{5}, k_day, 7), other("350", Money{5}, k_day, 8);
  const auto text = one.statement(to_pay, {}, k_day);
  EXPECT_EQ(text, same.statement(to_pay, {}, k_day));
  EXPECT_NE(text, other.statement(to_pay, {}, k_day));
  EXPECT_NE(text.find("演示"), std::string::npos);
  EXPECT_NE(text.find(",DEMO2026"), std::string::npos);
}

// A whole lot on a bank that errs: whatever it does, the books say what the bank says, every payer who erred is told so, and
// in the end all money is where it came from or with the treasury.
RC_GTEST_PROP(DepositsProperty, TheBooksAgreeWithABankThatErrs, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  BankSimulator bank("350", Money{}, k_day + -4, seed, {15, 12, 12, 10, 10, 8, 8, 5, 30});
  DepositBook book;
  std::vector<DepositEvent> history;
  std::map<DepositKey, std::set<Outcome>> told;
  std::size_t repeated = 0;
  const auto run = [&](const DepositCommand& command) {
    const auto decided = book.decide(command);
    RC_ASSERT(bool(decided));
    if (!*decided) return;
    book.evolve(**decided);
    history.push_back(**decided);
    if ((*decided)->key && (*decided)->outcome) told[*(*decided)->key].insert(*(*decided)->outcome);
    const auto audit = book.audit();
    RC_ASSERT(bool(audit));
  };
  std::optional<Statement> last;
  const auto read = [&](const std::string& text) {
    const auto statement = parse_statement("demo.csv", text);
    RC_ASSERT(bool(statement));
    if (last) RC_ASSERT(bool(follows(*last, *statement)));
    for (const auto& one : statement->lines) run(Receive{one, statement->to + 7});
    for (const auto& one : statement->lines)
      run(Receive{one, statement->to + 7});  // the same file read again changes nothing
    const auto id = book.ledger().find("bank");
    RC_ASSERT((id ? balance(book.ledger().account(*id)) : Money{}) == statement->closing);
    repeated += statement->repeated;
    last = *statement;
  };

  std::vector<Expected> to_pay;
  for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
    to_pay.push_back(
        expected({{"lot-1"}, {"p" + std::to_string(i)}}, "演示" + std::to_string(i) + "号公司", "LG1-" + std::to_string(i)));
    run(Expect{to_pay.back()});
  }
  read(bank.statement(to_pay, {}, k_day));
  read(bank.statement({}, {}, k_day + 3));  // the late ones
  RC_ASSERT(bank.waiting() == 0);
  std::size_t duplicates = 0, mistyped = 0, doubled = 0;
  for (const auto& [key, error] : bank.truth()) {
    const auto& outcomes = told[key];
    const bool applied = book.find(key)->state == DepositState::applied;
    const auto paid = error == PayerError::none || error == PayerError::split || error == PayerError::overpaid ||
                      error == PayerError::duplicate_line;
    if (applied != paid) RC_FAIL(std::string(name_of(error)));
    if (error == PayerError::late) RC_ASSERT(outcomes.contains(Outcome::late));
    if (error == PayerError::wrong_payer) RC_ASSERT(outcomes.contains(Outcome::wrong_payer));
    if (error == PayerError::split) RC_ASSERT(outcomes.contains(Outcome::split));
    if (error == PayerError::overpaid) RC_ASSERT(outcomes.contains(Outcome::overpaid));
    duplicates += error == PayerError::duplicate_line;
    mistyped += error == PayerError::reference_typo;
    doubled += error == PayerError::two_codes;
  }
  RC_ASSERT(repeated == duplicates);
  RC_ASSERT(book.suspense().size() == mistyped + doubled);

  // One who was applied wins; everybody else's money goes home, however often the bank sends it back.
  const Deposit* winner = nullptr;
  for (const auto& [key, deposit] : book.deposits()) {
    if (!winner && deposit.state == DepositState::applied) winner = &deposit;
  }
  if (winner) run(Win{winner->expected.key});
  for (const auto& one : to_pay) {
    const auto state = book.find(one.key)->state;
    if (state == DepositState::pending || state == DepositState::applied) run(Release{one.key, k_day + 10});
  }
  const auto suspense = book.suspense();
  for (const auto& [reference, one] : suspense) run(ReturnSuspense{reference, k_day + 10});
  for (int round = 0; round < 60; ++round) {
    std::vector<Refund> orders;
    std::vector<std::string> returned;  // noted first: to order again changes the book
    for (const auto& [id, refund] : book.refunds()) {
      if (refund.state == RefundState::returned) returned.push_back(id);
    }
    for (const auto& id : returned) run(OrderAgain{id, k_day + 20});
    for (const auto& [id, refund] : book.refunds()) {
      if (refund.state == RefundState::ordered) orders.push_back(refund);
    }
    if (orders.empty()) break;
    read(bank.statement({}, orders, last->to + 1));
  }
  if (winner) run(Offset{winner->expected.key});
  const Money price{winner ? winner->expected.required.fen : 0};
  RC_ASSERT(last->closing == price);
  for (const auto& [key, deposit] : book.deposits()) {
    RC_ASSERT(deposit.state == (winner == &deposit ? DepositState::priced : DepositState::released));
  }
  DepositBook replayed;
  for (const auto& event : history) replayed.evolve(event);
  RC_ASSERT(replayed == book);
}
