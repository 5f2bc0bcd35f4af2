#pragma once
// Double-entry books as a pure state machine: decide(books, command) -> event | refusal, evolve(books, event). Values only,
// so that a behaviour holds one `Ledger` per lot, per office or per bank account. docs/formats/ledger.md is the contract.
//
// Every transfer takes the same amount from one account and gives it to another, so the books balance by construction; what
// can still go wrong (a balance that may not be negative, a sum past 2^63) refuses. A pending transfer reserves: it counts
// against the side that gives at once, and for the side that receives only when it is posted.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace landglass::money {

// Accounts and transfers are numbered from 1 in the order of their opening; a gap cannot be made.
struct AccountId {
  std::uint32_t value = 0;
  auto operator<=>(const AccountId&) const = default;
};
struct TransferId {
  std::uint64_t value = 0;
  auto operator<=>(const TransferId&) const = default;
};

// What an account is says on which side it grows and whether it may fall below zero.
enum class AccountKind : std::uint8_t {
  bank,            // 银行存款: asset
  receivable,      // 应收价款: asset
  deposit,         // 竞买保证金 of one bidder for one lot: liability
  earnest,         // 定金 of the winner: liability
  suspense,        // 待查款项: liability to someone unknown
  refund_payable,  // 应退款: liability to the source account
  treasury,        // 应缴国库 (土地出让价款): liability
  forfeited,       // 没收的定金、保证金, due to the treasury: liability
  late_fee,        // 违约金: liability to the treasury
  expense,         // 支出: asset side
  budget,          // 预算指标: liability side, what may still be spent
  equity,          // 期初余额: where an opening balance comes from; the one kind that may fall below zero
  income,          // 收入: liability side
};
inline constexpr std::size_t k_account_kinds = 13;
std::string_view name_of(AccountKind kind);
std::optional<AccountKind> account_kind(std::string_view name);
bool grows_by_debit(AccountKind kind);
bool may_be_negative(AccountKind kind);

struct Account {
  AccountKind kind = AccountKind::bank;
  std::string name;                                      // unique in its books: "deposit/<lot>/<bidder>"
  std::int64_t debits = 0, credits = 0;                  // fen, posted; never negative, never falling
  std::int64_t debits_pending = 0, credits_pending = 0;  // fen, reserved
  bool operator==(const Account&) const = default;
};
base::Money balance(const Account& account);    // posted, on the side on which the account grows
base::Money available(const Account& account);  // balance less what pending transfers have reserved

struct Open {
  AccountKind kind = AccountKind::bank;
  std::string name;
};
struct Transfer {
  AccountId debit, credit;
  base::Money amount;  // > 0
  std::string kind;    // why: "deposit-received", "refund" …: a-z, 0-9 and '-'
  std::string ref;     // where it is proven: bank reference, paper number, record
  bool pending = false;
};
struct Post {  // a pending transfer becomes real, whole or in part; what is left of it is released
  TransferId pending;
  base::Money amount;
  std::string ref;
};
struct Void {
  TransferId pending;
  std::string ref;
};
using Command = std::variant<Open, Transfer, Post, Void>;

struct Opened {
  AccountId id;
  Open account;
};
struct Transferred {
  TransferId id;
  Transfer transfer;
};
struct Posted {
  TransferId id;  // of the transfer that posts
  Post post;
};
struct Voided {
  TransferId id;
  Void voided;
};
using Event = std::variant<Opened, Transferred, Posted, Voided>;

struct Pending {
  AccountId debit, credit;
  base::Money amount;
  bool operator==(const Pending&) const = default;
};

class Ledger {
 public:
  const std::vector<Account>& accounts() const { return accounts_; }
  const Account& account(AccountId id) const;  // of an account that exists; else a bug
  std::optional<AccountId> find(std::string_view name) const;
  std::optional<Pending> pending(TransferId id) const;
  std::size_t pending_count() const { return pending_.size(); }
  std::uint64_t transfers() const { return transfers_; }  // number of the last one

  // LED-01 no such account, LED-02 account open already or its name unfit, LED-03 amount not positive, LED-04 debit and
  // credit are one account, LED-05 the balance would fall below zero, LED-06 a sum past its bound, LED-07 no such pending
  // transfer, LED-08 more is posted than is pending, LED-09 kind or reference unfit.
  base::Result<Event> decide(const Command& command) const;
  void evolve(const Event& event);  // of an event decided on this very state; anything else is a bug

  // Walks all accounts: LED-10 debits and credits differ, LED-11 an account below zero, LED-12 pending sums that no pending
  // transfer explains.
  base::Status audit() const;

  bool operator==(const Ledger&) const = default;

 private:
  friend base::Json to_json(const Ledger& ledger);
  friend base::Result<Ledger> ledger_from_json(const base::Json& json);
  base::Result<Event> decide_transfer(const Transfer& transfer) const;

  std::vector<Account> accounts_;
  std::map<std::string, std::uint32_t, std::less<>> by_name_;
  std::map<std::uint64_t, Pending> pending_;
  std::uint64_t transfers_ = 0;
};

// Replays a history from empty books and holds every event to the rules it was once decided by, then audits. LED-13 names
// the first event that does not follow.
base::Result<Ledger> verify(std::span<const Event> history);

base::Json to_json(const Ledger& ledger);
base::Result<Ledger> ledger_from_json(const base::Json& json);  // LED-14 not books; audits what it read
base::Json to_json(const Event& event);
base::Result<Event> event_from_json(const base::Json& json);  // LED-15 not an event

}  // namespace landglass::money
