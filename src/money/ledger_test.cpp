#include "money/ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <limits>

#include "money/golden.hpp"

using namespace landglass;
using namespace landglass::money;
using base::Money;

namespace {

// Decides and evolves; the event is kept for replay.
struct Books {
  Ledger ledger;
  std::vector<Event> history;
  base::Result<Event> run(const Command& command) {
    auto decided = ledger.decide(command);
    if (decided) {
      ledger.evolve(*decided);
      history.push_back(*decided);
    }
    return decided;
  }
  AccountId open(AccountKind kind, const std::string& name) {
    const auto decided = run(Open{kind, name});
    LG_ASSERT(bool(decided), "a test opens its accounts");
    return std::get<Opened>(*decided).id;
  }
};

std::string refused(const base::Result<Event>& result) { return result.refused() ? result.refusal().code : "accepted"; }

}  // namespace

TEST(Ledger, MovesMoneyFromOneAccountToAnotherAndBalances) {
  Books books;
  const auto bank = books.open(AccountKind::bank, "bank");
  const auto deposit = books.open(AccountKind::deposit, "deposit/lot-1/party-1");
  ASSERT_TRUE(books.run(Transfer{bank, deposit, Money{180'000'000}, "deposit-received", "B1"}));
  EXPECT_EQ(balance(books.ledger.account(bank)), Money{180'000'000});
  EXPECT_EQ(balance(books.ledger.account(deposit)), Money{180'000'000});
  EXPECT_TRUE(books.ledger.audit());
}

TEST(Ledger, RefusesEachWrongTransferWithItsCode) {
  Books books;
  const auto bank = books.open(AccountKind::bank, "bank");
  const auto deposit = books.open(AccountKind::deposit, "deposit");
  EXPECT_EQ(refused(books.run(Transfer{bank, AccountId{9}, Money{1}, "x", ""})), "LED-01");
  EXPECT_EQ(refused(books.run(Transfer{AccountId{0}, bank, Money{1}, "x", ""})), "LED-01");
  EXPECT_EQ(refused(books.run(Open{AccountKind::bank, "bank"})), "LED-02");
  EXPECT_EQ(refused(books.run(Open{AccountKind::bank, ""})), "LED-02");
  EXPECT_EQ(refused(books.run(Transfer{bank, deposit, Money{0}, "x", ""})), "LED-03");
  EXPECT_EQ(refused(books.run(Transfer{bank, deposit, Money{-1}, "x", ""})), "LED-03");
  EXPECT_EQ(refused(books.run(Transfer{bank, bank, Money{1}, "x", ""})), "LED-04");
  EXPECT_EQ(refused(books.run(Transfer{deposit, bank, Money{1}, "x", ""})), "LED-05");
  EXPECT_EQ(refused(books.run(Transfer{bank, deposit, Money{1}, "No Such", ""})), "LED-09");
  EXPECT_EQ(refused(books.run(Transfer{bank, deposit, Money{1}, "x", "a\nb"})), "LED-09");
  EXPECT_TRUE(books.ledger.audit());
}

TEST(Ledger, RefusesASumThatDoesNotFit) {
  Books books;
  const auto bank = books.open(AccountKind::bank, "bank");
  const auto equity = books.open(AccountKind::equity, "equity");
  ASSERT_TRUE(books.run(Transfer{bank, equity, Money{std::numeric_limits<std::int64_t>::max()}, "opening", ""}));
  EXPECT_EQ(refused(books.run(Transfer{bank, equity, Money{1}, "opening", ""})), "LED-06");
  EXPECT_TRUE(books.ledger.audit());
}

