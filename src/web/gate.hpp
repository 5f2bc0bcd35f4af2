#pragma once
// The gate that every request passes: rate limits, who asks, where an unsafe request comes from, CSRF, and whether the route
// is open to him. What he may do there is the institution's business.

#include <array>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "web/accounts.hpp"
#include "web/rate.hpp"
#include "web/server.hpp"

namespace landglass::web {

struct GateOptions {
  bool tls = false;                   // the reader's side: true too behind a proxy that speaks TLS
  std::vector<std::string> origins;   // our own, "https://host[:port]"; empty: scheme and Host of the request
  std::string login_page = "/login";  // where a browser is sent that must sign in first, with ?next=
  // Per session, else per subscriber's address; by Pace: read, write, login, upload, live, papers, tip. An hour's roll holds
  // 1,024 tips and nobody can read what they say, so one address hands in few of them.
  std::array<Bucket, 7> paces{{{600, 3'000}, {120, 600}, {10, 20}, {20, 60}, {30, 120}, {20, 30}, {20, 1}}};
};

class Gate {
 public:
  Gate(Accounts& accounts, GateOptions options, base::Clock& clock);
  void attach(Site& site);  // hooks and headers; the gate must outlive the server

  std::optional<Response> before_body(Request& request, const Route& route);
  std::optional<Response> before_handler(Request& request, const Route& route);

  std::string session_cookie(std::string_view secret) const;
  std::string ended_cookie() const;
  std::string_view session_secret(const Request& request) const;

 private:
  Accounts& accounts_;
  GateOptions options_;
  base::Clock& clock_;
  RateTable rates_;
  std::string cookie_;
};

// Whatever is asked for as `next` after signing in, if it is a path of ours; else "/".
std::string safe_next(std::string_view next);

}  // namespace landglass::web
