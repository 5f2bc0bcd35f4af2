#include <algorithm>
#include <array>

#include "money/deposits.hpp"

namespace landglass::money {
namespace {

constexpr std::string_view k_l21 = "国土资发〔2010〕34号";
constexpr std::string_view k_l23 = "苏州工业园区网上交易规则 art. 15（一宗地一保证金、以本人名义）";
constexpr std::string_view k_l25 = "国土资源部令第39号 art. 21";

// In the order of Outcome.
constexpr std::array<Finding, 14> k_findings = {{
    {"DEP-01", "保证金足额到账", "the deposit is complete", k_l21},
    {"DEP-02", "保证金分笔到账，尚未足额", "a part of the deposit; more must come", k_l21},
    {"DEP-03", "到账晚于保证金截止时间，退回原账户", "arrived after the deadline: it goes back to its source", k_l23},
    {"DEP-04", "付款人不是竞买人本人，退回原账户", "not paid in the bidder's own name: it goes back to its source", k_l23},
    {"DEP-05", "多缴部分退回原账户", "too much was paid: the excess goes back to its source", k_l25},
    {"DEP-06", "附言和子账号均无法识别，列待查", "neither reference nor sub-account is known: into suspense", k_l23},
    {"DEP-07", "一笔款指向两份保证金，列待查", "one payment names two deposits: into suspense", k_l23},
    {"DEP-08", "退款已由银行付出", "the refund was paid by the bank", k_l25},
    {"DEP-09", "退款被银行退回", "the refund came back from the bank", k_l25},
    {"DEP-10", "有款项付出而无对应退款指令", "money went out that no refund explains", "国办发〔2006〕100号"},
    {"DEP-18", "到账及时而对账单迟到，保证金已了结，退回原账户",
     "in time at the bank, but the statement came after the deposit was closed: it goes back to its source", k_l25},
    {"DEP-19", "已缴入国库", "remitted to the treasury", "国办发〔2006〕100号"},
    {"PAY-11", "出让价款缴清", "the price is paid in full", "国土资源部令第39号 art. 23"},
    {"PAY-12", "出让价款分笔到账", "a part of the price", "国土资发〔2010〕34号"},
}};

// Latin letters upper case, full-width forms as half-width ones. What else the text holds stays.
std::string fold(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto second = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    const auto third = i + 2 < text.size() ? static_cast<unsigned char>(text[i + 2]) : 0U;
    if (byte == 0xE3 && second == 0x80 && third == 0x80) {  // U+3000
      out += ' ';
      i += 2;
      continue;
    }
    char c = text[i];
    if (byte == 0xEF && (second == 0xBC || second == 0xBD)) {  // U+FF01 … U+FF5E stand for '!' … '~'
      const unsigned ascii = (second == 0xBC ? third - 0x80U : third - 0x80U + 0x40U) + 0x20U;
      if (ascii >= 0x21 && ascii <= 0x7E) {
        c = static_cast<char>(ascii);
        i += 2;
      }
    }
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

}  // namespace

std::vector<std::string> codes_in(std::string_view reference) {
  std::vector<std::string> codes;
  std::string token;
  const auto text = fold(reference) + " ";
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-') {
      token += c;
    } else if (!token.empty()) {
      codes.push_back(std::exchange(token, {}));
    }
  }
  return codes;
}

const Finding& finding(Outcome outcome) { return k_findings[static_cast<std::size_t>(outcome)]; }

bool same_payer(std::string_view a, std::string_view b) {
  const auto plain = [](std::string_view text) {
    auto out = fold(text);
    std::erase(out, ' ');
    return out;
  };
  return plain(a) == plain(b);
}

Match match(const std::vector<Expected>& expected, const StatementLine& line) {
  std::vector<DepositKey> named;
  const auto codes = codes_in(line.reference);
  for (const auto& one : expected) {
    const bool by_account = !one.sub_account.empty() && one.sub_account == line.account;
    const bool by_code = std::find(codes.begin(), codes.end(), one.code) != codes.end();
    if (by_account || by_code) named.push_back(one.key);
  }
  if (named.empty()) return {std::nullopt, Outcome::unknown_reference};
  if (named.size() > 1) return {std::nullopt, Outcome::wrong_lot};
  return {named.front(), Outcome::applied};
}

}  // namespace landglass::money