TEST(Ledger, APendingTransferReservesUntilItIsPostedOrVoided) {
  Books books;
  const auto bank = books.open(AccountKind::bank, "bank");
  const auto payable = books.open(AccountKind::refund_payable, "refund-payable");
  ASSERT_TRUE(books.run(Transfer{bank, payable, Money{100}, "received", "B1"}));
  const auto reserved = books.run(Transfer{payable, bank, Money{60}, "refund", "R1", true});
  ASSERT_TRUE(reserved);
  const auto id = std::get<Transferred>(*reserved).id;
  EXPECT_EQ(balance(books.ledger.account(payable)), Money{100});
  EXPECT_EQ(available(books.ledger.account(payable)), Money{40});
  EXPECT_EQ(refused(books.run(Transfer{payable, bank, Money{41}, "refund", "R2", true})), "LED-05");
  EXPECT_EQ(refused(books.run(Post{id, Money{61}, "B2"})), "LED-08");
  ASSERT_TRUE(books.run(Post{id, Money{50}, "B2"}));  // in part: the other 10 are released
  EXPECT_EQ(balance(books.ledger.account(payable)), Money{50});
  EXPECT_EQ(available(books.ledger.account(payable)), Money{50});
  EXPECT_EQ(refused(books.run(Post{id, Money{1}, "B3"})), "LED-07");
  const auto again = books.run(Transfer{payable, bank, Money{50}, "refund", "R3", true});
  ASSERT_TRUE(again);
  ASSERT_TRUE(books.run(Void{std::get<Transferred>(*again).id, "returned"}));
  EXPECT_EQ(available(books.ledger.account(payable)), Money{50});
  EXPECT_TRUE(books.ledger.audit());
}

TEST(Ledger, NamesTheEventThatDoesNotFollow) {
  Books books;
  const auto bank = books.open(AccountKind::bank, "bank");
  const auto deposit = books.open(AccountKind::deposit, "deposit");
  ASSERT_TRUE(books.run(Transfer{bank, deposit, Money{100}, "received", "B1"}));
  ASSERT_TRUE(books.run(Transfer{deposit, bank, Money{100}, "refund", "B2"}));
  ASSERT_TRUE(verify(books.history));
  auto forged = books.history;
  std::get<Transferred>(forged[3]).transfer.amount = Money{101};
  const auto verdict = verify(forged);
  ASSERT_TRUE(verdict.refused());
  EXPECT_EQ(verdict.refusal().code, "LED-13");
  EXPECT_NE(verdict.refusal().where.find("event 3"), std::string::npos);
  auto gap = books.history;
  gap.erase(gap.begin() + 2);
  EXPECT_EQ(verify(gap).refusal().where, "event 2");
}

TEST(Ledger, RefusesSavedBooksThatWereTamperedWith) {
  Books books;
  const auto bank = books.open(AccountKind::bank, "bank");
  const auto deposit = books.open(AccountKind::deposit, "deposit");
  ASSERT_TRUE(books.run(Transfer{bank, deposit, Money{100}, "received", "B1"}));
  auto json = to_json(books.ledger);
  ASSERT_TRUE(ledger_from_json(json));
  json.as_object()["accounts"].as_array()[0].as_object()["debits"] = "2.00";
  EXPECT_EQ(ledger_from_json(json).refusal().code, "LED-10");
}

