#include "money/camt.hpp"

#include <expat.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "base/json.hpp"
#include "money/statement_lines.hpp"

namespace landglass::money {
namespace {

using base::Money;
using base::refuse;

constexpr std::string_view k_namespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";
constexpr std::size_t k_most_depth = 32;
constexpr std::size_t k_most_text = 4'000;
constexpr std::string_view k_statement = "Document/BkToCstmrStmt/Stmt";
constexpr std::string_view k_entry = "Document/BkToCstmrStmt/Stmt/Ntry";
constexpr std::string_view k_details = "Document/BkToCstmrStmt/Stmt/Ntry/NtryDtls/TxDtls";
constexpr std::string_view k_balance = "Document/BkToCstmrStmt/Stmt/Bal";

struct Place {
  std::size_t line = 0;
  std::size_t column = 0;
};

struct Party {
  std::string name;
  std::string account;
};

// A transaction of an entry, or an entry's own where it names none.
struct Details {
  std::string amount, currency, indicator, reference, note, time;
  Party debtor, creditor;
  Place at;
};
struct Entry {
  std::string amount, currency, indicator, status, reference, booked, booked_time, value, value_time, information;
  std::vector<Details> details;
  Place at;
};
struct Balance {
  std::string kind, amount, currency, indicator, day;
  Place at;
};

std::optional<base::Date> day_of(std::string_view text) { return base::parse_date(text.substr(0, 10)); }

// Banks of the country write local time without saying so.
std::optional<base::Time> instant_of(const std::string& text) {
  if (text.size() < 19) return std::nullopt;
  auto whole = text.substr(0, 19);
  auto rest = std::string_view(text).substr(19);
  if (rest.starts_with('.')) {
    std::size_t digits = 1;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
    auto fraction = std::string(rest.substr(1, digits - 1));
    fraction.resize(3, '0');  // what is finer than a millisecond falls
    whole += "." + fraction;
    rest.remove_prefix(digits);
  }
  return base::parse_time(whole + (rest.empty() ? "+08:00" : std::string(rest)));
}

// 1800000, 1800000.5 and 1800000.50000 are one amount; a part of a fen is none.
std::optional<Money> amount_of(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.front() == '+') return std::nullopt;
  if (const auto point = text.find('.'); point != std::string_view::npos) {
    while (text.size() > point + 3 && text.back() == '0') text.remove_suffix(1);
    if (text.back() == '.') return std::nullopt;
  }
  return base::parse_money(text);
}

class Reader {
 public:
  Reader(std::string_view name, std::string_view bytes)
      : name_(name), bytes_(bytes), parser_(XML_ParserCreateNS(nullptr, '\n')) {
    LG_ASSERT(parser_ != nullptr, "no memory for a parser");
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &Reader::on_start, &Reader::on_end);
    XML_SetCharacterDataHandler(parser_.get(), &Reader::on_text);
    XML_SetXmlDeclHandler(parser_.get(), &Reader::on_declaration);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &Reader::on_doctype);
  }

  base::Result<Statement> run() {
    if (XML_Parse(parser_.get(), bytes_.data(), static_cast<int>(bytes_.size()), XML_TRUE) != XML_STATUS_OK) {
      if (no_) return *no_;
      auto no = refuse("CAM-01", "不是格式良好的 XML", "not well-formed XML", where(place()));
      no.detail = base::alike(XML_ErrorString(XML_GetErrorCode(parser_.get())));
      return no;
    }
    if (no_) return *no_;
    if (statements_ == 0) return refuse("CAM-04", "报文中没有对账单", "no statement in the message", std::string(name_));
    LG_CHECK(close());
    return std::move(statement_);
  }

 private:
  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };

  static void on_start(void* self, const XML_Char* name, const XML_Char** attributes) {
    static_cast<Reader*>(self)->start(name, attributes);
  }
  static void on_end(void* self, const XML_Char*) { static_cast<Reader*>(self)->end(); }
  static void on_text(void* self, const XML_Char* text, int size) {
    static_cast<Reader*>(self)->text({text, static_cast<std::size_t>(size)});
  }
  static void on_declaration(void* self, const XML_Char*, const XML_Char* encoding, int) {
    auto& reader = *static_cast<Reader*>(self);
    std::string upper;
    for (const char* c = encoding; c != nullptr && *c != '\0'; ++c)
      upper += *c >= 'a' && *c <= 'z' ? static_cast<char>(*c - 32) : *c;
    if (upper.empty() || upper == "UTF-8") return;
    reader.stop(refuse("CAM-01", "只接受 UTF-8 编码", "only UTF-8 is taken", reader.where(reader.place())), upper);
  }
  static void on_doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    auto& reader = *static_cast<Reader*>(self);
    reader.stop(refuse("CAM-03", "不接受文档类型声明", "a document type is not taken", reader.where(reader.place())));
  }

  Place place() const { return {XML_GetCurrentLineNumber(parser_.get()), XML_GetCurrentColumnNumber(parser_.get()) + 1}; }
  std::string where(const Place& at) const {
    return std::string(name_) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }
  void stop(base::Refusal no, std::string_view detail = {}) {
    if (no_) return;
    if (!detail.empty()) no.detail = base::alike(detail.substr(0, 80));
    no_ = std::move(no);
    XML_StopParser(parser_.get(), XML_FALSE);
  }
  void wrong(const Place& at, std::string_view element, std::string_view text) {
    stop(refuse("STM-02", "字段不合规：" + std::string(element), "an element does not read: " + std::string(element),
                where(at)),
         text);
  }
  void missing(const Place& at, std::string_view element) {
    stop(refuse("CAM-06", "缺少：" + std::string(element), "missing: " + std::string(element), where(at)));
  }

  void start(std::string_view name, const XML_Char** attributes) {
    if (no_) return;
    const auto cut = name.rfind('\n');
    const auto space = cut == std::string_view::npos ? std::string_view() : name.substr(0, cut);
    const auto local = cut == std::string_view::npos ? name : name.substr(cut + 1);
    if (ends_.empty()) {
      const bool known = local == "Document" && space.size() == k_namespace.size() + 2 && space.starts_with(k_namespace);
      if (!known) return stop(refuse("CAM-02", "不是 camt.053 报文", "not a camt.053 message", where(place())), space);
      space_ = space;
    } else if (space != space_) {
      // A bank's own extension (SplmtryData): another vocabulary, which says nothing about the money.
      if (foreign_ == 0) foreign_ = ends_.size() + 1;
    }
    if (ends_.size() >= k_most_depth) return stop(refuse("CAM-07", "嵌套过深", "nested too deep", where(place())), local);
    ends_.push_back(path_.size());
    if (!path_.empty()) path_ += '/';
    path_ += local;
    text_.clear();
    currency_.clear();
    if (foreign_ != 0) return;
    for (auto at = attributes; *at != nullptr; at += 2) {
      if (std::string_view(at[0]) == "Ccy") currency_ = at[1];
    }
    if (path_ == k_statement && ++statements_ > 1)
      return stop(refuse("CAM-04", "一份报文只能有一个账户的对账单", "one statement in a message", where(place())));
    if (path_ == k_entry) {
      entry_ = Entry{};
      entry_.at = place();
    } else if (path_ == k_details) {
      entry_.details.emplace_back().at = place();
    } else if (path_ == k_balance) {
      balance_ = Balance{};
      balance_.at = place();
    }
  }

  void text(std::string_view more) {
    if (no_) return;
    if (text_.size() + more.size() > k_most_text)
      return stop(refuse("CAM-07", "文本过长", "a text past its bound", where(place())), path_);
    text_ += more;
  }

  void end() {
    if (no_) return;
    if (foreign_ == 0) take();
    if (foreign_ == ends_.size()) foreign_ = 0;
    path_.resize(ends_.back());
    ends_.pop_back();
    text_.clear();
  }

  // What an element holds is put where it belongs by its path; an amount keeps the currency of its own start.
  void take() {
    const auto value = trimmed(text_);
    if (!base::is_nfc(value)) return wrong(place(), path_, value);
    std::string_view path = path_;
    if (path == k_entry) return finish_entry();
    if (path == k_balance) return finish_balance();
    if (const auto rest = below(path, k_details); !rest.empty()) return take_details(rest, value);
    if (const auto rest = below(path, k_entry); !rest.empty()) return take_entry(rest, value);
    if (const auto rest = below(path, k_balance); !rest.empty()) return take_balance(rest, value);
    path = below(path, k_statement);
    if (path == "Acct/Id/IBAN" || path == "Acct/Id/Othr/Id") return once(account_, value);
    if (path == "Acct/Ccy" && value != "CNY") return other_currency(value);
    if (path == "Acct/Svcr/FinInstnId/Nm") servicer_ = value;
  }
  void once(std::string& field, const std::string& value) {
    if (!field.empty()) return stop(refuse("CAM-06", "重复：" + path_, "stands twice: " + path_, where(place())), value);
    field = value;
  }
  void other_currency(std::string_view currency) {
    stop(refuse("STM-03", "只接受人民币", "only CNY is taken", where(place())), currency);
  }

  void take_balance(std::string_view path, const std::string& value) {
    if (path == "Tp/CdOrPrtry/Cd" || path == "Tp/CdOrPrtry/Prtry") return once(balance_.kind, value);
    if (path == "CdtDbtInd") return once(balance_.indicator, value);
    if (path == "Dt/Dt" || path == "Dt/DtTm") return once(balance_.day, value);
    if (path != "Amt") return;
    if (currency_ != "CNY") return other_currency(currency_);
    once(balance_.amount, value);
  }

  void take_entry(std::string_view path, const std::string& value) {
    if (path == "CdtDbtInd") return once(entry_.indicator, value);
    if (path == "Sts" || path == "Sts/Cd" || path == "Sts/Prtry") {
      if (!value.empty()) once(entry_.status, value);
      return;
    }
    if (path == "BookgDt/Dt") return once(entry_.booked, value);
    if (path == "BookgDt/DtTm") return once(entry_.booked_time, value);
    if (path == "ValDt/Dt") return once(entry_.value, value);
    if (path == "ValDt/DtTm") return once(entry_.value_time, value);
    if (path == "AcctSvcrRef") return once(entry_.reference, value);
    if (path == "AddtlNtryInf") return once(entry_.information, value);
    if (path != "Amt") return;
    if (currency_ != "CNY") return other_currency(currency_);
    once(entry_.amount, value);
  }

  void take_details(std::string_view path, const std::string& value) {
    auto& one = entry_.details.back();
    if (path == "Refs/AcctSvcrRef") return once(one.reference, value);
    if (path == "Amt" || path == "AmtDtls/TxAmt/Amt") {
      if (currency_ != "CNY") return other_currency(currency_);
      if (one.amount.empty()) one.amount = value;
      return;
    }
    if (path == "CdtDbtInd") return once(one.indicator, value);
    if (path == "RltdDts/TxDtTm" || path == "RltdDts/AccptncDtTm") {
      if (one.time.empty()) one.time = value;
      return;
    }
    if (path == "RmtInf/Ustrd" || path == "RmtInf/Strd/CdtrRefInf/Ref") {
      one.note += (one.note.empty() || value.empty() ? "" : " ") + value;
      return;
    }
    constexpr std::string_view k_parties = "RltdPties/";
    if (!path.starts_with(k_parties)) return;
    path.remove_prefix(k_parties.size());
    if (path == "Dbtr/Nm" || path == "Dbtr/Pty/Nm") one.debtor.name = value;
    if (path == "Cdtr/Nm" || path == "Cdtr/Pty/Nm") one.creditor.name = value;
    if (path == "DbtrAcct/Id/IBAN" || path == "DbtrAcct/Id/Othr/Id") one.debtor.account = value;
    if (path == "CdtrAcct/Id/IBAN" || path == "CdtrAcct/Id/Othr/Id") one.creditor.account = value;
  }

  void finish_balance() {
    const auto& b = balance_;
    const bool opening = b.kind == "OPBD";
    if (!opening && b.kind != "CLBD") return;  // available, forward, interim: other views of the same account
    auto& seen = opening ? opened_ : closed_;
    if (seen)
      return stop(refuse("STM-08", "期初、期末余额各一条", "one opening and one closing balance", where(b.at)), b.kind);
    seen = true;
    const auto amount = amount_of(b.amount);
    const auto day = day_of(b.day);
    if (!amount) return wrong(b.at, "Bal/Amt", b.amount);
    if (!day) return wrong(b.at, "Bal/Dt", b.day);
    if (b.indicator != "CRDT" && b.indicator != "DBIT") return wrong(b.at, "Bal/CdtDbtInd", b.indicator);
    const Money signed_amount{b.indicator == "DBIT" ? -amount->fen : amount->fen};
    (opening ? statement_.opening : statement_.closing) = signed_amount;
    (opening ? statement_.from : statement_.to) = *day;
  }

  // An entry is one line, or one for each transaction that it sums up.
  void finish_entry() {
    const auto& e = entry_;
    if (e.status.empty()) return missing(e.at, "Ntry/Sts");
    if (e.status != "BOOK") return;  // not booked: it moved nothing yet
    const auto amount = amount_of(e.amount);
    if (!amount || amount->fen <= 0) return wrong(e.at, "Ntry/Amt", e.amount);
    if (e.indicator != "CRDT" && e.indicator != "DBIT") return wrong(e.at, "Ntry/CdtDbtInd", e.indicator);
    if (e.booked.empty() && e.booked_time.empty()) return missing(e.at, "Ntry/BookgDt");
    const auto booked = day_of(e.booked.empty() ? e.booked_time : e.booked);
    if (!booked) return wrong(e.at, "Ntry/BookgDt", e.booked + e.booked_time);
    const bool credit = e.indicator == "CRDT";
    if (e.details.size() <= 1) {
      add(e, e.details.empty() ? Details{.at = e.at} : e.details.front(), *booked, credit ? amount->fen : -amount->fen, 0);
      return;
    }
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < e.details.size(); ++i) {
      const auto& one = e.details[i];
      const auto part = amount_of(one.amount);
      if (!part || part->fen <= 0) return wrong(one.at, "TxDtls/Amt", one.amount);
      const bool in = one.indicator.empty() ? credit : one.indicator == "CRDT";
      const auto next = base::add(sum, in == credit ? part->fen : -part->fen);
      if (!next) return wrong(one.at, "TxDtls/Amt", one.amount);
      sum = *next;
      add(e, one, *booked, in ? part->fen : -part->fen, i + 1);
      if (no_) return;
    }
    if (sum == amount->fen) return;
    auto no = refuse("CAM-05", "分笔金额之和不等于本笔金额", "the transactions do not make the entry", where(e.at));
    stop(std::move(no), base::money_yuan({sum}) + " ≠ " + base::money_yuan(*amount));
  }

  void add(const Entry& e, const Details& one, base::Date booked, std::int64_t fen, std::size_t part) {
    StatementLine line;
    line.booked = booked;
    line.amount = Money{fen};
    line.line = one.at.line;
    const bool in = fen > 0;
    const auto& other = in ? one.debtor : one.creditor;
    const auto& own = in ? one.creditor : one.debtor;
    // Interest and fees name nobody: they are the bank's own.
    line.payer_name = !other.name.empty() ? other.name : !servicer_.empty() ? servicer_ : "银行";
    line.payer_account = other.account.empty() ? "-" : other.account;
    if (!fit_number(line.payer_account)) return wrong(one.at, "RltdPties/…Acct/Id", line.payer_account);
    line.account = own.account.starts_with(account_) && !account_.empty() ? own.account : account_;
    if (!fit_number(line.account)) return wrong(one.at, "Acct/Id", line.account);
    line.reference = one.note.empty() ? e.information : one.note;
    if (line.reference.size() > 400) return wrong(one.at, "RmtInf", line.reference);
    if (line.payer_name.size() > 400) return wrong(one.at, "RltdPties/…/Nm", line.payer_name);
    line.bank_reference = !one.reference.empty()             ? one.reference
                          : part == 0 || e.reference.empty() ? e.reference
                                                             : e.reference + "/" + std::to_string(part);
    if (line.bank_reference.empty()) return missing(one.at, "AcctSvcrRef");
    if (!fit_number(line.bank_reference)) return wrong(one.at, "AcctSvcrRef", line.bank_reference);
    // Where the bank tells no hour, the money was there by the end of that day and no sooner can be said.
    for (const auto* text : {&e.value_time, &one.time, &e.booked_time}) {
      if (text->empty()) continue;
      const auto time = instant_of(*text);
      if (!time) return wrong(one.at, "…DtTm", *text);
      line.value_time = *time;
      break;
    }
    if (line.value_time == base::Time{}) {
      const auto day = e.value.empty() ? std::optional(booked) : day_of(e.value);
      if (!day) return wrong(e.at, "Ntry/ValDt", e.value);
      line.value_time = base::end_of(*day);
    }
    const auto added = lines_.add(statement_, std::move(line), where(one.at));
    if (!added) stop(added.refusal());
  }

  base::Status close() {
    if (account_.empty()) return refuse("CAM-06", "缺少：Acct/Id", "missing: Acct/Id", std::string(name_));
    if (!fit_number(account_)) {
      auto no = refuse("STM-02", "账号不合规", "not an account number", std::string(name_));
      no.detail = base::alike(account_);
      return no;
    }
    if (!opened_ || !closed_) {
      return refuse("STM-08", "缺少期初余额（OPBD）或期末余额（CLBD）", "no opening (OPBD) or closing (CLBD) balance",
                    std::string(name_));
    }
    statement_.account = account_;
    if (statement_.to < statement_.from)
      return refuse("STM-06", "期末早于期初", "closes before it opens", std::string(name_));
    for (const auto& line : statement_.lines) {
      if (line.booked < statement_.from || line.booked > statement_.to) {
        return refuse("STM-06", "记账日期不在对账期内", "booked outside the statement",
                      std::string(name_) + ":" + std::to_string(line.line) + ":1");
      }
    }
    return balances(statement_, std::string(name_));
  }

  static std::string_view below(std::string_view path, std::string_view of) {
    const bool is = path.size() > of.size() && path.starts_with(of) && path[of.size()] == '/';
    return is ? path.substr(of.size() + 1) : std::string_view();
  }
  static std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
  }

  std::string_view name_, bytes_;
  std::unique_ptr<XML_ParserStruct, Free> parser_;
  std::optional<base::Refusal> no_;
  std::string space_, path_, text_, currency_;
  std::vector<std::size_t> ends_;  // of the path, where each open element began
  std::size_t foreign_ = 0;        // depth of the element of another vocabulary that is open; 0: none
  int statements_ = 0;
  bool opened_ = false, closed_ = false;
  std::string account_, servicer_;
  Entry entry_;
  Balance balance_;
  Statement statement_;
  StatementLines lines_;
};

}  // namespace

base::Result<Statement> parse_camt053(std::string_view name, std::string_view bytes) {
  if (bytes.size() > k_most_statement_bytes)
    return refuse("STM-07", "对账单过大", "a statement past 32 MiB", std::string(name));
  return Reader(name, bytes).run();
}

}  // namespace landglass::money
