#pragma once
// So many callers, each of whom waits for his receipt before he bids again, on one thread: what a server's connections look
// like to the engine. Or a steady rate that does not wait, for the latency at half load.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "field.hpp"
#include "http_load.hpp"

namespace landglass::bench {

struct Called {
  std::uint64_t taken = 0;
  std::uint64_t refused = 0;
  double seconds = 0;
  Latencies latencies;
  double per_second() const { return seconds > 0 ? static_cast<double>(taken) / seconds : 0; }
};

class Callers {
 public:
  Callers(engine::Engine& engine, const Field& field, std::uint64_t seed)
      : engine_(engine), field_(field), random_(seed), counters_(field.plates.size(), 0) {}

  // Each caller waits for his answer and makes the receipt of it.
  Called wait(std::size_t callers, double seconds) { return run(callers, seconds, 0); }
  // `rate` a second, whatever is still unanswered.
  Called pace(double rate, double seconds) { return run(0, seconds, rate); }
  // So many bids, as fast as they are taken.
  void fill(std::uint64_t bids, std::size_t callers) {
    most_ = made_ + bids;
    run(callers, 1e9, 0);
    most_ = ~std::uint64_t{0};
  }
  std::uint64_t made() const { return made_; }
  void continue_from(std::uint64_t made, std::vector<std::int64_t> counters) {
    made_ = made;
    counters_ = std::move(counters);
  }
  const std::vector<std::int64_t>& counters() const { return counters_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Back {
    Clock::time_point sent;
    base::Result<engine::Answer> answer;
  };

  void send() {
    const auto plate = static_cast<std::size_t>(made_ % field_.plates.size());
    auto id = random_.bytes32();
    for (std::size_t i = 0; i < 6; ++i) id[i] = static_cast<std::uint8_t>((made_ / 50) >> (8 * (5 - i)));
    auto command =
        bid_of(field_, plate, ++counters_[plate], field_.start_fen + static_cast<std::int64_t>(made_) * field_.step_fen,
               base::to_hex(base::BytesView(id).first(16)));
    ++made_;
    ++open_;
    engine_.submit(std::move(command), [this, sent = Clock::now()](base::Result<engine::Answer> answer) {
      const std::scoped_lock lock(mutex_);
      back_.push_back({sent, std::move(answer)});
      if (back_.size() == 1) arrived_.notify_one();
    });
  }

  Called run(std::size_t callers, double seconds, double rate) {
    Called total;
    const auto start = Clock::now();
    const auto end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::min(seconds, 1e6)));
    for (std::size_t i = 0; i < callers && made_ < most_; ++i) send();
    std::uint64_t paced = 0;
    std::vector<Back> batch;
    for (;;) {
      if (rate > 0 && Clock::now() < end) {
        const auto due = static_cast<std::uint64_t>(std::chrono::duration<double>(Clock::now() - start).count() * rate);
        for (; paced < due; ++paced) send();
      }
      {
        std::unique_lock lock(mutex_);
        const auto wait = rate > 0 ? std::chrono::microseconds(500) : std::chrono::microseconds(100'000);
        arrived_.wait_for(lock, wait, [&] { return !back_.empty(); });
        batch.swap(back_);
      }
      const auto now = Clock::now();
      for (auto& one : batch) {
        --open_;
        total.latencies.add(std::chrono::duration_cast<std::chrono::nanoseconds>(now - one.sent).count());
        if (!one.answer) {
          ++total.refused;
          if (total.refused == 1) std::fprintf(stderr, "bench: %s\n", base::explain(one.answer.trouble()).c_str());
        } else {
          ++total.taken;
          // The receipt: leaf, proof, checkpoint.
          const auto proof = one.answer->head->frontier.inclusion(one.answer->seq, nullptr);
          if (!proof) must(proof);
        }
        if (rate <= 0 && now < end && made_ < most_) send();
      }
      batch.clear();
      if (open_ == 0 && (rate <= 0 || Clock::now() >= end)) break;
    }
    total.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return total;
  }

  engine::Engine& engine_;
  const Field& field_;
  base::SeededRandom random_;
  std::vector<std::int64_t> counters_;
  std::uint64_t made_ = 0;
  std::uint64_t most_ = ~std::uint64_t{0};
  std::uint64_t open_ = 0;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Back> back_;
};

}  // namespace landglass::bench
