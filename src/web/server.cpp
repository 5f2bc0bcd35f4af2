#include "web/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <condition_variable>
#include <thread>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "web/connection.hpp"

namespace landglass::web {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
constexpr auto k_sweep = std::chrono::milliseconds(50);

// One address, or the /64 that one subscriber of IPv6 has.
std::string peer_key(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  const auto bytes = v6.to_bytes();
  return base::to_hex(base::BytesView(bytes.data(), 8));
}

// Whose X-Forwarded-* are believed, and who brings many clients over one address.
bool is_proxy(const ServerOptions& options, const asio::ip::address& address) {
  if (!options.trust_forwarded) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
  return address.is_loopback();
}

}  // namespace

bool Shared::admit(const std::string& key) {
  if (connections.fetch_add(1) >= options.limits.connections) {
    connections.fetch_sub(1);
    return false;
  }
  if (!key.empty()) {
    const std::lock_guard lock(peers_mutex);
    auto& count = peers[key];
    if (count >= options.limits.per_peer) {
      connections.fetch_sub(1);
      return false;
    }
    ++count;
  }
  if (open_gauge) open_gauge->add(1);
  return true;
}

void Shared::leave(const std::string& key) {
  connections.fetch_sub(1);
  if (open_gauge) open_gauge->add(-1);
  if (key.empty()) return;
  const std::lock_guard lock(peers_mutex);
  const auto found = peers.find(key);
  if (found != peers.end() && --found->second == 0) peers.erase(found);
}

Loop::Loop(Shared& all) : shared(all) { mailbox->context = &context; }

void Loop::watch() {
  sweep.expires_after(k_sweep);
  sweep.async_wait([this](error_code ec) {
    if (ec) return;
    const auto now = SteadyClock::now();
    for (auto* connection : connections) connection->check(now);
    watch();
  });
}

void Loop::count(const Route* route, int status, std::int64_t us, std::string_view refusal) {
  auto* metrics = shared.site.metrics;
  if (!metrics) return;
  auto& figures = figures_[route];
  const std::string name = route ? route->pattern : "(none)";
  if (!figures.time)
    figures.time = &metrics->histogram("landglass_http_seconds", "Time from head to answer", {{"route", name}});
  figures.time->observe_us(us);
  auto& counter = figures.by_status[status];
  if (!counter) {
    counter = &metrics->counter("landglass_http_requests_total", "Requests answered",
                                {{"route", name}, {"status", std::to_string(status)}});
  }
  counter->add();
  if (!refusal.empty())
    metrics->counter("landglass_refusals_total", "Refusals by code", {{"code", std::string(refusal)}}).add();
}

// The count goes through a hash with the secret start of this process: two ids must not tell how many requests of others
// came between them.
std::string Loop::next_id() {
  char out[48];
  const int size = std::snprintf(out, sizeof out, "%zx-%llx", number, static_cast<unsigned long long>(++requests));
  const auto hash = base::hmac_sha256(base::as_bytes(shared.id_prefix),
                                      base::as_bytes(std::string_view(out, static_cast<std::size_t>(size))));
  return base::to_hex(base::BytesView(hash).first(8));
}

const std::string& Loop::date() {
  const auto second =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  if (second != date_second_) {
    date_ = http_date(second);
    date_second_ = second;
  }
  return date_;
}

