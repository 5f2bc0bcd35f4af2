#pragma once
// How a house is: the figures of /metrics that the engine knows, and the reasons for /readyz.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "watch/watch.hpp"
#include "web/metrics.hpp"

namespace landglass::cli {

// Each reason says why the house is not ready, or nothing. Asked from connection threads; must be quick.
class Readiness {
 public:
  void add(std::function<std::string()> reason);
  void stopping();        // from now on the first reason
  std::string why_not();  // one reason a line; empty: ready

 private:
  std::mutex mutex_;
  std::vector<std::function<std::string()>> reasons_;
};

void watch_engine(engine::Engine& engine, const std::string& folder, base::Clock& clock, web::Metrics& metrics,
                  Readiness& ready);

// What the watch did and how long it took, at /metrics.
void show_watch(const watch::Watch& watch, web::Metrics& metrics);

}  // namespace landglass::cli
