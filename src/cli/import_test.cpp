#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/import_csv.hpp"

using namespace landglass;
using namespace landglass::cli;

namespace {

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
ColumnMap shipped(const std::string& name) {
  const auto path = std::string(LG_SOURCE_DIR) + "/packs/cn-land/import/" + name + ".yaml";
  auto map = read_column_map(path, slurp(path));
  if (!map) throw std::runtime_error(explain(map.trouble()));
  return *std::move(map);
}
ColumnMap small() {
  auto map = read_column_map("m.yaml", R"(import: small
title: {zh: 小, en: Small}
columns:
  price: {type: money, unit_column: unit, unit_fields: {万元: price, 元/平方米: price_per_m2}}
  unit: {ignore: unit of price}
  far: {field: far, type: bound}
  area: {field: area, type: area, unit: 公顷}
  terms: {field: terms, type: terms}
  parts: {field: parts, type: instalments, unit: 万元}
  when: {field: when, type: moment}
  mode: {field: mode, type: choice, values: {挂牌: listing, 划拨: allocation}}
  region: {field: region, type: division}
  step: {field: step, type: money, unit: 万元, suffixes: {万元/亩: step_per_mu}}
required:
  - region
  - {fields: [price, price_per_m2], unless: {mode: allocation}}
)");
  if (!map) throw std::runtime_error(explain(map.trouble()));
  return *std::move(map);
}
const std::string k_header = "price,unit,far,area,terms,parts,when,mode,region,step\n";

std::vector<ImportRow> rows(const std::string& lines) {
  std::vector<ImportRow> out;
  const auto counts = read_table(small(), "t.csv", k_header + lines, [&](ImportRow row) { out.push_back(std::move(row)); });
  if (!counts) {
    ADD_FAILURE() << explain(counts.trouble());
    return out;
  }
  EXPECT_EQ(counts->parsed + counts->incomplete + counts->malformed, out.size());
  return out;
}
std::string problem(const std::string& line) {
  const auto all = rows(line + "\n");
  if (all.size() != 1 || all[0].problems.size() != 1)
    return "problems: " + std::to_string(all.empty() ? 0 : all[0].problems.size());
  return all[0].problems[0].code + " " + all[0].problems[0].column + " " + all[0].problems[0].where;
}

}  // namespace

