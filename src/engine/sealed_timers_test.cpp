// Deadlines of sealed records: pages in sealed rows, played against a plain set.
#include "engine/sealed_timers.hpp"

#include <gtest/gtest.h>

#include <random>

#include "store/test_store.hpp"

using namespace landglass;
using engine::SealedTimers;
using store::TimerRow;
using Set = std::set<TimerRow, store::ByDue>;

namespace {

Set standing(const SealedTimers& timers) {
  Set out;
  for (const auto& [timer, page] : timers.all()) out.insert(timer);
  return out;
}
bool same(const Set& a, const Set& b) {
  const store::ByDue less;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](const TimerRow& x, const TimerRow& y) { return !less(x, y) && !less(y, x); });
}
Set read_anew(store::Store& store) {
  SealedTimers fresh(store);
  const auto done = fresh.load();
  EXPECT_TRUE(done) << base::explain(done.trouble());
  return standing(fresh);
}
void in_batch(store::Store& store, const std::function<void()>& what) {
  LG_OK(store.begin());
  what();
  LG_OK(store.commit());
}

// A few days, names that ask for an escape, several deadlines of one record.
TimerRow any(std::mt19937_64& random) {
  const auto day = static_cast<std::int64_t>(random() % 9) * base::k_day;
  return {base::Time{1'300'000'000'000 + day + static_cast<std::int64_t>(random() % 5)},
          "case-lead/" + std::to_string(random() % 4'000) + (random() % 50 == 0 ? "\"\n" : ""),
          random() % 2 == 0 ? "check" : "filing"};
}

}  // namespace

TEST(SealedTimers, ArePlayedAgainstASetAndReadAnew) {
  const store::TemporaryFolder folder;
  const auto store = store::value_of(store::open_sqlite(folder.options()));
  SealedTimers timers(*store);
  LG_OK(timers.load());
  Set expected;
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    const auto changes = round % 40 == 39 ? 3'000U : random() % 30;
    const bool falling = round % 100 > 70;  // more fall than come
    for (std::size_t i = 0; i < changes; ++i) {
      const auto timer = any(random);
      if (falling && !expected.empty()) {
        const auto gone = *expected.begin();
        timers.drop(gone);
        expected.erase(gone);
      } else if (random() % 3 == 0) {
        timers.drop(timer);
        expected.erase(timer);
      } else {
        timers.put(timer);
        expected.insert(timer);
      }
    }
    in_batch(*store, [&] { LG_OK(timers.write()); });
    ASSERT_TRUE(same(standing(timers), expected)) << round;
    if (round % 10 != 0) continue;
    ASSERT_TRUE(same(read_anew(*store), expected)) << round;
    if (round % 50 != 0) continue;
    LG_OK(timers.load());  // does nothing twice
    timers.forget();
    LG_OK(timers.load());
  }
  EXPECT_FALSE(expected.empty());
}

TEST(SealedTimers, TakeNoMoreRoomThanWhatStands) {
  const store::TemporaryFolder folder;
  const auto store = store::value_of(store::open_sqlite(folder.options()));
  SealedTimers timers(*store);
  LG_OK(timers.load());
  const auto timer = [](int i) {
    return TimerRow{base::Time{1'300'000'000'000 + i}, "case-lead/" + std::to_string(i), "check"};
  };
  const auto slots = [&] {
    return store::value_of(store::read_timer_slots(store::value_of(store->sealed(store::k_timer_slots)).value_or("#0")));
  };
  for (int i = 0; i < 1'000; ++i) timers.put(timer(i));
  in_batch(*store, [&] { LG_OK(timers.write()); });
  const auto first = slots();
  EXPECT_GE(first, 10U);
  for (int i = 1'000; i < 12'000; ++i) {  // as many stand at any time
    timers.drop(timer(i - 1'000));
    timers.put(timer(i));
    in_batch(*store, [&] { LG_OK(timers.write()); });
  }
  EXPECT_LE(slots(), 3 * first + 10) << "pages of which little stands are swept";
  EXPECT_EQ(read_anew(*store).size(), 1'000U);
}

TEST(SealedTimers, AreHashedAsTheRowsOfADayThatOlderReleasesWrote) {
  const store::TemporaryFolder folder;
  auto older_options = folder.options();
  older_options.folder = folder / "older";
  const auto newer = store::value_of(store::open_sqlite(folder.options()));
  const auto older = store::value_of(store::open_sqlite(older_options));
  Set expected;
  std::mt19937_64 random(11);
  for (int i = 0; i < 700; ++i) expected.insert(any(random));
  const auto hash = [](store::Store& of) { return std::string(store::value_of(of.table_hashes()).text("sealed")); };
  for (auto* of : {newer.get(), older.get()}) {
    in_batch(*of, [&] {
      for (int i = 0; i < 20; ++i) LG_OK(of->put_sealed("case-lead/" + std::to_string(i), "{}"));
    });
  }
  const auto without = hash(*newer);
  EXPECT_EQ(hash(*older), without);
  in_batch(*older, [&] {
    for (const auto& [key, row] : store::timers_by_day(expected)) LG_OK(older->put_sealed(key, row));
  });
  SealedTimers timers(*newer);
  LG_OK(timers.load());
  for (const auto& timer : expected) timers.put(timer);
  in_batch(*newer, [&] { LG_OK(timers.write()); });
  EXPECT_NE(hash(*newer), without);
  EXPECT_EQ(hash(*newer), hash(*older));

  // What an older release wrote is read, stays as it is until something changes, and is in pages then.
  SealedTimers read(*older);
  LG_OK(read.load());
  EXPECT_TRUE(same(standing(read), expected));
  in_batch(*older, [&] { LG_OK(read.write()); });
  EXPECT_TRUE(store::value_of(older->sealed(store::k_timer_slots)).value_or("").starts_with("["));
  for (auto* of : {&timers, &read}) of->drop(*expected.begin());
  expected.erase(expected.begin());
  in_batch(*older, [&] { LG_OK(read.write()); });
  in_batch(*newer, [&] { LG_OK(timers.write()); });
  EXPECT_TRUE(store::value_of(older->sealed(store::k_timer_slots)).value_or("").starts_with("#"));
  EXPECT_TRUE(same(read_anew(*older), expected));
  EXPECT_EQ(hash(*newer), hash(*older));
  for (auto* of : {&timers, &read}) {
    for (const auto& timer : expected) of->drop(timer);
  }
  in_batch(*older, [&] { LG_OK(read.write()); });
  in_batch(*newer, [&] { LG_OK(timers.write()); });
  EXPECT_EQ(hash(*newer), without) << "where none stands nothing is left of them";
  EXPECT_EQ(hash(*older), without);
}

TEST(SealedTimers, APageThatDoesNotReadSaysSo) {
  for (const auto* row : {"#", "#x\n", "#1\n*[]\n", "#1\n+[\"2011-01-01T00:00:00.000Z\",\"a\"]\n", "#1\n+[1", "#1 2\n"}) {
    EXPECT_FALSE(store::read_timer_page(row)) << row;
  }
  const auto empty = store::read_timer_page("#12\n");
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->number, 12U);
}
