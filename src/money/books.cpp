#include "money/books.hpp"

#include <span>

#include "institution/registry.hpp"
#include "money/behaviours.hpp"
#include "money/kept_statement.hpp"

namespace landglass::money {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Money;
using base::Result;
using institution::BehaviourOutcome;
using institution::BehaviourState;
using institution::Look;
using institution::Record;

// What a desk sees of the books, by the record's field.
struct Shown {
  const char* field;
  AccountKind kind;
};
constexpr Shown k_custody[] = {{"book_balance", AccountKind::bank},          {"deposits_held", AccountKind::deposit},
                               {"earnest_held", AccountKind::earnest},       {"suspense_held", AccountKind::suspense},
                               {"refunds_due", AccountKind::refund_payable}, {"treasury_due", AccountKind::treasury},
                               {"forfeited_due", AccountKind::forfeited},    {"unexplained", AccountKind::receivable}};
constexpr Shown k_office[] = {{"book_balance", AccountKind::bank},
                              {"spent", AccountKind::expense},
                              {"income", AccountKind::income},
                              {"suspense_held", AccountKind::suspense},
                              {"unexplained", AccountKind::receivable}};

// One decision on a copy of the ledger: entries, and what a desk sees afterwards.
class Entries {
 public:
  Entries(const Ledger& ledger, std::span<const Shown> shown) : ledger_(ledger), shown_(shown) {}

  base::Status move(AccountKind debit, AccountKind credit, Money amount, std::string_view kind, std::string_view ref) {
    LG_TRY(const auto from, account(debit));
    LG_TRY(const auto to, account(credit));
    return apply(Transfer{from, to, amount, std::string(kind), std::string(ref), false});
  }
  // An order's money is no longer available, and not paid yet.
  base::Status reserve(AccountKind debit, AccountKind credit, Money amount, std::string_view ref) {
    LG_TRY(const auto from, account(debit));
    LG_TRY(const auto to, account(credit));
    return apply(Transfer{from, to, amount, "ordered", std::string(ref), true});
  }
  base::Status settle(TransferId pending, std::string_view ref) {
    const auto held = ledger_.pending(pending);
    LG_ASSERT(held, "what is reserved is pending");
    return apply(Post{pending, held->amount, std::string(ref)});
  }
  base::Status release(TransferId pending, std::string_view ref) { return apply(Void{pending, std::string(ref)}); }
  Money free_at_bank() const {
    const auto id = ledger_.find(name_of(AccountKind::bank));
    return id ? available(ledger_.account(*id)) : Money{};
  }
  void finish(BehaviourOutcome& out) {
    out.outcome["entries"] = std::move(events_);
    for (const auto& shown : shown_) {
      const auto id = ledger_.find(name_of(shown.kind));
      out.set[shown.field] = base::money_text(id ? balance(ledger_.account(*id)) : Money{});
    }
  }

 private:
  Result<AccountId> account(AccountKind kind) {
    const auto name = name_of(kind);
    if (const auto found = ledger_.find(name)) return *found;
    LG_CHECK(apply(Open{kind, std::string(name)}));
    return *ledger_.find(name);
  }
  base::Status apply(const money::Command& command) {
    LG_TRY(auto event, ledger_.decide(command));
    ledger_.evolve(event);
    events_.push_back(to_json(event));
    return base::Done{};
  }

  Ledger ledger_;
  std::span<const Shown> shown_;
  JsonArray events_;
};

// Reserved orders by their number, as the entries of one leaf leave them.
void follow_orders(Books& books, const Event& event) {
  if (const auto* moved = std::get_if<Transferred>(&event)) {
    if (moved->transfer.pending) books.reserved.insert_or_assign(moved->transfer.ref, moved->id);
    return;
  }
  const auto* posted = std::get_if<Posted>(&event);
  const auto* voided = std::get_if<Voided>(&event);
  if (posted == nullptr && voided == nullptr) return;
  const auto pending = posted != nullptr ? posted->post.pending : voided->voided.pending;
  std::erase_if(books.reserved, [&](const auto& one) { return one.second == pending; });
}

class BooksBehaviour : public institution::Behaviour {
 public:
  BooksBehaviour(std::string_view name, std::string_view line, std::span<const Shown> shown)
      : name_(name), line_(line), shown_(shown) {}
  std::string_view name() const override { return name_; }
  bool answers(std::string_view, std::string_view) const override { return false; }

