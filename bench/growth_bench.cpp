// One lot, and a log that grows under it: whether a million events make a bid slower, a start longer, the process larger;
// and how fast all of it is made again from log and vault. Each size is looked at by a process of its own.
//   growth_bench [--large] [--svg FILE]       10^4, 10^5, 10^6 leaves; with --large 10^7 too
//   growth_bench --keep --leaves N            one size, whose folder stays
//   growth_bench --rebuild FOLDER             the rebuild alone, of that folder or of one that `landglass generate` made
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "callers.hpp"
#include "print.hpp"
#include "store/folder.hpp"

using namespace landglass;
using namespace landglass::bench;

namespace {

struct Point {
  std::uint64_t leaves = 0;
  double ready_s = 0;
  double rss_mib = 0;
  double bids = 0;
  double p99_ms = 0;
  std::uint64_t made = 0;  // bids so far
};

double rss_mib() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

// In a child: what `work` gives comes back as one struct.
template <class Result, class Work>
Result apart(Work work) {
  int ends[2];
  if (::pipe(ends) != 0) std::exit(1);
  const auto child = ::fork();
  if (child == 0) {
    const Result result = work();
    const auto count = ::write(ends[1], &result, sizeof result);
    ::_exit(count == sizeof result ? 0 : 1);
  }
  ::close(ends[1]);
  Result result{};
  const auto count = ::read(ends[0], &result, sizeof result);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (count != sizeof result || status != 0) {
    std::fprintf(stderr, "bench: a measuring process failed\n");
    std::exit(1);
  }
  return result;
}

// A log is filled without waiting for the disk, so that more than a GB waits in the kernel's cache when it is full: it is
// written out before anything is measured, and not by the first sync of the bids that are.
void settle(const std::string& folder) {
  const int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (at < 0 || ::syncfs(at) != 0) {
    std::fprintf(stderr, "bench: %s cannot be written out: %s\n", folder.c_str(), std::strerror(errno));
    std::exit(1);
  }
  ::close(at);
}

// Each plate bids in turn, so the counters follow from the number of bids.
std::vector<std::int64_t> counters(std::uint64_t made, std::size_t plates) {
  std::vector<std::int64_t> list(plates, static_cast<std::int64_t>(made / plates));
  for (std::size_t i = 0; i < made % plates; ++i) ++list[i];
  return list;
}

std::uint64_t fill(const Field& field, std::uint64_t made, std::uint64_t leaves) {
  return apart<std::uint64_t>([&] {
    base::SystemClock clock;
    base::SystemRandom random;
    auto open = bench::open(field.folder, clock, random, true, false);
    Callers bidding(*open.engine, field, 100 + made);
    bidding.continue_from(made, counters(made, field.plates.size()));
    const auto held = open.engine->head(log::Tree::open)->size;
    if (held < leaves) bidding.fill(leaves - held, 512);
    open.engine->stop();
    return bidding.made();
  });
}

Point look(const Field& field, std::uint64_t made, double seconds) {
  return apart<Point>([&] {
    base::SystemClock clock;
    base::SystemRandom random;
    Point point;
    const auto start = std::chrono::steady_clock::now();
    auto open = bench::open(field.folder, clock, random, true, true);
    point.ready_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    point.leaves = open.engine->head(log::Tree::open)->size;
    Callers bidding(*open.engine, field, 200 + made);
    bidding.continue_from(made, counters(made, field.plates.size()));
    const auto called = bidding.wait(64, seconds);
    point.bids = called.per_second();
    point.p99_ms = called.latencies.ms(0.99);
    point.rss_mib = rss_mib();
    point.made = bidding.made();
    open.engine->stop();
    return point;
  });
}

struct Rebuilt {
  std::uint64_t events = 0;
  double seconds = 0;
  double processor_us = 0;
};
Rebuilt rebuild(const std::string& folder) {
  return apart<Rebuilt>([&] {
    auto pack = must(institution::Pack::load("packs/cn-land", "build/data"));
    store::StoreOptions at;
    at.folder = folder + "/data";
    at.key_file = folder + "/keys/vault.key";
    at.durable = false;
    engine::Options options;
    options.origin = must(store::look_at(at.folder)).origin;
    options.threaded = false;
    auto store = must(store::open_sqlite(at));
    Rebuilt result;
    const auto start = std::chrono::steady_clock::now();
    const auto used = processor_us();
    must(engine::Engine::rebuild(options, *store, *pack, cli::behaviours()));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.processor_us = processor_us() - used;
    result.events = *store->leaf_count(log::Tree::open) + *store->leaf_count(log::Tree::sealed);
    return result;
  });
}

// Three panels over the logarithm of the log's size: what a reader looks for is that the lines stay level.
std::string svg(const std::vector<Point>& points) {
  std::ostringstream out;
  constexpr double k_width = 300, k_height = 180, k_left = 52, k_top = 34;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1080 260\" font-family=\"sans-serif\" font-size=\"12\">\n"
      << "<rect width=\"1080\" height=\"260\" fill=\"white\"/>\n";
  const auto panel = [&](int number, const char* title, auto value) {
    const double x0 = number * 360 + k_left, y0 = k_top;
    double most = 0;
    for (const auto& point : points) most = std::max(most, value(point));
    most = most > 0 ? most * 1.15 : 1;
    const double first = std::log10(static_cast<double>(points.front().leaves)),
                 last = std::log10(static_cast<double>(points.back().leaves));
    const auto at = [&](const Point& point) {
      const double x = last > first ? (std::log10(static_cast<double>(point.leaves)) - first) / (last - first) : 0.5;
      return std::pair(x0 + x * (k_width - 20), y0 + k_height - value(point) / most * k_height);
    };
    out << "<text x=\"" << x0 << "\" y=\"20\" font-weight=\"bold\">" << title << "</text>\n<path d=\"M" << x0 << ' ' << y0
        << 'V' << y0 + k_height << 'H' << x0 + k_width
        << "\" fill=\"none\" stroke=\"#888\"/>\n<polyline fill=\"none\" stroke=\"#14622f\" "
        << "stroke-width=\"2\" points=\"";
    for (const auto& point : points) out << at(point).first << ',' << at(point).second << ' ';
    out << "\"/>\n";
    for (const auto& point : points) {
      const auto [x, y] = at(point);
      char figure[32];
      std::snprintf(figure, sizeof figure, value(point) >= 100 ? "%.0f" : "%.2f", value(point));
      out << "<circle cx=\"" << x << "\" cy=\"" << y << "\" r=\"3\" fill=\"#14622f\"/><text x=\"" << x << "\" y=\"" << y - 8
          << "\" text-anchor=\"middle\">" << figure << "</text><text x=\"" << x << "\" y=\"" << y0 + k_height + 16
          << "\" text-anchor=\"middle\">" << point.leaves << "</text>\n";
    }
  };
  panel(0, "竞价/秒 bids/s, 64 callers", [](const Point& one) { return one.bids; });
  panel(1, "启动（秒） start to ready, s", [](const Point& one) { return one.ready_s; });
  panel(2, "内存 memory, MiB", [](const Point& one) { return one.rss_mib; });
  out << "</svg>\n";
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  bool large = false;
  bool keep = false;
  std::string stands;
  std::uint64_t only = 0;  // --leaves: this size alone, for looking closely
  std::string plot = "build/growth.svg";
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--large") == 0) large = true;
    if (std::strcmp(argv[i], "--keep") == 0) keep = true;
    if (std::strcmp(argv[i], "--rebuild") == 0 && i + 1 < argc) stands = argv[++i];
    if (std::strcmp(argv[i], "--leaves") == 0 && i + 1 < argc) only = std::strtoull(argv[++i], nullptr, 10);
    if (std::strcmp(argv[i], "--svg") == 0 && i + 1 < argc) plot = argv[++i];
  }
  if (!stands.empty()) {
    const auto again = rebuild(stands);
    const auto events = static_cast<double>(again.events);
    std::printf("%.0f events, %.3f s, %.0f events/s, %.2f us of processor time an event\n", events, again.seconds,
                events / again.seconds, again.processor_us / events);
    return 0;
  }
  const auto field = make_field(place("growth"), 64);
  std::vector<std::uint64_t> sizes = {10'000, 100'000, 1'000'000};
  if (large) sizes.push_back(10'000'000);
  if (only != 0) sizes = {only};
  std::vector<Point> points;
  std::uint64_t made = 0;
  for (const auto size : sizes) {
    made = fill(field, made, size);
    settle(field.folder);
    const auto point = look(field, made, 3);
    made = point.made;
    const auto of = ", log of " + std::to_string(size);
    print({"bids on one lot" + of, point.bids, "/s", 0, point.p99_ms, 0, {}, 0, 0, 0, 0});
    print({"start to ready" + of, point.ready_s, "s", 0, 0, 0, {}, 0, 0, 0, size >= 1'000'000 ? 2.0 : 0});
    print({"memory of the process" + of, point.rss_mib, "MiB", 0, 0, 0, {}, 0, 0, 0, 0});
    points.push_back(point);
    if (size == 1'000'000 || only != 0) {
      const auto again = rebuild(field.folder);
      print({"rebuild" + of, static_cast<double>(again.events) / again.seconds, "events/s", 0, 0, 0, {}, 0, 0, 200'000, 0});
    }
  }
  const auto& first = points.front();
  const auto& last = points.back();
  print({"bids/s of the largest log against the smallest",
         last.bids / first.bids,
         "ratio",
         0,
         0,
         0,
         {},
         0,
         0,
         std::log10(static_cast<double>(first.leaves)) / std::log10(static_cast<double>(last.leaves)),
         0});
  std::ofstream(plot) << svg(points);
  if (keep) {
    std::printf("kept: %s\n", field.folder.c_str());
    return 0;
  }
  std::filesystem::remove_all(field.folder);
  return 0;
}
