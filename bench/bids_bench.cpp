// Bids on ONE lot, each durable and under a signed checkpoint before its receipt, by callers who wait for it; and the
// rival's row lock in the same run. The engine alone: signatures were verified before, as the server's workers do.
//   bids_bench [seconds per cell] [--ours]       --ours: without the rival and the slower disk, for a profiler
#include <unistd.h>

#include <cstring>

#include "callers.hpp"
#include "print.hpp"
#ifdef LG_HAS_LIBPQ
#include "postgres.hpp"
#endif

using namespace landglass;
using namespace landglass::bench;

namespace {

constexpr double k_p99_ms = 10;

void measure(const Field& field, double seconds, int delay_us, const std::string& slow_sync, bool with_rival) {
  static base::SystemClock clock;
  static base::SystemRandom random;
  const std::string more = delay_us > 0 ? ", fsync + 5 ms" : "";
  Rival rival;
  ::sync();  // each side begins with a disk that has nothing left to write of what was before it
#ifdef LG_HAS_LIBPQ
  if (with_rival) {
    const Postgres cluster(place("pg"), delay_us, slow_sync);
    if (cluster.ready()) {
      postgres_bids(cluster, 16, seconds / 4, false);
      const auto theirs = postgres_bids(cluster, 16, seconds, false);
      const auto keeping = postgres_bids(cluster, 16, seconds / 2, true);
      print({"rival: row lock, insert and update of the price, 16 clients" + more,
             keeping.per_second(),
             "/s",
             keeping.latencies.ms(0.5),
             keeping.latencies.ms(0.99),
             0,
             {},
             0,
             0,
             0,
             0});
      rival = {"PostgreSQL 15, row lock, 16 clients", theirs.per_second(), theirs.latencies.ms(0.99)};
    } else {
      std::fprintf(stderr, "bench: no PostgreSQL 15 here: no rival\n");
    }
  }
#else
  (void)slow_sync, (void)with_rival;
#endif
  // A copy for each cell, so that each begins with a lot of no bids.
  for (const std::size_t callers : {64UL, 16UL}) {
    const auto folder = place("bids");
    std::filesystem::copy(field.folder, folder, std::filesystem::copy_options::recursive);
    ::sync();
    {
      auto open = bench::open(folder, clock, random, true, true, delay_us);
      Callers bidding(*open.engine, field, 1);
      bidding.wait(callers, seconds / 4);
      const auto batches = open.engine->gauges().batches.load();
      const auto committing = open.engine->gauges().commit_us.load();
      const auto processor = processor_us();
      const auto ours = bidding.wait(callers, seconds);
      if (!with_rival) {
        const auto many = static_cast<double>(open.engine->gauges().batches.load() - batches);
        std::fprintf(
            stderr, "%zu callers: %.1f us of processor time a bid, callers included; %.1f bids a batch; a commit %.0f us\n",
            callers, (processor_us() - processor) / static_cast<double>(ours.taken), static_cast<double>(ours.taken) / many,
            static_cast<double>(open.engine->gauges().commit_us.load() - committing) / many);
      }
      print({"bids on one lot, engine, " + std::to_string(callers) + " callers" + more, ours.per_second(), "/s",
             ours.latencies.ms(0.5), ours.latencies.ms(0.99), ours.refused, rival, callers == 64 ? 20.0 : 10.0,
             delay_us == 0 ? k_p99_ms : 0});
      if (callers == 64) {
        const auto half = bidding.pace(ours.per_second() / 2, seconds);
        print({"submit to published checkpoint, half load" + more,
               half.latencies.ms(0.99),
               "ms p99",
               half.latencies.ms(0.5),
               half.latencies.ms(0.99),
               half.refused,
               {},
               0,
               delay_us == 0 ? 25.0 : 0});
      }
      open.engine->stop();
    }
    std::filesystem::remove_all(folder);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 && std::atof(argv[1]) > 0 ? std::atof(argv[1]) : 6;
  const bool ours_alone = argc > 2 && std::strcmp(argv[2], "--ours") == 0;
  const auto slow_sync = (std::filesystem::canonical("/proc/self/exe").parent_path() / "libslow_sync.so").string();
  const auto field = make_field(place("field"), 64);
  measure(field, seconds, 0, slow_sync, !ours_alone);
  if (!ours_alone) measure(field, seconds, 5'000, slow_sync, true);
  std::filesystem::remove_all(field.folder);
  return 0;
}