  Result<BehaviourOutcome> joins(const Record& before, const Record& after, const institution::Command& command,
                                 base::Time now, Look& look) override {
    if (command.action == "take") return take(before, after, now, look);
    if (command.action == "post") return post(before, after);
    if (command.action == "reserve") return reserve(before, after);
    if (command.action == "settle" || command.action == "release") return end(before, after, command.action == "settle");
    return BehaviourOutcome();
  }

  void evolve(Record& record, const log::Change& change, const JsonObject&, base::Time) override {
    const auto* entries = change.outcome.at("entries").if_array();
    if (entries == nullptr) return;
    auto* held = dynamic_cast<Books*>(record.behaviour.get());
    if (held == nullptr) {
      auto fresh = std::make_unique<Books>();
      held = fresh.get();
      record.behaviour = std::move(fresh);
    }
    for (const auto& entry : *entries) {
      auto event = event_from_json(entry);
      LG_ASSERT(event, "an entry of the log does not read");
      held->ledger.evolve(*event);
      follow_orders(*held, *event);
    }
  }

  std::unique_ptr<BehaviourState> load(const Json& saved) const override {
    auto held = std::make_unique<Books>();
    if (saved.is_object()) {
      auto ledger = ledger_from_json(saved);
      LG_ASSERT(ledger, "saved books do not read");
      held->ledger = std::move(*ledger);
      if (const auto* orders = saved.at("orders").if_object()) {
        for (const auto& [ref, id] : *orders)
          held->reserved.emplace(ref, TransferId{static_cast<std::uint64_t>(id.as_int())});
      }
    }
    return held;
  }

 private:
  // A statement is taken whole or refused whole.
  Result<BehaviourOutcome> take(const Record& before, const Record& after, base::Time now, Look& look) {
    const auto hash = after.fields.text("statement_file");
    LG_TRY(const auto statement, kept_.read(hash, look));
    Statement last;
    last.account = after.fields.text("number");
    last.closing = base::parse_money(before.fields.text("bank_balance")).value_or(statement->opening);
    last.to = base::parse_date(before.fields.text("covered")).value_or(statement->from);
    const bool first = before.fields.find("bank_balance") == nullptr;
    LG_CHECK(follows(last, *statement));
    if (statement->to > base::date_of(now)) {
      auto no = base::refuse("STM-12", "对账单期间尚未结束", "a statement of days that have not passed", "closing");
      no.detail = base::alike(base::format_date(statement->to) + " > " + base::format_date(base::date_of(now)));
      return no;
    }
    std::int64_t came_in = 0;
    std::int64_t went_out = 0;
    for (const auto& line : statement->lines) {
      LG_TRY(const auto* known, look.record(line_ + "/" + line_id(after.id, line.bank_reference)));
      if (known != nullptr) {
        return base::refuse("DEP-12", "流水已记账，不得重复", "this line was booked already",
                            "statement.csv:" + std::to_string(line.line) + " " + line.bank_reference);
      }
      (line.amount.fen > 0 ? came_in : went_out) += line.amount.fen;  // bounded: the parser added the same sums
    }
    BehaviourOutcome out;
    Entries entries(books_of(before).ledger, shown_);
    if (first && statement->opening.fen > 0) {
      LG_CHECK(entries.move(AccountKind::bank, AccountKind::equity, statement->opening, "opening", last.account));
    }
    show(out, entries);
    out.set["bank_balance"] = base::money_text(statement->closing);
    out.set["opening"] = base::money_text(statement->opening);
    out.set["covered"] = base::format_date(statement->to);
    out.set["expected"] = base::format_date(statement->to);
    out.set["covers_from"] = base::format_date(statement->from);
    out.set["statement_lines"] = static_cast<std::int64_t>(statement->lines.size());
    out.set["came_in"] = base::money_text({came_in});
    out.set["went_out"] = base::money_text({-went_out});
    return out;
  }

