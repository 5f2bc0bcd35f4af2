#include "web/gate.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/number.hpp"
#include "web/desk_routes.hpp"
#include "web/loopback.hpp"
#include "web/rate.hpp"
#include "web/security.hpp"

using namespace landglass;
using namespace landglass::web;

namespace {

int status_of(std::string_view reply) { return reply.size() > 12 ? base::whole_number(reply.substr(9, 3)).value_or(0) : 0; }
std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const auto begin = text.find(from);
  if (begin == std::string::npos) return {};
  return text.substr(begin + from.size(), text.find(to, begin + from.size()) - begin - from.size());
}

struct Office {
  Office() {
    AccountOptions account_options;
    account_options.argon_passes = 1;
    account_options.argon_bytes = 8 << 10;
    auto opened = Accounts::open(":memory:", account_options, clock, random);
    if (!opened) ADD_FAILURE() << base::explain(opened.trouble());
    accounts = *std::move(opened);
    if (!accounts->create("li", "right password", "person/1")) ADD_FAILURE();
    gate = std::make_unique<Gate>(*accounts, GateOptions{}, clock);
    Site site;
    add_health_routes(site.router, metrics, [this] { return why_not; });
    add_account_routes(site.router, *accounts, *gate);
    RouteOptions members;
    members.access = Access::caller;
    members.scope = "acts";
    site.router.add(
        Method::post, "/act", [](const Request& request) { return text(200, request.caller->actor); }, members);
    site.router.add(
        Method::get, "/desk", [](const Request& request) { return text(200, request.caller->login); }, members);
    site.router.add(Method::get, "/open", [](const Request& request) {
      return text(200, "open to " + (request.caller ? request.caller->login : std::string("nobody")));
    });
    RouteOptions tips;
    tips.origin_free = true;
    site.router.add(
        Method::post, "/tips", [](const Request&) { return text(200, "taken"); }, tips);
    site.metrics = &metrics;
    gate->attach(site);
    auto started = Server::start({}, std::move(site));
    if (!started) ADD_FAILURE() << base::explain(started.trouble());
    server = *std::move(started);
    origin = "http://localhost:" + std::to_string(server->port());
  }
  std::string post(Loopback& client, const std::string& path, const std::string& body, const std::string& headers,
                   const std::string& type = "application/json") {
    return client.ask("POST " + path + " HTTP/1.1\r\nHost: localhost:" + std::to_string(server->port()) +
                      "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
                      "\r\n" + body);
  }
  void sign_in(Loopback& client) {
    const auto reply = post(client, "/api/session", R"({"login":"li","password":"right password","label":"test"})",
                            "Origin: " + origin + "\r\n");
    ASSERT_EQ(status_of(reply), 200) << reply;
    cookie = "Cookie: " + between(reply, "set-cookie: ", ";") + "\r\n";
    csrf = between(reply, "\"csrf\":\"", "\"");
    set_cookie = between(reply, "set-cookie: ", "\r\n");
  }
  base::VirtualClock clock{{1'795'397'221'000}};
  base::SystemRandom random;
  Metrics metrics;
  std::string why_not;
  std::unique_ptr<Accounts> accounts;
  std::unique_ptr<Gate> gate;
  std::unique_ptr<Server> server;
  std::string origin, cookie, csrf, set_cookie;
};

}  // namespace

// An hour's roll holds 1,024 and the box 4,096: nobody can say which of them say nothing.
TEST(Gate, OneAddressHandsInFewTips) {
  Office office;
  Request request;
  request.method = Method::post;
  request.peer = "192.0.2.7";
  Route route;
  route.options.pace = Pace::tip;
  route.options.quiet = true;
  route.options.origin_free = true;
  int taken = 0;
  for (int minute = 0; minute < 60; ++minute) {
    for (int i = 0; i < 60; ++i) taken += office.gate->before_body(request, route) ? 0 : 1;
    office.clock.advance(base::k_minute);
  }
  EXPECT_EQ(taken, 20 + 59);
  request.peer = "192.0.2.8";
  EXPECT_FALSE(office.gate->before_body(request, route));
}

TEST(Gate, PutsSecurityHeadersOnEveryReply) {
  Office office;
  Loopback client(office.server->port());
  for (const std::string path : {"/open", "/nowhere", "/desk"}) {
    const auto reply = client.get(path);
    for (const std::string header : {"content-security-policy: default-src 'self'", "x-content-type-options: nosniff",
                                     "referrer-policy: same-origin", "frame-ancestors 'none'", "permissions-policy: "}) {
      EXPECT_NE(reply.find(header), std::string::npos) << path << " lacks " << header;
    }
    EXPECT_EQ(reply.find("unsafe-inline"), std::string::npos);
    EXPECT_EQ(reply.find("strict-transport-security"), std::string::npos) << "only over TLS";
  }
  const auto bad = client.ask("GET / HTTP/1.1\r\n\r\n");
  EXPECT_NE(bad.find("x-content-type-options: nosniff"), std::string::npos);
}

