// The forms in which a behaviour keeps a deposit book and logs its events. A member that an event does not have is absent.
#include <array>

#include "money/deposits.hpp"

namespace landglass::money {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Money;
using base::refuse;

constexpr std::array<std::string_view, 14> k_outcomes = {
    "applied",     "split",           "late",        "wrong-payer",    "overpaid", "unknown-reference", "wrong-lot",
    "refund-paid", "refund-returned", "unexplained", "late-statement", "remitted", "price-paid",        "price-part"};
constexpr std::array<std::string_view, 9> k_events = {
    "expected", "received", "matched", "released", "suspense-returned", "refund-ordered", "won", "offset", "forfeited"};

Json money(Money value) { return base::money_text(value); }

// Reads members one by one and remembers whether all were as they should be.
class StateReader {
 public:
  explicit StateReader(const Json& json) : json_(json) {}
  StateReader& text(const char* name, std::string& into) {
    const auto* found = json_.at(name).if_string();
    found ? void(into = *found) : fail();
    return *this;
  }
  StateReader& money(const char* name, Money& into) {
    const auto* found = json_.at(name).if_string();
    const auto value = found ? base::parse_money(*found) : std::nullopt;
    value ? void(into = *value) : fail();
    return *this;
  }
  StateReader& date(const char* name, base::Date& into) {
    const auto value = base::parse_date(json_.text(name));
    value ? void(into = *value) : fail();
    return *this;
  }
  StateReader& time(const char* name, base::Time& into) {
    const auto value = base::parse_time(json_.text(name));
    value ? void(into = *value) : fail();
    return *this;
  }
  StateReader& number(const char* name, std::int64_t& into, std::int64_t most) {
    const auto* value = json_.at(name).if_int();
    value&&* value >= 0 && *value <= most ? void(into = *value) : fail();
    return *this;
  }
  // Of an enumeration: the index of its word.
  template <class Enum>
  StateReader& word(const char* name, std::span<const std::string_view> words, Enum& into) {
    const auto text = json_.text(name);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == text) {
        into = static_cast<Enum>(i);
        return *this;
      }
    }
    fail();
    return *this;
  }
  void fail() { good_ = false; }
  bool good() const { return good_; }

 private:
  const Json& json_;
  bool good_ = true;
};

constexpr std::array<std::string_view, 7> k_states = {"pending", "applied", "releasing", "released",
                                                      "earnest", "priced",  "forfeited"};
constexpr std::array<std::string_view, 4> k_refund_states = {"ordered", "paid", "returned", "reordered"};

Json json_of(const DepositKey& key) { return JsonObject{{"bidder", key.bidder.value}, {"lot", key.lot.value}}; }
bool read(const Json& json, DepositKey& key) {
  return StateReader(json).text("lot", key.lot.value).text("bidder", key.bidder.value).good();
}

Json json_of(const Expected& e) {
  JsonArray payers;
  for (const auto& name : e.payers) payers.emplace_back(name);
  return JsonObject{{"code", e.code},
                    {"deadline", base::format_utc(e.deadline)},
                    {"key", json_of(e.key)},
                    {"payers", std::move(payers)},
                    {"required", money(e.required)},
                    {"sub_account", e.sub_account}};
}
bool read(const Json& json, Expected& e) {
  const auto* payers = json.at("payers").if_array();
  if (!payers || !read(json.at("key"), e.key)) return false;
  for (const auto& payer : *payers) {
    if (!payer.if_string()) return false;
    e.payers.push_back(*payer.if_string());
  }
  return StateReader(json)
      .text("code", e.code)
      .text("sub_account", e.sub_account)
      .money("required", e.required)
      .time("deadline", e.deadline)
      .good();
}

Json json_of(const StatementLine& line) {
  return JsonObject{{"account", line.account},
                    {"amount", money(line.amount)},
                    {"bank_reference", line.bank_reference},
                    {"booked", base::format_date(line.booked)},
                    {"payer_account", line.payer_account},
                    {"payer_name", line.payer_name},
                    {"reference", line.reference},
                    {"value_time", base::format_utc(line.value_time)}};
}
bool read(const Json& json, StatementLine& line) {
  return StateReader(json)
      .text("account", line.account)
      .money("amount", line.amount)
      .text("bank_reference", line.bank_reference)
      .date("booked", line.booked)
      .text("payer_account", line.payer_account)
      .text("payer_name", line.payer_name)
      .text("reference", line.reference)
      .time("value_time", line.value_time)
      .good();
}

