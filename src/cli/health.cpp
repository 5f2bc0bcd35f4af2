#include "cli/health.hpp"

#include <sys/statvfs.h>

namespace landglass::cli {
namespace {

constexpr std::uint64_t k_room_bytes = 64ULL << 20;  // less, and the store takes no batch
constexpr std::int64_t k_timer_lag_ms = 10'000;

std::uint64_t room_of(const std::string& folder) {
  struct statvfs about {};
  if (::statvfs(folder.c_str(), &about) != 0) return UINT64_MAX;
  return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
}

std::int64_t gauge(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

void Readiness::add(std::function<std::string()> reason) {
  const std::scoped_lock lock(mutex_);
  reasons_.push_back(std::move(reason));
}

void Readiness::stopping() {
  const std::scoped_lock lock(mutex_);
  reasons_.insert(reasons_.begin(), [] { return std::string("stopping"); });
}

std::string Readiness::why_not() {
  const std::scoped_lock lock(mutex_);
  std::string all;
  for (const auto& reason : reasons_) {
    if (const auto why = reason(); !why.empty()) all += (all.empty() ? "" : "\n") + why;
  }
  return all;
}

void watch_engine(engine::Engine& engine, const std::string& folder, base::Clock& clock, web::Metrics& metrics,
                  Readiness& ready) {
  // Nothing that counts sealed leaves, alone or with the open ones: how many they are is how many bid, or told.
  struct Figures {
    web::Gauge &queue, &limit, &leaves, &batches, &batch, &refusals, &last_us, &longest_us, &all_us, &lag, &overdue, &room,
        &witnessed, &behind;
  };
  auto& m = metrics;
  const Figures at{
      m.gauge("landglass_queue", "Commands that wait"),
      m.gauge("landglass_queue_limit", "Commands that may wait; past it 503"),
      m.gauge("landglass_log_leaves", "Leaves of the open tree", {{"tree", "open"}}),
      m.gauge("landglass_batches", "Batches committed since the start"),
      m.gauge("landglass_batch_commands", "Commands of the last batch"),
      m.gauge("landglass_commands_refused", "Commands refused since the start, the machine's own included"),
      m.gauge("landglass_commit_last_us", "The last commit, in microseconds"),
      m.gauge("landglass_commit_longest_us", "The longest commit since the start, in microseconds"),
      m.gauge("landglass_commit_us", "All commits since the start, in microseconds"),
      m.gauge("landglass_timer_lag_ms", "How late the last timer that fired did"),
      m.gauge("landglass_timer_overdue_ms", "How long the next timer has been due"),
      m.gauge("landglass_store_room_bytes", "Free room where the store lies"),
      m.gauge("landglass_witnessed_leaves", "Leaves of the open log that a quorum has cosigned"),
      m.gauge("landglass_witness_lag_leaves", "Leaves of the open log that no quorum has cosigned yet; 0 without witnesses"),
  };
  const auto overdue = [&engine, &clock] {
    const auto due_ms = engine.gauges().next_due_ms.load();
    return due_ms > 0 ? std::max<std::int64_t>(0, clock.now().ms - due_ms) : 0;
  };
  metrics.on_collect([&engine, folder, at, overdue] {
    const auto& gauges = engine.gauges();
    at.queue.set(gauge(gauges.queue));
    at.limit.set(gauge(engine.options().queue_limit));
    at.leaves.set(gauge(engine.head(log::Tree::open)->size));
    at.batches.set(gauge(gauges.batches));
    at.batch.set(gauge(gauges.last_batch));
    at.refusals.set(gauge(gauges.refusals));
    at.last_us.set(gauge(gauges.last_commit_us));
    at.longest_us.set(gauge(gauges.longest_commit_us));
    at.all_us.set(gauge(gauges.commit_us));
    at.lag.set(gauges.timer_lag_ms);
    at.overdue.set(overdue());
    at.room.set(gauge(std::min<std::uint64_t>(room_of(folder), INT64_MAX)));
    const auto witnessed = gauges.witnessed.load();
    at.witnessed.set(gauge(witnessed));
    at.behind.set(engine.options().witnesses ? at.leaves.value() - gauge(witnessed) : 0);
  });
  ready.add([&engine] {
    const auto waiting = engine.gauges().queue.load();
    const auto most = engine.options().queue_limit;
    return waiting * 10 < most * 9 ? std::string()
                                   : "the queue is full: " + std::to_string(waiting) + " of " + std::to_string(most);
  });
  ready.add([folder] {
    return room_of(folder) >= k_room_bytes ? std::string() : "disk full: less than 64 MiB are free in " + folder;
  });
  ready.add([overdue] {
    const auto late_ms = overdue();
    return late_ms < k_timer_lag_ms ? std::string() : "timers are " + std::to_string(late_ms / 1'000) + " s late";
  });
}

void show_watch(const watch::Watch& watch, web::Metrics& metrics) {
  auto& events = metrics.gauge("landglass_watch_events", "Events that touched a rule or a term since the start");
  auto& looks = metrics.gauge("landglass_watch_looks", "Subjects that rules looked at since the start");
  auto& raised = metrics.gauge("landglass_watch_raised", "Warnings raised since the start");
  auto& cleared = metrics.gauge("landglass_watch_cleared", "Warnings cleared by their condition since the start");
  auto& refused = metrics.gauge("landglass_watch_refused", "What the watch asked for and did not get");
  auto& busy = metrics.gauge("landglass_watch_busy_us", "Time spent on rules since the first look, in microseconds");
  auto& longest = metrics.gauge("landglass_watch_longest_us", "The longest round, in microseconds");
  auto& ready = metrics.gauge("landglass_watch_ready", "1 once everything has been looked at");
  metrics.on_collect([&] {
    const auto& gauges = watch.gauges();
    events.set(gauge(gauges.events));
    looks.set(gauge(gauges.looks));
    raised.set(gauge(gauges.raised));
    cleared.set(gauge(gauges.cleared));
    refused.set(gauge(gauges.refused));
    busy.set(gauge(gauges.busy_us));
    longest.set(gauge(gauges.longest_us));
    ready.set(gauges.ready.load() ? 1 : 0);
  });
}

}  // namespace landglass::cli
