#include "web/witness_site.hpp"

#include "web/desk_routes.hpp"
#include "web/rate.hpp"
#include "web/security.hpp"

namespace landglass::web {
namespace {

constexpr Bucket k_pace{200, 3'000};  // per subscriber: 50 a second for long, 200 at once

Response about(const log::Witness& witness) {
  std::string out = "Landglass witness / 见证\nkey " + witness.verifier().text() + "\n";
  for (const auto& log : witness.logs()) out += "log " + log.text() + " " + log::origin_folder(log.name) + "/checkpoint\n";
  return text(200, std::move(out));
}

}  // namespace

ServerOptions witness_server_options() {
  ServerOptions options;
  options.workers = 1;  // one book, one fsync after another: more would only wait for each other
  options.worker_queue = 64;
  options.limits.first_byte_ms = options.limits.head_ms = options.limits.body_ms = 5'000;
  options.limits.handler_ms = 10'000;
  options.limits.write_ms = 5'000;
  options.limits.connections = 256;
  options.limits.per_peer = 32;
  return options;
}

Site witness_site(log::Witness& witness, base::Clock& clock, Metrics& metrics) {
  Site site;
  site.metrics = &metrics;
  site.constant_headers = security_headers(false);
  auto rates = std::make_shared<RateTable>(4'096);
  site.before_body = [rates, &clock](Request& request, const Route&) -> std::optional<Response> {
    const auto wait = rates->draw(subscriber(request.peer), 0, k_pace, clock.now().ms);
    if (wait == 0) return std::nullopt;
    auto busy = text(429, "too many requests\n");
    busy.header("retry-after", std::to_string((wait + 999) / 1000));
    return busy;
  };
  auto& cosigned = metrics.counter("landglass_witness_cosigned_total", "Checkpoints cosigned since the start");
  RouteOptions add;
  add.run = Run::worker;  // it waits for the disk
  add.pace = Pace::write;
  add.max_body = log::k_max_witness_body;
  add.origin_free = true;
  site.router.add(
      Method::post, "/add-checkpoint",
      [&witness, &clock, &cosigned](const Request& request) {
        auto answer = witness.add_checkpoint(request.body, clock.now());
        if (answer.status == 200) cosigned.add();
        return text(answer.status, std::move(answer.body), answer.content_type);
      },
      add);
  site.router.add(Method::get, "/{log}/checkpoint", [&witness](const Request& request) {
    auto held = witness.checkpoint_of(request.parameter("log"));
    if (!held) return text(503, base::explain(held.trouble()) + "\n");
    if (!*held) return text(404, "no such log\n");
    return text(200, std::move(**held)).header("cache-control", "no-cache");
  });
  site.router.add(Method::get, "/", [&witness](const Request&) { return about(witness); });
  add_health_routes(site.router, metrics, {});
  return site;
}

}  // namespace landglass::web
