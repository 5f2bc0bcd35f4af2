#include "money/statement.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "money/golden.hpp"

using namespace landglass;
using namespace landglass::money;
using base::Money;

namespace {

const std::string k_head =
    "record,account,booking_date,value_time,amount,currency,payer_name,payer_account,reference,bank_reference\n";

std::string file(const std::string& lines, const std::string& opening = "0.00", const std::string& closing = "1.00") {
  return k_head + "opening,350,2026-11-20,," + opening + ",CNY,,,,\n" + lines + "closing,350,2026-11-21,," + closing +
         ",CNY,,,,\n";
}
std::string line(const std::string& amount, const std::string& bank_reference, const std::string& rest = "甲,1,x") {
  return "line,350,2026-11-20,2026-11-20T09:00:00+08:00," + amount + ",CNY," + rest + "," + bank_reference + "\n";
}
std::string outcome(const std::string& text) {
  const auto statement = parse_statement("s.csv", text);
  return statement ? "accepted" : statement.refusal().code + " " + statement.refusal().where;
}

}  // namespace

TEST(Statement, ReadsOpeningLinesAndClosing) {
  const auto statement = parse_statement("s.csv", "\xEF\xBB\xBF" + file(line("3.00", "B1") + line("-2.00", "B2")));
  ASSERT_TRUE(statement) << explain(statement.trouble());
  ASSERT_EQ(statement->lines.size(), 2U);
  EXPECT_EQ(statement->lines[1].amount, Money{-200});
  EXPECT_EQ(statement->lines[0].payer_name, "甲");
  EXPECT_EQ(statement->lines[0].line, 3U);
  const auto again = parse_statement("s.csv", format_statement(*statement));
  ASSERT_TRUE(again) << explain(again.trouble());
  EXPECT_EQ(again->lines, statement->lines);
}
TEST(Statement, TakesALineRepeatedWordForWordOnce) {
  const auto statement = parse_statement("s.csv", file(line("1.00", "B1") + line("1.00", "B1")));
  ASSERT_TRUE(statement) << explain(statement.trouble());
  EXPECT_EQ(statement->lines.size(), 1U);
  EXPECT_EQ(statement->repeated, 1U);
}
TEST(Statement, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(outcome(""), "STM-01 s.csv:1:1");
  EXPECT_EQ(outcome("record,amount\n"), "STM-01 s.csv:1:8");
  EXPECT_EQ(outcome(k_head), "STM-08 s.csv");
  EXPECT_EQ(outcome(file("line,350\n")), "STM-01 s.csv:3:1");
  EXPECT_EQ(outcome(file(line("1.00", "B1", "甲,,x"))), "STM-02 s.csv:3:58");
  EXPECT_EQ(outcome(file(line("1.00", "B1", ",1,x"))), "STM-02 s.csv:3:56");
  EXPECT_EQ(outcome(file(line("1.00", ""))), "STM-02 s.csv:3:62");
  EXPECT_EQ(outcome(file(line("1", "B1"))), "STM-02 s.csv:3:47");
  EXPECT_EQ(outcome(file(line("-0.00", "B1"))), "STM-02 s.csv:3:47");
  EXPECT_EQ(outcome(file(line("0.00", "B1"))), "STM-02 s.csv:3:47");
  EXPECT_EQ(outcome(file(line("1,000.00", "B1"))), "STM-01 s.csv:3:1");
  EXPECT_EQ(outcome(file(line("1.00", "B1") + line("2.00", "B1"))), "STM-04 s.csv:4:62");
  EXPECT_EQ(outcome(file(line("2.00", "B1"))), "STM-05 s.csv");
  EXPECT_EQ(outcome(file("line,350,2026-11-22,2026-11-20T09:00:00Z,1.00,CNY,甲,1,,B1\n")), "STM-06 s.csv:3:1");
  EXPECT_EQ(outcome(file("line,350,2026-11-19,2026-11-20T09:00:00Z,1.00,CNY,甲,1,,B1\n")), "STM-06 s.csv:3:10");
  EXPECT_EQ(outcome(file("line,351,2026-11-20,2026-11-20T09:00:00Z,1.00,CNY,甲,1,,B1\n")), "STM-01 s.csv:3:6");
  EXPECT_EQ(outcome(file("line,350,2026-11-20,2026-11-20T09:00:00Z,1.00,USD,甲,1,,B1\n")), "STM-03 s.csv:3:47");
  EXPECT_EQ(outcome(file("line,350,2026-11-20,2026-11-20,1.00,CNY,甲,1,,B1\n")), "STM-02 s.csv:3:21");
  EXPECT_EQ(outcome(file("opening,350,2026-11-20,,0.00,CNY,,,,\n")), "STM-08 s.csv:3:1");
  EXPECT_EQ(outcome(file("") + line("1.00", "B1")), "STM-08 s.csv:4:1");
}
TEST(Statement, RefusesALineAfterTheClosingBalance) {
  EXPECT_EQ(outcome(file(line("1.00", "B1")) + line("1.00", "B2")).substr(0, 6), "STM-08");
}
TEST(Statement, FollowsTheLastOneToTheFen) {
  const auto first = parse_statement("a", file(line("1.00", "B1")));
  ASSERT_TRUE(first);
  auto next = *first;
  next.from = first->to;
  next.opening = first->closing;
  EXPECT_TRUE(follows(*first, next));
  next.opening.fen += 1;
  EXPECT_EQ(follows(*first, next).refusal().code, "STM-09");
  EXPECT_EQ(follows(*first, *first).refusal().code, "STM-11");
  next.account = "351";
  EXPECT_EQ(follows(*first, next).refusal().code, "STM-10");
}
TEST(StatementFormat, GoldenVectorsOfTheDocumentHold) {
  const auto blocks = golden_blocks(std::string(LG_SOURCE_DIR) + "/docs/formats/bank-statement.md");
  ASSERT_EQ(blocks.size(), 4U);
  for (const auto& block : blocks) {
    const auto vector = base::parse_json(block);
    ASSERT_TRUE(vector) << explain(vector.trouble());
    const auto statement = parse_statement("golden.csv", vector->text("csv"));
    if (const auto code = vector->text("code"); !code.empty()) {
      ASSERT_TRUE(statement.refused()) << code;
      EXPECT_EQ(statement.refusal().code, code);
      EXPECT_EQ(statement.refusal().where, vector->text("where"));
      continue;
    }
    ASSERT_TRUE(statement) << explain(statement.trouble());
    EXPECT_EQ(static_cast<std::int64_t>(statement->lines.size()), vector->at("lines").as_int());
    EXPECT_EQ(base::money_text(statement->opening), vector->text("opening"));
    EXPECT_EQ(base::money_text(statement->closing), vector->text("closing"));
  }
}