TEST(Gate, LetsAnUnsafeRequestOfASessionPassOnlyFromOurPagesWithItsToken) {
  Office office;
  Loopback client(office.server->port());
  EXPECT_EQ(status_of(office.post(client, "/act", "{}", "Origin: " + office.origin + "\r\n")), 401);
  Loopback again(office.server->port());
  office.sign_in(again);
  const auto act = [&](const std::string& headers, const std::string& body = "{}",
                       const std::string& type = "application/json") {
    Loopback one(office.server->port());
    const auto reply = office.post(one, "/act", body, office.cookie + headers, type);
    return std::to_string(status_of(reply)) + " " + between(reply, "\"code\":\"", "\"");
  };
  const auto ours = "Origin: " + office.origin + "\r\n";
  EXPECT_EQ(act(ours + "X-CSRF-Token: " + office.csrf + "\r\n"), "200 ");
  EXPECT_EQ(act(ours + "Sec-Fetch-Site: same-origin\r\nX-CSRF-Token: " + office.csrf + "\r\n"), "200 ");
  EXPECT_EQ(act(ours, "csrf=" + office.csrf + "&a=1", "application/x-www-form-urlencoded"), "200 ");
  EXPECT_EQ(act(ours, "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" + office.csrf + "\r\n--b--\r\n",
                "multipart/form-data; boundary=b"),
            "200 ");
  EXPECT_EQ(act(ours), "403 HTTP-CSRF");
  EXPECT_EQ(act(ours + "X-CSRF-Token: " + office.csrf.substr(1) + "A\r\n"), "403 HTTP-CSRF");
  const auto token = "X-CSRF-Token: " + office.csrf + "\r\n";
  EXPECT_EQ(act(token), "403 HTTP-ORIGIN");
  EXPECT_EQ(act(token + "Origin: null\r\n"), "403 HTTP-ORIGIN");
  EXPECT_EQ(act(token + "Origin: http://evil.example\r\n"), "403 HTTP-ORIGIN");
  EXPECT_EQ(act(token + ours + "Sec-Fetch-Site: cross-site\r\n"), "403 HTTP-ORIGIN");
  EXPECT_EQ(act(token + ours + "Sec-Fetch-Site: same-site\r\n"), "403 HTTP-ORIGIN");
}

