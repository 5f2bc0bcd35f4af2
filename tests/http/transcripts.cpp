#include <cstdio>
#include <cstring>

#include "transcript.hpp"
#include "web/desk_routes.hpp"

using namespace landglass;
using namespace landglass::web;

namespace {

// The floor with accounts and nothing above it: the account of the transcripts is li / 长江黄河不废江河.
struct Floor {
  Floor() {
    AccountOptions account_options;
    account_options.argon_passes = 1;
    account_options.argon_bytes = 8 << 10;
    account_options.least_password = 8;
    auto opened = Accounts::open(":memory:", account_options, clock, random);
    if (!opened) return;
    accounts = *std::move(opened);
    if (!accounts->create("li", "长江黄河不废江河", "person/8f1c")) return;
    gate = std::make_unique<Gate>(*accounts, GateOptions{}, clock);
    Site site;
    add_health_routes(site.router, metrics, {});
    add_account_routes(site.router, *accounts, *gate);
    site.router.add(Method::post, "/echo", [](const Request& request) { return text(200, request.body); });
    gate->attach(site);
    auto started = Server::start({}, std::move(site));
    if (started) server = *std::move(started);
  }
  base::SystemClock clock;
  base::SystemRandom random;
  Metrics metrics;
  std::unique_ptr<Accounts> accounts;
  std::unique_ptr<Gate> gate;
  std::unique_ptr<Server> server;
};

}  // namespace

int main(int count, char** arguments) {
  int first = 1;
  std::uint16_t given = 0;
  tests::Words words;
  while (count > first + 1 && std::strncmp(arguments[first], "--", 2) == 0) {
    const std::string value = arguments[first + 1];
    if (std::strcmp(arguments[first], "--port") == 0)
      given = static_cast<std::uint16_t>(std::atoi(value.c_str()));
    else if (std::strcmp(arguments[first], "--set") == 0 && value.find('=') != std::string::npos)
      words[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
    else
      return 2;
    first += 2;
  }
  int failed = 0;
  for (int i = first; i < count; ++i) {
    std::unique_ptr<Floor> floor;  // a fresh one each: no transcript depends on another
    if (given == 0) floor = std::make_unique<Floor>();
    if (floor && !floor->server) return 2;
    const auto wrong = tests::Transcript(given ? given : floor->server->port(), arguments[i], words).play();
    std::printf("%s %s\n%s", wrong.empty() ? "ok  " : "FAIL", arguments[i], wrong.c_str());
    failed += !wrong.empty();
  }
  return failed == 0 && first < count ? 0 : 1;
}
