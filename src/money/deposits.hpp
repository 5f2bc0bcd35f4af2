#pragma once
// Bidders' deposits of one lot (竞买保证金), from the bank's line to refund, forfeiture or price. Pure: decide -> event |
// refusal, evolve. No command here says that money has arrived but `Receive`, and that carries a line of a bank statement;
// no command moves a sum to a bidder of the caller's choosing, and every refund goes back to the account it came from (L-23,
// L-25).
//
//   pending ─► applied ─► releasing ─► released        a loser, or one who withdraws in time; each line back to its source
//                 ├────► earnest ─► priced             the winner: 定金, then part of the price (L-24)
//                 └────► forfeited ◄─ earnest          a winner who refuses (L-27)
//
// A book is small (one lot): decide works on a copy of its ledger. Terms are given as dates by the caller, who has the
// calendar.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "money/ledger.hpp"
#include "money/statement.hpp"

namespace landglass::money {

struct LotId {
  std::string value;
  auto operator<=>(const LotId&) const = default;
};
struct BidderId {
  std::string value;
  auto operator<=>(const BidderId&) const = default;
};
struct DepositKey {
  LotId lot;
  BidderId bidder;
  auto operator<=>(const DepositKey&) const = default;
};

struct Expected {
  DepositKey key;
  std::vector<std::string> payers;  // names from which it may come: the bidder's; of joint bidders each one's
  std::string sub_account;          // where it must arrive, or empty where the code alone tells
  std::string code;                 // what the payer writes as 附言: [0-9A-Z-]{4,32}, unique over all lots
  base::Money required;
  base::Time deadline;  // of the money's value time, inclusive
  bool operator==(const Expected&) const = default;
};

// What became of a statement's line.
enum class Outcome : std::uint8_t {
  applied,            // DEP-01 the deposit is complete
  split,              // DEP-02 a part; more must come
  late,               // DEP-03
  wrong_payer,        // DEP-04
  overpaid,           // DEP-05 complete, and what is too much goes back
  unknown_reference,  // DEP-06 into suspense
  wrong_lot,          // DEP-07 names two deposits, of two lots or of two bidders: into suspense
  refund_paid,        // DEP-08
  refund_returned,    // DEP-09 the bank could not pay it out
  unexplained,        // DEP-10 money went out that no refund explains
  late_statement,     // DEP-18 in time at the bank, but its statement came after the deposit was closed
  remitted,           // DEP-19 to the treasury
  price_paid,         // PAY-11 the contract's price, and what lateness cost, are paid
  price_part,         // PAY-12 a part of it
};
struct Finding {
  std::string_view code;
  std::string_view zh, en;
  std::string_view law;
};
const Finding& finding(Outcome outcome);

// Which deposit a line is for, by sub-account and by the codes in its reference: nothing else of the line is looked at.
struct Match {
  std::optional<DepositKey> key;
  Outcome otherwise = Outcome::unknown_reference;  // where there is no key: why
};
Match match(const std::vector<Expected>& expected, const StatementLine& line);
// The words of a reference that could be codes, folded to upper case and half width.
std::vector<std::string> codes_in(std::string_view reference);
// Names are one where they differ in nothing but spaces, full and half width, and the case of Latin letters.
bool same_payer(std::string_view a, std::string_view b);

enum class DepositState : std::uint8_t { pending, applied, releasing, released, earnest, priced, forfeited };
std::string_view name_of(DepositState state);

struct Part {  // what one line gave to a deposit
  std::string bank_reference;
  std::string payer_name, payer_account;
  base::Money amount;
  bool operator==(const Part&) const = default;
};
struct Deposit {
  Expected expected;
  DepositState state = DepositState::pending;
  std::vector<Part> parts;
  bool operator==(const Deposit&) const = default;
  base::Money held() const;
};

enum class RefundState : std::uint8_t { ordered, paid, returned, reordered };
std::string_view name_of(RefundState state);
struct Refund {
  std::string id;  // "<bank reference it came with>-R<n>": the payment order's 附言, by which the bank's answer is known
  std::optional<DepositKey> key;          // none: out of suspense
  std::string payee_name, payee_account;  // the source, never another
  base::Money amount;                     // no interest (L-25)
  base::Date due;
  RefundState state = RefundState::ordered;
  TransferId pending;  // in the ledger, while ordered
  bool operator==(const Refund&) const = default;
};

struct Expect {
  Expected expected;
};
struct Receive {
  StatementLine line;
  base::Date refund_due;  // of what must go back, should any
};
struct MatchAgain {  // a line in suspense, by the same rule, after more deposits came to be expected
  std::string bank_reference;
  base::Date refund_due;
};
struct Release {  // a loser's, a withdrawn bidder's, or an incomplete one after the deadline
  DepositKey key;
  base::Date due;  // 5 working days after the activity ended (L-25)
};
struct ReturnSuspense {
  std::string bank_reference;
  base::Date due;
};
struct OrderAgain {  // a refund that the bank returned, to the same account
  std::string refund;
  base::Date due;
};
struct Win {
  DepositKey key;
};
struct Offset {
  DepositKey key;
};
struct Forfeit {
  DepositKey key;
  std::string ground;
};
using DepositCommand = std::variant<Expect, Receive, MatchAgain, Release, ReturnSuspense, OrderAgain, Win, Offset, Forfeit>;

// One event carries its whole outcome; which members it has follows from its name.
struct DepositEvent {
  std::string name;  // expected received matched released suspense-returned refund-ordered won offset forfeited
  std::optional<DepositKey> key;
  std::optional<Expected> expected;
  std::optional<StatementLine> line;
  std::optional<Outcome> outcome;
  base::Money kept;             // of the line, for the deposit
  std::vector<Refund> refunds;  // ordered by this event
  std::string settled;          // refund that the line pays or brings back, or that is ordered again
  std::string ground;
  std::vector<Event> entries;  // in the ledger
};

class DepositBook {
 public:
  const std::map<DepositKey, Deposit>& deposits() const { return deposits_; }
  const Deposit* find(const DepositKey& key) const;
  const std::map<std::string, Refund>& refunds() const { return refunds_; }
  const std::map<std::string, StatementLine>& suspense() const { return suspense_; }
  const Ledger& ledger() const { return ledger_; }
  std::vector<Refund> overdue(base::Date today) const;  // refunds not paid after their day

