#include "store/recent.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace landglass::store {
namespace {

using Named = Batch::Named;

// Batches that come, are handed over, fall or go into the tables, against a list of what each of them put.
TEST(StoreRecent, FindsTheNewestValueOfEachNameAndNoneOfABatchThatFellOrWent) {
  std::mt19937_64 random(5);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  Recent recent;
  Recent::Batches handed_over;
  std::map<std::uint64_t, std::map<std::string, std::string>> put;  // by batch
  std::uint64_t number = 0;
  int found = 0, missed = 0;
  for (int round = 0; round < 4'000; ++round) {
    recent.of(number + 1);
    const auto batch = std::make_shared<Batch>();
    batch->note_into(&recent);
    auto& values = put[number + 1];
    for (std::uint64_t i = 0, many = below(12); i < many; ++i) {
      const auto name = std::to_string(below(400));
      const auto value = std::to_string(random());
      switch (below(4)) {
        case 0:
          batch->put_sealed(name, value, below(2) == 0);
          values["s" + name] = value;
          break;
        case 1: {
          const TableShape shape{"lot", {}};
          const std::vector<base::Json> columns{"350124", 5, true, {}};
          batch->put_record(shape, {"lot", name, 1, "open", value, {}, &columns});
          values["r" + name] = value;
          break;
        }
        case 2:
          batch->put_tally(name, static_cast<std::int64_t>(i));
          values["n" + name] = std::to_string(i);
          break;
        default: batch->put_seen(name, {log::Tree::sealed, i, value}); values["c" + name] = value;
      }
    }
    const auto look = [&](const Batch* now) {
      for (int i = 0; i < 8; ++i) {
        const auto name = std::to_string(below(400));
        for (const auto kind : {Named::sealed, Named::record, Named::tally, Named::seen}) {
          const bool is_record = kind == Named::record;
          const auto is = recent.find(kind, is_record ? "lot" : name, is_record ? name : "", now, handed_over);
          std::optional<std::string> wanted;
          for (const auto& [of, all] : put) {
            const auto one = all.find(std::string(1, static_cast<char>(kind)) + name);
            if (one != all.end()) wanted = one->second;
          }
          ASSERT_EQ(is.has_value(), wanted.has_value()) << name;
          ++(is ? found : missed);
          if (!is) continue;
          if (kind == Named::tally) {
            EXPECT_EQ(std::to_string(Batch::tally_in(*is)), *wanted);
          } else if (kind == Named::seen) {
            EXPECT_EQ(Batch::seen_in(*is).digest, *wanted);
          } else {
            EXPECT_EQ(*is, *wanted);
          }
        }
      }
    };
    look(batch.get());
    if (below(5) == 0) {
      put.erase(number + 1);
      if (!batch->empty()) recent.begin_anew(handed_over);
    } else {
      batch->note_into(nullptr);
      handed_over.emplace_back(++number, batch);
    }
    while (handed_over.size() > 1 + below(40)) {
      put.erase(handed_over.front().first);
      handed_over.pop_front();
    }
    look(nullptr);
  }
  EXPECT_GT(found, 10'000);
  EXPECT_GT(missed, 10'000);
}

}  // namespace
}  // namespace landglass::store