  Result<BehaviourOutcome> post(const Record& before, const Record& after) {
    const auto debit = account_kind(after.fields.text("debit"));
    const auto credit = account_kind(after.fields.text("credit"));
    const auto amount = base::parse_money(after.fields.text("amount"));
    if (!debit || !credit || !amount) return base::refuse("LED-15", "分录不完整", "not an entry", "post");
    BehaviourOutcome out;
    Entries entries(books_of(before).ledger, shown_);
    LG_CHECK(entries.move(*debit, *credit, *amount, std::string(name_of(*debit)) + "-to-" + std::string(name_of(*credit)),
                          after.fields.text("ref")));
    show(out, entries);
    return out;
  }

  Result<BehaviourOutcome> reserve(const Record& before, const Record& after) {
    const auto debit = account_kind(after.fields.text("debit"));
    const auto credit = account_kind(after.fields.text("credit"));
    const auto amount = base::parse_money(after.fields.text("amount"));
    const auto ref = after.fields.text("ref");
    if (!debit || !credit || !amount || ref.empty()) return base::refuse("LED-15", "分录不完整", "not an entry", "reserve");
    const auto& books = books_of(before);
    if (books.reserved.contains(ref)) {
      return base::refuse("LED-16", "该指令已在支付中", "this order is being paid already", std::string(ref));
    }
    BehaviourOutcome out;
    Entries entries(books.ledger, shown_);
    LG_CHECK(entries.reserve(*debit, *credit, *amount, ref));
    show(out, entries);
    return out;
  }

  // The bank paid an order, or it is not to be paid any more.
  Result<BehaviourOutcome> end(const Record& before, const Record& after, bool paid) {
    const auto ref = after.fields.text("ref");
    const auto& books = books_of(before);
    const auto held = books.reserved.find(ref);
    if (held == books.reserved.end()) {
      return base::refuse("LED-07", "没有这笔待付指令", "no such order is being paid", std::string(ref));
    }
    BehaviourOutcome out;
    Entries entries(books.ledger, shown_);
    LG_CHECK(paid ? entries.settle(held->second, ref) : entries.release(held->second, ref));
    show(out, entries);
    return out;
  }

  void show(BehaviourOutcome& out, Entries& entries) const {
    entries.finish(out);
    if (shown_.data() == k_office) out.set["free_balance"] = base::money_text(entries.free_at_bank());
  }

  std::string_view name_;
  std::string line_;  // the institution of its statements' lines
  std::span<const Shown> shown_;
  KeptStatements kept_;
};

}  // namespace

Money Books::of(AccountKind kind) const {
  const auto id = ledger.find(name_of(kind));
  return id ? balance(ledger.account(*id)) : Money{};
}

const Books& books_of(const Record& account) {
  static const Books k_empty;
  const auto* held = dynamic_cast<const Books*>(account.behaviour.get());
  return held == nullptr ? k_empty : *held;
}

base::Json Books::save() const {
  auto saved = to_json(ledger);
  if (!reserved.empty()) {
    JsonObject orders;
    for (const auto& [ref, id] : reserved) orders[ref] = static_cast<std::int64_t>(id.value);
    saved.as_object()["orders"] = std::move(orders);
  }
  return saved;
}

std::shared_ptr<institution::Behaviour> books() {
  return std::make_shared<BooksBehaviour>("books@1", "bank-line", k_custody);
}
std::shared_ptr<institution::Behaviour> office_books() {
  return std::make_shared<BooksBehaviour>("office-books@1", "account-line", k_office);
}

}  // namespace landglass::money
