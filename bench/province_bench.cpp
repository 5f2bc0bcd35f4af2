// A province's year beside the sales: how many acts of institutions the engine decides a second, each with its leaf, its
// commitments and its projections; a page of a list at that size. A clock of 2011, a store on disk that waits for each
// commit, and at most 2,000 callers who wait.
//   province_bench [--large | RECORDS]       10^5 records; with --large 10^6
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

#include "field.hpp"
#include "log/command_id.hpp"
#include "print.hpp"

using namespace landglass;
using namespace landglass::bench;

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t k_callers = 2'000;

double seconds_since(Steady::time_point start) { return std::chrono::duration<double>(Steady::now() - start).count(); }

double rss_mib() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

double part(std::vector<double> all, double share) {
  if (all.empty()) return 0;
  std::sort(all.begin(), all.end());
  return all[std::min(all.size() - 1, static_cast<std::size_t>(static_cast<double>(all.size()) * share))];
}

// Stands while the house is founded, then goes as real time does: at a moment that stands, the ids of a million commands,
// which begin with their time, would lie anywhere among each other.
class YearClock final : public base::Clock {
 public:
  explicit YearClock(base::VirtualClock& start) : start_(start) {}
  base::Time now() override {
    const auto began = began_ns_.load();
    if (began == 0) return start_.now();
    return {start_.now().ms + (since_boot_ns() - began) / 1'000'000};
  }
  void go() { began_ns_ = since_boot_ns(); }

 private:
  static std::int64_t since_boot_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Steady::now().time_since_epoch()).count();
  }
  base::VirtualClock& start_;
  std::atomic<std::int64_t> began_ns_{0};
};

// Commands of one kind from a busy platform: so many at most wait for their answers.
class Acts {
 public:
  Acts(engine::Engine& engine, base::Clock& clock) : engine_(engine), clock_(clock), random_(5) {}

  // `make` gives the i-th command; the records made are appended to `into` where it is given. Until all are answered.
  double run(std::size_t count, std::size_t at_once, const std::function<engine::Command(std::size_t)>& make,
             std::vector<std::string>* into = nullptr) {
    const auto start = Steady::now();
    for (std::size_t i = 0; i < count; ++i) {
      wait(at_once - 1);
      submit(make(i), into);
    }
    wait(0);
    if (refused_ > 0) {
      std::fprintf(stderr, "bench: %llu acts were refused, the first: %s\n", static_cast<unsigned long long>(refused_),
                   why_.c_str());
      std::exit(1);
    }
    return seconds_since(start);
  }

 private:
  void submit(engine::Command command, std::vector<std::string>* into) {
    std::array<std::uint8_t, 16> bytes{};
    random_.fill(bytes.data(), bytes.size());
    command.id = log::command_id(clock_.now(), bytes);
    command.sig = log::LeafSignature{"session", "", "demo"};
    {
      const std::scoped_lock lock(mutex_);
      ++open_;
    }
    engine_.submit(std::move(command), [this, into](base::Result<engine::Answer> answer) {
      const std::scoped_lock lock(mutex_);
      if (answer) {
        if (into != nullptr) into->push_back(answer->record);
      } else if (refused_++ == 0) {
        why_ = base::explain(answer.trouble());
      }
      if (--open_ == most_) answered_.notify_one();
    });
  }
  void wait(std::size_t most) {
    std::unique_lock lock(mutex_);
    if (open_ <= most) return;
    most_ = most / 2;  // woken seldom, as a server's connections are
    answered_.wait(lock, [&] { return open_ <= most_; });
  }

  engine::Engine& engine_;
  base::Clock& clock_;
  base::SeededRandom random_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::size_t open_ = 0;
  std::size_t most_ = 0;
  std::uint64_t refused_ = 0;
  std::string why_;
};

engine::Command act(const std::string& by, std::string institution, base::JsonObject fields) {
  engine::Command command;
  command.actor = by;
  command.institution = std::move(institution);
  command.fields = std::move(fields);
  return command;
}
engine::Command act_on(const std::string& by, const std::string& record, std::string action, base::JsonObject fields = {}) {
  engine::Command command;
  command.actor = by;
  command.record = record;
  command.action = std::move(action);
  command.fields = std::move(fields);
  return command;
}

