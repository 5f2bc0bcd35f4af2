// Whose money a line is. The rule looks at the codes in the reference, at the names and at the time of the bank, and at
// nothing that a person chose; every way out keeps the money in the books.
#include <algorithm>

#include "institution/registry.hpp"
#include "money/behaviours.hpp"
#include "money/books.hpp"
#include "money/deposits.hpp"
#include "money/kept_statement.hpp"
#include "money/line_code.hpp"

namespace landglass::money {
namespace {

using base::Json;
using base::JsonObject;
using base::Money;
using base::Result;
using institution::BehaviourOutcome;
using institution::Look;
using institution::Record;

// Where the money of a line in this state stands in the books.
std::optional<AccountKind> account_of(std::string_view state) {
  if (state == "held") return AccountKind::deposit;
  if (state == "earnest") return AccountKind::earnest;
  if (state == "priced") return AccountKind::treasury;
  if (state == "forfeited") return AccountKind::forfeited;
  if (state == "suspense") return AccountKind::suspense;
  if (state == "refunding") return AccountKind::refund_payable;
  return std::nullopt;
}

struct Verdict {
  Outcome outcome = Outcome::unknown_reference;
  Money kept;    // of the line, for the deposit or contract; all of it in suspense
  Money excess;  // goes back to its source at once
  std::string to;
  std::string deposit, contract, order;
  std::optional<AccountKind> debit, credit;
  Money moved;  // between the two
};

bool any_payer(const std::vector<std::string>& names, const StatementLine& line) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& name) { return !name.empty() && same_payer(name, line.payer_name); });
}

bool held_back(const Record& record, std::string_view action) {
  return std::any_of(record.holds.begin(), record.holds.end(), [&](const auto& hold) {
    return hold.actions.empty() || std::find(hold.actions.begin(), hold.actions.end(), action) != hold.actions.end();
  });
}

class LineRule {
 public:
  LineRule(const Record& record, const StatementLine& line, Look& look) : record_(record), line_(line), look_(look) {}

  // `from`: where the money is now, at the bank or in suspense.
  Result<Verdict> operator()(std::string_view code, bool several, AccountKind from) {
    from_ = from;
    if (line_.amount.fen < 0) return outgoing(code);
    if (code.empty()) return suspense(several ? Outcome::wrong_lot : Outcome::unknown_reference);
    Record probe = record_;
    probe.fields["code"] = code;
    const bool for_deposit = code.starts_with("DP");
    LG_TRY(const auto* found, named(probe, for_deposit              ? "coded_deposit"
                                           : code.starts_with("PC") ? "coded_contract"
                                                                    : "coded_order"));
    if (found == nullptr) return suspense(Outcome::unknown_reference);
    if (for_deposit) return deposit(*found);
    return code.starts_with("PC") ? contract(*found) : bounced(*found);
  }

 private:
  Result<const Record*> named(const Record& probe, std::string_view fact) {
    LG_TRY(const auto value, look_.fact(probe, fact));
    const auto* id = value.member("id");
    if (id == nullptr) return static_cast<const Record*>(nullptr);
    return look_.record(id->text_value);
  }

  Verdict suspense(Outcome outcome) const {
    Verdict out;
    out.outcome = outcome;
    out.kept = line_.amount;
    out.to = "suspense";
    if (from_ == AccountKind::suspense) return out;
    out.debit = from_;
    out.credit = AccountKind::suspense;
    out.moved = line_.amount;
    return out;
  }
  Verdict split(Outcome outcome, Money kept, const char* to, AccountKind into) const {
    Verdict out;
    out.outcome = outcome;
    out.kept = kept;
    out.excess = {line_.amount.fen - kept.fen};
    out.to = kept.fen > 0 ? to : "passed";
    if (kept.fen > 0) {
      out.debit = from_;
      out.credit = into;
      out.moved = kept;
    }
    return out;
  }

