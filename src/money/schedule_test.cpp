#include "money/schedule.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

using namespace landglass;
using namespace landglass::money;
using base::Date;
using base::Money;
using base::Ratio;

namespace {

const Date k_contract = base::from_civil({2026, 3, 2});
constexpr Ratio k_per_mille{1, 1'000};

Schedule halves() {
  auto schedule =
      Schedule::make(Money{100'000'001}, {{k_contract + 30, Money{50'000'001}}, {k_contract + 365, Money{50'000'000}}});
  LG_ASSERT(bool(schedule), "a schedule that sums");
  return *schedule;
}

}  // namespace

TEST(Schedule, ChargesOnePerMilleADayOnWhatIsOverdueFromTheDayAfterItWasDue) {
  const auto schedule = halves();
  const auto on_time = schedule.standing({}, k_contract + 30, k_per_mille);
  EXPECT_EQ(on_time->late_fee, Money{0});
  EXPECT_EQ(on_time->overdue, Money{0});
  const auto next_day = schedule.standing({}, k_contract + 31, k_per_mille);
  EXPECT_EQ(next_day->overdue, Money{50'000'001});
  EXPECT_EQ(next_day->late_fee, Money{50'000});  // 50,000.001 rounded
  const std::vector<Payment> part{{k_contract + 40, Money{20'000'001}, Purpose::price, "B1"}};
  // 20,000,001 for 10 days and 30,000,000 for 12: 200,000.01 + 360,000
  EXPECT_EQ(schedule.standing(part, k_contract + 42, k_per_mille)->late_fee, Money{560'000});
  EXPECT_EQ(schedule.standing(part, k_contract + 42, k_per_mille)->instalments[0].days_late, 12);
}
TEST(Schedule, TakesPaymentsForTheInstalmentDueFirstInWhateverOrderTheyAreGiven) {
  const auto schedule = halves();
  std::vector<Payment> payments{{k_contract + 20, Money{60'000'000}, Purpose::price, "B2"},
                                {k_contract, Money{20'000'000}, Purpose::price, "offset"}};
  const auto standing = schedule.standing(payments, k_contract + 400, k_per_mille);
  EXPECT_EQ(standing->instalments[0].outstanding, Money{0});
  EXPECT_EQ(standing->instalments[1].outstanding, Money{20'000'001});
  EXPECT_EQ(standing->late_fee, Money{20'000 * 35});
  EXPECT_FALSE(standing->price_paid);
  std::swap(payments[0], payments[1]);
  EXPECT_EQ(schedule.standing(payments, k_contract + 400, k_per_mille)->late_fee, standing->late_fee);
  EXPECT_EQ(*price_paid_by(payments, k_contract + 19), Money{20'000'000});
  EXPECT_EQ(*price_paid_by(payments, k_contract + 20), Money{80'000'000});
  EXPECT_EQ(schedule.due_by(k_contract + 30), Money{50'000'001});
}
TEST(Schedule, APriceIsPaidOnlyWhenTheLastFenIs) {
  const auto schedule = halves();
  std::vector<Payment> payments{{k_contract, Money{100'000'000}, Purpose::price, "B1"},
                                {k_contract, Money{100}, Purpose::late_fee, "B2"}};
  EXPECT_FALSE(schedule.standing(payments, k_contract, k_per_mille)->price_paid);
  EXPECT_EQ(schedule.standing(payments, k_contract, k_per_mille)->overpaid, Money{100});  // a late fee that nobody owes
  payments.push_back({k_contract + 1, Money{3}, Purpose::price, "B3"});
  const auto paid = schedule.standing(payments, k_contract + 1, k_per_mille);
  EXPECT_TRUE(paid->price_paid);
  EXPECT_EQ(paid->overpaid, Money{102});
  EXPECT_FALSE(schedule.standing(payments, k_contract, k_per_mille)->price_paid);  // not yet on the day before
}
TEST(Schedule, RefusesWhatDoesNotSumOrFit) {
  EXPECT_EQ(Schedule::make(Money{2}, {}).refusal().code, "PAY-01");
  EXPECT_EQ(Schedule::make(Money{2}, {{k_contract, Money{2}}, {k_contract, Money{0}}}).refusal().code, "PAY-01");
  EXPECT_EQ(Schedule::make(Money{2}, {{k_contract, Money{1}}, {k_contract + -1, Money{1}}}).refusal().code, "PAY-02");
  EXPECT_EQ(Schedule::make(Money{2}, {{k_contract, Money{1}}}).refusal().code, "PAY-03");
  const auto schedule = halves();
  const std::vector<Payment> nothing{{k_contract, Money{0}, Purpose::price, "B1"}};
  EXPECT_EQ(schedule.standing(nothing, k_contract, k_per_mille).refusal().code, "PAY-04");
  EXPECT_EQ(schedule.standing({}, k_contract, {-1, 1'000}).refusal().code, "PAY-06");
  const std::vector<Payment> two{{k_contract, Money{INT64_MAX}, Purpose::late_fee, "B1"},
                                 {k_contract, Money{INT64_MAX}, Purpose::late_fee, "B2"}};
  EXPECT_EQ(schedule.standing(two, k_contract, k_per_mille).refusal().code, "PAY-05");
}

// The figure by summing day after day, as a clerk would.
RC_GTEST_PROP(ScheduleProperty, TheLateFeeIsTheSumOverDays, ()) {
  const auto first = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  const auto second = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  const auto gap = *rc::gen::inRange(0, 20);
  const auto schedule =
      Schedule::make(Money{first + second}, {{k_contract, Money{first}}, {k_contract + gap, Money{second}}});
  RC_ASSERT(bool(schedule));
  std::vector<Payment> payments;
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
    payments.push_back(
        {k_contract + *rc::gen::inRange(-3, 40), Money{*rc::gen::inRange<std::int64_t>(1, 800'000)}, Purpose::price, ""});
  }
  const auto end = k_contract + *rc::gen::inRange(0, 40);
  std::int64_t fen_days[2] = {0, 0};
  const Date due[2] = {k_contract, k_contract + gap};
  const std::int64_t amount[2] = {first, second};
  for (Date day = k_contract + 1; day <= end; day = day + 1) {
    std::int64_t paid = 0;  // before that day began
    for (const auto& payment : payments) paid += payment.received < day ? payment.amount.fen : 0;
    for (int i = 0; i < 2; ++i) {
      const auto open = amount[i] - std::min(amount[i], paid);
      paid -= amount[i] - open;
      if (day > due[i]) fen_days[i] += open;
    }
  }
  const auto standing = schedule->standing(payments, end, k_per_mille);
  RC_ASSERT(bool(standing));
  RC_ASSERT(standing->instalments[0].late_fee.fen == (fen_days[0] + 500) / 1'000);
  RC_ASSERT(standing->instalments[1].late_fee.fen == (fen_days[1] + 500) / 1'000);
  RC_ASSERT(standing->paid.fen + standing->outstanding.fen == first + second);
}
