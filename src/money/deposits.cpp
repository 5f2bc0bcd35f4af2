#include "money/deposits.hpp"

#include <algorithm>

#include "base/crypto.hpp"

namespace landglass::money {

using base::Money;
using base::refuse;
using base::Status;

namespace {

constexpr std::string_view k_bank = "bank", k_suspense = "suspense", k_payable = "refund-payable", k_forfeited = "forfeited",
                           k_treasury = "treasury", k_unexplained = "unexplained";

std::string deposit_account(const DepositKey& key) { return "deposit/" + key.lot.value + "/" + key.bidder.value; }
std::string earnest_account(const DepositKey& key) { return "earnest/" + key.lot.value + "/" + key.bidder.value; }

std::string fingerprint(const StatementLine& line) {
  base::JsonArray all{line.account,
                      base::format_date(line.booked),
                      base::format_utc(line.value_time),
                      base::money_text(line.amount),
                      line.payer_name,
                      line.payer_account,
                      line.reference,
                      line.bank_reference};
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(base::Json(std::move(all))))));
}

bool fit_code(std::string_view code) {
  if (code.size() < 4 || code.size() > 32) return false;
  return std::all_of(code.begin(), code.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-'; });
}
bool fit_id(std::string_view id) {
  if (id.empty() || id.size() > 80) return false;
  return std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

base::Refusal no_such(const char* zh, const char* en, std::string where) {
  return refuse("DEP-13", zh, en, std::move(where));
}
base::Refusal not_in(const Deposit& deposit) {
  auto no = refuse("DEP-14", "保证金的状态不允许此操作", "not in this state of the deposit",
                   deposit_account(deposit.expected.key));
  no.detail = base::alike(std::string(name_of(deposit.state)));
  return no;
}

}  // namespace

std::string_view name_of(DepositState state) {
  static constexpr std::string_view k_names[] = {"pending", "applied", "releasing", "released",
                                                 "earnest", "priced",  "forfeited"};
  return k_names[static_cast<std::size_t>(state)];
}
std::string_view name_of(RefundState state) {
  static constexpr std::string_view k_names[] = {"ordered", "paid", "returned", "reordered"};
  return k_names[static_cast<std::size_t>(state)];
}

Money Deposit::held() const {
  Money sum;
  for (const auto& part : parts) sum.fen += part.amount.fen;  // fits: the ledger holds the same sum
  return sum;
}

const Deposit* DepositBook::find(const DepositKey& key) const {
  const auto found = deposits_.find(key);
  return found == deposits_.end() ? nullptr : &found->second;
}

std::vector<Refund> DepositBook::overdue(base::Date today) const {
  std::vector<Refund> late;
  for (const auto& [id, refund] : refunds_) {
    if ((refund.state == RefundState::ordered || refund.state == RefundState::returned) && refund.due < today)
      late.push_back(refund);
  }
  return late;
}

// Builds one event against a copy of the ledger, so that each entry is decided on the books as the one before left them.
class DepositDecider {
 public:
  explicit DepositDecider(const DepositBook& book) : book_(book), ledger_(book.ledger_) {}
  using Decided = base::Result<std::optional<DepositEvent>>;

  Decided operator()(const Expect& command) {
    const auto& e = command.expected;
    const auto unfit = [&](const char* zh, const char* en, const char* where) { return refuse("DEP-11", zh, en, where); };
    if (!fit_id(e.key.lot.value) || !fit_id(e.key.bidder.value))
      return unfit("宗地或竞买人编号不合规", "unfit lot or bidder", "key");
    if (!fit_code(e.code))
      return unfit("缴款码应为 4 至 32 位数字、大写字母或连字符", "a code has 4 to 32 of 0-9 A-Z -", "code");
    if (e.required.fen <= 0) return unfit("保证金须大于零", "the deposit must be above zero", "required");
    if (e.payers.empty() || std::any_of(e.payers.begin(), e.payers.end(), [](const auto& name) { return name.empty(); })) {
      return unfit("缺竞买人名称", "no name of the bidder", "payers");
    }
    for (const auto& [key, deposit] : book_.deposits_) {
      if (key == e.key) return unfit("一个竞买人对一宗地只有一份保证金", "one deposit per bidder and lot", "key");
      if (deposit.expected.code == e.code) return unfit("缴款码已被使用", "the code is in use", "code");
      if (!e.sub_account.empty() && deposit.expected.sub_account == e.sub_account) {
        return unfit("子账号已被使用", "the sub-account is in use", "sub_account");
      }
    }
    event_.name = "expected";
    event_.key = e.key;
    event_.expected = e;
    LG_CHECK(account(AccountKind::deposit, deposit_account(e.key)));
    return finish();
  }

  Decided operator()(const Receive& command) {
    const auto& line = command.line;
    if (const auto known = book_.seen_.find(line.bank_reference); known != book_.seen_.end()) {
      if (known->second == fingerprint(line)) return std::optional<DepositEvent>();
      return refuse("DEP-12", "同一流水号内容不同", "a bank reference known with other contents", line.bank_reference);
    }
    if (line.amount.fen == 0 || line.bank_reference.empty()) {
      return refuse("DEP-12", "流水无金额或无流水号", "a line without amount or bank reference", line.bank_reference);
    }
    event_.name = "received";
    event_.line = line;
    if (const auto* refund = refund_named(line); refund && line.amount.fen < 0 && refund->state == RefundState::ordered) {
      return paid(*refund, line);
    } else if (refund && line.amount.fen > 0 && refund->state == RefundState::paid && line.amount == refund->amount) {
      return came_back(*refund, line);
    }
    if (line.amount.fen < 0) return unexplained(line);
    return incoming(line, k_bank, AccountKind::bank, command.refund_due, false);
  }

  Decided operator()(const MatchAgain& command) {
    const auto held = book_.suspense_.find(command.bank_reference);
    if (held == book_.suspense_.end())
      return no_such("待查款项中没有这笔流水", "no such line in suspense", command.bank_reference);
    event_.name = "matched";
    event_.line = held->second;
    return incoming(held->second, k_suspense, AccountKind::suspense, command.refund_due, true);
  }

  Decided operator()(const Release& command) {
    LG_TRY(const auto* deposit, in(command.key, {DepositState::pending, DepositState::applied}));
    event_.name = "released";
    event_.key = command.key;
    for (const auto& part : deposit->parts) {
      LG_CHECK(move(AccountKind::deposit, deposit_account(command.key), AccountKind::refund_payable, k_payable, part.amount,
                    "refund-due", part.bank_reference));
      LG_CHECK(order(command.key, part.bank_reference, part.payer_name, part.payer_account, part.amount, command.due));
    }
    return finish();
  }

  Decided operator()(const ReturnSuspense& command) {
    const auto held = book_.suspense_.find(command.bank_reference);
    if (held == book_.suspense_.end())
      return no_such("待查款项中没有这笔流水", "no such line in suspense", command.bank_reference);
    const auto& line = held->second;
    event_.name = "suspense-returned";
    event_.line = line;
    LG_CHECK(move(AccountKind::suspense, k_suspense, AccountKind::refund_payable, k_payable, line.amount, "refund-due",
                  line.bank_reference));
    LG_CHECK(order(std::nullopt, line.bank_reference, line.payer_name, line.payer_account, line.amount, command.due));
    return finish();
  }

  Decided operator()(const OrderAgain& command) {
    const auto found = book_.refunds_.find(command.refund);
    if (found == book_.refunds_.end()) return no_such("没有这笔退款", "no such refund", command.refund);
    const auto& refund = found->second;
    if (refund.state != RefundState::returned) {
      return refuse("DEP-14", "只有被银行退回的退款可以重发", "only a refund that came back is ordered again", refund.id);
    }
    event_.name = "refund-ordered";
    event_.settled = refund.id;
    event_.key = refund.key;
    const auto source = refund.id.substr(0, refund.id.rfind("-R"));
    LG_CHECK(order(refund.key, source, refund.payee_name, refund.payee_account, refund.amount, command.due));
    return finish();
  }

  Decided operator()(const Win& command) {
    LG_TRY(const auto* deposit, in(command.key, {DepositState::applied}));
    event_.name = "won";
    event_.key = command.key;
    LG_CHECK(move(AccountKind::deposit, deposit_account(command.key), AccountKind::earnest, earnest_account(command.key),
                  deposit->held(), "deposit-to-earnest", command.key.lot.value));
    return finish();
  }

  Decided operator()(const Offset& command) {
    LG_TRY(const auto* deposit, in(command.key, {DepositState::earnest}));
    event_.name = "offset";
    event_.key = command.key;
    LG_CHECK(move(AccountKind::earnest, earnest_account(command.key), AccountKind::treasury, k_treasury, deposit->held(),
                  "earnest-to-price", command.key.lot.value));
    return finish();
  }

  Decided operator()(const Forfeit& command) {
    LG_TRY(const auto* deposit, in(command.key, {DepositState::applied, DepositState::earnest}));
    if (command.ground.empty()) return refuse("DEP-14", "不予退还须有依据", "a forfeit needs its ground", "ground");
    event_.name = "forfeited";
    event_.key = command.key;
    event_.ground = command.ground;
    const bool earnest = deposit->state == DepositState::earnest;
    LG_CHECK(move(earnest ? AccountKind::earnest : AccountKind::deposit,
                  earnest ? earnest_account(command.key) : deposit_account(command.key), AccountKind::forfeited, k_forfeited,
                  deposit->held(), "forfeited", command.key.lot.value));
    return finish();
  }

 private:
  base::Result<const Deposit*> in(const DepositKey& key, std::initializer_list<DepositState> states) const {
    const auto* deposit = book_.find(key);
    if (!deposit) return no_such("没有这份保证金", "no such deposit", deposit_account(key));
    if (std::find(states.begin(), states.end(), deposit->state) == states.end()) return not_in(*deposit);
    return deposit;
  }

  // The refund whose id stands in the reference as a word of its own.
  const Refund* refund_named(const StatementLine& line) const {
    const auto word = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
             c == '/' || c == '.';
    };
    const std::string_view text = line.reference;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (!word(text[at])) continue;
      auto end = at;
      while (end < text.size() && word(text[end])) ++end;
      const auto found = book_.refunds_.find(std::string(text.substr(at, end - at)));
      if (found != book_.refunds_.end()) return &found->second;
      at = end;
    }
    return nullptr;
  }

  Decided paid(const Refund& refund, const StatementLine& line) {
    if (line.amount.fen != -refund.amount.fen || line.payer_account != refund.payee_account) return unexplained(line);
    event_.outcome = Outcome::refund_paid;
    event_.settled = refund.id;
    event_.key = refund.key;
    LG_CHECK(apply(Post{refund.pending, refund.amount, line.bank_reference}));
    return finish();
  }

  Decided came_back(const Refund& refund, const StatementLine& line) {
    event_.outcome = Outcome::refund_returned;
    event_.settled = refund.id;
    event_.key = refund.key;
    LG_CHECK(move(AccountKind::bank, k_bank, AccountKind::refund_payable, k_payable, line.amount, "refund-returned",
                  line.bank_reference));
    return finish();
  }

  Decided unexplained(const StatementLine& line) {
    event_.outcome = Outcome::unexplained;
    LG_CHECK(move(AccountKind::receivable, k_unexplained, AccountKind::bank, k_bank, Money{-line.amount.fen}, "unexplained",
                  line.bank_reference));
    return finish();
  }

  Decided incoming(const StatementLine& line, std::string_view from, AccountKind from_kind, base::Date refund_due,
                   bool again) {
    std::vector<Expected> expected;
    for (const auto& [key, deposit] : book_.deposits_) expected.push_back(deposit.expected);
    const auto found = match(expected, line);
    if (!found.key) {
      if (again) return refuse("DEP-14", "仍无法识别", "still not to be told whose it is", line.bank_reference);
      event_.outcome = found.otherwise;
      LG_CHECK(
          move(AccountKind::bank, k_bank, AccountKind::suspense, k_suspense, line.amount, "suspense", line.bank_reference));
      return finish();
    }
    const auto& deposit = *book_.find(*found.key);
    const auto& e = deposit.expected;
    event_.key = e.key;
    const Money missing{deposit.state == DepositState::pending ? e.required.fen - deposit.held().fen : 0};
    const bool own =
        std::any_of(e.payers.begin(), e.payers.end(), [&](const auto& name) { return same_payer(name, line.payer_name); });
    if (!own) {
      event_.outcome = Outcome::wrong_payer;
    } else if (line.value_time > e.deadline) {
      event_.outcome = Outcome::late;
    } else if (line.amount > missing) {
      event_.outcome = Outcome::overpaid;
      event_.kept = missing;
    } else {
      event_.outcome = line.amount == missing ? Outcome::applied : Outcome::split;
      event_.kept = line.amount;
    }
    if (event_.kept.fen > 0) {
      LG_CHECK(move(from_kind, from, AccountKind::deposit, deposit_account(e.key), event_.kept, "deposit-received",
                    line.bank_reference));
    }
    const Money excess{line.amount.fen - event_.kept.fen};
    if (excess.fen > 0) {
      LG_CHECK(move(from_kind, from, AccountKind::refund_payable, k_payable, excess, "refund-due", line.bank_reference));
      LG_CHECK(order(e.key, line.bank_reference, line.payer_name, line.payer_account, excess, refund_due));
    }
    return finish();
  }

  base::Result<AccountId> account(AccountKind kind, std::string_view name) {
    if (const auto found = ledger_.find(name)) return *found;
    LG_CHECK(apply(Open{kind, std::string(name)}));
    return *ledger_.find(name);
  }
  Status apply(const Command& command) {
    LG_TRY(auto event, ledger_.decide(command));
    ledger_.evolve(event);
    event_.entries.push_back(std::move(event));
    return base::Done{};
  }
  Status move(AccountKind debit_kind, std::string_view debit, AccountKind credit_kind, std::string_view credit, Money amount,
              std::string_view kind, std::string_view ref) {
    LG_TRY(const auto from, account(debit_kind, debit));
    LG_TRY(const auto to, account(credit_kind, credit));
    return apply(Transfer{from, to, amount, std::string(kind), std::string(ref), false});
  }
  // The bank is told to pay; until its statement says that it did, the sum stays payable and is reserved.
  Status order(const std::optional<DepositKey>& key, const std::string& source, const std::string& name,
               const std::string& to, Money amount, base::Date due) {
    const auto counted = book_.refund_count_.find(source);
    int number = counted == book_.refund_count_.end() ? 1 : counted->second + 1;
    Refund refund{source + "-R" + std::to_string(number), key, name, to, amount, due, RefundState::ordered, {}};
    LG_TRY(const auto payable, account(AccountKind::refund_payable, k_payable));
    LG_TRY(const auto bank, account(AccountKind::bank, k_bank));
    LG_CHECK(apply(Transfer{payable, bank, amount, "refund-ordered", refund.id, true}));
    refund.pending = TransferId{ledger_.transfers()};
    event_.refunds.push_back(std::move(refund));
    return base::Done{};
  }
  Decided finish() { return std::optional<DepositEvent>(std::move(event_)); }

  const DepositBook& book_;
  Ledger ledger_;
  DepositEvent event_;
};

