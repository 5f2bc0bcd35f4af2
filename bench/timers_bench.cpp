// Deadlines: so many that wait, some of them due a thousand a second, and a hundred thousand at one instant, while bids come
// on a lot that is open. By the real clock, durable, the sequencer on its own thread.
//   timers_bench [--large]       200,000 wait; with --large 1,000,000
// Terms in days all fall at midnight, so the pack gets one institution more: a record with a time at which it ends.
#include <cstring>
#include <fstream>

#include "callers.hpp"
#include "log/command_id.hpp"
#include "print.hpp"

using namespace landglass;
using namespace landglass::bench;

namespace {

constexpr std::size_t k_spread = 20'000;
constexpr double k_spread_rate = 1'000;
constexpr std::size_t k_burst = 100'000;
constexpr double k_bids = 200;  // a second

constexpr std::string_view k_term = R"(institution: bench-term
title: {zh: 期限, en: Term}
about: {zh: 测试用：到时自动结束, en: For a measurement; it ends by itself when its time has come}
version: 1
effective: 2007-01-01
basis: [{rule: landglass}]
row: [C7]
record:
  required: [at]
  properties:
    at: {title: {zh: 截止, en: Ends at}, type: time}
create:
  title: {zh: 登记, en: Enter}
  by: [system]
  give: [at]
initial: running
states:
  running:
    title: {zh: 进行中, en: Running}
    actions:
      finish: {title: {zh: 结束, en: Finish}, by: [system], to: over}
    after:
      - {name: term, title: {zh: 截止, en: Ends}, at: at, do: finish}
  over: {title: {zh: 已结束, en: Over}, final: true}
)";

double rss_mib() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

void tell(const std::string& work, double value, const std::string& unit, double p50_ms = 0, double p99_ms = 0,
          double goal_most = 0, double goal_p99 = 0) {
  print({work, value, unit, p50_ms, p99_ms, 0, {}, 0, goal_p99, 0, goal_most});
  std::fflush(stdout);
}

double part(std::vector<double>& all, double share) {
  if (all.empty()) return 0;
  const auto at = std::min(all.size() - 1, static_cast<std::size_t>(static_cast<double>(all.size()) * share));
  std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(at), all.end());
  return all[at];
}

// What came of the terms: the n-th record of the institution was entered n-th.
class Ended {
 public:
  explicit Ended(std::vector<base::Time> due) : due_(std::move(due)), lag_ms_(due_.size(), -1) {}
  void hear(const engine::Published& event) {
    if (event.institution != "bench-term" || event.state != "over") return;
    const auto n = static_cast<std::size_t>(std::stoull(event.record.substr(event.record.rfind('-') + 1))) - 1;
    if (n >= due_.size()) return;
    // Heard once the batch is durable.
    lag_ms_[n] = static_cast<double>(base::SystemClock().now() - due_[n]);
    count_.fetch_add(1);
  }
  std::size_t count() const { return count_.load(); }
  std::vector<double> lags(std::size_t from, std::size_t count) const {
    return {lag_ms_.begin() + static_cast<std::ptrdiff_t>(from),
            lag_ms_.begin() + static_cast<std::ptrdiff_t>(from + count)};
  }