  Result<Verdict> deposit(const Record& deposit) {
    const auto& state = deposit.state;
    const auto keep = [&](Outcome outcome, Money kept) {
      auto out = split(outcome, kept, "held", AccountKind::deposit);
      out.deposit = deposit.id;
      return out;
    };
    std::vector<std::string> names{std::string(deposit.fields.text("applicant_name"))};
    if (const auto* payers = deposit.fields.at("payers").if_array()) {
      for (const auto& name : *payers) {
        if (name.is_string()) names.push_back(name.as_string());
      }
    }
    if (!any_payer(names, line_)) return keep(Outcome::wrong_payer, {});
    const auto until = base::parse_time(deposit.fields.text("until"));
    if (until && line_.value_time > *until) return keep(Outcome::late, {});
    const bool open = (state == "awaiting" || state == "partial" || state == "paid") && !held_back(deposit, "receive");
    if (!open) return keep(Outcome::late_statement, {});
    const auto required = money_of(deposit, "required");
    const Money missing{std::max<std::int64_t>(0, required.fen - money_of(deposit, "received").fen)};
    if (line_.amount > missing) return keep(Outcome::overpaid, missing);
    return keep(line_.amount == missing ? Outcome::applied : Outcome::split, line_.amount);
  }

  Result<Verdict> contract(const Record& contract) {
    const auto keep = [&](Outcome outcome, Money kept) {
      auto out = split(outcome, kept, "priced", AccountKind::treasury);
      if (kept.fen > 0) out.contract = contract.id;
      return out;
    };
    const std::vector<std::string> names{std::string(contract.fields.text("grantee_name")),
                                         std::string(contract.fields.text("signer_name"))};
    if (!any_payer(names, line_)) return keep(Outcome::wrong_payer, {});
    if ((contract.state != "signed" && contract.state != "first_paid") || held_back(contract, "pay")) {
      return keep(Outcome::overpaid, {});
    }
    // What was booked for this contract is asked of the lines: the contract itself hears of a payment one leaf later.
    Record probe = record_;
    probe.fields["contract"] = contract.id;
    LG_TRY(const auto booked, look_.fact(probe, "contract_booked"));
    const auto due = money_of(contract, "price").fen + money_of(contract, "late_fees").fen -
                     money_of(contract, "earnest_part").fen - booked.number;
    const Money missing{std::max<std::int64_t>(0, due)};
    if (line_.amount > missing) return keep(Outcome::overpaid, missing);
    return keep(line_.amount == missing ? Outcome::price_paid : Outcome::price_part, line_.amount);
  }

  // A refund that the bank could not pay out comes back under its own order's code.
  Result<Verdict> bounced(const Record& order) {
    if (order.state != "paid" || money_of(order, "amount") != line_.amount) return suspense(Outcome::unknown_reference);
    Verdict out;
    out.outcome = Outcome::refund_returned;
    out.to = "passed";
    out.order = order.id;
    out.debit = from_;
    out.credit = AccountKind::refund_payable;
    out.moved = line_.amount;
    return out;
  }

  Result<Verdict> outgoing(std::string_view code) {
    Verdict out;
    out.moved = {-line_.amount.fen};
    out.credit = AccountKind::bank;
    out.to = "passed";
    Record probe = record_;
    probe.fields["code"] = code;
    if (code.starts_with("RO")) {
      LG_TRY(const auto* order, named(probe, "coded_order"));
      if (order != nullptr && order->state == "due" && money_of(*order, "amount") == out.moved &&
          order->fields.text("payee_account") == line_.payer_account) {
        out.outcome = Outcome::refund_paid;
        out.order = order->id;
        out.debit = AccountKind::refund_payable;
        return out;
      }
    }
    LG_TRY(const auto* account, look_.record(record_.fields.text("account")));
    if (account == nullptr) return base::fail("a line of no account: " + record_.id);
    const auto treasury = account->fields.text("treasury_account");
    if (!treasury.empty() && treasury == line_.payer_account) {
      for (const auto kind : {AccountKind::treasury, AccountKind::forfeited}) {
        if (books_of(*account).of(kind) < out.moved) continue;
        out.outcome = Outcome::remitted;
        out.debit = kind;
        return out;
      }
    }
    out.outcome = Outcome::unexplained;
    out.debit = AccountKind::receivable;
    out.to = "unexplained";
    return out;
  }

  const Record& record_;
  const StatementLine& line_;
  Look& look_;
  AccountKind from_ = AccountKind::bank;
};

