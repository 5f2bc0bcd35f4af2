#include "law/expression.hpp"

#include <gtest/gtest.h>

using namespace landglass;
using law::DayKind;
using law::Kind;
using law::Type;
using law::Value;

namespace {

struct Names final : law::Scope {
  std::vector<std::pair<std::string, Value>> values;
  law::Calendar days;
  mutable std::vector<std::string> asked;
  base::Result<Value> name(std::string_view name) const override {
    asked.emplace_back(name);
    for (const auto& [key, value] : values) {
      if (key == name) return value;
    }
    return Value::null();
  }
  base::Result<Value> call(std::string_view, const std::vector<Value>& arguments) const override { return arguments.at(0); }
  const law::Calendar& calendar() const override { return days; }
};

law::Schema land() {
  law::Schema schema;
  schema.names = {{"deposit", Type::of(Kind::money)},
                  {"minimum_price", Type::of(Kind::money)},
                  {"deposit_ratio", Type::of(Kind::ratio)},
                  {"count", Type::of(Kind::integer)},
                  {"now", Type::of(Kind::time)},
                  {"opens", Type::of(Kind::time)},
                  {"use", Type::of(Kind::text)},
                  {"scheme", Type::record({{"state", Type::of(Kind::text)}, {"approved_by", Type::of(Kind::text)}})},
                  {"bidders", Type::list(Type::record({{"share", Type::of(Kind::ratio)}, {"name", Type::of(Kind::text)}}))}};
  schema.functions = {{"government", {Type::of(Kind::text)}, Type::of(Kind::text)}};
  return schema;
}

Names figures() {
  Names names;
  names.values = {{"deposit", Value::money({180'000'000})},
                  {"minimum_price", Value::money({1'000'000'000})},
                  {"deposit_ratio", Value::ratio({1, 5})},
                  {"count", Value::integer(3)},
                  {"use", Value::text("residential")},
                  {"scheme", Value::record({{"state", Value::text("drafted")}})},
                  {"bidders", Value::list({Value::record({{"share", Value::ratio({3, 5})}, {"name", Value::text("甲")}}),
                                           Value::record({{"share", Value::ratio({0, 1})}, {"name", Value::text("乙")}})})}};
  return names;
}

class Labels final : public law::Words {
 public:
  base::Text name(std::string_view path) const override {
    if (path == "deposit") return {"保证金", "deposit"};
    if (path == "scheme.state") return {"方案状态", "state of the scheme"};
    if (path == "bidders") return {"联合竞买人", "bidders"};
    if (path == "bidders.share") return {"份额", "share"};
    return {};
  }
  base::Text value(std::string_view path, const law::Value& value) const override {
    if (path == "scheme.state" && value.text_value == "approved") return {"已批准", "approved by the government"};
    return {};
  }
} const label;

law::Expression compiled(std::string_view source) {
  auto expression = law::Expression::compile(source, land());
  EXPECT_TRUE(expression) << source << ": " << (expression ? "" : base::explain(expression.trouble()));
  return *expression;
}

base::Text why_not(std::string_view source) {
  const auto names = figures();
  const auto status = compiled(source).require(names, label);
  EXPECT_TRUE(status.refused()) << source;
  EXPECT_EQ(status.refusal().code, "LAW-00") << base::explain(status.trouble());
  EXPECT_EQ(status.refusal().detail, status.refusal().say);
  EXPECT_EQ(status.refusal().that, source);
  return status.refusal().say;
}

std::string refused(std::string_view source) {
  const auto expression = law::Expression::compile(source, land());
  return expression ? "" : expression.refusal().code + " " + expression.refusal().where;
}

}  // namespace

TEST(Require, PrintsBothSidesOfADepositThatIsTooSmall) {
  EXPECT_EQ(why_not("deposit >= deposit_ratio * minimum_price"),
            (base::Text{"保证金 1,800,000.00 元 < 20% × 10,000,000.00 元",
                        "deposit 1,800,000.00 yuan < 20% × 10,000,000.00 yuan"}));
}
TEST(Require, NamesTheConjunctThatFailed) {
  EXPECT_EQ(why_not("count == 3 && scheme.state == 'approved' && deposit > 0元").zh, "方案状态 drafted ≠ 已批准");
  EXPECT_EQ(why_not("count > 5 || use in ['commercial', 'industrial']").zh,
            "count 3 ≤ 5 且 use residential 不在 [commercial, industrial] 之中");
  EXPECT_EQ(why_not("!(count == 3)").en, "count 3 = 3");
  EXPECT_EQ(why_not("bidders.all(b, b.share > 0%)").zh, "联合竞买人 第 2 项：份额 0% ≤ 0%");
  EXPECT_EQ(why_not("days(now, opens) >= 20 days").zh, "now 至 opens 的日数 空，须 ≥ 20 日");
  EXPECT_EQ(why_not("has(scheme.approved_by)").en, "scheme.approved_by is absent");
  EXPECT_EQ(why_not("deposit >= (1 + count) * minimum_price - 1元").zh,
            "保证金 1,800,000.00 元 < （1 + 3） × 10,000,000.00 元 − 1.00 元");
}
TEST(Require, IsSilentWhereTheConditionHolds) {
  const auto names = figures();
  EXPECT_TRUE(compiled("count == 3 && sum(bidders.map(b, b.share)) == 60%").require(names, label));
}
TEST(Compile, RefusesUnitsThatDoNotGoTogetherAndNamesBoth) {
  const auto expression = law::Expression::compile("deposit > 1800000", land());
  ASSERT_TRUE(expression.refused());
  EXPECT_EQ(expression.refusal().code, "LAW-03");
  EXPECT_EQ(expression.refusal().where, "column 9");
  EXPECT_EQ(expression.refusal().say, (base::Text{"金额与整数不能这样运算", "money and integer do not go together here"}));
}
TEST(Compile, CountsColumnsInCharacters) { EXPECT_EQ(refused("use == '住宅' && depsit > 1元"), "LAW-02 column 16"); }
TEST(Compile, BoundsLengthAndDepth) {
  EXPECT_EQ(refused(std::string(2'001, ' ')), "LAW-01 column 1");
  std::string nested = "true";
  for (int i = 0; i < 31; ++i) nested = "(" + nested + ")";
  EXPECT_TRUE(law::Expression::compile(nested, land()));
  EXPECT_EQ(refused("(" + nested + ")").substr(0, 6), "LAW-01");
  EXPECT_EQ(refused(std::string(1'900, '!') + "true").substr(0, 6), "LAW-01");
  EXPECT_EQ(refused(std::string(1'900, '(')).substr(0, 6), "LAW-01");
}
TEST(Compile, TellsTheDottedPathsThatAreRead) {
  EXPECT_EQ(compiled("scheme.state == government(use) && bidders.all(b, b.share > 0%)").reads(),
            (std::set<std::string>{"scheme.state", "use", "bidders", "bidders.share"}));
}
TEST(Evaluate, AsksOnlyForWhatItNeeds) {
  const auto names = figures();
  ASSERT_TRUE(compiled("count == 4 && deposit > 1元 ? use == '' : count == 3").evaluate(names));
  EXPECT_EQ(names.asked, (std::vector<std::string>{"count", "count"}));
}
TEST(Evaluate, RefusesAValueOfAnotherKindThanDeclared) {
  auto names = figures();
  names.values[0].second = Value::integer(5);
  const auto value = compiled("deposit > 1元").evaluate(names);
  ASSERT_TRUE(value.refused());
  EXPECT_EQ(value.refusal().code, "LAW-06");
}
TEST(Evaluate, BoundsTheElementsWalked) {
  auto names = figures();
  names.values.back().second = Value::list(law::List(101, Value::record({{"share", Value::ratio({1, 5})}})));
  const auto once = compiled("bidders.all(b, b.share > 0%)").evaluate(names);
  EXPECT_TRUE(once && once->is_true());
  const auto squared = compiled("bidders.all(a, bidders.all(b, a.share == b.share))").evaluate(names);
  ASSERT_TRUE(squared.refused());
  EXPECT_EQ(squared.refusal().code, "LAW-07");
}

TEST(InWords, AConditionIsASentenceBeforeThereIsARecord) {
  const auto said = [](std::string_view source) { return compiled(source).in_words(label); };
  EXPECT_EQ(said("deposit >= deposit_ratio * minimum_price").zh, "保证金 ≥ deposit_ratio × minimum_price");
  EXPECT_EQ(said("deposit >= 20% * (minimum_price - 1元)").en, "deposit ≥ 20% × (minimum_price − 1.00 yuan)");
  EXPECT_EQ(said("scheme.state == 'approved'"),
            (base::Text{"方案状态 为 已批准", "state of the scheme is approved by the government"}));
  EXPECT_EQ(said("!(scheme.state in ['approved', 'void'])").zh, "方案状态 不为 已批准、void 之一");
  EXPECT_EQ(said("has(deposit) && (count == 0 || !has(use))").zh, "保证金 已填 且 （count = 0 或 use 未填）");
  EXPECT_EQ(said("!(has(deposit) && count == 0)").en, "deposit is absent or not: count = 0");
  EXPECT_EQ(said("bidders.all(b, b.share > 0%)"),
            (base::Text{"联合竞买人 的每一项：份额 > 0%", "bidders, each: share > 0%"}));
  EXPECT_EQ(said("sum(bidders.map(b, b.share)) == 100%").zh, "联合竞买人 各项的 份额 合计 = 100%");
  EXPECT_EQ(said("days(now, opens) >= 20日").zh, "now 至 opens 的日数 ≥ 20 日");
}
