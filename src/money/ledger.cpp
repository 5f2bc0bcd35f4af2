#include "money/ledger.hpp"

#include <array>

namespace landglass::money {
namespace {

using base::Money;
using base::refuse;

struct KindRow {
  std::string_view name;
  bool by_debit;
  bool negative;
};
// In the order of AccountKind.
constexpr std::array<KindRow, k_account_kinds> k_kinds = {{
    {"bank", true, false},
    {"receivable", true, false},
    {"deposit", false, false},
    {"earnest", false, false},
    {"suspense", false, false},
    {"refund-payable", false, false},
    {"treasury", false, false},
    {"forfeited", false, false},
    {"late-fee", false, false},
    {"expense", true, false},
    {"budget", false, false},
    {"equity", false, true},
    {"income", false, false},
}};
const KindRow& row(AccountKind kind) { return k_kinds[static_cast<std::size_t>(kind)]; }

constexpr std::size_t k_max_name = 200;
constexpr std::size_t k_max_ref = 200;

bool fit_text(std::string_view text, std::size_t most) {
  if (text.size() > most) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) return false;
  }
  return base::is_nfc(text);
}

bool fit_kind(std::string_view kind) {
  if (kind.empty() || kind.size() > 40) return false;
  for (const char c : kind) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
  }
  return true;
}

// What an account would have left after giving `amount`; nullopt on overflow.
bool can_give(const Account& account, bool by_debit, Money amount, bool& fits) {
  const auto after = base::add(by_debit ? account.debits : account.credits, amount.fen);
  const auto pending = by_debit ? account.debits_pending : account.credits_pending;
  fits = after && base::add(*after, pending);
  if (!fits) return false;
  if (may_be_negative(account.kind) || grows_by_debit(account.kind) == by_debit) return true;
  return available(account) >= amount;
}

base::Refusal too_large(std::string where) {
  return refuse("LED-06", "合计超出账簿可表示的范围", "a sum past what the books can hold", std::move(where));
}

}  // namespace

std::string_view name_of(AccountKind kind) { return row(kind).name; }
std::optional<AccountKind> account_kind(std::string_view name) {
  for (std::size_t i = 0; i < k_kinds.size(); ++i) {
    if (k_kinds[i].name == name) return static_cast<AccountKind>(i);
  }
  return std::nullopt;
}
bool grows_by_debit(AccountKind kind) { return row(kind).by_debit; }
bool may_be_negative(AccountKind kind) { return row(kind).negative; }

Money balance(const Account& account) {
  return {grows_by_debit(account.kind) ? account.debits - account.credits : account.credits - account.debits};
}
Money available(const Account& account) {
  const auto reserved = grows_by_debit(account.kind) ? account.credits_pending : account.debits_pending;
  return {balance(account).fen - reserved};
}

const Account& Ledger::account(AccountId id) const {
  LG_ASSERT(id.value >= 1 && id.value <= accounts_.size(), "an account that these books do not have");
  return accounts_[id.value - 1];
}
std::optional<AccountId> Ledger::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return AccountId{found->second};
}
std::optional<Pending> Ledger::pending(TransferId id) const {
  const auto found = pending_.find(id.value);
  if (found == pending_.end()) return std::nullopt;
  return found->second;
}

