// A statement that was taken hands its lines on: each becomes a record and a leaf of its own, so that one line which cannot
// be booked holds up no other, and no leaf grows with the statement.
#include "institution/registry.hpp"
#include "money/behaviours.hpp"
#include "money/books.hpp"
#include "money/kept_statement.hpp"

namespace landglass::money {
namespace {

using base::Result;
using institution::BehaviourOutcome;
using institution::FollowUp;
using institution::Look;
using institution::Record;

constexpr std::int64_t k_lines_a_turn = 400;  // below the follow-ups that the engine carries out in one batch

class StatementBehaviour final : public institution::Behaviour {
 public:
  StatementBehaviour(std::string_view name, std::string_view line) : name_(name), line_(line) {}
  std::string_view name() const override { return name_; }

  Result<BehaviourOutcome> joins(const Record& before, const Record& after, const institution::Command& command, base::Time,
                                 Look& look) override {
    if (command.action == "create") return page(after, 0, look);
    if (command.action == "continue") {
      const auto* next = after.fields.at("next_line").if_int();
      return page(after, next == nullptr ? 0 : *next, look);
    }
    BehaviourOutcome out;
    if (command.action == "finish") {
      LG_TRY(const auto* account, look.record(before.fields.text("account")));
      if (account == nullptr) return base::fail("a statement of no account: " + before.id);
      LG_CHECK(books_of(*account).ledger.audit());
      const auto books = base::money_text(books_of(*account).of(AccountKind::bank));
      const auto* booked = after.fields.at("booked").if_int();
      out.set["book_balance"] = books;
      if (books != after.fields.text("closing") || booked == nullptr || *booked != after.fields.at("lines").as_int()) {
        const base::JsonObject gap{
            {"code", "BKS-01"},
            {"detail", "账实不符：账面 " + books + "，银行 " + std::string(after.fields.text("closing"))}};
        out.outcome["raise"] = base::JsonArray{gap};
      }
    }
    return out;
  }

 private:
  Result<BehaviourOutcome> page(const Record& record, std::int64_t from, Look& look) {
    LG_TRY(const auto statement, kept_.read(record.fields.text("statement_file"), look));
    const auto all = static_cast<std::int64_t>(statement->lines.size());
    const auto until = std::min(all, from + k_lines_a_turn);
    const std::string account(record.fields.text("account"));
    BehaviourOutcome out;
    for (auto i = from; i < until; ++i) {
      FollowUp line;
      line.institution = line_;
      line.id = line_id(account, statement->lines[static_cast<std::size_t>(i)].bank_reference);
      line.fields = {{"statement", record.id}, {"line", i}};
      out.follow.push_back(std::move(line));
    }
    FollowUp next;
    next.record = record.id;
    next.action = until < all ? "continue" : "finish";
    if (until < all) next.fields = {{"next_line", until}};
    out.follow.push_back(std::move(next));
    return out;
  }

  std::string_view name_;
  std::string_view line_;  // the institution of its lines
  KeptStatements kept_;
};

}  // namespace

std::shared_ptr<institution::Behaviour> statements() {
  return std::make_shared<StatementBehaviour>("statement@1", "bank-line");
}
std::shared_ptr<institution::Behaviour> office_statements() {
  return std::make_shared<StatementBehaviour>("office-statement@1", "account-line");
}

}  // namespace landglass::money