void put(BehaviourOutcome& out, const Verdict& verdict) {
  const auto& told = finding(verdict.outcome);
  out.set["finding"] = std::string(told.code);
  out.set["finding_text"] = std::string(told.zh);
  out.set["kept"] = base::money_text(verdict.kept);
  out.set["excess"] = base::money_text(verdict.excess);
  if (!verdict.deposit.empty()) out.set["deposit"] = verdict.deposit;
  if (!verdict.contract.empty()) out.set["contract"] = verdict.contract;
  if (!verdict.order.empty()) out.set["order"] = verdict.order;
  out.set["moved"] = base::money_text(verdict.moved);
  if (verdict.debit) out.set["debit"] = std::string(name_of(*verdict.debit));
  if (verdict.credit) out.set["credit"] = std::string(name_of(*verdict.credit));
  out.to = verdict.to;
}

class LineBehaviour final : public institution::Behaviour {
 public:
  std::string_view name() const override { return "bank-line@1"; }

  Result<BehaviourOutcome> joins(const Record& before, const Record& after, const institution::Command& command, base::Time,
                                 Look& look) override {
    const auto& action = command.action;
    if (action == "create") return book(after, look);
    if (action == "match-again") return again(before, look);
    if (action == "settle" || action == "send-back") return settle(before, action, look);
    return BehaviourOutcome();
  }

 private:
  Result<BehaviourOutcome> book(const Record& after, Look& look) {
    LG_TRY(const auto booked, kept_.line_of(after, look));
    const auto* taken = booked.taken;
    const auto& line = booked.line();
    Record record = after;
    BehaviourOutcome out;
    out.set["account"] = std::string(taken->fields.text("account"));
    out.set["region"] = std::string(taken->fields.text("region"));
    out.set["bank_reference"] = line.bank_reference;
    out.set["amount"] = base::money_text(line.amount);
    out.set["value_time"] = base::format_utc(line.value_time);
    out.set["value_date"] = base::format_date(base::date_of(line.value_time));
    out.set["payer_name"] = line.payer_name;
    out.set["payer_account"] = line.payer_account;
    out.set["note"] = line.reference;
    constexpr std::string_view k_types[] = {"DP", "PC", "RO"};
    const auto [code, several] = code_of(line, booked.statement->account, k_types);
    if (!code.empty()) out.set["code"] = code;
    for (const auto& [name, value] : out.set) record.fields[name] = value;
    LG_TRY(const auto verdict, LineRule(record, line, look)(code, several, AccountKind::bank));
    put(out, verdict);
    return out;
  }

  // By the same rule, after more deposits came to be expected.
  Result<BehaviourOutcome> again(const Record& before, Look& look) {
    StatementLine line;
    line.amount = money_of(before, "amount");
    line.value_time = base::parse_time(before.fields.text("value_time")).value_or(base::Time{});
    line.payer_name = before.fields.text("payer_name");
    line.payer_account = before.fields.text("payer_account");
    line.reference = before.fields.text("note");
    LG_TRY(const auto verdict, LineRule(before, line, look)(before.fields.text("code"), false, AccountKind::suspense));
    if (verdict.to == "suspense") {
      auto no = base::refuse("DEP-14", "仍无法识别", "still not to be told whose it is", "match-again");
      const auto& found = finding(verdict.outcome);
      no.detail = {std::string(found.zh), std::string(found.en)};
      return no;
    }
    BehaviourOutcome out;
    put(out, verdict);
    return out;
  }

  // The line's money follows what became of its deposit or contract.
  Result<BehaviourOutcome> settle(const Record& before, std::string_view action, Look& look) {
    std::string to = "refunding";
    if (action == "settle") {
      const auto deposit_id = before.fields.text("deposit");
      LG_TRY(const auto* whose, look.record(deposit_id.empty() ? before.fields.text("contract") : deposit_id));
      if (whose == nullptr) return base::fail("a line that is nobody's: " + before.id);
      if (!deposit_id.empty() && (whose->state == "earnest" || whose->state == "priced" || whose->state == "forfeited"))
        to = whose->state;
    }
    BehaviourOutcome out;
    const auto debit = account_of(before.state);
    const auto credit = account_of(to);
    const auto kept = money_of(before, "kept");
    out.to = to;
    const bool moves = debit && credit && *debit != *credit && kept.fen > 0;
    out.set["moved"] = base::money_text(moves ? kept : Money{});
    out.set["excess"] = base::money_text({});
    if (moves) {
      out.set["debit"] = std::string(name_of(*debit));
      out.set["credit"] = std::string(name_of(*credit));
    }
    return out;
  }

  KeptStatements kept_;
};

}  // namespace

std::shared_ptr<institution::Behaviour> bank_lines() { return std::make_shared<LineBehaviour>(); }

}  // namespace landglass::money