namespace {

class AsioServer final : public Server {
 public:
  AsioServer(ServerOptions options, Site site) : shared_(std::move(options), std::move(site)) {
    base::SystemRandom random;
    std::array<std::uint8_t, 16> prefix{};
    random.fill(prefix.data(), prefix.size());
    shared_.id_prefix = base::to_hex(prefix) + "-";
    if (auto* metrics = shared_.site.metrics) {
      shared_.open_gauge = &metrics->gauge("landglass_http_connections", "Open connections");
      shared_.live_gauge = &metrics->gauge("landglass_live_streams", "Open live streams");
      const auto lane = [metrics](const char* name) {
        return &metrics->gauge("landglass_http_lane", "Requests that wait or run off the connections' threads",
                               {{"lane", name}});
      };
      shared_.workers_gauge = lane("workers");
      shared_.heavy_gauge = lane("heavy");
      shared_.refused_connections =
          &metrics->counter("landglass_http_connections_refused_total", "Connections past a limit");
      shared_.bugs = &metrics->counter("landglass_http_bugs_total", "Handlers that threw");
      shared_.timeouts = &metrics->counter("landglass_http_timeouts_total", "Requests or handlers that were too slow");
    }
  }
  ~AsioServer() override { stop(1'000); }

  base::Status listen() {
    const auto& options = shared_.options;
    error_code ec;
    const auto address = asio::ip::make_address(options.address, ec);
    if (ec) return base::fail("not an address: " + options.address);
    if (!options.tls && !address.is_loopback() && !options.plain_anywhere) {
      return base::refuse("HTTP-PLAIN", "未配置 TLS 证书时只能监听本机地址",
                          "without TLS the server listens on loopback only", options.address);
    }
    if (options.tls) {
      LG_TRY(tls_, open_tls(options.tls->chain, options.tls->key));
    }
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor_.bind(endpoint, ec);
    if (!ec) acceptor_.listen(1024, ec);
    if (ec)
      return base::fail("cannot listen on " + options.address + ":" + std::to_string(options.port) + ": " + ec.message());
    port_ = acceptor_.local_endpoint(ec).port();
    accept();
    for (auto& loop : loops_) {
      loop->watch();
      threads_.emplace_back([&context = loop->context] { context.run(); });
    }
    return base::Done{};
  }

  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override { return shared_.connections; }

  void stop(std::int64_t grace_ms) override {
    const std::lock_guard once(stopping_);
    if (threads_.empty()) return;
    shared_.draining = true;
    asio::post(loops_[0]->context, [this] {
      error_code ec;
      acceptor_.close(ec);
    });
    const auto until = SteadyClock::now() + std::chrono::milliseconds(grace_ms);
    for (auto& loop : loops_)
      asio::post(loop->context, [&held = *loop] {
        for (auto* connection : held.connections) connection->drain();
      });
    while (shared_.connections > 0 && SteadyClock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (auto& loop : loops_) {
      {
        const std::lock_guard lock(loop->mailbox->mutex);
        loop->mailbox->context = nullptr;
      }
      asio::post(loop->context, [&held = *loop] {
        held.sweep.cancel();
        for (auto* connection : held.connections) connection->cut();
      });
    }
    // Each cut connection gets to the end of its coroutine; a loop that is stuck in a handler is stopped.
    const auto last = SteadyClock::now() + std::chrono::milliseconds(500);
    while (shared_.connections > 0 && SteadyClock::now() < last) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    for (auto& loop : loops_) loop->context.stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void accept() {
    auto& loop = *loops_[next_loop_++ % loops_.size()];
    auto socket = std::make_shared<Socket>(loop.context);
    acceptor_.async_accept(*socket, [this, socket, &loop](error_code ec) {
      if (ec == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (ec) {  // out of descriptors, most likely: give others time to end
        retry_.expires_after(std::chrono::milliseconds(50));
        return retry_.async_wait([this](error_code late) {
          if (!late) accept();
        });
      }
      asio::post(loop.context, [this, socket, &loop] { take(loop, std::move(*socket)); });
      accept();
    });
  }

  void take(Loop& loop, Socket socket) {
    error_code ec;
    const auto remote = socket.remote_endpoint(ec);
    if (ec || shared_.draining) return;
    socket.set_option(tcp::no_delay(true), ec);
    const bool proxy = is_proxy(shared_.options, remote.address());
    auto key = proxy ? std::string() : peer_key(remote.address());
    if (!shared_.admit(key)) {
      if (shared_.refused_connections) shared_.refused_connections->add();
      if (!tls_) {
        constexpr std::string_view busy =
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        socket.non_blocking(true, ec);
        socket.write_some(asio::const_buffer(busy.data(), busy.size()), ec);
      }
      return;
    }
    auto channel = tls_ ? tls_->wrap(std::move(socket)) : plain_channel(std::move(socket));
    const auto connection =
        std::make_shared<Connection>(loop, std::move(channel), remote.address().to_string(), std::move(key), proxy);
    asio::co_spawn(loop.context, connection->run(), asio::detached);
  }

  static std::vector<std::unique_ptr<Loop>> make_loops(Shared& shared) {
    std::vector<std::unique_ptr<Loop>> loops;
    for (std::size_t i = 0; i < std::max<std::size_t>(1, shared.options.threads); ++i) {
      loops.push_back(std::make_unique<Loop>(shared));
      loops.back()->number = i;
    }
    return loops;
  }

  Shared shared_;
  std::shared_ptr<TlsContext> tls_;
  std::vector<std::unique_ptr<Loop>> loops_{make_loops(shared_)};
  std::vector<std::thread> threads_;
  Acceptor acceptor_{loops_[0]->context};
  Timer retry_{loops_[0]->context};
  std::size_t next_loop_ = 0;
  std::uint16_t port_ = 0;
  std::mutex stopping_;
};

}  // namespace

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Site site) {
  auto server = std::make_unique<AsioServer>(std::move(options), std::move(site));
  LG_CHECK(server->listen());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace landglass::web
