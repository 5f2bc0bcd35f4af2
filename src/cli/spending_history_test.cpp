// Spending through the whole: requests, approvals, orders, a bank that does what it likes, refunds, explanations. Whatever
// comes in whichever order, the books balance, agree with the bank, and each sum in them is that of the records a second
// time.
#include <gtest/gtest.h>

#include <set>

#include "cli/test_county.hpp"
#include "money/books.hpp"

namespace landglass::cli {
namespace {

using base::JsonObject;
using base::Money;
using money::AccountKind;

class Spending : public CountyTest {
 protected:
  void begin(std::uint64_t seed) {
    ids_.clear();
    codes_.clear();
    number_ = 0;
    found("spending.invalid/log", seed, base::parse_time("2012-03-01T09:00:00+08:00").value(),
          [this](const std::vector<engine::Published>& events) {
            for (const auto& event : events) {
              ids_[event.institution].insert(event.record);
              if (const auto* raise = event.outcome.at("raise").if_array()) {
                for (const auto& one : *raise) codes_[std::string(one.text("code"))] += 1;
              }
            }
          });
    if (HasFatalFailure()) return;
    const auto founded = town_->found(k_root + "/packs/cn-land/worlds/spenders.yaml", "350124");
    ASSERT_TRUE(founded) << base::explain(founded.trouble());
    take({}, Money{300'000'000});
    const auto made = town_->create("spender", "budget",
                                    {{"region", "350124"},
                                     {"office", town_->who("office-zrzy")},
                                     {"year", 2012},
                                     {"subject", "commission"},
                                     {"amount", "2500000.00"}});
    ASSERT_TRUE(made) << base::explain(made.trouble());
    budget_ = made->record;
    ASSERT_TRUE(town_->act("finance2", budget_, "approve"));
    ASSERT_TRUE(town_->act("spender", budget_, "publish"));
  }

  base::Json fields(const std::string& id) { return town_->doc(id).at("fields"); }
  std::string state(const std::string& id) { return std::string(town_->doc(id).text("state")); }
  std::vector<std::string> in(const std::string& institution, const std::string& wanted) {
    std::vector<std::string> list;
    for (const auto& id : ids_[institution]) {
      if (state(id) == wanted) list.push_back(id);
    }
    return list;
  }
  std::int64_t sum(const std::string& institution, const std::string& wanted, const char* field = "amount") {
    std::int64_t fen = 0;
    for (const auto& id : in(institution, wanted)) fen += base::parse_money(fields(id).text(field)).value_or(Money{}).fen;
    return fen;
  }

  // The bank's next statement of the bureau's account.
  void take(std::vector<money::StatementLine> lines, Money opening) {
    const auto today = base::date_of(clock_.now());
    const auto account = fields(town_->who("purse"));
    const auto from = base::parse_date(account.text("covered")).value_or(today);
    money::Statement statement{"3501241001", from, today, opening, opening, {}, 0};
    for (auto& line : lines) {
      line.account = "3501241001";
      line.booked = today;
      line.value_time = clock_.now();
      line.bank_reference = "S" + std::to_string(++number_);
      statement.closing.fen += line.amount.fen;
      statement.lines.push_back(line);
    }
    const auto file = store_->keep_file(money::format_statement(statement));
    ASSERT_TRUE(file);
    const auto taken = town_->act("bank", town_->who("purse"), "take", {{"statement_file", *file}});
    ASSERT_TRUE(taken) << base::explain(taken.trouble());
    while (engine_->step()) {
    }
  }

  static money::StatementLine line(std::int64_t fen, std::string name, std::string account, std::string note) {
    money::StatementLine one;
    one.amount = Money{fen};
    one.payer_name = std::move(name);
    one.payer_account = std::move(account);
    one.reference = std::move(note);
    return one;
  }

  void ask(base::SeededRandom& random) {
    const std::int64_t fen = 1 + static_cast<std::int64_t>(random.below(35'000'000));
    JsonObject request{{"region", "350124"},
                       {"office", town_->who("office-zrzy")},
                       {"budget", budget_},
                       {"account", town_->who("purse")},
                       {"payee_name", "某公司"},
                       {"payee_account", "90" + std::to_string(random.below(4))},
                       {"amount", base::money_text({fen})},
                       {"purpose", "测量"}};
    const bool papers = random.below(2) == 0;
    if (papers) request["minutes"] = request["contract"] = std::string(64, '0');
    const auto made = town_->create("spender", "payment-request", std::move(request));
    if (!made) {
      ASSERT_TRUE(made.refused()) << base::explain(made.trouble());
      refused_[made.refusal().code] += 1;
      if (papers) {
        EXPECT_EQ(made.refusal().code, "PR-03");  // with its papers only the budget stands against it
      }
    }
  }