TEST(Gate, SetsACookieThatNoScriptAndNoOtherSiteCanUse) {
  Office office;
  Loopback client(office.server->port());
  office.sign_in(client);
  EXPECT_NE(office.set_cookie.find("; Path=/; "), std::string::npos);
  EXPECT_NE(office.set_cookie.find("; HttpOnly; SameSite=Strict"), std::string::npos);
  EXPECT_EQ(make_cookie("session", "x", true, 60),
            "__Host-session=x; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
  const auto desk = client.get("/desk", office.cookie);
  EXPECT_EQ(status_of(desk), 200);
  const auto ended =
      client.ask("DELETE /api/session HTTP/1.1\r\nHost: localhost:" + std::to_string(office.server->port()) +
                 "\r\nOrigin: " + office.origin + "\r\nX-CSRF-Token: " + office.csrf + "\r\n" + office.cookie + "\r\n");
  EXPECT_EQ(status_of(ended), 204) << ended;
  EXPECT_EQ(status_of(client.get("/desk", office.cookie)), 401);
}

TEST(Gate, SendsABrowserToTheLoginPageAndAProgramA401) {
  Office office;
  Loopback client(office.server->port());
  const auto reply = client.get("/desk", "Accept: text/html\r\n");
  EXPECT_EQ(status_of(reply), 303);
  EXPECT_NE(reply.find("location: /login?next=%2Fdesk\r\n"), std::string::npos);
  const auto plain = client.get("/desk");
  EXPECT_EQ(status_of(plain), 401);
  EXPECT_NE(plain.find("www-authenticate: Bearer"), std::string::npos);
  EXPECT_EQ(safe_next("/desk"), "/desk");
  for (const std::string evil : {"", "//evil", "https://evil", "/\\evil", "desk"}) EXPECT_EQ(safe_next(evil), "/");
}

TEST(Gate, LetsATokenDoWhatItsScopeSaysWithoutOriginOrCsrf) {
  Office office;
  Loopback client(office.server->port());
  const auto token = *office.accounts->sessions().issue_token("li", "t", {"acts"}, office.clock.now() + base::k_day);
  const auto other = *office.accounts->sessions().issue_token("li", "t", {"metrics"}, office.clock.now() + base::k_day);
  const auto bearer = [](const std::string& one) { return "Authorization: Bearer " + one + "\r\n"; };
  EXPECT_EQ(status_of(office.post(client, "/act", "{}", bearer(token))), 200);
  EXPECT_EQ(status_of(client.get("/open", bearer("nonsense"))), 401);
  EXPECT_EQ(status_of(client.get("/api/sessions", bearer(token))), 403) << "a token does not rule over sessions";
  EXPECT_EQ(status_of(office.post(client, "/act", "{}", bearer(other))), 403);
}

TEST(Gate, ShowsATokenWhatIsItsOwnersOnlyWhereItMayRead) {
  Office office;
  Loopback client(office.server->port());
  for (const auto& [scope, who] : std::map<std::string, std::string>{
           {"acts", "nobody"}, {"metrics", "nobody"}, {"zzz", "nobody"}, {"read", "li"}, {"act", "li"}}) {
    const auto token = *office.accounts->sessions().issue_token("li", "t", {scope}, office.clock.now() + base::k_day);
    const auto reply = client.get("/open", "Authorization: Bearer " + token + "\r\n");
    EXPECT_NE(reply.find("open to " + who), std::string::npos) << scope;
  }
}

TEST(Gate, LetsNobodyGiveHimselfTheFigures) {
  Office office;
  Loopback client(office.server->port());
  office.sign_in(client);
  const auto ask = [&](const std::string& scopes) {
    return office.post(client, "/api/tokens", R"({"label":"t","expires":"2026-12-31T00:00:00Z","scopes":)" + scopes + "}",
                       "Origin: " + office.origin + "\r\n" + office.cookie + "X-CSRF-Token: " + office.csrf + "\r\n");
  };
  EXPECT_EQ(status_of(ask(R"(["act"])")), 201);
  const auto refused = ask(R"(["act","metrics"])");
  EXPECT_EQ(status_of(refused), 422);
  EXPECT_NE(refused.find("ACCOUNT-TOKEN"), std::string::npos);
  const auto far = "X-Forwarded-For: 10.0.0.1\r\nAuthorization: Bearer ";
  const auto given = *office.accounts->sessions().issue_token("li", "t", {"metrics"}, office.clock.now() + base::k_day);
  const auto other = *office.accounts->sessions().issue_token("li", "t", {"read"}, office.clock.now() + base::k_day);
  EXPECT_EQ(status_of(client.get("/metrics", far + given + "\r\n")), 200);
  EXPECT_EQ(status_of(client.get("/metrics", far + other + "\r\n")), 403);
}

TEST(Gate, TakesATipFromAnywhere) {
  Office office;
  Loopback client(office.server->port());
  EXPECT_EQ(
      status_of(office.post(client, "/tips", "x", "Origin: http://elsewhere.example\r\nSec-Fetch-Site: cross-site\r\n")),
      200);
}

TEST(Gate, SlowsDownWhoAsksTooOften) {
  Office office;
  int limited = 0;
  std::string last;
  for (int i = 0; i < 12; ++i) {
    Loopback client(office.server->port());
    const auto reply = office.post(client, "/api/session", R"({"login":"guess","password":"guess number"})", "");
    if (status_of(reply) == 429 && reply.find("HTTP-RATE") != std::string::npos) ++limited, last = reply;
  }
  EXPECT_EQ(limited, 2);
  EXPECT_NE(last.find("\r\nretry-after: 3\r\n"), std::string::npos) << last;
}

TEST(Health, SaysAliveAndReadyApartAndShowsFiguresOnlyNearby) {
  Office office;
  Loopback client(office.server->port());
  EXPECT_EQ(status_of(client.get("/readyz")), 200);
  office.why_not = "checkpoint not verified";
  const auto reply = client.get("/readyz");
  EXPECT_EQ(status_of(reply), 503);
  EXPECT_NE(reply.find("checkpoint not verified"), std::string::npos);
  EXPECT_EQ(status_of(client.get("/healthz")), 200);
  client.get("/nowhere");
  const auto figures = client.get("/metrics");
  EXPECT_EQ(status_of(figures), 200);
  EXPECT_NE(figures.find("landglass_http_requests_total{route=\"/readyz\",status=\"503\"} 1\n"), std::string::npos)
      << figures;
  EXPECT_NE(figures.find("landglass_refusals_total{code=\"HTTP-NONE\"} 1\n"), std::string::npos);
  EXPECT_EQ(status_of(client.get("/metrics", "X-Forwarded-For: 10.0.0.1\r\n")), 403);
}

TEST(RateTable, RefillsAndForgetsNobodyWhoIsNearEmptyFirst) {
  RateTable table(64);
  const Bucket bucket{3, 60};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(table.draw("a", 0, bucket, 1'000), 0);
  EXPECT_EQ(table.draw("a", 0, bucket, 1'000), 1'000);
  EXPECT_EQ(table.draw("a", 1, bucket, 1'000), 0) << "another kind of work";
  EXPECT_EQ(table.draw("b", 0, bucket, 1'000), 0);
  EXPECT_EQ(table.draw("a", 0, bucket, 1'999), 1);
  EXPECT_EQ(table.draw("a", 0, bucket, 2'000), 0);
  // A flood of strangers, one token each, does not wash out the one who is empty.
  while (table.draw("a", 0, bucket, 2'000) == 0) {
  }
  for (int i = 0; i < 10'000; ++i) table.draw("stranger" + std::to_string(i), 0, bucket, 2'000);
  EXPECT_GT(table.draw("a", 0, bucket, 2'000), 0);
}

TEST(Subscriber, IsTheSlash64OfIpv6) {
  EXPECT_EQ(subscriber("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(subscriber("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2");
  EXPECT_EQ(subscriber("2001:db8:1:2::1"), "2001:db8:1:2");
  EXPECT_EQ(subscriber("2001:db8::1"), "2001:db8");
}
