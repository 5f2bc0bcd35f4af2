// How fast the store takes batches: durable, each commit its own fsync. One line of JSON per figure.
//   store_bench [seconds per cell] [folder]     the folder lies on the disk to be measured; default: the working folder

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "store/store.hpp"

using namespace landglass;
using Clock = std::chrono::steady_clock;

namespace {

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void print(const std::string& work, double value, const char* unit) {
  std::printf("{\"work\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n", work.c_str(), value, unit);
  std::fflush(stdout);
}

void must(const base::Status& status) {
  if (status) return;
  std::fprintf(stderr, "store_bench: %s\n", base::explain(status.trouble()).c_str());
  std::exit(1);
}

// A leaf and its command (its id begins with the time, or is random throughout); and the record of one hot lot, once a
// batch as the engine's cache writes it; and instead one of 1,000 records for each leaf; and a secret with that.
enum class Work { append, append_random, hot_lot, event, secret };

class Cell {
 public:
  Cell(const std::string& folder, int delay_us) : random_(42) {
    std::filesystem::remove_all(folder);
    auto opened =
        store::open_sqlite({.folder = folder + "/store", .key_file = folder + "/vault.key", .fsync_delay_us = delay_us});
    if (!opened) must(opened.trouble());
    store_ = *std::move(opened);
    must(store_->shape({{"lot", {{"region", false, true}, {"price", true, false}}}}));
  }

  void batch(Work work, int size) {
    must(store_->begin());
    for (int i = 0; i < size; ++i) put(work);
    if (work == Work::hot_lot) put_lot(0);
    must(store_->commit());
  }
  double erase_one_s() {
    const auto start = Clock::now();
    const auto erased = store_->erase_subject("party/7");
    if (!erased || *erased == 0) std::exit(1);
    return since(start);
  }
  std::uint64_t count() const { return seq_; }

 private:
  void put(Work work) {
    auto id = random_.bytes32();
    // As clients make them: the time first, so that the index of commands grows at its end.
    for (std::size_t i = 0; i < 6 && work != Work::append_random; ++i)
      id[i] = static_cast<std::uint8_t>((seq_ / 50) >> (8 * (5 - i)));
    const auto command = base::to_hex(base::BytesView(id).first(16));
    const auto seen = store_->seen(log::Tree::open, command);  // as the engine asks before each command
    if (!seen || *seen) std::exit(1);
    must(store_->put_leaf(log::Tree::open, seq_, leaf_));
    must(store_->put_seen(command, {log::Tree::open, seq_, digest_}));
    if (work == Work::event || work == Work::secret) put_lot(random_.below(1000));
    if (work == Work::secret) {
      const auto subject = "party/" + std::to_string(random_.below(200));
      must(store_->put_secret(log::Tree::open, seq_, "actor", subject, base::Bytes(32, 5), "\"" + subject + "\""));
    }
    ++seq_;
  }

  void put_lot(std::uint64_t number) {
    const auto lot = "lot/350100-2026-" + std::to_string(100000 + number);
    columns_[1] = static_cast<std::int64_t>(seq_);
    must(store_->put_record({"lot", lot, seq_, "listed", doc_, base::Time{1'700'000'000'000}, &columns_}));
  }

  base::SeededRandom random_;
  std::unique_ptr<store::Store> store_;
  std::uint64_t seq_ = 0;
  const std::string leaf_ = std::string(300, 'l');
  const std::string doc_ = "{\"doc\":\"" + std::string(400, 'd') + "\"}";
  const std::string digest_ = std::string(64, 'a');
  std::vector<base::Json> columns_{"350100", 0};
};

void measure(const std::string& folder, const std::string& name, Work work, int size, int delay_us, double seconds) {
  Cell cell(folder, delay_us);
  std::vector<double> times;
  const auto start = Clock::now();
  while (since(start) < seconds) {
    const auto before = Clock::now();
    cell.batch(work, size);
    times.push_back(since(before) * 1e3);
  }
  const double rate = static_cast<double>(cell.count()) / since(start);
  std::sort(times.begin(), times.end());
  const auto label = "store " + name + ", batch " + std::to_string(size) + (delay_us > 0 ? ", fsync + 5 ms" : "");
  print(label, rate, "leaves/s");
  print(label + ", p50 of a batch", times[times.size() / 2], "ms");
  print(label + ", p99 of a batch", times[times.size() * 99 / 100], "ms");
}

// Whether a larger log is slower: the rate of the last tenth after so many leaves.
void growth(const std::string& folder, std::uint64_t leaves) {
  Cell cell(folder, 0);
  while (cell.count() < leaves * 9 / 10) cell.batch(Work::append, 1024);
  const auto at = cell.count();
  const auto start = Clock::now();
  while (cell.count() < leaves) cell.batch(Work::append, 64);
  print("store append, batch 64, log of " + std::to_string(leaves), static_cast<double>(cell.count() - at) / since(start),
        "leaves/s");
}

// An erasure looks at every value of the vault, since nothing says whose a value is.
void erasure(const std::string& folder, std::uint64_t values) {
  Cell cell(folder, 0);
  while (cell.count() < values) cell.batch(Work::secret, 1024);
  print("store erase a subject of " + std::to_string(values) + " values", cell.erase_one_s(), "s");
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1.0;
  const std::string folder = (argc > 2 ? std::string(argv[2]) : ".") + "/store_bench.tmp";
  for (const int delay_us : {0, 5000}) {
    for (const int size : {1, 16, 64, 256, 1024}) {
      measure(folder, "append", Work::append, size, delay_us, seconds);
      measure(folder, "append for one hot lot", Work::hot_lot, size, delay_us, seconds);
      measure(folder, "event", Work::event, size, delay_us, seconds);
    }
    measure(folder, "append, random ids", Work::append_random, 64, delay_us, seconds);
    measure(folder, "event with a secret", Work::secret, 64, delay_us, seconds);
  }
  for (const std::uint64_t leaves : {10'000, 100'000, 1'000'000}) growth(folder, leaves);
  erasure(folder, 200'000);
  std::filesystem::remove_all(folder);
}