  // A bank that pays rightly, wrongly, to another account, returns what it paid, and moves money that nobody ordered.
  void bank_day(base::SeededRandom& random) {
    auto opening = base::parse_money(fields(town_->who("purse")).text("bank_balance")).value();
    auto left = opening.fen;
    std::vector<money::StatementLine> lines;
    for (const auto& id : in("payment", "released")) {
      const auto order = fields(id);
      const auto amount = base::parse_money(order.text("amount"))->fen;
      const auto account = std::string(order.text("payee_account"));
      const auto note = "付款 " + std::string(order.text("order_no"));
      const auto how = random.below(10);
      if (how < 2 || left < amount + 1) continue;  // not yet
      if (how == 2) lines.push_back(line(-(amount + 1), "某公司", account, note));
      if (how == 3) lines.push_back(line(-amount, "某公司", account + "9", note));
      if (how > 3) lines.push_back(line(-amount, "某公司", account, note));
      left -= -lines.back().amount.fen;
    }
    for (const auto& id : in("payment", "paid")) {
      if (random.below(6) != 0) continue;
      const auto order = fields(id);
      lines.push_back(line(base::parse_money(order.text("amount"))->fen, "某公司", std::string(order.text("payee_account")),
                           "退汇 " + std::string(order.text("order_no"))));
    }
    if (random.below(3) == 0 && left > 1'000) lines.push_back(line(-1'000, "演示银行", "0", "手续费"));
    if (random.below(3) == 0) lines.push_back(line(12'345, "某租户", "8", "租金"));
    take(std::move(lines), opening);
  }

  void one_step(base::SeededRandom& random) {
    const auto pick = [&](const std::string& institution, const char* wanted) {
      const auto list = in(institution, wanted);
      return list.empty() ? std::string() : list[random.below(static_cast<std::uint32_t>(list.size()))];
    };
    const auto may = [&](const char* by, const std::string& id, const char* action, JsonObject with = {}) {
      if (id.empty()) return;
      const auto answer = town_->act(by, id, action, std::move(with));
      if (answer) return;
      ASSERT_TRUE(answer.refused()) << base::explain(answer.trouble());
      refused_[answer.refusal().code] += 1;
    };
    const JsonObject reason{{"reason", "查明"}};
    const JsonObject proven{{"reason", "查明"}, {"evidence", std::string(64, '0')}};
    switch (random.below(10)) {
      case 0:
      case 1: return ask(random);
      case 2: return may("bureau-director", pick("payment-request", "submitted"), "agree");
      case 3:
        return may("finance2", pick("payment-request", "countersign"), random.below(4) == 0 ? "refuse" : "approve", reason);
      case 4:
      case 5: return may("cashier", pick("payment", "ready"), "send");
      case 6: {
        const auto id = pick("payment", random.below(2) == 0 ? "released" : "ready");
        may("bureau-director", id, "void", reason);
        return may("finance2", id, "void", reason);
      }
      case 7: {
        const auto id = pick("account-line", "unexplained");
        may("finance2", id, "explain", proven);
        return may("auditor", id, "explain", proven);
      }
      case 8: {
        const auto id = pick("account-line", "unclaimed");
        const JsonObject source{{"source", "rent"}, {"reason", "查明"}};
        may("finance", id, "confirm-income", source);
        return may("finance2", id, "confirm-income", source);
      }
      default: {
        town_->pass(clock_.now() + base::k_day);
        return bank_day(random);
      }
    }
  }

  void audit() {
    const auto account = town_->doc(town_->who("purse")).at("fields");
    std::int64_t pending = 0;
    std::map<AccountKind, std::int64_t> books;
    engine_->inspect([&](institution::Registry&, engine::Cache& cache) {
      const auto held = cache.find(town_->who("purse"));
      ASSERT_TRUE(held && *held != nullptr);
      const auto& own = money::books_of(**held);
      const auto audited = own.ledger.audit();
      EXPECT_TRUE(audited) << base::explain(audited.trouble());
      for (std::size_t kind = 0; kind < money::k_account_kinds; ++kind)
        books[static_cast<AccountKind>(kind)] = own.of(static_cast<AccountKind>(kind)).fen;
      for (const auto& [ref, id] : own.reserved) pending += own.ledger.pending(id)->amount.fen;
    });
    EXPECT_EQ(base::money_text({books[AccountKind::bank]}), account.text("bank_balance"));
    EXPECT_EQ(base::money_text({books[AccountKind::bank] - pending}), account.text("free_balance"));
    EXPECT_EQ(pending, sum("payment", "released"));
    EXPECT_EQ(books[AccountKind::expense], sum("payment", "paid") + sum("account-line", "explained", "moved"));
    EXPECT_EQ(books[AccountKind::receivable], sum("account-line", "unexplained", "moved"));
    EXPECT_EQ(books[AccountKind::suspense], sum("account-line", "unclaimed", "moved"));
    EXPECT_EQ(books[AccountKind::income], sum("account-line", "income", "moved"));
    std::int64_t committed = 0;
    for (const auto* one : {"submitted", "countersign", "approved", "paid"}) committed += sum("payment-request", one);
    EXPECT_LE(committed, base::parse_money(fields(budget_).text("amount"))->fen);
    // An order is there exactly where its request stands approved or paid.
    EXPECT_EQ(in("payment", "paid").size(), in("payment-request", "paid").size());
    EXPECT_EQ(in("payment", "ready").size() + in("payment", "released").size(), in("payment-request", "approved").size());
    EXPECT_EQ(codes_.count("BKS-01"), 0U) << "books and bank differ";
  }

  std::map<std::string, std::set<std::string>> ids_;
  std::map<std::string, int> codes_;
  std::map<std::string, int> refused_;
  std::string budget_;
  int number_ = 0;
};

TEST_F(Spending, OfARandomHistoryBalancesInBooksBankAndRecordsAfterEachStep) {
  std::size_t matched = 0;
  std::size_t returned = 0;
  std::size_t voided = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    begin(seed);
    if (HasFatalFailure()) return;
    base::SeededRandom random(seed);
    for (int step = 0; step < 160; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      one_step(random);
      audit();
      if (HasFailure()) return;
    }
    matched += in("account-line", "matched").size();
    returned += in("account-line", "returned").size();
    voided += in("payment", "voided").size();
  }
  // The histories went everywhere: a property over nothing would hold as well.
  EXPECT_GT(matched, 5U);
  EXPECT_GT(returned, 1U);
  EXPECT_GT(voided, 1U);
  for (const auto* code : {"PR-03", "PR-04", "PR-05"}) EXPECT_GT(refused_[code], 0) << code;
}

}  // namespace
}  // namespace landglass::cli