base::Result<Event> Ledger::decide_transfer(const Transfer& transfer) const {
  for (const auto id : {transfer.debit, transfer.credit}) {
    if (id.value < 1 || id.value > accounts_.size()) {
      return refuse("LED-01", "没有这个账户", "no such account", "account " + std::to_string(id.value));
    }
  }
  if (transfer.amount.fen <= 0) return refuse("LED-03", "金额须大于零", "the amount must be above zero", "amount");
  if (transfer.debit == transfer.credit) {
    return refuse("LED-04", "借贷不能是同一账户", "debit and credit are one account", account(transfer.debit).name);
  }
  if (!fit_kind(transfer.kind)) return refuse("LED-09", "摘要类别不合规", "unfit kind of transfer", "kind");
  if (!fit_text(transfer.ref, k_max_ref)) return refuse("LED-09", "凭证号不合规", "unfit reference", "ref");
  const struct {
    const Account& account;
    bool by_debit;
  } sides[] = {{account(transfer.debit), true}, {account(transfer.credit), false}};
  for (const auto& side : sides) {
    bool fits = false;
    if (can_give(side.account, side.by_debit, transfer.amount, fits)) continue;
    if (!fits) return too_large(side.account.name);
    auto no = refuse("LED-05", "账户余额不足", "the balance would fall below zero", side.account.name);
    no.detail = base::alike(base::money_yuan(available(side.account)) + " < " + base::money_yuan(transfer.amount));
    return no;
  }
  return Event(Transferred{TransferId{transfers_ + 1}, transfer});
}

base::Result<Event> Ledger::decide(const Command& command) const {
  if (const auto* open = std::get_if<Open>(&command)) {
    if (open->name.empty() || !fit_text(open->name, k_max_name)) {
      return refuse("LED-02", "账户名不合规", "unfit name of an account", "name");
    }
    if (by_name_.contains(open->name)) return refuse("LED-02", "账户已开立", "the account is open already", open->name);
    return Event(Opened{AccountId{static_cast<std::uint32_t>(accounts_.size() + 1)}, *open});
  }
  if (const auto* transfer = std::get_if<Transfer>(&command)) return decide_transfer(*transfer);

  const auto* post = std::get_if<Post>(&command);
  const auto wanted = post ? post->pending : std::get<Void>(command).pending;
  const auto held = pending(wanted);
  if (!held) {
    return refuse("LED-07", "没有这笔待处理转账", "no such pending transfer", "transfer " + std::to_string(wanted.value));
  }
  const auto& ref = post ? post->ref : std::get<Void>(command).ref;
  if (!fit_text(ref, k_max_ref)) return refuse("LED-09", "凭证号不合规", "unfit reference", "ref");
  const TransferId next{transfers_ + 1};
  if (!post) return Event(Voided{next, std::get<Void>(command)});
  if (post->amount.fen <= 0) return refuse("LED-03", "金额须大于零", "the amount must be above zero", "amount");
  if (post->amount > held->amount) {
    auto no = refuse("LED-08", "过账金额超过待处理金额", "more is posted than is pending", "amount");
    no.detail = base::alike(base::money_yuan(post->amount) + " > " + base::money_yuan(held->amount));
    return no;
  }
  return Event(Posted{next, *post});
}

void Ledger::evolve(const Event& event) {
  if (const auto* opened = std::get_if<Opened>(&event)) {
    LG_ASSERT(opened->id.value == accounts_.size() + 1, "accounts open in order");
    accounts_.push_back({opened->account.kind, opened->account.name, 0, 0, 0, 0});
    const bool fresh = by_name_.emplace(opened->account.name, opened->id.value).second;
    LG_ASSERT(fresh, "an account opens once");
    return;
  }
  const auto at = [this](AccountId id) -> Account& {
    LG_ASSERT(id.value >= 1 && id.value <= accounts_.size(), "an account that these books do not have");
    return accounts_[id.value - 1];
  };
  ++transfers_;
  if (const auto* moved = std::get_if<Transferred>(&event)) {
    LG_ASSERT(moved->id.value == transfers_, "transfers are numbered without a gap");
    const auto& t = moved->transfer;
    auto& debit = at(t.debit);
    auto& credit = at(t.credit);
    if (t.pending) {
      debit.debits_pending += t.amount.fen;
      credit.credits_pending += t.amount.fen;
      pending_.emplace(transfers_, Pending{t.debit, t.credit, t.amount});
    } else {
      debit.debits += t.amount.fen;
      credit.credits += t.amount.fen;
    }
    return;
  }
  const auto* posted = std::get_if<Posted>(&event);
  const auto id = posted ? posted->id : std::get<Voided>(event).id;
  LG_ASSERT(id.value == transfers_, "transfers are numbered without a gap");
  const auto held = pending_.find((posted ? posted->post.pending : std::get<Voided>(event).voided.pending).value);
  LG_ASSERT(held != pending_.end(), "only what is pending is posted or voided");
  auto& debit = at(held->second.debit);
  auto& credit = at(held->second.credit);
  debit.debits_pending -= held->second.amount.fen;
  credit.credits_pending -= held->second.amount.fen;
  if (posted) {
    debit.debits += posted->post.amount.fen;
    credit.credits += posted->post.amount.fen;
  }
  pending_.erase(held);
}

