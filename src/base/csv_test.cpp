#include "base/csv.hpp"

#include <gtest/gtest.h>

using namespace landglass::base;

namespace {

std::vector<std::string> texts(const CsvRecord& record) {
  std::vector<std::string> out;
  for (const auto& field : record.fields) out.push_back(field.text);
  return out;
}
using Row = std::vector<std::string>;

}  // namespace

TEST(Csv, ReadsQuotesCommasAndLineBreaksInsideAField) {
  CsvReader reader("a.csv", "\xEF\xBB\xBF编号,说明\r\n1,\"甲, \"\"乙\"\"\r\n丙\"\r\n\r\n2,\n");
  EXPECT_EQ(texts(*reader.next()), (Row{"编号", "说明"}));
  const auto second = reader.next();
  EXPECT_EQ(texts(*second), (Row{"1", "甲, \"乙\"\r\n丙"}));
  EXPECT_EQ(second->line, 2U);
  const auto third = reader.next();
  EXPECT_EQ(texts(*third), (Row{"2", ""}));
  EXPECT_EQ(third->line, 5U);
  EXPECT_EQ(reader.next()->line, 0U);
}
TEST(Csv, CountsColumnsInCharacters) {
  CsvReader reader("a.csv", "国有,土地,x");
  const auto record = reader.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->fields[1].column, 4U);
  EXPECT_EQ(record->fields[2].column, 7U);
}
TEST(Csv, SaysWhereItIsBroken) {
  const auto first = [](std::string_view text) {
    CsvReader reader("a.csv", text);
    const auto record = reader.next();
    return record ? std::string("accepted") : record.refusal().code + " " + record.refusal().where;
  };
  EXPECT_EQ(first("a,\"b\nc"), "CSV-01 a.csv:1:3");
  EXPECT_EQ(first("\"a\"b,c"), "CSV-02 a.csv:1:4");
  EXPECT_EQ(first("a\"b"), "CSV-03 a.csv:1:2");
  EXPECT_EQ(first("a,\xC0\xAF"), "CSV-04 a.csv:1:3");
  EXPECT_EQ(first("a,\xED\xA0\x80"), "CSV-04 a.csv:1:3");
  EXPECT_EQ(first(std::string_view("a,\0b", 4)), "CSV-04 a.csv:1:3");
  EXPECT_EQ(first(std::string(70'000, 'x')).substr(0, 6), "CSV-05");
  EXPECT_EQ(first(std::string(300, ',')).substr(0, 6), "CSV-05");
}
TEST(Csv, GoesOnWithTheNextLineAfterABrokenOne) {
  CsvReader reader("a.csv", "a\"b,c\nd,e\n");
  EXPECT_TRUE(reader.next().refused());
  const auto record = reader.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(texts(*record), (Row{"d", "e"}));
  EXPECT_EQ(record->line, 2U);
}
TEST(Csv, WritesWhatItReads) {
  const std::string wild = "甲,\"乙\"\r\n";
  const auto line = csv_quoted("plain") + "," + csv_quoted(wild) + "\n";
  CsvReader reader("a.csv", line);
  EXPECT_EQ(texts(*reader.next()), (Row{"plain", wild}));
}
