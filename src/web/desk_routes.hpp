#pragma once
// Routes that every installation has: health and figures, and a person's own sessions, one-time codes and tokens.

#include <functional>

#include "web/accounts.hpp"
#include "web/gate.hpp"
#include "web/metrics.hpp"
#include "web/router.hpp"

namespace landglass::web {

// /healthz: the process answers. /readyz: `ready` holds (empty: yes; else why not, 503). /metrics: from loopback, or with a
// token of scope `metrics`.
void add_health_routes(Router& router, Metrics& metrics, std::function<std::string()> ready);

// POST /api/session {login, password, code?, label?} → cookie and {csrf, actor}; GET and DELETE /api/session;
// GET /api/sessions, DELETE /api/sessions/{handle}; POST /api/password {old, new}; POST /api/totp, POST /api/totp/confirm
// {code}; GET and POST /api/tokens {label, scopes, expires}, DELETE /api/tokens/{handle}. Tokens open none of these.
void add_account_routes(Router& router, Accounts& accounts, Gate& gate);

}  // namespace landglass::web
