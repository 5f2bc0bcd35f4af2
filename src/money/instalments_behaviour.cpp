// A contract's payments: each arrives by a line of a statement; what is due first is paid first; lateness is reckoned to the
// day by the parameter in force, never typed in.
#include <algorithm>

#include "institution/registry.hpp"
#include "money/behaviours.hpp"
#include "money/schedule.hpp"

namespace landglass::money {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Money;
using base::Result;
using institution::BehaviourOutcome;
using institution::Look;
using institution::Record;

class Payments final : public institution::BehaviourState {
 public:
  std::vector<Payment> made;

  Json save() const override {
    JsonArray list;
    for (const auto& one : made) list.push_back(json_of(one));
    return list;
  }
  Json publish() const override { return save(); }  // amounts, days and the bank's references of a public contract
  std::unique_ptr<BehaviourState> copy() const override { return std::make_unique<Payments>(*this); }

  static JsonObject json_of(const Payment& one) {
    return {{"amount", base::money_text(one.amount)},
            {"date", base::format_date(one.received)},
            {"for", one.purpose == Purpose::price ? "price" : "late-fee"},
            {"ref", one.bank_reference}};
  }
  static Payment payment_of(const Json& json) {
    return {base::parse_date(json.text("date")).value_or(base::Date{}),
            base::parse_money(json.text("amount")).value_or(Money{}),
            json.text("for") == "price" ? Purpose::price : Purpose::late_fee, std::string(json.text("ref"))};
  }
};

Result<Schedule> schedule_of(const Record& record) {
  const auto price = money_of(record, "price");
  const auto first = money_of(record, "first_amount");
  const auto first_due = base::parse_date(record.fields.text("first_due"));
  const auto rest_due = base::parse_date(record.fields.text("rest_due"));
  if (!first_due || !rest_due) return base::refuse("PAY-02", "缺缴款日", "no day of payment", record.id);
  std::vector<Instalment> parts;
  if (first.fen > 0) parts.push_back({*first_due, std::min(first, price)});
  if (first < price) parts.push_back({*rest_due, {price.fen - first.fen}});
  return Schedule::make(price, std::move(parts));
}

class InstalmentsBehaviour final : public institution::Behaviour {
 public:
  std::string_view name() const override { return "instalments@1"; }
  bool answers(std::string_view, std::string_view) const override { return false; }

  Result<BehaviourOutcome> joins(const Record& before, const Record& after, const institution::Command& command,
                                 base::Time now, Look& look) override {
    const auto today = base::date_of(command.as_of.value_or(now));
    if (command.action == "create") {
      std::vector<Payment> made;
      const auto earnest = money_of(after, "earnest_part");
      if (earnest.fen > 0) made.push_back({today, earnest, Purpose::price, "earnest"});
      LG_TRY(auto out, stand(after, made, today, look));
      note(out, made, 0);
      return out;
    }
    if (command.action == "charge-late") return stand(after, made_of(before), today, look);
    if (command.action == "pay") return pay(before, after, today, look);
    return BehaviourOutcome();
  }
  Result<BehaviourOutcome> decide(const Record&, const institution::Command& command, base::Time, Look&) override {
    return base::fail("instalments@1 answers no action of its own: " + command.action);
  }
  void evolve(Record& record, const log::Change& change, const JsonObject&, base::Time) override {
    const auto* payments = change.outcome.at("payments").if_array();
    if (payments == nullptr) return;
    auto* held = dynamic_cast<Payments*>(record.behaviour.get());
    if (held == nullptr) {
      auto fresh = std::make_unique<Payments>();
      held = fresh.get();
      record.behaviour = std::move(fresh);
    }
    for (const auto& one : *payments) held->made.push_back(Payments::payment_of(one));
  }
  std::unique_ptr<institution::BehaviourState> load(const Json& saved) const override {
    auto held = std::make_unique<Payments>();
    if (const auto* list = saved.if_array()) {
      for (const auto& one : *list) held->made.push_back(Payments::payment_of(one));
    }
    return held;
  }

 private:
  static std::vector<Payment> made_of(const Record& record) {
    const auto* held = dynamic_cast<const Payments*>(record.behaviour.get());
    return held == nullptr ? std::vector<Payment>() : held->made;
  }
  static void note(BehaviourOutcome& out, const std::vector<Payment>& made, std::size_t from) {
    JsonArray list;
    for (auto i = from; i < made.size(); ++i) list.push_back(Payments::json_of(made[i]));
    out.outcome["payments"] = std::move(list);
  }

  // The price first, then what its lateness cost; the rule that booked the line keeps no fen beyond both.
  Result<BehaviourOutcome> pay(const Record& before, const Record& after, base::Date today, Look& look) {
    const auto amount = money_of(after, "amount");
    const auto date = base::parse_date(after.fields.text("value_date")).value_or(today);
    const std::string ref(after.fields.text("bank_reference"));
    auto made = made_of(before);
    const auto known = made.size();
    const Money open{std::max<std::int64_t>(0, money_of(before, "price").fen - money_of(before, "received").fen)};
    const auto price = std::min(amount, open);
    if (price.fen > 0) made.push_back({date, price, Purpose::price, ref});
    if (amount > price) made.push_back({date, {amount.fen - price.fen}, Purpose::late_fee, ref});
    LG_TRY(auto out, stand(after, made, std::max(today, date), look));
    note(out, made, known);
    const auto received = base::parse_money(out.set.text("received")).value_or(Money{});
    const auto owed = base::parse_money(out.set.text("late_owed")).value_or(Money{});
    out.to = received >= money_of(after, "price") && owed.fen == 0 ? "paid"
             : received >= money_of(after, "first_amount")         ? "first_paid"
                                                                   : "signed";
    return out;
  }

  Result<BehaviourOutcome> stand(const Record& after, const std::vector<Payment>& made, base::Date day, Look& look) {
    LG_TRY(const auto schedule, schedule_of(after));
    LG_TRY(const auto ratio, look.parameter(after, "late_fee"));
    LG_TRY(const auto standing, schedule.standing(made, day, base::Ratio{ratio.number, ratio.denominator}));
    BehaviourOutcome out;
    int late = 0;
    for (const auto& one : standing.instalments) late = std::max(late, one.days_late);
    out.set["received"] = base::money_text(standing.paid);
    out.set["overdue"] = base::money_text(standing.overdue);
    out.set["late_days"] = std::int64_t{late};
    out.set["late_fees"] = base::money_text(standing.late_fee);
    out.set["late_paid"] = base::money_text(standing.late_fee_paid);
    out.set["late_owed"] = base::money_text(standing.late_fee_outstanding);
    return out;
  }
};

}  // namespace

std::shared_ptr<institution::Behaviour> instalments() { return std::make_shared<InstalmentsBehaviour>(); }

}  // namespace landglass::money