base::Result<std::optional<DepositEvent>> DepositBook::decide(const DepositCommand& command) const {
  return std::visit([this](const auto& one) { return DepositDecider(*this)(one); }, command);
}

void DepositBook::evolve(const DepositEvent& event) {
  for (const auto& entry : event.entries) ledger_.evolve(entry);
  for (const auto& refund : event.refunds) {
    ++refund_count_[refund.id.substr(0, refund.id.rfind("-R"))];
    refunds_.emplace(refund.id, refund);
  }
  auto* deposit = event.key && deposits_.contains(*event.key) ? &deposits_.at(*event.key) : nullptr;
  const auto become = [&](DepositState state) {
    LG_ASSERT(deposit != nullptr, "an event of a deposit that the book does not have");
    deposit->state = state;
  };
  if (event.name == "expected") {
    deposits_.emplace(*event.key, Deposit{*event.expected, DepositState::pending, {}});
  } else if (event.name == "won") {
    become(DepositState::earnest);
  } else if (event.name == "offset") {
    become(DepositState::priced);
  } else if (event.name == "forfeited") {
    become(DepositState::forfeited);
  } else if (event.name == "released") {
    become(event.refunds.empty() ? DepositState::released : DepositState::releasing);
    deposit->parts.clear();
  } else if (event.name == "suspense-returned") {
    suspense_.erase(event.line->bank_reference);
  } else if (event.name == "refund-ordered") {
    refunds_.at(event.settled).state = RefundState::reordered;
  } else {
    const auto& line = *event.line;
    if (event.name == "received") seen_.emplace(line.bank_reference, fingerprint(line));
    suspense_.erase(line.bank_reference);
    const auto outcome = *event.outcome;
    if (outcome == Outcome::unknown_reference || outcome == Outcome::wrong_lot) suspense_.emplace(line.bank_reference, line);
    if (event.kept.fen > 0) {
      LG_ASSERT(deposit != nullptr, "money for a deposit that the book does not have");
      deposit->parts.push_back({line.bank_reference, line.payer_name, line.payer_account, event.kept});
      if (outcome == Outcome::applied || outcome == Outcome::overpaid) deposit->state = DepositState::applied;
    }
    if (outcome == Outcome::refund_paid || outcome == Outcome::refund_returned) {
      refunds_.at(event.settled).state = outcome == Outcome::refund_paid ? RefundState::paid : RefundState::returned;
    }
  }
  // A released deposit is done with when all of its money is back where it came from; a refund that comes back undoes that.
  if (deposit && (deposit->state == DepositState::releasing || deposit->state == DepositState::released)) {
    const bool open = std::any_of(refunds_.begin(), refunds_.end(), [&](const auto& one) {
      return one.second.key == event.key &&
             (one.second.state == RefundState::ordered || one.second.state == RefundState::returned);
    });
    deposit->state = open ? DepositState::releasing : DepositState::released;
  }
}

