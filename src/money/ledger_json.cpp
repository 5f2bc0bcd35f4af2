// The JSON forms of docs/formats/ledger.md: money as text, numbers of accounts and transfers as integers, nothing optional.
#include "money/ledger.hpp"

namespace landglass::money {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Money;
using base::refuse;

base::Refusal unreadable(const char* code, std::string where) {
  return refuse(code, "不是合格的账簿数据", "not the JSON of these books", std::move(where));
}

// Amounts in books are never negative and have one form each.
bool read_money(const Json& json, std::int64_t& fen) {
  const auto* text = json.if_string();
  if (!text) return false;
  const auto money = base::parse_money(*text);
  if (!money || money->fen < 0 || base::money_text(*money) != *text) return false;
  fen = money->fen;
  return true;
}
template <class Id>
bool read_id(const Json& json, Id& id) {
  constexpr std::int64_t k_most = sizeof(id.value) == 4 ? (std::int64_t{1} << 32) - 1 : (std::int64_t{1} << 53) - 1;
  const auto* number = json.if_int();
  if (!number || *number < 1 || *number > k_most) return false;
  id.value = static_cast<decltype(id.value)>(*number);
  return true;
}
bool read_text(const Json& json, std::string& text) {
  const auto* found = json.if_string();
  if (!found) return false;
  text = *found;
  return true;
}
Json id_json(std::uint64_t id) { return static_cast<std::int64_t>(id); }

}  // namespace

Json to_json(const Ledger& ledger) {
  JsonArray accounts;
  for (const auto& a : ledger.accounts_) {
    accounts.emplace_back(JsonObject{{"credits", base::money_text({a.credits})},
                                     {"credits_pending", base::money_text({a.credits_pending})},
                                     {"debits", base::money_text({a.debits})},
                                     {"debits_pending", base::money_text({a.debits_pending})},
                                     {"kind", std::string(name_of(a.kind))},
                                     {"name", a.name}});
  }
  JsonArray pending;
  for (const auto& [id, held] : ledger.pending_) {
    pending.emplace_back(JsonObject{{"amount", base::money_text(held.amount)},
                                    {"credit", id_json(held.credit.value)},
                                    {"debit", id_json(held.debit.value)},
                                    {"id", id_json(id)}});
  }
  return JsonObject{{"accounts", std::move(accounts)},
                    {"pending", std::move(pending)},
                    {"transfers", id_json(ledger.transfers_)},
                    {"v", 1}};
}

base::Result<Ledger> ledger_from_json(const Json& json) {
  const auto* version = json.at("v").if_int();
  const auto* accounts = json.at("accounts").if_array();
  const auto* pending = json.at("pending").if_array();
  const auto* transfers = json.at("transfers").if_int();
  if (!version || *version != 1 || !accounts || !pending || !transfers || *transfers < 0)
    return unreadable("LED-14", "books");
  Ledger books;
  books.transfers_ = static_cast<std::uint64_t>(*transfers);
  for (const auto& item : *accounts) {
    Account account;
    const auto where = "accounts/" + std::to_string(books.accounts_.size());
    const auto kind = account_kind(item.text("kind"));
    if (!kind || !read_text(item.at("name"), account.name) || !read_money(item.at("debits"), account.debits) ||
        !read_money(item.at("credits"), account.credits) || !read_money(item.at("debits_pending"), account.debits_pending) ||
        !read_money(item.at("credits_pending"), account.credits_pending)) {
      return unreadable("LED-14", where);
    }
    account.kind = *kind;
    const auto number = static_cast<std::uint32_t>(books.accounts_.size() + 1);
    if (!books.by_name_.emplace(account.name, number).second) return unreadable("LED-14", where + "/name");
    books.accounts_.push_back(std::move(account));
  }
  for (const auto& item : *pending) {
    Pending held;
    TransferId id;
    if (!read_id(item.at("id"), id) || !read_id(item.at("debit"), held.debit) || !read_id(item.at("credit"), held.credit) ||
        !read_money(item.at("amount"), held.amount.fen) || !books.pending_.emplace(id.value, held).second) {
      return unreadable("LED-14", "pending");
    }
  }
  LG_CHECK(books.audit());
  return books;
}

Json to_json(const Event& event) {
  if (const auto* opened = std::get_if<Opened>(&event)) {
    return JsonObject{{"event", "opened"},
                      {"id", id_json(opened->id.value)},
                      {"kind", std::string(name_of(opened->account.kind))},
                      {"name", opened->account.name}};
  }
  if (const auto* moved = std::get_if<Transferred>(&event)) {
    const auto& t = moved->transfer;
    return JsonObject{{"event", t.pending ? "reserved" : "transferred"},
                      {"id", id_json(moved->id.value)},
                      {"debit", id_json(t.debit.value)},
                      {"credit", id_json(t.credit.value)},
                      {"amount", base::money_text(t.amount)},
                      {"kind", t.kind},
                      {"ref", t.ref}};
  }
  if (const auto* posted = std::get_if<Posted>(&event)) {
    return JsonObject{{"event", "posted"},
                      {"id", id_json(posted->id.value)},
                      {"pending", id_json(posted->post.pending.value)},
                      {"amount", base::money_text(posted->post.amount)},
                      {"ref", posted->post.ref}};
  }
  const auto& voided = std::get<Voided>(event);
  return JsonObject{{"event", "voided"},
                    {"id", id_json(voided.id.value)},
                    {"pending", id_json(voided.voided.pending.value)},
                    {"ref", voided.voided.ref}};
}

base::Result<Event> event_from_json(const Json& json) {
  const auto kind = json.text("event");
  if (kind == "opened") {
    Opened opened;
    const auto account = account_kind(json.text("kind"));
    if (!account || !read_id(json.at("id"), opened.id) || !read_text(json.at("name"), opened.account.name)) {
      return unreadable("LED-15", "opened");
    }
    opened.account.kind = *account;
    return Event(std::move(opened));
  }
  TransferId id;
  if (!read_id(json.at("id"), id)) return unreadable("LED-15", "id");
  if (kind == "transferred" || kind == "reserved") {
    Transfer t;
    t.pending = kind == "reserved";
    if (!read_id(json.at("debit"), t.debit) || !read_id(json.at("credit"), t.credit) ||
        !read_money(json.at("amount"), t.amount.fen) || !read_text(json.at("kind"), t.kind) ||
        !read_text(json.at("ref"), t.ref)) {
      return unreadable("LED-15", std::string(kind));
    }
    return Event(Transferred{id, std::move(t)});
  }
  TransferId pending;
  std::string ref;
  if (!read_id(json.at("pending"), pending) || !read_text(json.at("ref"), ref))
    return unreadable("LED-15", std::string(kind));
  if (kind == "voided") return Event(Voided{id, {pending, std::move(ref)}});
  Money amount;
  if (kind != "posted" || !read_money(json.at("amount"), amount.fen)) return unreadable("LED-15", std::string(kind));
  return Event(Posted{id, {pending, amount, std::move(ref)}});
}

}  // namespace landglass::money