 private:
  std::vector<base::Time> due_;
  std::vector<double> lag_ms_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace

int main(int argc, char** argv) {
  const bool large = argc > 1 && std::strcmp(argv[1], "--large") == 0;
  const std::size_t waiting = large ? 1'000'000 : 200'000;
  const auto of = ", " + std::to_string(waiting) + " waiting";
  const auto pack = place("pack");
  std::filesystem::copy("packs/cn-land", pack, std::filesystem::copy_options::recursive);
  std::ofstream(pack + "/base/bench-term.yaml") << k_term;
  pack_folder() = pack;
  const auto field = make_field(place("timers"), 64);
  static base::SystemClock real;
  static base::SystemRandom random;
  base::SeededRandom ids(3);
  std::vector<base::Time> due;
  due.reserve(waiting);
  const auto enter = [&](engine::Engine& engine, base::Time at) {
    engine::Command command;
    command.institution = "bench-term";
    command.actor = "system";
    command.fields = {{"at", base::format_utc(at)}};
    std::array<std::uint8_t, 16> bytes{};
    ids.fill(bytes.data(), bytes.size());
    command.id = log::command_id(real.now(), bytes);
    engine.submit(std::move(command), [](base::Result<engine::Answer> answer) { must(std::move(answer)); });
    due.push_back(at);
  };
  double rate = 0;
  // Those that only wait, in a store that does not wait for the disk.
  {
    auto open = bench::open(field.folder, real, random, false, false);
    const auto start = std::chrono::steady_clock::now();
    const auto later = real.now() + 30 * base::k_day;
    while (due.size() < waiting) {
      for (int i = 0; i < 1'000; ++i) enter(*open.engine, later + static_cast<std::int64_t>(due.size()));
      while (open.engine->step()) {
      }
    }
    rate = static_cast<double>(waiting) / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    tell("records with a deadline entered, not durable" + of, rate, "/s");
    open.engine->stop();
  }
  // Those that come due, entered last: a thousand a second, then all at once.
  base::Time burst_at;
  {
    auto open = bench::open(field.folder, real, random, false, false);
    // The first of them once all are entered, which may take twice as long as it took before.
    const auto first =
        real.now() + static_cast<std::int64_t>(2'000 * static_cast<double>(k_spread + k_burst) / rate) + 10 * base::k_second;
    burst_at = first + static_cast<std::int64_t>(k_spread / k_spread_rate * 1'000) + 5 * base::k_second;
    for (std::size_t i = 0; i < k_spread + k_burst; ++i) {
      enter(*open.engine,
            i < k_spread ? first + static_cast<std::int64_t>(static_cast<double>(i) / k_spread_rate * 1'000) : burst_at);
      if (i % 1'000 == 999) {
        while (open.engine->step()) {
        }
      }
    }
    if (real.now() > first) base::bug("entering took longer than it may: the first is due already", __FILE__, __LINE__);
    open.engine->stop();
  }
  Ended ended(due);
  {
    auto open = bench::open(field.folder, real, random, true, true);
    open.engine->listen([&](const std::vector<engine::Published>& events) {
      for (const auto& event : events) ended.hear(event);
    });
    while (ended.count() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    while (ended.count() < k_spread) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    auto lags = ended.lags(waiting, k_spread);
    tell("deadlines at 1,000/s, how late" + of, part(lags, 0.99), "ms p99", part(lags, 0.5), part(lags, 0.99), 0, 1'000);

    Callers bidding(*open.engine, field, 1);
    const auto calm = bidding.pace(k_bids, 3);
    tell("bids, 200/s, before the burst" + of, calm.latencies.ms(0.99), "ms p99", calm.latencies.ms(0.5),
         calm.latencies.ms(0.99));
    const auto until_burst = static_cast<double>(burst_at - real.now()) / 1'000;
    const auto start = std::max(0.0, until_burst - 0.2);
    std::this_thread::sleep_for(std::chrono::duration<double>(start));
    // While it lasts, and no longer: what is measured is who bids into it.
    std::vector<Called> bids;
    do {
      bids.push_back(bidding.pace(k_bids, 1));
    } while (ended.count() < k_spread + k_burst);
    auto burst = ended.lags(waiting + k_spread, k_burst);
    tell("100,000 deadlines at one instant, drained while bids come" + of,
         *std::max_element(burst.begin(), burst.end()) / 1'000, "s", 0, 0, 10);
    Latencies all;
    std::uint64_t taken = 0;
    for (auto& one : bids) {
      all.merge(one.latencies);
      taken += one.taken;
    }
    tell("bids meanwhile (" + std::to_string(taken) + " of them)" + of, all.ms(0.99), "ms p99", all.ms(0.5), all.ms(0.99), 0,
         20);
    tell("memory of the process" + of, rss_mib(), "MiB");
    open.engine->stop();
  }
  std::filesystem::remove_all(field.folder);
  std::filesystem::remove_all(pack);
  return 0;
}
