#include "cli/clock_guard.hpp"

#include <cstdio>

namespace landglass::cli {

ClockGuard::ClockGuard(engine::Engine& engine, std::function<std::int64_t()> jumped,
                       std::function<std::int64_t()> witnesses_say, web::Metrics& metrics)
    : engine_(engine),
      jumped_(std::move(jumped)),
      witnesses_say_(std::move(witnesses_say)),
      off_(metrics.gauge("landglass_clock_off_ms", "How far the clock is off from its sources; 0 while they agree")),
      thread_([this] { watch(); }) {}

ClockGuard::~ClockGuard() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ClockGuard::watch() {
  bool doubted = false;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const auto jumped = jumped_();
    const auto said = jumped != 0 ? 0 : witnesses_say_();
    off_.set(jumped != 0 ? jumped : -said);
    const bool doubt = jumped != 0 || said != 0;
    if (doubt && !doubted) {
      auto why = base::refuse("CLK-01", "时钟与其来源不一致，计时交易暂停",
                              "the clock does not agree with its sources: timed sales pause");
      const auto ms = std::to_string(jumped != 0 ? jumped : said) + " ms";
      why.detail = jumped != 0 ? base::Text{"系统时钟与本机单调时钟相差 " + ms,
                                            "wall clock against the machine's steady clock: " + ms}
                               : base::Text{"本机时钟与见证人时钟相差 " + ms, "witnesses' clocks against ours: " + ms};
      std::fprintf(stderr, "landglass: %s\n", base::explain(base::Trouble(why)).c_str());
      engine_.doubt_clock(std::move(why));
    } else if (!doubt && doubted) {
      std::fprintf(stderr, "landglass: 时钟已恢复一致 / the clock agrees with its sources again\n");
      engine_.doubt_clock(std::nullopt);
    }
    doubted = doubt;
    wake_.wait_for(lock, std::chrono::milliseconds(200));
  }
}

}  // namespace landglass::cli