TEST(Import, ReadsEachCellInItsUnit) {
  const auto all = rows(
      "280.0000,万元,>1.3,2.125200,商业40/住宅70,1/2019-08-26/76.9703,2019-07-01T16:00:00+08:00,挂牌,330522,5\n"
      "1080,元/平方米,2.5,0.02,70,1670.0000;,2025-12-24,划拨,330522,0.2万元/亩\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].status, RowStatus::parsed);
  const auto& first = all[0].fields;
  EXPECT_EQ(first.at("price"), law::Value::money({280'000'000}));
  EXPECT_EQ(first.at("area"), law::Value::area({2'125'200}));
  EXPECT_TRUE(first.at("far").member("strict")->is_true());
  EXPECT_EQ(*first.at("far").member("value"), law::Value::ratio({13, 10}));
  ASSERT_EQ(first.at("terms").items->size(), 2U);
  EXPECT_EQ(*first.at("terms").items->at(1).member("use"), law::Value::text("住宅"));
  EXPECT_EQ(*first.at("parts").items->at(0).member("amount"), law::Value::money({76'970'300}));
  EXPECT_EQ(first.at("when"), law::Value::time(*base::parse_time("2019-07-01T08:00:00Z")));
  EXPECT_EQ(first.at("step"), law::Value::money({5'000'000}));
  const auto& second = all[1].fields;
  EXPECT_FALSE(second.contains("price"));
  EXPECT_EQ(second.at("price_per_m2"), law::Value::money({108'000}));
  EXPECT_EQ(second.at("step_per_mu"), law::Value::money({200'000}));
  EXPECT_FALSE(second.contains("step"));
  EXPECT_TRUE(second.at("parts").items->at(0).member("due")->is_null());
  EXPECT_EQ(second.at("when"), law::Value::date(base::from_civil({2025, 12, 24})));
}
TEST(Import, NamesWhatIsMissingAndKeepsTheRest) {
  const auto all = rows(",,,,,,,挂牌,,\n,,,,,,,划拨,330522,\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].status, RowStatus::incomplete);
  EXPECT_EQ(all[0].missing, (std::vector<std::string>{"region", "price|price_per_m2"}));
  EXPECT_TRUE(all[0].fields.contains("mode"));
  EXPECT_EQ(all[1].status, RowStatus::parsed);  // an allocation has no price
}
TEST(Import, SaysWhichCellIsMalformedAndWhy) {
  EXPECT_EQ(problem("1.0000001,万元,,,,,,,330522,"), "IMP-11 price t.csv:2:1");
  EXPECT_EQ(problem("1,234,,,,,,,330522,"), "IMP-07 price t.csv:2:1");
  EXPECT_EQ(problem("-1,万元,,,,,,,330522,"), "IMP-13 price t.csv:2:1");
  EXPECT_EQ(problem("一百,万元,,,,,,,330522,"), "IMP-10 price t.csv:2:1");
  EXPECT_EQ(problem("99999999999999,万元,,,,,,,330522,"), "IMP-12 price t.csv:2:1");
  EXPECT_EQ(problem("1,万元,≥2,,,,,,330522,"), "IMP-10 far t.csv:2:6");
  EXPECT_EQ(problem("1,万元,,,住宅70商业40,,,,330522,"), "IMP-18 terms t.csv:2:8");
  EXPECT_EQ(problem("1,万元,,,,1/2019-13-01/5,,,330522,"), "IMP-19 parts t.csv:2:9");
  EXPECT_EQ(problem("1,万元,,,,,2025,,330522,"), "IMP-15 when t.csv:2:10");
  EXPECT_EQ(problem("1,万元,,,,,2019-02-30,,330522,"), "IMP-14 when t.csv:2:10");
  EXPECT_EQ(problem("1,万元,,,,,,拍买,330522,"), "IMP-17 mode t.csv:2:11");
  EXPECT_EQ(problem("1,万元,,,,,,,33052,"), "IMP-16 region t.csv:2:12");
  EXPECT_EQ(problem("1,万元"), "IMP-05  t.csv:2:1");
  EXPECT_EQ(problem("1,万\"元,,,,,,,330522,"), "CSV-03  t.csv:2:4");
}
TEST(Import, GoesOnAfterALineThatIsNoCsvAndCountsIt) {
  const auto all = rows("1,万\"元,,,,,,,330522,\n1,万元,,,,,,,330522,\n1,万元,\xFF,,,,,,330522,\n");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].status, RowStatus::malformed);
  EXPECT_EQ(all[1].status, RowStatus::parsed);
  EXPECT_EQ(all[2].problems[0].code, "CSV-04");
  EXPECT_EQ(all[2].line, 4U);
}
TEST(Import, RefusesATableWithColumnsThatTheMapDoesNotKnowOrMisses) {
  const auto none = [](ImportRow) {};
  EXPECT_EQ(read_table(small(), "t.csv", "", none).refusal().code, "IMP-04");
  const auto extra = read_table(small(), "t.csv", "price,colour\n", none);
  EXPECT_EQ(extra.refusal().code + " " + extra.refusal().where, "IMP-02 t.csv:1:7");
  EXPECT_EQ(read_table(small(), "t.csv", "price,price\n", none).refusal().code, "IMP-02");
  EXPECT_EQ(read_table(small(), "t.csv", "price,unit\n", none).refusal().code, "IMP-03");
}
TEST(Import, RefusesAMapThatDoesNotSayWhatItMeans) {
  const auto code = [](const std::string& column) {
    const auto map = read_column_map("m.yaml", "import: x\ntitle: {zh: x, en: x}\ncolumns:\n  a: " + column + "\n");
    return map ? std::string("accepted") : map.refusal().code + " " + map.refusal().where;
  };
  EXPECT_EQ(code("{field: a, type: text}"), "accepted");
  EXPECT_EQ(code("{field: a, type: money}"), "IMP-01 m.yaml:4:a");
  EXPECT_EQ(code("{field: a, type: money, unit: 两}"), "IMP-01 m.yaml:4:unit");
  EXPECT_EQ(code("{field: a, type: colour}"), "IMP-01 m.yaml:4:type");
  EXPECT_EQ(code("{field: a, type: choice}"), "IMP-01 m.yaml:4:a");
  EXPECT_EQ(code("{field: a, typ: text}"), "IMP-01 m.yaml:4:typ");
  EXPECT_EQ(code("{type: text}"), "IMP-01 m.yaml:4:a");
  EXPECT_EQ(code("{ignore: ''}"), "IMP-01 m.yaml:4:ignore");
}

// The real tables: every line is accounted for, and what is wrong with them is named.
TEST(ImportOfRealTables, AccountsForEveryRow) {
  const std::string folder = std::string(LG_SHARED_DIR) + "/data/";
  if (!std::filesystem::exists(folder)) {
    std::puts("SKIPPED: ../shared is absent");
    GTEST_SKIP();
  }
  const struct {
    std::string map, file;
    std::size_t rows;
  } tables[] = {{"land-notices", "land_notices.csv", 91},
                {"land-results", "land_results.csv", 3'553},
                {"land-notice-events", "land_notice_events.csv", 6},
                {"compensation-prices", "compensation_prices.csv", 74}};
  for (const auto& table : tables) {
    const auto map = shipped(table.map);
    std::size_t seen = 0, last = 1;
    const auto counts = read_table(map, table.file, slurp(folder + table.file), [&](ImportRow row) {
      ++seen;
      EXPECT_GT(row.line, last);
      last = row.line;
      EXPECT_EQ(row.status == RowStatus::malformed, !row.problems.empty());
    });
    ASSERT_TRUE(counts) << explain(counts.trouble());
    EXPECT_EQ(seen, table.rows);
    EXPECT_EQ(counts->parsed + counts->incomplete + counts->malformed, table.rows);
    std::printf("%s: %zu rows, %zu parsed, %zu incomplete, %zu malformed\n", table.file.c_str(), counts->rows,
                counts->parsed, counts->incomplete, counts->malformed);
    for (const auto& [field, number] : counts->missing) std::printf("  missing %-60s %zu\n", field.c_str(), number);
    for (const auto& [what, number] : counts->problems)
      std::printf("  %s %-53s %zu\n", what.second.c_str(), what.first.c_str(), number);
  }
}