  // nullopt: a statement line that the book knows already, word for word. Refuses DEP-11 an expectation that is unfit or not
  // unique, DEP-12 a bank reference known with other contents, DEP-13 no such deposit, line or refund, DEP-14 not in this
  // state; LED-….
  base::Result<std::optional<DepositEvent>> decide(const DepositCommand& command) const;
  void evolve(const DepositEvent& event);
  // The ledger's own audit, and that it says what deposits, suspense and refunds say: DEP-15.
  base::Status audit() const;

  bool operator==(const DepositBook&) const = default;

 private:
  friend class DepositDecider;
  friend base::Json to_json(const DepositBook& book);
  friend base::Result<DepositBook> deposit_book_from_json(const base::Json& json);

  std::map<DepositKey, Deposit> deposits_;
  std::map<std::string, StatementLine> suspense_;  // by bank reference
  std::map<std::string, Refund> refunds_;          // by id
  std::map<std::string, std::string> seen_;        // bank reference -> hex SHA-256 of the line
  std::map<std::string, int> refund_count_;        // bank reference -> refunds so far
  Ledger ledger_;
};

// The forms that a behaviour keeps and logs. They hold names and account numbers: private, never in a leaf as they stand.
base::Json to_json(const DepositBook& book);
base::Result<DepositBook> deposit_book_from_json(const base::Json& json);  // DEP-16; audits
base::Json to_json(const DepositEvent& event);
base::Result<DepositEvent> deposit_event_from_json(const base::Json& json);  // DEP-17

}  // namespace landglass::money
