// Laws that hold for all values, tried on random ones.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "law/expression.hpp"
#include "law/expression_operators.hpp"

using namespace landglass;
using law::Kind;
using law::Type;
using law::Value;

namespace {

law::Calendar some_calendar(const std::vector<std::pair<std::uint16_t, bool>>& notices) {
  std::vector<law::Calendar::Day> days;
  for (const auto& [place, off] : notices) days.push_back({base::from_civil({2012, 1, 1}) + place % 400, off});
  return law::Calendar(std::move(days), {2012});
}

struct Nothing final : law::Scope {
  law::Calendar days;
  base::Result<Value> name(std::string_view) const override { return Value::integer(7); }
  base::Result<Value> call(std::string_view, const std::vector<Value>&) const override { return base::fail("no function"); }
  const law::Calendar& calendar() const override { return days; }
};

// The same tree written twice: with the fewest parentheses, and with all of them.
struct Written {
  std::string sparse;
  std::string full;
  int strength = 9;
};

Written operation(const char* sign, int strength, const Written& a, const Written& b) {
  const auto held = [&](const Written& side, bool right) {
    const bool loose = side.strength < strength || (right && side.strength == strength);
    return loose ? "(" + side.sparse + ")" : side.sparse;
  };
  return {held(a, false) + " " + sign + " " + held(b, true), "(" + a.full + sign + b.full + ")", strength};
}

Written number(int depth) {
  const int choice = depth <= 0 ? 0 : *rc::gen::inRange(0, 6);
  if (choice == 0) {
    const auto text = *rc::gen::element<std::string>("1", "2", "3", "n", "40", "20%", "1.5");
    return {text, text};
  }
  static constexpr std::pair<const char*, int> k_signs[] = {{"+", 5}, {"-", 5}, {"*", 6}, {"/", 6}};
  const auto& [sign, strength] = k_signs[*rc::gen::inRange(0, 4)];
  const auto left = number(depth - 1);
  const auto right = number(depth - 1);
  return operation(sign, strength, left, right);
}

Written condition(int depth) {
  const int choice = depth <= 0 ? 0 : *rc::gen::inRange(0, 5);
  if (choice == 1 || choice == 2) {
    const auto left = condition(depth - 1);
    const auto right = condition(depth - 1);
    return choice == 1 ? operation("&&", 3, left, right) : operation("||", 2, left, right);
  }
  if (choice == 3) {
    const auto inner = condition(depth - 1);
    return {"!(" + inner.sparse + ")", "(!" + inner.full + ")", 7};
  }
  const auto* sign = *rc::gen::element<const char*>("==", "!=", "<", "<=", ">", ">=");
  const auto left = number(depth - 1);
  const auto right = number(depth - 1);
  return operation(sign, 4, left, right);
}

std::string outcome(const std::string& source) {
  const law::Schema schema{{{"n", Type::of(Kind::integer)}}, {}};
  const auto expression = law::Expression::compile(source, schema);
  if (!expression) return expression.refusal().code;
  const Nothing scope;
  const auto value = expression->evaluate(scope);
  return value ? base::canonical(law::to_json(*value)) : value.refusal().code;
}

}  // namespace

TEST(CalendarLaws, ALaterTermEndsNoEarlierAndGoingBackReturns) {
  EXPECT_TRUE(
      rc::check([](const std::vector<std::pair<std::uint16_t, bool>>& notices, std::uint16_t start, std::uint8_t count) {
        const auto calendar = some_calendar(notices);
        const auto from = base::from_civil({2012, 1, 1}) + start % 400;
        const auto last = calendar.last_day(from, count, law::DayKind::working);
        RC_ASSERT(last <= calendar.last_day(from, count + 1, law::DayKind::working));
        RC_ASSERT(last <= calendar.last_day(from + 1, count, law::DayKind::working));
        RC_ASSERT(calendar.working_days_between(from, last) == count);
        RC_ASSERT(count == 0 || calendar.working(last));
        if (calendar.working(from)) RC_ASSERT(calendar.last_day(last, -std::int64_t{count}, law::DayKind::working) == from);
      }));
}
TEST(ExpressionLaws, ParenthesesThatPrecedenceMakesNeedlessChangeNothing) {
  EXPECT_TRUE(rc::check([] {
    const auto written = condition(4);
    RC_ASSERT(outcome(written.sparse) == outcome(written.full));
  }));
}
TEST(ExpressionLaws, AnExactComparisonAgreesWithTheRoundedOneWhereTheyCanDiffer) {
  EXPECT_TRUE(rc::check([](std::int32_t fen, std::int32_t price, std::int32_t num, std::int32_t den) {
    RC_PRE(den != 0 && den != std::numeric_limits<std::int32_t>::min() && num != std::numeric_limits<std::int32_t>::min());
    const auto ratio = base::make_ratio(num, den);
    RC_ASSERT(bool(ratio));
    const auto share = law::exact(law::Op::multiply, Value::money({price}), Value::ratio(*ratio));
    RC_ASSERT(bool(share));
    const int exact = law::order(law::Fraction{fen, 1}, *share);
    RC_ASSERT(exact == base::compare_scaled(fen, price, *ratio));
    // Rounding moves the product by half a fen at most: it can make a difference equal, never turn it round.
    const auto rounded = *base::scale(price, *ratio);
    const int coarse = fen < rounded ? -1 : fen > rounded ? 1 : 0;
    RC_ASSERT(coarse == exact || coarse == 0);
  }));
}
TEST(ExpressionLaws, FractionsAreOrderedAsTheirCrossProducts) {
  EXPECT_TRUE(rc::check([](std::int64_t a, std::uint32_t b, std::int64_t c, std::uint32_t d) {
    const law::Wide left = law::Wide{a} * (std::int64_t{d} + 1);
    const law::Wide right = law::Wide{c} * (std::int64_t{b} + 1);
    const int expected = left < right ? -1 : left > right ? 1 : 0;
    RC_ASSERT(law::order(law::Fraction{a, std::int64_t{b} + 1}, law::Fraction{c, std::int64_t{d} + 1}) == expected);
  }));
}
TEST(ValueLaws, AQuantityReadsBackFromItsJson) {
  EXPECT_TRUE(rc::check([](std::int64_t number, std::int32_t num, std::int32_t den, bool working) {
    RC_PRE(den > 0 && num != std::numeric_limits<std::int32_t>::min());
    const auto count = number % 1'000'000;
    const auto kind = working ? law::DayKind::working : law::DayKind::calendar;
    const std::vector<Value> values = {Value::money({number / 100}), Value::area({number / 100}), Value::integer(count),
                                       Value::days(count, kind), Value::ratio(*base::make_ratio(num, den))};
    for (const auto& value : values) {
      const auto again = law::from_json(law::to_json(value), Type::of(value.kind));
      RC_ASSERT(bool(again));
      RC_ASSERT(*again == value);
    }
  }));
}