// The history of a random life: any command may come, most are refused, the books stay true after each.
RC_GTEST_PROP(LedgerProperty, BooksAlwaysBalanceAndReplayIsEqual, ()) {
  Books books;
  for (std::size_t kind = 0; kind < k_account_kinds; ++kind) {
    books.open(static_cast<AccountKind>(kind), "first/" + std::to_string(kind));
  }
  const AccountId equity{static_cast<std::uint32_t>(AccountKind::equity) + 1};
  for (std::uint32_t id = 1; id < k_account_kinds; ++id) {  // something in each account, so that most moves are possible
    const bool debit = grows_by_debit(books.ledger.account(AccountId{id}).kind);
    (void)books.run(Transfer{debit ? AccountId{id} : equity, debit ? equity : AccountId{id}, Money{20'000}, "opening", ""});
  }
  const auto steps = *rc::gen::inRange(100, 400);
  for (int i = 0; i < steps; ++i) {
    const auto accounts = static_cast<std::uint32_t>(books.ledger.accounts().size());
    const auto any = [&] { return AccountId{*rc::gen::inRange<std::uint32_t>(0, accounts + 2)}; };
    const auto amount = [] {
      return Money{*rc::gen::weightedOneOf<std::int64_t>({{12, rc::gen::inRange<std::int64_t>(1, 2'000)},
                                                          {1, rc::gen::inRange<std::int64_t>(-2, 1)},
                                                          {1, rc::gen::arbitrary<std::int64_t>()},
                                                          {1, rc::gen::just(std::numeric_limits<std::int64_t>::max())}})};
    };
    const auto transfers = books.ledger.transfers();
    switch (*rc::gen::weightedElement<int>({{2, 0}, {8, 1}, {4, 2}, {2, 3}})) {
      case 0: {
        const auto kind = static_cast<AccountKind>(*rc::gen::inRange<std::size_t>(0, k_account_kinds));
        (void)books.run(Open{kind, "account/" + std::to_string(*rc::gen::inRange(0, 12))});
        break;
      }
      case 1: (void)books.run(Transfer{any(), any(), amount(), "any", "r", *rc::gen::arbitrary<bool>()}); break;
      case 2: (void)books.run(Post{TransferId{*rc::gen::inRange<std::uint64_t>(0, transfers + 2)}, amount(), ""}); break;
      default: (void)books.run(Void{TransferId{*rc::gen::inRange<std::uint64_t>(0, transfers + 2)}, ""}); break;
    }
    const auto audit = books.ledger.audit();
    RC_ASSERT(bool(audit));
  }
  const auto moved = books.ledger.transfers();
  RC_CLASSIFY(moved > 30, "more than 30 transfers accepted");
  RC_CLASSIFY(books.ledger.pending_count() > 0, "ends with something pending");
  const auto replayed = verify(books.history);
  RC_ASSERT(bool(replayed));
  RC_ASSERT(*replayed == books.ledger);
  const auto text = base::canonical(to_json(books.ledger));
  const auto parsed = base::parse_json(text);
  RC_ASSERT(bool(parsed));
  const auto loaded = ledger_from_json(*parsed);
  RC_ASSERT(bool(loaded));
  RC_ASSERT(*loaded == books.ledger);
  for (const auto& event : books.history) {
    const auto again = event_from_json(to_json(event));
    RC_ASSERT(bool(again));
    RC_ASSERT(base::canonical(to_json(*again)) == base::canonical(to_json(event)));
  }
}

// A life of payments as offices live it: ordered, paid whole or in part, voided, refunded, corrected. A second bookkeeper
// who knows nothing of debits and credits keeps the same sums.
RC_GTEST_PROP(LedgerProperty, PaymentsRefundsAndCorrectionsAddUpForASecondBookkeeper, ()) {
  Books books;
  const auto bank = books.open(AccountKind::bank, "bank");
  const auto equity = books.open(AccountKind::equity, "equity");
  std::vector<AccountId> spent;
  for (int i = 0; i < 4; ++i) spent.push_back(books.open(AccountKind::expense, "expense/" + std::to_string(i)));
  const auto begin = *rc::gen::element<std::int64_t>(0, 1'000, 5'000, 50'000);
  if (begin > 0) RC_ASSERT(bool(books.run(Transfer{bank, equity, Money{begin}, "opening", ""})));
  std::int64_t purse = begin;  // what the second bookkeeper knows
  std::map<std::uint64_t, std::pair<std::size_t, std::int64_t>> ordered, paid;
  std::vector<std::int64_t> of(4);
  std::int64_t reserved = 0;
  std::size_t refunds = 0, corrections = 0;
  const auto chosen = [](auto& from) {
    auto place = from.begin();
    std::advance(place, *rc::gen::inRange<std::size_t>(0, from.size()));
    return place;
  };
  const auto steps = *rc::gen::inRange(40, 160);
  for (int i = 0; i < steps; ++i) {
    const auto how = *rc::gen::element(0, 1, 2, 3, 4, 5);
    const auto what = *rc::gen::element<std::size_t>(0, 1, 2, 3);
    const auto fen = *rc::gen::inRange<std::int64_t>(1, 900);
    if (how <= 1) {
      const auto made = books.run(Transfer{spent[what], bank, Money{fen}, "ordered", "o", true});
      RC_ASSERT(bool(made) == (fen <= purse - reserved));  // refused exactly where the money is not there
      if (!made) continue;
      ordered.emplace(std::get<Transferred>(*made).id.value, std::pair{what, fen});
      reserved += fen;
    } else if (how == 2 && !ordered.empty()) {
      const auto one = chosen(ordered);
      const auto part = *rc::gen::inRange<std::int64_t>(1, one->second.second + 1);
      const auto made = books.run(Post{TransferId{one->first}, Money{part}, "p"});
      RC_ASSERT(bool(made));
      reserved -= one->second.second;
      purse -= part;
      of[one->second.first] += part;
      paid.emplace(std::get<Posted>(*made).id.value, std::pair{one->second.first, part});
      ordered.erase(one);
    } else if (how == 3 && !ordered.empty()) {
      const auto one = chosen(ordered);
      RC_ASSERT(bool(books.run(Void{TransferId{one->first}, "v"})));
      reserved -= one->second.second;
      ordered.erase(one);
    } else if (how == 4 && !paid.empty()) {
      const auto one = chosen(paid);
      RC_ASSERT(bool(books.run(Transfer{bank, spent[one->second.first], Money{one->second.second}, "refunded", "r"})));
      purse += one->second.second;
      of[one->second.first] -= one->second.second;
      paid.erase(one);
      ++refunds;
    } else if (how == 5 && !paid.empty()) {
      // Booked to the wrong subject: what was posted stays, an entry of its own moves it.
      const auto one = chosen(paid);
      if (one->second.first == what) continue;
      RC_ASSERT(
          bool(books.run(Transfer{spent[what], spent[one->second.first], Money{one->second.second}, "corrected", "c"})));
      of[one->second.first] -= one->second.second;
      of[what] += one->second.second;
      one->second.first = what;
      ++corrections;
    }
    const auto audit = books.ledger.audit();
    RC_ASSERT(bool(audit));
    RC_ASSERT(balance(books.ledger.account(bank)).fen == purse);
    RC_ASSERT(available(books.ledger.account(bank)).fen == purse - reserved);
    for (std::size_t k = 0; k < 4; ++k) RC_ASSERT(balance(books.ledger.account(spent[k])).fen == of[k]);
  }
  RC_CLASSIFY(refunds > 0 && corrections > 0, "refunds and corrections");
  const auto replayed = verify(books.history);
  RC_ASSERT(bool(replayed));
  RC_ASSERT(*replayed == books.ledger);
}

TEST(Ledger, VerifiesAMillionTransfersWithinTwoSeconds) {
  Books books;
  const auto bank = books.open(AccountKind::bank, "bank");
  std::vector<AccountId> deposits;
  for (int i = 0; i < 10'000; ++i) deposits.push_back(books.open(AccountKind::deposit, "deposit/" + std::to_string(i)));
  books.history.reserve(1'010'100);
  for (std::size_t i = 0; i < 1'000'000; ++i) {
    const auto deposit = deposits[i * 7919 % deposits.size()];
    const bool back = i % 3 == 2 && balance(books.ledger.account(deposit)) >= Money{100};
    ASSERT_TRUE(books.run(Transfer{back ? deposit : bank, back ? bank : deposit, Money{100}, back ? "refund" : "received",
                                   "20261123" + std::to_string(i)}));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto verified = verify(books.history);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->transfers(), 1'000'000U);
  std::printf("books of 1,000,000 transfers verified in %lld ms\n", static_cast<long long>(ms));
  RecordProperty("verify_ms", static_cast<int>(ms));
  EXPECT_LE(ms, 2'000);
}

TEST(LedgerFormat, GoldenVectorsOfTheDocumentRoundTrip) {
  const auto vectors = golden_blocks(std::string(LG_SOURCE_DIR) + "/docs/formats/ledger.md");
  ASSERT_EQ(vectors.size(), 2U);
  const auto history = base::parse_json(vectors[0]);
  ASSERT_TRUE(history) << explain(history.trouble());
  std::vector<Event> events;
  for (const auto& item : history->as_array()) {
    const auto event = event_from_json(item);
    ASSERT_TRUE(event) << explain(event.trouble());
    EXPECT_EQ(base::canonical(to_json(*event)), base::canonical(item));
    events.push_back(*event);
  }
  const auto books = verify(events);
  ASSERT_TRUE(books) << explain(books.trouble());
  EXPECT_EQ(base::canonical(to_json(*books)), vectors[1]);
}
