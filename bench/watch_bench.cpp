// The rules of the watch on a province's tables: what one event costs, and a look at everything, at 10^5 and 10^6 records.
// A small year is played once; its rows are then laid down again and again under other counties, parties and numbers.
//   watch_bench [--large]       10^5 records; with --large 10^6 too
#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>

#include "base/crypto.hpp"
#include "engine/columns.hpp"
#include "field.hpp"
#include "print.hpp"
#include "watch/rule_book.hpp"

using namespace landglass;
using namespace landglass::bench;

namespace {

struct Row {
  std::string id;
  std::string doc;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double rss_mib() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The same text of another county: its division, its parties, its sealed records.
std::string elsewhere(std::string text, int copy) {
  const auto county = std::to_string(400'000 + copy);
  replace_all(text, k_region, county);
  replace_all(text, "party/bidder-", "party/" + county + "-");
  for (const auto* sealed : {"application/", "deposit/", "bank-line/", "payment-order/", "bank-statement/"})
    replace_all(text, sealed, sealed + county);
  return text;
}

std::map<std::string, std::vector<Row>> play(institution::Pack& pack) {
  std::map<std::string, std::vector<Row>> rows;
  base::VirtualClock clock(base::parse_time("2024-01-08T09:00:00+08:00").value());
  base::SeededRandom random(3);
  const auto store = must(store::open_sqlite({":memory:", "", false, 0}));
  engine::Options options;
  options.origin = k_origin;
  options.threaded = false;
  options.anchor_every_ms = 36'500 * base::k_day;
  auto engine = must(engine::Engine::start(options, *store, pack, cli::behaviours(), clock, random, signer()));
  std::map<std::string, std::set<std::string>> known;
  engine->listen([&](const std::vector<engine::Published>& events) {
    for (const auto& event : events) known[event.institution].insert(event.record);
  });
  cli::Town town(*engine, *store, &clock, 11);
  town.honest_bank();
  if (const auto founded = town.found("packs/cn-land/worlds/county.yaml", k_region); !founded) must<int>(founded.trouble());
  const auto plan =
      must(town.create("land-use", "supply-plan", {{"region", k_region}, {"year", 2024}, {"total_area", "2000000.00"}}));
  must(town.act("mayor", plan.record, "publish"));
  for (int i = 0; i < 12; ++i) {
    cli::LotPlan one;
    one.location = std::to_string(i) + "号地块";
    one.variant = "none";
    one.opens = clock.now() + 21 * base::k_day;
    one.closes = clock.now() + 33 * base::k_day;
    const auto lot = must(town.announce(one, plan.record));
    std::vector<cli::Entry> entries;
    for (std::size_t b = 0; b < 3; ++b) entries.push_back(must(town.apply(lot, b)));
    if (const auto stated = town.bank(); !stated) must<int>(stated.trouble());
    town.pass(one.opens + base::k_hour);
    for (auto& entry : entries) {
      if (town.admitted(entry))
        (void)town.offer(lot, entry,
                         {one.start_yuan * 100 + static_cast<std::int64_t>(entry.bidder) * one.increment_yuan * 100});
    }
    town.pass(one.closes + base::k_hour);
    if (i % 3 != 2) (void)town.finish(lot, one);
  }
  engine->inspect([&](institution::Registry&, engine::Cache& cache) {
    for (const auto& [institution, ids] : known) {
      const auto* in = pack.current(institution);
      // Officials are one county's; what is copied are matters, money and parties.
      if (in == nullptr || institution == "post-key" || institution == "post" || institution == "office" ||
          institution == "appointment" || institution == "person" || institution == "custody-account")
        continue;
      for (const auto& id : ids) {
        const auto found = cache.find(id);
        if (found && *found != nullptr) rows[institution].push_back({id, base::canonical(institution::save(**found))});
      }
    }
  });
  return rows;
}

void measure(institution::Pack& pack, const std::map<std::string, std::vector<Row>>& rows, std::size_t records) {
  const auto folder = place("watch");
  std::filesystem::create_directories(folder);
  const auto store = must(store::open_sqlite({folder + "/data", folder + "/vault.key", false, 0}));
  if (const auto shaped = store->shape(engine::Cache::shapes(pack)); !shaped) must<int>(shaped.trouble());
  auto book =
      must(watch::RuleBook::open(must(watch::load_rules(pack.rule_files(), pack)), pack, must(store::rule_reader(*store))));
  struct Event {
    std::string institution, action, record;
  };
  std::vector<Event> events;
  base::SeededRandom random(9);
  std::size_t laid = 0;
  for (int copy = 0; laid < records; ++copy) {
    if (const auto begun = store->begin(); !begun) must<int>(begun.trouble());
    for (const auto& [institution, list] : rows) {
      const auto* in = pack.current(institution);
      const auto table = engine::Cache::table_of(institution);
      for (const auto& row : list) {
        const auto id = elsewhere(row.id, copy);
        const auto doc = elsewhere(row.doc, copy);
        const auto json = must(base::parse_json(doc, base::Profile::any));
        const auto changed = base::parse_time(json.text("changed")).value_or(base::Time{});
        const auto& fields = json.at("fields").as_object();
        if (!in->sealed()) {
          const auto columns = engine::columns_of(*in, fields);
          if (const auto put = store->put_record({table, id, 1, json.text("state"), doc, changed, &columns}); !put)
            must<int>(put.trouble());
          if (book->reads_behaviour(institution)) {
            if (const auto put = book->put_behaviour(*in, id, changed, json.at("behaviour")); !put) must<int>(put.trouble());
          }
        } else if (book->holds(institution)) {
          if (const auto put = book->put(*in, id, json.text("state"), changed, fields); !put) must<int>(put.trouble());
        }
        ++laid;
        if (random.below(20) == 0) events.push_back({institution, std::string(json.text("last_action")), id});
      }
    }
    if (const auto kept = store->commit(); !kept) must<int>(kept.trouble());
  }
  const auto now = base::parse_time("2025-06-02T09:00:00+08:00").value();
  for (std::size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[random.below(i)]);
  if (events.size() > 20'000) events.resize(20'000);
  std::vector<double> took;
  std::size_t looks = 0;
  for (const auto& event : events) {
    const auto start = std::chrono::steady_clock::now();
    for (const auto& place : must(book->touched(event.institution, event.action, event.record))) {
      (void)must(book->look(place, now));
      (void)must(book->recheck(place, now));
      ++looks;
    }
    took.push_back(seconds_since(start) * 1'000);
  }
  std::sort(took.begin(), took.end());
  const auto at = [&](double share) {
    return took[std::min(took.size() - 1, static_cast<std::size_t>(share * static_cast<double>(took.size())))];
  };
  double sum = 0;
  for (const auto one : took) sum += one;
  const auto size = std::to_string(laid);
  print({"watch: one event, " + size + " records",
         sum / static_cast<double>(took.size()),
         "ms",
         at(0.5),
         at(0.99),
         0,
         {},
         0,
         10,
         0,
         0});
  print({"watch: longest event, " + size + " records", took.back(), "ms", 0, 0, 0, {}, 0, 0, 0, 10});
  print({"watch: subjects looked at for an event",
         static_cast<double>(looks) / static_cast<double>(events.size()),
         "",
         0,
         0,
         0,
         {},
         0,
         0,
         0,
         0});
  const auto start = std::chrono::steady_clock::now();
  std::size_t fired = 0, all = 0;
  const auto looked = book->all(now, [&](const watch::Place&, std::optional<watch::Finding> finding) -> base::Status {
    ++all;
    if (finding) ++fired;
    return base::Done{};
  });
  if (!looked) must<int>(looked.trouble());
  const auto batch = seconds_since(start);
  print({"watch: a look at everything, " + size + " records", batch, "s", 0, 0, 0, {}, 0, 0, 0, 0});
  print({"watch: questions a second", static_cast<double>(all) / batch, "", 0, 0, 0, {}, 0, 0, 0, 0});
  print({"watch: findings", static_cast<double>(fired), "", 0, 0, 0, {}, 0, 0, 0, 0});
  print({"watch: memory, " + size + " records", rss_mib(), "MiB", 0, 0, 0, {}, 0, 0, 0, 0});
  book.reset();
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int count, char** arguments) {
  auto pack = must(institution::Pack::load("packs/cn-land", "build/data"));
  const auto rows = play(*pack);
  measure(*pack, rows, 100'000);
  if (count > 1 && std::strcmp(arguments[1], "--large") == 0) measure(*pack, rows, 1'000'000);
  return 0;
}
