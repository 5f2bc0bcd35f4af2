#pragma once
// One line of JSON per figure, which bench/run makes a table of: work, ours, rival, ratio, and what it should be.

#include <cstdint>
#include <cstdio>
#include <string>

namespace landglass::bench {

struct Rival {
  std::string name;
  double value = 0;
  double p99_ms = 0;
};
struct Figure {
  std::string work;
  double value = 0;
  std::string unit;
  double p50_ms = 0;
  double p99_ms = 0;
  std::uint64_t refused = 0;
  Rival rival;
  double goal_ratio = 0;   // at least so many times the rival; 0: no such goal
  double goal_p99_ms = 0;  // at most
  double goal_least = 0;   // of the value
  double goal_most = 0;    // of the value
};

inline void print(const Figure& one) {
  std::printf("{\"work\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"", one.work.c_str(), one.value, one.unit.c_str());
  if (one.p99_ms > 0) std::printf(",\"p50_ms\":%.3f,\"p99_ms\":%.3f", one.p50_ms, one.p99_ms);
  if (one.refused > 0) std::printf(",\"refused\":%llu", static_cast<unsigned long long>(one.refused));
  if (one.rival.value > 0)
    std::printf(",\"rival\":\"%s\",\"rival_value\":%.6g,\"rival_p99_ms\":%.3f,\"ratio\":%.2f", one.rival.name.c_str(),
                one.rival.value, one.rival.p99_ms, one.value / one.rival.value);
  if (one.goal_ratio > 0) std::printf(",\"goal_ratio\":%.3g", one.goal_ratio);
  if (one.goal_p99_ms > 0) std::printf(",\"goal_p99_ms\":%.3g", one.goal_p99_ms);
  if (one.goal_least > 0) std::printf(",\"goal_least\":%.6g", one.goal_least);
  if (one.goal_most > 0) std::printf(",\"goal_most\":%.6g", one.goal_most);
  std::printf("}\n");
  std::fflush(stdout);
}

}  // namespace landglass::bench
