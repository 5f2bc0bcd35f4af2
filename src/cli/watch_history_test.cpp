// Whatever happens to a county, in whatever order: after each act what the rules found step by step is what they find when
// all of them look at everything; and what stands as a warning is what was found.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/test_county.hpp"
#include "watch/watch.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonObject;

const std::string k_file(64, '1');

class WatchHistories : public CountyTest {
 protected:
  void begin(std::uint64_t seed) {
    watch_.reset();
    known_.clear();
    chance_ = std::make_unique<base::SeededRandom>(seed * 7 + 1);
    ASSERT_NO_FATAL_FAILURE(found("watch.invalid/log", seed, base::parse_time("2024-03-04T09:00:00+08:00").value(),
                                  [this](const std::vector<engine::Published>& events) {
                                    for (const auto& event : events) known_[event.institution].insert(event.record);
                                  }));
    auto watch = watch::Watch::open(*engine_, *store_, *pack_, clock_);
    ASSERT_TRUE(watch) << base::explain(watch.trouble());
    watch_ = std::move(*watch);
  }

  void look(const std::string& after) {
    const auto settled = watch_->settle();
    ASSERT_TRUE(settled) << base::explain(settled.trouble());
    const auto batch = watch_->book().batch(clock_.now());
    ASSERT_TRUE(batch) << base::explain(batch.trouble());
    std::string differ;
    const auto name = [&](const watch::Place& place) {
      return watch_->book().rules()[place.rule].code + " " + place.subject + "; ";
    };
    for (const auto& [place, finding] : *batch) {
      const auto held = watch_->findings().find(place);
      if (held == watch_->findings().end())
        differ += "missed: " + name(place);
      else if (held->second != finding)
        differ += "stale: " + name(place);
      fired_.insert(watch_->book().rules()[place.rule].code);
    }
    for (const auto& [place, finding] : watch_->findings()) {
      if (!batch->contains(place)) differ += "no more: " + name(place);
    }
    ASSERT_EQ(differ, "") << "after " << after;
    std::size_t open = 0;
    for (const auto* state : {"raised", "unanswered", "answered"}) {
      const auto listed = watch_->listed({std::string(watch::k_warning), {}, state, "", 0, 10'000});
      ASSERT_TRUE(listed);
      open += listed->size();
    }
    std::size_t settled_by_people = 0;
    for (const auto* state : {"dismissed", "case"}) {
      const auto listed = watch_->listed({std::string(watch::k_warning), {}, state, "", 0, 10'000});
      settled_by_people += listed ? listed->size() : 0;
    }
    ASSERT_LE(open, batch->size()) << "after " << after;
    ASSERT_GE(open + settled_by_people, batch->size()) << "after " << after;
    EXPECT_EQ(watch_->gauges().refused.load(), 0U) << "after " << after;
  }

  template <class List>
  auto one_of(const List& list) {
    auto at = list.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(chance_->below(list.size())));
    return *at;
  }

  Json some_value(const institution::Field& field) {
    if (field.type == "integer") return static_cast<std::int64_t>(chance_->below(5));
    if (field.type == "money") return base::money_text({static_cast<std::int64_t>(chance_->below(2'000'000'000))});
    if (field.type == "area") return base::area_text({static_cast<std::int64_t>(1'000'000 + chance_->below(3'000'000))});
    if (field.type == "ratio") return "50%";
    if (field.type == "boolean") return chance_->below(2) == 0;
    if (field.type == "date")
      return base::format_date(base::date_of(clock_.now()) + (static_cast<int>(chance_->below(60)) - 20));
    if (field.type == "time")
      return base::format_utc(clock_.now() + static_cast<std::int64_t>(chance_->below(40)) * base::k_day);
    if (field.type == "file") return k_file;
    if (field.type == "ref") {
      const auto& all = known_[field.of];
      return all.empty() ? Json() : Json(one_of(all));
    }
    if (field.type == "code") {
      if (!field.values.empty()) return one_of(field.values).key;
      if (const auto* table = field.table == "divisions" ? nullptr : pack_->table(field.table))
        return one_of(table->values).key;
      return "350124";
    }
    if (field.name == "landchina_no") return "A-" + std::to_string(1 + chance_->below(6));
    return "甲" + std::to_string(chance_->below(3));
  }

  // An act of anybody on anything that is there: most are refused, and the rest is what nobody thought of.
  std::string any_act() {
    std::vector<std::string> institutions;
    for (const auto& [name, records] : known_) {
      if (!records.empty() && name != "post-key" && name != "warning" && name != "efficacy-card")
        institutions.push_back(name);
    }
    const auto institution = one_of(institutions);
    const auto id = one_of(known_[institution]);
    engine::Command command;
    std::string what;
    engine_->inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) return;
      const institution::Record record = **found;
      const auto actions = registry.actions_of(record);
      if (actions.empty()) return;
      const auto* action = one_of(actions);
      const auto* in = registry.institution_of(record);
      command.record = id;
      command.action = action->name;
      for (const auto& field : action->need) command.fields[field] = some_value(*in->field(field));
      if (!action->grounds.empty() && pack_->table(action->grounds) != nullptr)
        command.fields["ground"] = one_of(pack_->table(action->grounds)->values).key;
      for (const auto& field : action->give) {
        if (command.fields.find(field) == nullptr && chance_->below(4) == 0)
          command.fields[field] = some_value(*in->field(field));
      }
      what = id + " " + action->name;
    });
    if (what.empty()) return "nothing";
    // By whoever may; a joint act by each of them in turn.
    for (const auto* name : {"clerk",    "clerk2",    "host",       "centre-director", "overseer",      "planner",
                             "land-use", "land-use2", "survey",     "bureau-director", "vice-director", "committee3",
                             "reviewer", "objection", "valuer",     "mayor",           "finance",       "finance2",
                             "tax",      "registrar", "registrar2", "sysadmin",        "secadmin"}) {
      auto done = town_->act(name, command.record, command.action, command.fields);
      if (done && chance_->below(2) == 0) break;
    }
    return what;
  }

  std::unique_ptr<base::SeededRandom> chance_;
  std::unique_ptr<watch::Watch> watch_;
  std::map<std::string, std::set<std::string>> known_;
  std::set<std::string> fired_;
};

TEST_F(WatchHistories, StepByStepIsAllAtOnce) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    watch_.reset();
    town_.reset();
    engine_.reset();
    store_.reset();
    begin(seed);
    if (HasFatalFailure() || IsSkipped()) return;
    auto plan = town_->create("land-use", "supply-plan", {{"region", "350124"}, {"year", 2024}, {"total_area", "50000.00"}});
    ASSERT_TRUE(plan) << base::explain(plan.trouble());
    ASSERT_TRUE(town_->act("mayor", plan->record, "publish"));
    struct Sale {
      std::string lot;
      LotPlan plan;
      std::vector<Entry> entries;
    };
    std::vector<Sale> sales;
    for (int i = 0; i < 4; ++i) {
      LotPlan one;
      one.location = std::to_string(i) + "号";
      one.variant = "none";
      one.opens = clock_.now() + 21 * base::k_day;
      one.closes = clock_.now() + 33 * base::k_day + i * base::k_hour;
      auto lot = town_->announce(one, plan->record);
      ASSERT_TRUE(lot) << base::explain(lot.trouble());
      Sale sale{*lot, one, {}};
      for (std::size_t b = 0; b < 3; ++b) {
        if (b > 0 && chance_->below(3) == 0) continue;
        auto entry = town_->apply(*lot, b);
        ASSERT_TRUE(entry) << base::explain(entry.trouble());
        sale.entries.push_back(*entry);
      }
      sales.push_back(std::move(sale));
      look("announcing " + *lot);
      if (HasFatalFailure()) return;
    }
    // To the sale's end, so that there is something to go wrong with: statements, numbers of notices, offers, the reserve.
    for (auto& sale : sales) {
      if (chance_->below(3) > 0)
        (void)town_->act("clerk", sale.lot, "publish-notice",
                         {{"media", "甲报"}, {"landchina_no", "A-" + std::to_string(1 + chance_->below(6))}});
    }
    ASSERT_TRUE(town_->bank());
    look("a statement");
    town_->pass(sales.front().plan.opens + base::k_hour);
    look("the opening");
    if (HasFatalFailure()) return;
    for (auto& sale : sales) {
      const auto bids = 1 + chance_->below(6);
      for (std::uint64_t i = 0; i < bids; ++i) {
        auto& entry = sale.entries[i % sale.entries.size()];
        if (town_->admitted(entry))
          (void)town_->offer(sale.lot, entry,
                             {(sale.plan.start_yuan + static_cast<std::int64_t>(i) * sale.plan.increment_yuan) * 100});
      }
    }
    town_->pass(sales.back().plan.closes + base::k_hour);
    look("the close");
    if (HasFatalFailure()) return;
    for (auto& sale : sales) {
      if (chance_->below(4) > 0) {
        ASSERT_TRUE(town_->open_reserve(sale.lot));
      }
      look("the reserve of " + sale.lot);
      if (HasFatalFailure()) return;
    }
    for (int step = 0; step < 60; ++step) {
      std::string what;
      switch (chance_->below(8)) {
        case 0: {
          const auto days = static_cast<std::int64_t>(1 + chance_->below(12));
          town_->pass(clock_.now() + days * base::k_day);
          what = std::to_string(days) + " days";
          break;
        }
        case 1: {
          (void)town_->bank();
          what = "a statement";
          break;
        }
        case 2: {
          auto& sale = sales[chance_->below(sales.size())];
          auto& entry = sale.entries[chance_->below(sale.entries.size())];
          what = "an offer";
          if (!town_->admitted(entry)) break;
          (void)town_->offer(sale.lot, entry,
                             {(sale.plan.start_yuan + static_cast<std::int64_t>(step) * sale.plan.increment_yuan) * 100});
          break;
        }
        case 3: {
          const auto& sale = sales[chance_->below(sales.size())];
          (void)(chance_->below(2) == 0 ? town_->open_reserve(sale.lot) : base::Status(base::Done{}));
          what = "opening " + sale.lot;
          if (chance_->below(3) > 0) break;
          (void)town_->finish(sale.lot, sale.plan);
          what = "finishing " + sale.lot;
          break;
        }
        case 4: {
          (void)town_->create("sysadmin", "appointment",
                              {{"person", one_of(known_["person"])},
                               {"post", one_of(known_["post"])},
                               {"from", base::format_date(base::date_of(clock_.now()))}});
          what = "an appointment";
          break;
        }
        default: what = any_act();
      }
      look("seed " + std::to_string(seed) + ", step " + std::to_string(step) + ": " + what);
      if (HasFatalFailure()) return;
    }
  }
  std::string codes;
  for (const auto& code : fired_) codes += code + " ";
  std::printf("rules that fired: %s\n", codes.c_str());
  EXPECT_GE(fired_.size(), 8U) << "histories in which hardly any rule fires show nothing";
}

}  // namespace
}  // namespace landglass::cli