void tell(const std::string& work, double value, const std::string& unit, double p50_ms = 0, double p99_ms = 0,
          double goal_least = 0, double goal_most = 0, double goal_p99 = 0) {
  print({work, value, unit, p50_ms, p99_ms, 0, {}, 0, goal_p99, goal_least, goal_most});
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "100000";
  const auto size = word == "--large" ? 1'000'000UL : std::strtoul(word.data(), nullptr, 10);
  const auto of = ", " + std::to_string(size) + " records";
  const auto folder = place("province");
  base::VirtualClock founding(base::parse_time("2011-01-04T09:00:00+08:00").value());
  YearClock clock(founding);
  base::SystemRandom random;
  {
    auto open = bench::open(folder, clock, random, true, true);
    auto& engine = *open.engine;
    cli::Town town(engine, *open.store, &founding, 3);
    for (const auto* world : {"county", "oversight", "review"}) {
      if (const auto founded = town.found(std::string("packs/cn-land/worlds/") + world + ".yaml", k_region); !founded)
        must<int>(founded.trouble());
    }
    clock.go();
    Acts acts(engine, clock);
    const auto who = [&](const char* name) { return town.who(name); };
    // Shares of a year: half of it attendances, a fifth people, the rest petitions, leads, patches and households.
    const auto people_count = size / 5, patches = size / 10, petitions = size / 10, leads = size / 10;
    std::vector<std::string> people, petition_ids, patch_ids;
    std::size_t done = 0;
    double took = 0;
    const auto began = processor_us();
    auto processor = began;
    const auto measured = [&](const char* what, std::size_t count, double seconds) {
      done += count;
      took += seconds;
      tell(std::string(what) + of, static_cast<double>(count) / seconds, "/s");
      const auto now = processor_us();
      std::fprintf(stderr, "%s: %.0f us of processor time each\n", what, (now - processor) / static_cast<double>(count));
      processor = now;
    };
    measured("officials enrolled", people_count,
             acts.run(
                 people_count, k_callers,
                 [&](std::size_t i) {
                   return act("system", "person", {{"key", "b" + std::to_string(i)}});
                 },
                 &people));
    measured("patches of land stated", patches,
             acts.run(
                 patches, k_callers,
                 [&](std::size_t i) {
                   return act(who("enforcement"), "land-occupation",
                              {{"region", k_region},
                               {"year", 2011},
                               {"patch", std::to_string(i)},
                               {"arable", "1000.00"},
                               {"finding", i % 12 == 0 ? "illegal" : "legal"}});
                 },
                 &patch_ids));
    measured("leads of violations recorded (sealed)", leads, acts.run(leads, k_callers, [&](std::size_t i) {
      return act(
          who("inv1"), "case-lead",
          {{"region", k_region}, {"channel", "image"}, {"kind", "occupation"}, {"content", "卫片图斑" + std::to_string(i)}});
    }));
    measured("petitions filed (private fields)", petitions,
             acts.run(
                 petitions, k_callers,
                 [&](std::size_t i) {
                   return act("party/v" + std::to_string(i), "petition",
                              {{"region", k_region},
                               {"kind", "compensation"},
                               {"parcel", who("field")},
                               {"statement", "补偿偏低" + std::to_string(i)},
                               {"contact", "13900000000"}});
                 },
                 &petition_ids));
    measured("petitions accepted (paper, deadline)", petitions, acts.run(petitions, k_callers, [&](std::size_t i) {
      return act_on(who("petition-officer"), petition_ids[i], "accept", {{"respondent_office", who("office-zrzy")}});
    }));
    // Attendances: a roll that another of the office confirms, and as many leaves as people behind it.
    const auto session = must(town.create("trainer", "training-session",
                                          {{"region", k_region},
                                           {"course", "案例警示"},
                                           {"kind", "video"},
                                           {"audience", "staff"},
                                           {"held_on", base::format_date(base::date_of(clock.now()))}}));
    must(town.act("trainer", session.record, "open"));
    const auto rolls = people_count / 1'000;
    const auto leaves = [&] { return engine.gauges().leaves.load(); };
    const auto before = leaves();
    double roll_seconds = 0;
    for (std::size_t i = 0; i < rolls; ++i) {
      const auto start = Steady::now();
      base::JsonArray came;
      for (std::size_t j = 0; j < 1'000; ++j) came.emplace_back(people[i * 1'000 + j]);
      std::vector<std::string> roll;
      acts.run(
          1, 1,
          [&](std::size_t) {
            return act(
                who("trainer"), "attendance-roll",
                {{"region", k_region}, {"session", session.record}, {"office", who("office-zrzy")}, {"people", came}});
          },
          &roll);
      acts.run(1, 1, [&](std::size_t) { return act_on(who("planner"), roll.at(0), "confirm"); });
      while (leaves() < before + (i + 1) * 1'002) std::this_thread::sleep_for(std::chrono::microseconds(50));
      roll_seconds += seconds_since(start);
    }
    engine.inspect([](auto&, auto&) {});  // the last of them are durable
    measured("attendances through rolls of 1,000 (sealed)", leaves() - before, roll_seconds);
    tell("acts of institutions, all of these together" + of, static_cast<double>(done) / took, "/s", 0, 0, 20'000);
    tell("processor time of one of these, moving of pages included" + of,
         (processor_us() - began) / static_cast<double>(done), "us");
    tell("memory of the process" + of, rss_mib(), "MiB");

    // Pages of lists, at that size: the newest, some way on, and by a division and a state.
    {
      const auto reader = must(open.store->reader(store::Sight::open));
      const std::string table = "SELECT id, state, doc, changed FROM petition_public ";
      const std::vector<std::pair<const char*, std::string>> pages = {
          {"the newest page", "ORDER BY changed DESC, id LIMIT 51"},
          {"the fortieth page", "ORDER BY changed DESC, id LIMIT 51 OFFSET 2000"},
          {"a page of one division and state",
           "WHERE region = '350124' AND state = 'handling' ORDER BY changed DESC, id LIMIT 51"},
          {"a page of a search in the text",
           "WHERE (id LIKE '%000099%' OR document_no LIKE '%000099%') ORDER BY changed DESC, id LIMIT 51"}};
      for (const auto& [what, rest] : pages) {
        std::vector<double> times;
        for (int i = 0; i < 60; ++i) {
          const auto start = Steady::now();
          must(reader->query(table + rest, {}));
          times.push_back(seconds_since(start) * 1'000);
        }
        tell(std::string("rows of ") + what + of, part(times, 0.5), "ms p50", part(times, 0.5), part(times, 0.99), 0, 0, 50);
      }
    }

    engine.stop();
  }
  std::filesystem::remove_all(folder);
  return 0;
}