Status DepositBook::audit() const {
  LG_CHECK(ledger_.audit());
  const auto says = [this](std::string_view name, Money expected) -> Status {
    const auto id = ledger_.find(name);
    const auto held = id ? balance(ledger_.account(*id)) : Money{};
    if (held == expected) return base::Done{};
    auto no = refuse("DEP-15", "账簿与保证金台账不符", "the ledger and the deposits differ", std::string(name));
    no.detail = base::alike(base::money_yuan(held) + " ≠ " + base::money_yuan(expected));
    return no;
  };
  Money payable, suspended, forfeited, priced;
  for (const auto& [key, deposit] : deposits_) {
    const auto held = deposit.held();
    const bool in_deposit = deposit.state == DepositState::pending || deposit.state == DepositState::applied;
    LG_CHECK(says(deposit_account(key), in_deposit ? held : Money{}));
    LG_CHECK(says(earnest_account(key), deposit.state == DepositState::earnest ? held : Money{}));
    if (deposit.state == DepositState::forfeited) forfeited.fen += held.fen;
    if (deposit.state == DepositState::priced) priced.fen += held.fen;
    if (held > deposit.expected.required)
      return refuse("DEP-15", "保证金超过应缴额", "more is held than is required", deposit_account(key));
  }
  for (const auto& [id, refund] : refunds_) {
    if (refund.state == RefundState::ordered || refund.state == RefundState::returned) payable.fen += refund.amount.fen;
    const auto pending = ledger_.pending(refund.pending);
    if ((refund.state == RefundState::ordered) != pending.has_value() || (pending && pending->amount != refund.amount)) {
      return refuse("DEP-15", "退款与账簿不符", "a refund and the ledger differ", id);
    }
  }
  for (const auto& [reference, line] : suspense_) suspended.fen += line.amount.fen;
  LG_CHECK(says(k_payable, payable));
  LG_CHECK(says(k_suspense, suspended));
  LG_CHECK(says(k_forfeited, forfeited));
  return says(k_treasury, priced);
}

}  // namespace landglass::money