base::Status Ledger::audit() const {
  std::vector<Account> expected(accounts_.size());
  for (const auto& [id, held] : pending_) {
    if (held.debit.value < 1 || held.debit.value > accounts_.size() || held.credit.value < 1 ||
        held.credit.value > accounts_.size() || held.amount.fen <= 0 || id > transfers_) {
      return refuse("LED-12", "待处理转账有误", "a pending transfer is wrong", "transfer " + std::to_string(id));
    }
    auto& debit = expected[held.debit.value - 1].debits_pending;
    auto& credit = expected[held.credit.value - 1].credits_pending;
    const auto more_debit = base::add(debit, held.amount.fen);
    const auto more_credit = base::add(credit, held.amount.fen);
    if (!more_debit || !more_credit) return too_large("transfer " + std::to_string(id));
    debit = *more_debit;
    credit = *more_credit;
  }
  // Sums over all accounts may pass 2^63 though no account does.
  __extension__ typedef __int128 Wide;
  Wide difference = 0;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    const auto& account = accounts_[i];
    difference += Wide{account.debits} - account.credits;
    if (account.debits_pending != expected[i].debits_pending || account.credits_pending != expected[i].credits_pending) {
      return refuse("LED-12", "冻结金额与待处理转账不符", "reserved sums that no pending transfer explains", account.name);
    }
    if (account.debits < 0 || account.credits < 0 || (!may_be_negative(account.kind) && available(account).fen < 0)) {
      return refuse("LED-11", "账户余额为负", "an account below zero", account.name);
    }
  }
  if (difference != 0) return refuse("LED-10", "借贷不平", "debits and credits differ");
  return base::Done{};
}

base::Result<Ledger> verify(std::span<const Event> history) {
  Ledger books;
  std::size_t index = 0;
  for (const auto& event : history) {
    const auto wrong = [&](base::Refusal why) {
      const auto gap = why.detail.empty() ? "" : " ";
      why.detail = {why.code + gap + why.detail.zh, why.code + gap + why.detail.en};
      why.code = "LED-13";
      why.where = "event " + std::to_string(index) + (why.where.empty() ? "" : ": " + why.where);
      return why;
    };
    Command command;
    std::uint64_t number = 0, expected = books.transfers() + 1;
    if (const auto* opened = std::get_if<Opened>(&event)) {
      command = opened->account;
      number = opened->id.value;
      expected = books.accounts().size() + 1;
    } else if (const auto* moved = std::get_if<Transferred>(&event)) {
      command = moved->transfer;
      number = moved->id.value;
    } else if (const auto* posted = std::get_if<Posted>(&event)) {
      command = posted->post;
      number = posted->id.value;
    } else {
      command = std::get<Voided>(event).voided;
      number = std::get<Voided>(event).id.value;
    }
    if (number != expected) return wrong(refuse("LED-13", "编号不连续", "numbers with a gap"));
    if (const auto decided = books.decide(command); !decided) return wrong(decided.refusal());
    books.evolve(event);
    ++index;
  }
  LG_CHECK(books.audit());
  return books;
}

}  // namespace landglass::money
