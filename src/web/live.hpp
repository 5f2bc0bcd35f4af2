#pragma once
// Live streams: topics that pages follow as text/event-stream. A `state` is the whole picture of a topic, of which only the
// latest counts: at most one every 200 ms leaves, however often it is set. An `event` is a single happening and is never
// coalesced. Every event is one buffer, shared by all who follow. Publishing never waits for a reader.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "web/http.hpp"
#include "web/metrics.hpp"

namespace landglass::web {

struct LiveOptions {
  std::int64_t gap_ms = 200;       // between two states of a topic
  std::size_t followers = 10'000;  // in all
  std::size_t topics = 4'096;
  std::size_t ring = 64;  // events of a topic kept for those who reconnect
  std::size_t lag = 64;   // events a follower may have waiting; past it he is dropped and reconnects
};

class Live {
 public:
  explicit Live(LiveOptions options = {}, Metrics* metrics = nullptr);
  ~Live();  // ends every stream

  void state(std::string_view topic, std::string data);  // SSE event `state`
  // The same, made only if and when it is sent: of a thousand states a second five are. `make` runs on the hub's thread and
  // outlives whoever gave it.
  void state(std::string_view topic, std::function<std::string()> make);
  void event(std::string_view topic, std::string_view name, std::string data);  // a waiting state leaves before it
  void end(std::string_view topic);  // what waits is sent, then its streams end, and the topic is forgotten

  // A new follower gets the latest state at once. With the id of the last event that he saw he gets what came since, or,
  // where that is no longer known, the latest state. Refusal HTTP-LIVE-FULL where the bound on followers or topics is
  // reached.
  base::Result<std::shared_ptr<Feed>> follow(std::string_view topic, std::string_view last_event_id = {});
  std::size_t followers() const;

 private:
  struct Hub;
  std::shared_ptr<Hub> hub_;
};

// The answer to GET of a stream: takes Last-Event-ID from the request.
Response follow(Live& live, std::string_view topic, const Request& request);

}  // namespace landglass::web
