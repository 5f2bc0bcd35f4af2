// The HTTP floor alone: a trivial route, the same through the gate with a session, and 4 KiB; against nginx serving files of
// the same sizes where nginx is installed, under the same load in the same run. One line of JSON per figure.
#include <cstdio>

#include "base/crypto.hpp"
#include "http_load.hpp"
#include "nginx.hpp"
#include "print.hpp"
#include "web/gate.hpp"

using namespace landglass;
using namespace landglass::web;

namespace {

constexpr std::size_t k_small = 157;
constexpr std::size_t k_large = 4'096;

bench::Loaded measure(std::uint16_t port, const std::string& path, const std::string& headers, std::size_t connections,
                      std::size_t in_flight = 1) {
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
  bench::Load load;
  load.port = port;
  load.connections = connections;
  load.in_flight = in_flight;
  load.request = [&](std::size_t, std::size_t) { return std::string_view(request); };
  load.longest_ms = 300;
  bench::run_load(load);  // warm
  load.longest_ms = 2'000;
  return bench::run_load(load);
}

void print(const char* work, const bench::Loaded& ours, const bench::Loaded* rival) {
  bench::Figure figure{std::string("http, ") + work,
                       ours.per_second(),
                       "/s",
                       ours.latencies.ms(0.5),
                       ours.latencies.ms(0.99),
                       ours.not_2xx + ours.broken,
                       {},
                       0,
                       0,
                       0,
                       0};
  if (rival && rival->answers > 0) figure.rival = {"nginx", rival->per_second(), rival->latencies.ms(0.99)};
  bench::print(figure);
}

}  // namespace

int main() {
  base::SystemClock clock;
  base::SystemRandom random;
  AccountOptions account_options;
  account_options.argon_passes = 1;
  account_options.argon_bytes = 8 << 10;
  auto accounts = Accounts::open(":memory:", account_options, clock, random);
  if (!accounts || !(*accounts)->create("bench", "long enough", "person/bench")) return 1;
  const auto session = (*accounts)->sessions().begin("bench", "bench");
  if (!session) return 1;
  GateOptions gate_options;
  gate_options.paces.fill({1'000'000'000, 1'000'000'000});
  Gate gate(**accounts, gate_options, clock);
  Metrics metrics;
  std::string log;
  const auto routes = [](Site& site) {
    const auto small = std::make_shared<const std::string>(k_small, 'x');
    const auto large = std::make_shared<const std::string>(k_large, 'x');
    for (const auto& [path, body] : {std::pair("/small", small), std::pair("/large", large)})
      site.router.add(Method::get, path, [held = body](const Request&) {
        Response response;
        response.header("content-type", "application/json");
        response.body = held;
        return response;
      });
  };
  Site bare;
  routes(bare);
  Site gated;
  routes(gated);
  gate.attach(gated);
  gated.metrics = &metrics;
  gated.access_log = [&log](std::string_view line) { log.assign(line); };
  auto plain = Server::start({}, std::move(bare));
  auto whole = Server::start({}, std::move(gated));
  if (!plain || !whole) return 1;
  bench::Nginx nginx({{"small", std::string(k_small, 'x')}, {"large", std::string(k_large, 'x')}});
  const std::string cookie = "Cookie: session=" + session->secret + "\r\n";
  const auto against = [&](const char* work, std::uint16_t port, const char* path, const std::string& headers) {
    const auto ours = measure(port, path, headers, 64);
    if (nginx.port == 0) return print(work, ours, nullptr);
    const auto rival = measure(nginx.port, path, "", 64);
    print(work, ours, &rival);
  };
  against("157 B, bare route, 64 connections", (*plain)->port(), "/small", "");
  against("157 B, gate, session, metrics, log", (*whole)->port(), "/small", cookie);
  against("4 KiB, gate, session, metrics, log", (*whole)->port(), "/large", cookie);
  print("157 B, bare route, 16 pipelined", measure((*plain)->port(), "/small", "", 64, 16), nullptr);
  return 0;
}
