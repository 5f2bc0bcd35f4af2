// The proof of what a custody account owes: the sheet takes the balances of all that still hold money, their Merkle
// sum is committed to at once and published with its total when no deposit that it counts is secret any more. Then each
// holder is given his proof.
#include "institution/registry.hpp"
#include "money/behaviours.hpp"
#include "money/books.hpp"
#include "money/liabilities.hpp"

namespace landglass::money {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Money;
using base::Result;
using institution::BehaviourOutcome;
using institution::FollowUp;
using institution::Look;
using institution::Record;

constexpr std::int64_t k_balances_a_turn = 200;  // below the follow-ups that the engine carries out in one batch

class BalancesBehaviour final : public institution::Behaviour {
 public:
  std::string_view name() const override { return "balances@1"; }

  Result<BehaviourOutcome> joins(const Record& before, const Record& after, const institution::Command& command, base::Time,
                                 Look& look) override {
    if (command.action == "create") return take(after, look);
    if (command.action == "publish") return publish(before, look);
    if (command.action == "continue") {
      const auto* next = after.fields.at("next_holder").if_int();
      return page(before, next == nullptr ? 0 : *next, look);
    }
    return BehaviourOutcome();
  }

 private:
  Result<BehaviourOutcome> take(const Record& after, Look& look) {
    std::vector<Liability> all;
    JsonArray holders;
    std::int64_t total = 0;
    // A line holds what came with it; what is on its way back an order holds.
    for (const auto& [fact, field] : {std::pair("lines", "kept"), std::pair("orders", "amount")}) {
      LG_TRY(const auto ids, look.listed(after, fact));
      for (const auto& id : ids) {
        LG_TRY(const auto* one, look.record(id));
        if (one == nullptr) return base::fail("a record that is not there: " + id);
        const auto fen = base::parse_money(one->fields.text(field)).value_or(Money{}).fen;
        if (fen <= 0) continue;
        all.push_back({id, fen});
        holders.emplace_back(JsonArray{id, base::money_text({fen}), one->state == "held"});
        const auto sum = base::add(total, fen);
        if (!sum) return base::refuse("SUM-03", "合计过大", "the total does not fit", "lines");
        total = *sum;
      }
    }
    LG_TRY(const auto sum, of(after, all));
    LG_TRY(const auto* account, look.record(after.fields.text("account")));
    if (account == nullptr) return base::fail("a sheet of no account: " + after.id);
    // What the books owe, a second time: whoever was forgotten would show.
    const auto& books = books_of(*account);
    std::int64_t owed = 0;
    for (const auto kind : {AccountKind::deposit, AccountKind::earnest, AccountKind::suspense, AccountKind::refund_payable})
      owed += books.of(kind).fen;
    if (owed != total) {
      auto no = base::refuse("SUM-09", "明细合计与账面负债不符", "the lines do not add up to what the books owe", "lines");
      no.detail = base::alike(base::money_yuan({total}) + " ≠ " + base::money_yuan({owed}));
      return no;
    }
    BehaviourOutcome out;
    out.set["holders"] = std::move(holders);
    out.set["holder_count"] = static_cast<std::int64_t>(all.size());
    out.set["leaves"] = static_cast<std::int64_t>(sum.leaves());
    out.set["root"] = base::to_hex(sum.root().hash);
    out.set["total"] = base::money_text({total});
    return out;
  }

  // While a bidder's deposit is held in secret, a total would tell how many there are.
  Result<BehaviourOutcome> publish(const Record& sheet, Look& look) {
    for (const auto& one : sheet.fields.at("holders").as_array()) {
      if (!one.as_array()[2].as_bool()) continue;
      LG_TRY(const auto* line, look.record(one.as_array()[0].as_string()));
      if (line != nullptr && line->state == "held") {
        return base::refuse(
            "SUM-10", "尚有未截止标的的保证金计入其中，公布总额会泄露竞买人数",
            "it counts deposits of a lot that is not closed: the total would tell how many bidders there are", "publish");
      }
    }
    return page(sheet, 0, look);
  }

  Result<BehaviourOutcome> page(const Record& sheet, std::int64_t from, Look& look) {
    const auto& holders = sheet.fields.at("holders").as_array();
    std::vector<Liability> all;
    for (const auto& one : holders) {
      const auto& row = one.as_array();
      all.push_back({row[0].as_string(), base::parse_money(row[1].as_string()).value_or(Money{}).fen});
    }
    LG_TRY(const auto sum, of(sheet, all));
    BehaviourOutcome out;
    const auto until = std::min(static_cast<std::int64_t>(all.size()), from + k_balances_a_turn);
    for (auto i = from; i < until; ++i) {
      const auto& holder = all[static_cast<std::size_t>(i)].holder;
      LG_TRY(const auto* line, look.record(holder));
      FollowUp proof;
      proof.institution = "balance-proof";
      proof.fields = {{"sheet", sheet.id},
                      {"region", std::string(sheet.fields.text("region"))},
                      {"about", holder},
                      {"as_of", std::string(sheet.fields.text("as_of"))},
                      {"balance", base::money_text({all[static_cast<std::size_t>(i)].fen})},
                      {"proof", sum.proof(holder)}};
      const auto deposit = line == nullptr ? std::string_view() : line->fields.text("deposit");
      if (!deposit.empty()) {
        LG_TRY(const auto* whose, look.record(deposit));
        if (whose != nullptr && !whose->fields.text("applicant").empty())
          proof.fields["owner"] = std::string(whose->fields.text("applicant"));
      }
      out.follow.push_back(std::move(proof));
    }
    if (until < static_cast<std::int64_t>(all.size())) {
      FollowUp next;
      next.record = sheet.id;
      next.action = "continue";
      next.fields = {{"next_holder", until}};
      out.follow.push_back(std::move(next));
    }
    return out;
  }

  static Result<Liabilities> of(const Record& sheet, const std::vector<Liability>& all) {
    const auto seed = base::from_hex(sheet.fields.text("seed"));
    if (!seed || seed->size() != 32)
      return base::refuse("SUM-11", "种子应为 64 位十六进制数", "the seed is 64 hex digits", "seed");
    base::Hash bytes{};
    std::copy(seed->begin(), seed->end(), bytes.begin());
    return Liabilities::build(std::string(sheet.fields.text("number")), std::string(sheet.fields.text("as_of")), bytes, all);
  }
};

}  // namespace

std::shared_ptr<institution::Behaviour> balances() { return std::make_shared<BalancesBehaviour>(); }

}  // namespace landglass::money
