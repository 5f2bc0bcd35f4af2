#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "law/calendar.hpp"
#include "law/codes.hpp"
#include "law/expression.hpp"

using namespace landglass;
using law::Kind;
using law::Type;
using law::Value;

namespace {

law::Calendar calendar_2012() {
  std::vector<law::Calendar::Day> days;
  const auto add = [&](const char* from, const char* to, bool off) {
    for (auto day = *base::parse_date(from); day <= *base::parse_date(to); day = day + 1) days.push_back({day, off});
  };
  for (const auto& [from, to] : std::vector<std::pair<const char*, const char*>>{{"2012-01-01", "2012-01-03"},
                                                                                 {"2012-01-22", "2012-01-28"},
                                                                                 {"2012-04-02", "2012-04-04"},
                                                                                 {"2012-04-29", "2012-05-01"},
                                                                                 {"2012-06-22", "2012-06-24"},
                                                                                 {"2012-09-30", "2012-10-07"}}) {
    add(from, to, true);
  }
  for (const auto* day : {"2011-12-31", "2012-01-21", "2012-01-29", "2012-03-31", "2012-04-01", "2012-04-28", "2012-09-29"}) add(day, day, false);
  return law::Calendar(days, {2011, 2012});
}

class Names final : public law::Scope {
 public:
  std::map<std::string, Value, std::less<>> values;
  law::Calendar days = calendar_2012();
  base::Result<Value> name(std::string_view name) const override {
    const auto found = values.find(name);
    if (found == values.end()) return base::fail("not there: " + std::string(name));
    return found->second;
  }
  base::Result<Value> call(std::string_view name, const std::vector<Value>&) const override { return base::fail(std::string(name)); }
  const law::Calendar& calendar() const override { return days; }
};

law::Schema schema() {
  return {{{"deposit", Type::of(Kind::money)},
           {"start_price", Type::of(Kind::money)},
           {"ratio", Type::of(Kind::ratio)},
           {"area", Type::of(Kind::area)},
           {"opens", Type::of(Kind::date)},
           {"today", Type::of(Kind::date)},
           {"use", Type::of(Kind::text)},
           {"shares", Type::list(Type::of(Kind::ratio))},
           {"prices", Type::list(Type::of(Kind::money))},
           {"scheme", Type::record({{"state", Type::of(Kind::text)}, {"price", Type::of(Kind::money)}})}},
          {}};
}

Names names() {
  Names names;
  names.values["deposit"] = Value::money({180'000'000});
  names.values["start_price"] = Value::money({1'000'000'000});
  names.values["ratio"] = Value::ratio({1, 5});
  names.values["area"] = Value::area({35'000'000});
  names.values["opens"] = Value::date(*base::parse_date("2012-02-08"));
  names.values["today"] = Value::date(*base::parse_date("2012-01-20"));
  names.values["use"] = Value::text("residential");
  names.values["shares"] = Value::list({Value::ratio({1, 2}), Value::ratio({1, 2})});
  names.values["prices"] = Value::list({Value::money({100}), Value::money({300})});
  names.values["scheme"] = Value::record({{"state", Value::text("approved")}, {"price", Value::null()}});
  return names;
}

std::string outcome(const std::string& source) {
  const auto expression = law::Expression::compile(source, schema());
  if (!expression) return expression.refusal().code;
  const auto value = expression->evaluate(names());
  if (!value) return value.refused() ? value.refusal().code : value.failure().what;
  return show(*value).zh;
}

}  // namespace

TEST(Calendar, CountsTheWorkingDaysOf2012AsTheNoticeSays) {
  const auto calendar = calendar_2012();
  const auto after = [&](const char* from, int count) {
    return base::format_date(calendar.last_day(*base::parse_date(from), count, law::DayKind::working));
  };
  EXPECT_EQ(after("2012-01-20", 10), "2012-02-08");
  EXPECT_EQ(after("2011-12-30", 1), "2011-12-31");
  EXPECT_EQ(after("2012-03-30", 5), "2012-04-09");
  EXPECT_EQ(after("2012-09-28", 10), "2012-10-18");
  EXPECT_EQ(calendar.working_days_between(*base::parse_date("2012-01-20"), *base::parse_date("2012-02-08")), 10);
}

TEST(Expression, ComparesMoneyWithAShareExactly) {
  EXPECT_EQ(outcome("deposit >= ratio * start_price"), "否");
  EXPECT_EQ(outcome("deposit >= 18% * start_price"), "是");
  EXPECT_EQ(outcome("deposit / start_price"), "18%");
  EXPECT_EQ(outcome("deposit + 20万元 >= start_price * 20%"), "是");
  EXPECT_EQ(outcome("area > 35公顷"), "否");
  EXPECT_EQ(outcome("area >= 350000㎡ && area == 35公顷"), "是");
}

TEST(Expression, RefusesUnitsThatDoNotGoTogether) {
  EXPECT_EQ(outcome("deposit >= 5"), "LAW-03");
  EXPECT_EQ(outcome("deposit + area"), "LAW-03");
  EXPECT_EQ(outcome("days(today, opens) >= 10工作日"), "LAW-03");
  EXPECT_EQ(outcome("deposti > 1元"), "LAW-02");
  EXPECT_EQ(outcome("scheme.stat == 'approved'"), "LAW-02");
  EXPECT_EQ(outcome("deposit >="), "LAW-01");
  EXPECT_EQ(outcome("deposit * 90000000000000"), "LAW-04");
  EXPECT_EQ(outcome("deposit / 0"), "LAW-05");
}

TEST(Expression, CountsDaysOfEachKind) {
  EXPECT_EQ(outcome("working_days(today, opens) >= 10工作日"), "是");
  EXPECT_EQ(outcome("days(today, opens) == 19日"), "是");
  EXPECT_EQ(outcome("add(today, 10工作日) == opens"), "是");
  EXPECT_EQ(outcome("opens - today >= 19日"), "是");
}

TEST(Expression, WalksListsAndTreatsNullAsNothing) {
  EXPECT_EQ(outcome("shares.all(s, s > 0%)"), "是");
  EXPECT_EQ(outcome("prices.filter(p, p > 2元).map(p, p + 1元)[0] == 4元"), "是");
  EXPECT_EQ(outcome("sum(prices) == 4元 && max(prices) == 3元 && count(prices) == 2"), "是");
  EXPECT_EQ(outcome("scheme.price > 0元"), "否");
  EXPECT_EQ(outcome("has(scheme.price) ? 'a' : 'b'"), "b");
  EXPECT_EQ(outcome("use in ['residential', 'commercial']"), "是");
}

TEST(Expression, ARefusalPrintsBothSides) {
  const auto expression = law::Expression::compile("scheme.state == 'approved' && deposit >= ratio * start_price", schema());
  ASSERT_TRUE(expression) << base::explain(expression.trouble());
  const auto status = expression->require(names(), [](std::string_view path) { return path == "deposit" ? std::string("保证金") : std::string(path); });
  ASSERT_TRUE(status.refused());
  EXPECT_EQ(status.refusal().detail, "保证金 1,800,000.00 元 < 20% × 10,000,000.00 元");
  EXPECT_EQ(expression->reads(), (std::set<std::string>{"deposit", "ratio", "scheme.state", "start_price"}));
}

TEST(Codes, CheckDigitsAgreeWithTheStandards) {
  for (const auto* code : {"91350100M000100Y43", "91110000101623741K", "91420200550679214K", "913605215686552960", "11100000000013338W", "11320482014138860P"}) {
    EXPECT_TRUE(law::uscc_valid(code)) << code;
  }
  EXPECT_FALSE(law::uscc_valid("91310115MA1H8R7C6D"));
  EXPECT_TRUE(law::org_code_valid("D2143569X"));
  EXPECT_TRUE(law::org_code_valid("M000100Y4"));
  EXPECT_TRUE(law::citizen_id_valid("11010519491231002X"));
  EXPECT_TRUE(law::citizen_id_valid("440524188001010014"));
  EXPECT_FALSE(law::citizen_id_valid("440524188001010024"));
  EXPECT_EQ(law::mod37_36("A12425GABC1234002"), 'M');
  EXPECT_EQ(law::mod37_36("0000000189470000"), '8');
  EXPECT_EQ(law::mod37_36("11100000000013338W00211320482014138860P201807250201001"), 'M');
  EXPECT_EQ(law::mod97_10("794"), "44");
  EXPECT_EQ(law::mod97_10("HWUPKR0MPOU8FGXBT3"), "94");
  EXPECT_TRUE(law::licence_number_valid("C3600002011013120104030"));
  EXPECT_TRUE(law::verification_code_valid(law::verification_code("LC", "350102", 2011, 7)));
}

TEST(Codes, RealCodesReadAsTheSourcesSay) {
  std::ifstream file(std::string(LG_SHARED_DIR) + "/data/uscc_codes.csv");
  if (!file) {
    std::fprintf(stderr, "SKIPPED: ../shared is absent\n");
    GTEST_SKIP();
  }
  std::string line;
  std::getline(file, line);
  int valid = 0;
  int all = 0;
  while (std::getline(file, line)) {
    ++all;
    valid += law::uscc_valid(line.substr(0, line.find(','))) ? 1 : 0;
  }
  EXPECT_EQ(all, 216);
  EXPECT_EQ(valid, 211);
}
