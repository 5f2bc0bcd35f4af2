// Which order the bank carried out with a line of an office's account. The rule looks at the code in the reference, the sum
// and the account that was paid; what no order explains stays visible until two people explain it with evidence.
#include "institution/registry.hpp"
#include "money/behaviours.hpp"
#include "money/books.hpp"
#include "money/kept_statement.hpp"
#include "money/line_code.hpp"

namespace landglass::money {
namespace {

using base::Money;
using base::Result;
using institution::BehaviourOutcome;
using institution::Look;
using institution::Record;

struct Rule {
  std::string_view code;
  std::string_view zh;
  std::string_view to;
};
constexpr Rule k_paid = {"ACL-01", "与支付令一致，已支付", "matched"};
constexpr Rule k_returned = {"ACL-02", "退汇，与已付支付令一致", "returned"};
constexpr Rule k_no_order = {"ACL-03", "付出而无支付令", "unexplained"};
constexpr Rule k_differs = {"ACL-04", "付出与所注支付令的金额、收款账号或状态不符", "unexplained"};
constexpr Rule k_unclaimed = {"ACL-05", "收入待确认来源", "unclaimed"};

class AccountLineBehaviour final : public institution::Behaviour {
 public:
  std::string_view name() const override { return "account-line@1"; }

  Result<BehaviourOutcome> joins(const Record&, const Record& after, const institution::Command& command, base::Time,
                                 Look& look) override {
    if (command.action == "create") return book(after, look);
    return BehaviourOutcome();
  }

 private:
  Result<BehaviourOutcome> book(const Record& after, Look& look) {
    LG_TRY(const auto booked, kept_.line_of(after, look));
    const auto* taken = booked.taken;
    const auto& line = booked.line();
    BehaviourOutcome out;
    for (const auto* field : {"account", "region", "office"}) out.set[field] = std::string(taken->fields.text(field));
    out.set["bank_reference"] = line.bank_reference;
    out.set["amount"] = base::money_text(line.amount);
    out.set["value_time"] = base::format_utc(line.value_time);
    out.set["other_name"] = line.payer_name;
    out.set["other_account"] = line.payer_account;
    out.set["note"] = line.reference;
    constexpr std::string_view k_types[] = {"PV"};
    const auto code = code_of(line, booked.statement->account, k_types).code;
    if (!code.empty()) out.set["code"] = code;

    Record probe = after;
    probe.fields["code"] = code;
    LG_TRY(const auto* order, named(probe, look));
    const bool out_of_account = line.amount.fen < 0;
    const Money sum{out_of_account ? -line.amount.fen : line.amount.fen};
    const bool same_sum = order != nullptr && order->fields.text("amount") == base::money_text(sum);
    const auto& rule = out_of_account                                           ? outgoing(order, same_sum, line)
                       : order != nullptr && same_sum && order->state == "paid" ? k_returned
                                                                                : k_unclaimed;
    out.set["finding"] = std::string(rule.code);
    out.set["finding_text"] = std::string(rule.zh);
    out.set["moved"] = base::money_text(sum);
    out.to = std::string(rule.to);
    if (&rule == &k_paid || &rule == &k_returned) out.set["order"] = order->id;
    const auto credit = &rule == &k_returned    ? AccountKind::expense
                        : &rule == &k_unclaimed ? AccountKind::suspense
                                                : AccountKind::bank;
    const auto debit =
        out_of_account ? (&rule == &k_paid ? AccountKind::expense : AccountKind::receivable) : AccountKind::bank;
    out.set["debit"] = std::string(name_of(debit));
    out.set["credit"] = std::string(name_of(credit));
    return out;
  }

  static Result<const Record*> named(const Record& probe, Look& look) {
    if (probe.fields.text("code").empty()) return static_cast<const Record*>(nullptr);
    LG_TRY(const auto value, look.fact(probe, "coded_order"));
    const auto* id = value.member("id");
    if (id == nullptr) return static_cast<const Record*>(nullptr);
    return look.record(id->text_value);
  }

  static const Rule& outgoing(const Record* order, bool same_sum, const StatementLine& line) {
    if (order == nullptr) return k_no_order;
    const bool fits = same_sum && order->state == "released" && order->fields.text("payee_account") == line.payer_account;
    return fits ? k_paid : k_differs;
  }

  KeptStatements kept_;
};

}  // namespace

std::shared_ptr<institution::Behaviour> account_lines() { return std::make_shared<AccountLineBehaviour>(); }

}  // namespace landglass::money