Json json_of(const Refund& r) {
  JsonObject json{{"amount", money(r.amount)},
                  {"due", base::format_date(r.due)},
                  {"id", r.id},
                  {"payee_account", r.payee_account},
                  {"payee_name", r.payee_name},
                  {"state", std::string(name_of(r.state))},
                  {"transfer", static_cast<std::int64_t>(r.pending.value)}};
  if (r.key) json["key"] = json_of(*r.key);
  return json;
}
bool read(const Json& json, Refund& r) {
  std::int64_t transfer = 0;
  if (!json.at("key").is_null() && !read(json.at("key"), r.key.emplace())) return false;
  const bool good = StateReader(json)
                        .text("id", r.id)
                        .text("payee_name", r.payee_name)
                        .text("payee_account", r.payee_account)
                        .money("amount", r.amount)
                        .date("due", r.due)
                        .word("state", k_refund_states, r.state)
                        .number("transfer", transfer, (std::int64_t{1} << 53) - 1)
                        .good();
  r.pending.value = static_cast<std::uint64_t>(transfer);
  return good && r.id.rfind("-R") != std::string::npos;
}

Json json_of(const Deposit& deposit) {
  JsonArray parts;
  for (const auto& part : deposit.parts) {
    parts.emplace_back(JsonObject{{"amount", money(part.amount)},
                                  {"bank_reference", part.bank_reference},
                                  {"payer_account", part.payer_account},
                                  {"payer_name", part.payer_name}});
  }
  return JsonObject{
      {"expected", json_of(deposit.expected)}, {"parts", std::move(parts)}, {"state", std::string(name_of(deposit.state))}};
}
bool read(const Json& json, Deposit& deposit) {
  const auto* parts = json.at("parts").if_array();
  if (!parts || !read(json.at("expected"), deposit.expected)) return false;
  for (const auto& item : *parts) {
    auto& part = deposit.parts.emplace_back();
    if (!StateReader(item)
             .money("amount", part.amount)
             .text("bank_reference", part.bank_reference)
             .text("payer_account", part.payer_account)
             .text("payer_name", part.payer_name)
             .good()) {
      return false;
    }
  }
  return StateReader(json).word("state", k_states, deposit.state).good();
}

template <class List, class Take>
bool each(const Json& json, const char* name, List&& into, Take take) {
  const auto* array = json.at(name).if_array();
  if (!array) return false;
  for (const auto& item : *array) {
    typename std::decay_t<List>::value_type one;
    if (!take(item, one)) return false;
    into.push_back(std::move(one));
  }
  return true;
}

}  // namespace

Json to_json(const DepositBook& book) {
  JsonArray deposits, refunds, suspense;
  JsonObject seen;
  for (const auto& [key, deposit] : book.deposits_) deposits.push_back(json_of(deposit));
  for (const auto& [id, refund] : book.refunds_) refunds.push_back(json_of(refund));
  for (const auto& [reference, line] : book.suspense_) suspense.push_back(json_of(line));
  for (const auto& [reference, hash] : book.seen_) seen.insert(reference, hash);
  return JsonObject{{"deposits", std::move(deposits)}, {"ledger", to_json(book.ledger_)}, {"refunds", std::move(refunds)},
                    {"seen", std::move(seen)},         {"suspense", std::move(suspense)}, {"v", 1}};
}

