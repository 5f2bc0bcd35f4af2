#include "money/camt.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "money/statement.hpp"

using namespace landglass;
using namespace landglass::money;
using base::Money;

namespace {

std::string read(const std::string& name) {
  std::ifstream in(std::string(LG_SOURCE_DIR) + "/tests/fuzz/corpus/camt/" + name, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}
std::string with(const std::string& from, const std::string& to, const std::string& file = "v02.xml") {
  auto text = read(file);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}
std::string refused(const std::string& text) {
  const auto statement = parse_camt053("bank.xml", text);
  if (statement) return "taken";
  EXPECT_TRUE(statement.refused());
  EXPECT_TRUE(statement.refusal().where.starts_with("bank.xml")) << statement.refusal().where;
  return statement.refusal().code;
}

}  // namespace

TEST(Camt, Version02ReadsAsTheSameStatementInCsvWould) {
  const auto statement = parse_camt053("bank.xml", read("v02.xml"));
  ASSERT_TRUE(statement) << base::explain(statement.trouble());
  EXPECT_EQ(statement->account, "3501001");
  EXPECT_EQ(statement->opening, Money{100'000});
  EXPECT_EQ(statement->closing, Money{180'049'050});
  ASSERT_EQ(statement->lines.size(), 3U);  // what is not booked moved nothing
  const auto& deposit = statement->lines[0];
  EXPECT_EQ(deposit.account, "3501001-0017");
  EXPECT_EQ(deposit.payer_name, "福州甲置业有限公司");
  EXPECT_EQ(deposit.payer_account, "6222021");
  EXPECT_EQ(deposit.reference, "LG0012 竞买保证金");
  EXPECT_EQ(deposit.bank_reference, "20261120000017");
  EXPECT_EQ(deposit.value_time, base::parse_time("2026-11-20T15:59:59+08:00").value());
  const auto& refund = statement->lines[1];
  EXPECT_EQ(refund.amount, Money{-50'000});
  EXPECT_EQ(refund.payer_name, "乙公司");
  EXPECT_EQ(refund.value_time, base::end_of(refund.booked));  // the bank told no hour
  const auto& fee = statement->lines[2];
  EXPECT_EQ(fee.amount, Money{-950});
  EXPECT_EQ(fee.payer_name, "演示银行");
  EXPECT_EQ(fee.payer_account, "-");
  EXPECT_EQ(fee.reference, "手续费");
  const auto csv = parse_statement("same.csv", format_statement(*statement));
  ASSERT_TRUE(csv) << base::explain(csv.trouble());
  EXPECT_TRUE(csv->lines == statement->lines);
}

TEST(Camt, Version08SumsUpTransactionsAndEachIsALine) {
  const auto statement = parse_camt053("bank.xml", read("v08.xml"));
  ASSERT_TRUE(statement) << base::explain(statement.trouble());
  EXPECT_EQ(statement->opening, Money{-1'000});
  ASSERT_EQ(statement->lines.size(), 2U);
  EXPECT_EQ(statement->lines[0].bank_reference, "B7/1");
  EXPECT_EQ(statement->lines[0].payer_account, "GB33BUKB20201555555555");
  EXPECT_EQ(statement->lines[0].reference, "第一笔 续");
  EXPECT_EQ(statement->lines[0].value_time, base::parse_time("2026-11-24T09:00:00.500+08:00").value());
  EXPECT_EQ(statement->lines[1].bank_reference, "B7-2");
  EXPECT_EQ(statement->lines[1].amount, Money{20'000});
  EXPECT_EQ(statement->lines[1].payer_name, "乙");
}

TEST(Camt, IsToldFromCsvByItsFirstCharacter) {
  EXPECT_TRUE(read_statement("x", "\xef\xbb\xbf\n " + read("v08.xml").substr(read("v08.xml").find("<Document"))));
  const auto csv = read_statement("x", "record,account");
  ASSERT_TRUE(csv.refused());
  EXPECT_EQ(csv.refusal().code, "STM-01");
}

TEST(Camt, RefusesADocumentTypeBeforeAnyEntityIsExpanded) {
  EXPECT_EQ(refused(read("entities.xml")), "CAM-03");
  EXPECT_EQ(refused(with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
                         "<?xml version=\"1.0\"?><!DOCTYPE Document SYSTEM \"file:///etc/passwd\">")),
            "CAM-03");
}

TEST(Camt, EachWrongMessageIsRefusedWithItsCodeAndPlace) {
  EXPECT_EQ(refused("<Document"), "CAM-01");
  EXPECT_EQ(refused(""), "CAM-01");
  EXPECT_EQ(refused(with("encoding=\"UTF-8\"", "encoding=\"GBK\"")), "CAM-01");
  EXPECT_EQ(refused(with("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"")), "CAM-01");
  EXPECT_EQ(refused("<html/>"), "CAM-02");
  EXPECT_EQ(refused(with("camt.053.001.02", "camt.052.001.02")), "CAM-02");
  EXPECT_EQ(refused("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"/>"), "CAM-04");
  EXPECT_EQ(refused(with("</Stmt>", "</Stmt><Stmt/>")), "CAM-04");
  EXPECT_EQ(refused(with("<Amt Ccy=\"CNY\">100.00</Amt>", "<Amt Ccy=\"CNY\">99.00</Amt>", "v08.xml")), "CAM-05");
  EXPECT_EQ(refused(with("<AcctSvcrRef>20261120000017</AcctSvcrRef>", "")), "CAM-06");
  EXPECT_EQ(refused(with("<Sts>BOOK</Sts>", "")), "CAM-06");
  EXPECT_EQ(refused(with("<Othr><Id>3501001</Id></Othr>", "")), "STM-02");  // no account: no line has one
  EXPECT_EQ(refused(with("<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK",
                         "<CdtDbtInd>CRDT</CdtDbtInd><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK")),
            "CAM-06");
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "<a>";
  EXPECT_EQ(refused(with("<Ntry>", deep)), "CAM-07");
  EXPECT_EQ(refused(with("LG0012", std::string(5'000, 'x'))), "CAM-07");
  EXPECT_EQ(refused(with("LG0012", std::string(500, 'x'))), "STM-02");
  EXPECT_EQ(refused(with("1800000.00", "1800000.001")), "STM-02");
  EXPECT_EQ(refused(with("1800000.00", "-1800000.00")), "STM-02");
  EXPECT_EQ(refused(with("1800000.00", "1800000.")), "STM-02");
  EXPECT_EQ(refused(with("1800000.00", "0")), "STM-02");
  EXPECT_EQ(refused(with("2026-11-20T15:59:59", "2026-11-20T25:59:59")), "STM-02");
  EXPECT_EQ(refused(with("<Ccy>CNY</Ccy>", "<Ccy>USD</Ccy>")), "STM-03");
  EXPECT_EQ(refused(with("<Amt Ccy=\"CNY\">1800000.00", "<Amt Ccy=\"EUR\">1800000.00")), "STM-03");
  EXPECT_EQ(refused(with("20261121000003", "20261120000017")), "STM-04");
  EXPECT_EQ(refused(with("1800490.50", "1800490.51")), "STM-05");
  EXPECT_EQ(refused(with("<BookgDt><Dt>2026-11-21</Dt>", "<BookgDt><Dt>2026-11-24</Dt>")), "STM-06");
  EXPECT_EQ(refused(with("OPBD", "PRCD")), "STM-08");
  EXPECT_EQ(refused(with("CLAV", "CLBD")), "STM-08");
}

TEST(Camt, SaysLineAndColumn) {
  const auto statement = parse_camt053("bank.xml", with("20261121000003", "2026 1121"));
  ASSERT_TRUE(statement.refused());
  EXPECT_EQ(statement.refusal().where, "bank.xml:26:19");
  EXPECT_EQ(statement.refusal().detail.zh, "2026 1121");
}

TEST(Camt, TakesAHundredThousandEntriesAndNotOneMore) {
  const auto text = read("v02.xml");
  const auto cut = text.find("      <Ntry>");
  const auto whole = [&](int entries) {
    auto out = text.substr(0, cut);
    for (int i = 0; i < entries; ++i) {
      out +=
          "<Ntry><Amt Ccy=\"CNY\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-21</Dt></BookgDt>"
          "<AcctSvcrRef>R" +
          std::to_string(i) + "</AcctSvcrRef></Ntry>";
    }
    out += "</Stmt></BkToCstmrStmt></Document>";
    const auto at = out.find("1800490.50");
    return out.replace(at, 10, std::to_string(1'000 + entries));
  };
  EXPECT_EQ(refused(whole(100'000)), "taken");
  EXPECT_EQ(refused(whole(100'001)), "STM-07");
}
