#pragma once
// The HTTP/1.1 server: sockets, TLS, limits, keep-alive and pipelining, live streams, graceful stop. What is served is a
// Site.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "web/http.hpp"
#include "web/metrics.hpp"
#include "web/router.hpp"
#include "web/wire.hpp"

namespace landglass::web {

// Every bound of the HTTP floor. Durations in ms, watched every 50 ms.
struct Limits {
  HeadLimits head;
  std::int64_t first_byte_ms = 10'000;  // from the connection (and the TLS handshake) to the first byte of a request
  std::int64_t head_ms = 10'000;        // from the first byte to the end of the head: a slow loris ends here
  std::int64_t body_ms = 60'000;        // the whole body
  std::int64_t idle_ms = 60'000;        // between two requests of a connection
  std::int64_t handler_ms = 30'000;     // until a handler answers; then 503
  std::int64_t write_ms = 20'000;       // until the client has taken what is written
  std::int64_t heartbeat_ms = 15'000;   // a comment line on a silent live stream
  std::size_t connections = 4'096;
  std::size_t per_peer = 256;  // connections of one address (IPv6: of one /64), but a trusted proxy's
};

struct TlsFiles {
  std::string chain;  // PEM
  std::string key;    // PEM
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;   // 0: any free one
  std::size_t threads = 1;  // of connections
  std::size_t workers = 2;  // for routes that run on workers
  std::size_t worker_queue = 256;
  std::size_t heavy = 2;         // threads of the lane of heavy reads; they stand back behind all others
  std::size_t heavy_queue = 32;  // past it 503 HTTP-HEAVY: what waits longer than handler_ms is answered by nobody
  Limits limits;
  std::optional<TlsFiles> tls;
  bool plain_anywhere = false;   // plain HTTP on another address than loopback: only behind a proxy that speaks TLS
  bool trust_forwarded = false;  // X-Forwarded-For and -Proto of a proxy on loopback are believed
  bool exact_log_time = false;   // the access log's time to the millisecond instead of the minute
};

struct Site {
  Router router;
  // Once the head is read and the route is found, before any byte of the body; an answer ends the request there.
  std::function<std::optional<Response>(Request&, const Route&)> before_body;
  // With the body there, before the handler.
  std::function<std::optional<Response>(Request&, const Route&)> before_handler;
  std::string constant_headers;                           // "name: value\r\n"… on every reply (security.hpp)
  std::string content_policy;                             // Content-Security-Policy, where the reply brings none of its own
  Metrics* metrics = nullptr;                             // may be null
  std::function<void(std::string_view line)> access_log;  // JSON without personal data; called from connection threads
};

class Server {
 public:
  // Listens when it returns. Failures: the address is taken, the certificate cannot be read. Refusal: HTTP-PLAIN.
  static base::Result<std::unique_ptr<Server>> start(ServerOptions options, Site site);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  virtual std::size_t connections() const = 0;
  // Accepts no more, lets requests in flight finish, ends live streams with the event `closing`; what is left after
  // `grace_ms` is cut. Returns when all threads have ended. Idempotent; the destructor does it with one second.
  virtual void stop(std::int64_t grace_ms = 10'000) = 0;
};

}  // namespace landglass::web