base::Result<DepositBook> deposit_book_from_json(const Json& json) {
  const auto unreadable = [](const char* where) {
    return refuse("DEP-16", "不是合格的保证金台账", "not the JSON of a deposit book", where);
  };
  DepositBook book;
  std::vector<Deposit> deposits;
  std::vector<Refund> refunds;
  std::vector<StatementLine> suspense;
  const auto take = [](const Json& item, auto& into) { return read(item, into); };
  const auto* seen = json.at("seen").if_object();
  const auto* version = json.at("v").if_int();
  if (!version || *version != 1 || !seen) return unreadable("v");
  if (!each(json, "deposits", deposits, take)) return unreadable("deposits");
  if (!each(json, "refunds", refunds, take)) return unreadable("refunds");
  if (!each(json, "suspense", suspense, take)) return unreadable("suspense");
  for (auto& deposit : deposits) {
    auto key = deposit.expected.key;
    if (!book.deposits_.emplace(std::move(key), std::move(deposit)).second) return unreadable("deposits");
  }
  for (auto& refund : refunds) {
    ++book.refund_count_[refund.id.substr(0, refund.id.rfind("-R"))];
    auto id = refund.id;
    if (!book.refunds_.emplace(std::move(id), std::move(refund)).second) return unreadable("refunds");
  }
  for (auto& line : suspense) {
    auto reference = line.bank_reference;
    if (!book.suspense_.emplace(std::move(reference), std::move(line)).second) return unreadable("suspense");
  }
  for (const auto& [reference, hash] : *seen) {
    if (!hash.if_string()) return unreadable("seen");
    book.seen_.emplace(reference, hash.as_string());
  }
  LG_TRY(book.ledger_, ledger_from_json(json.at("ledger")));
  LG_CHECK(book.audit());
  return book;
}

Json to_json(const DepositEvent& event) {
  JsonObject json{{"name", event.name}};
  if (event.key) json["key"] = json_of(*event.key);
  if (event.expected) json["expected"] = json_of(*event.expected);
  if (event.line) json["line"] = json_of(*event.line);
  if (event.outcome) json["outcome"] = std::string(k_outcomes[static_cast<std::size_t>(*event.outcome)]);
  if (event.kept.fen != 0) json["kept"] = money(event.kept);
  if (!event.settled.empty()) json["settled"] = event.settled;
  if (!event.ground.empty()) json["ground"] = event.ground;
  if (!event.refunds.empty()) {
    JsonArray refunds;
    for (const auto& refund : event.refunds) refunds.push_back(json_of(refund));
    json["refunds"] = std::move(refunds);
  }
  if (!event.entries.empty()) {
    JsonArray entries;
    for (const auto& entry : event.entries) entries.push_back(to_json(entry));
    json["entries"] = std::move(entries);
  }
  return json;
}

base::Result<DepositEvent> deposit_event_from_json(const Json& json) {
  const auto unreadable = [](std::string where) {
    return refuse("DEP-17", "不是保证金事件", "not an event of a deposit book", std::move(where));
  };
  DepositEvent event;
  std::size_t kind = 0;
  if (!StateReader(json).word("name", k_events, kind).good()) return unreadable("name");
  event.name = k_events[kind];
  const auto has = [&](const char* name) { return !json.at(name).is_null(); };
  if (has("key") && !read(json.at("key"), event.key.emplace())) return unreadable("key");
  if (has("expected") && !read(json.at("expected"), event.expected.emplace())) return unreadable("expected");
  if (has("line") && !read(json.at("line"), event.line.emplace())) return unreadable("line");
  StateReader reader(json);
  if (has("outcome")) reader.word("outcome", k_outcomes, event.outcome.emplace());
  if (has("kept")) reader.money("kept", event.kept);
  if (has("settled")) reader.text("settled", event.settled);
  if (has("ground")) reader.text("ground", event.ground);
  if (!reader.good()) return unreadable(event.name);
  if (has("refunds") &&
      !each(json, "refunds", event.refunds, [](const Json& item, auto& into) { return read(item, into); })) {
    return unreadable("refunds");
  }
  if (has("entries")) {
    const auto* entries = json.at("entries").if_array();
    if (!entries) return unreadable("entries");
    for (const auto& item : *entries) {
      LG_TRY(auto entry, event_from_json(item));
      event.entries.push_back(std::move(entry));
    }
  }
  // What evolve relies on must be there.
  const bool statement = event.name == "received" || event.name == "matched";
  if ((statement && (!event.line || !event.outcome)) || (event.name == "expected" && (!event.expected || !event.key)) ||
      (event.name == "suspense-returned" && !event.line)) {
    return unreadable(event.name);
  }
  return event;
}

}  // namespace landglass::money
