#include "web/desk_routes.hpp"

#include <algorithm>

#include "web/problem.hpp"
#include "web/rate.hpp"

namespace landglass::web {
namespace {

base::Result<base::Json> object_of(const Request& request) {
  if (!request.headers.get("content-type").starts_with("application/json")) {
    return base::refuse("HTTP-TYPE", "请求内容须为 application/json", "the body must be application/json");
  }
  LG_TRY(auto value, base::parse_json(request.body));
  if (!value.is_object()) return base::refuse("JSON-01", "请求内容须为 JSON 对象", "the body must be a JSON object");
  return value;
}

Response answer(const base::Status& status, const Request& request) {
  return status ? no_content() : problem(status.trouble(), request);
}

base::Json session_json(const Caller& caller) {
  return base::JsonObject{{"login", caller.login}, {"actor", caller.actor}, {"csrf", caller.csrf}};
}

base::Json passes_json(const std::vector<Pass>& passes, std::string_view own) {
  base::JsonArray items;
  for (const auto& pass : passes) {
    base::JsonObject item{{"handle", pass.handle},
                          {"label", pass.label},
                          {"created", base::format_utc(pass.created)},
                          {"expires", base::format_utc(pass.expires)}};
    if (pass.seen.ms > 0) item["seen"] = base::format_utc(pass.seen);
    if (!pass.scopes.empty()) {
      base::JsonArray scopes;
      for (const auto& scope : pass.scopes) scopes.emplace_back(scope);
      item["scopes"] = std::move(scopes);
    }
    if (pass.handle == own) item["current"] = true;
    items.emplace_back(std::move(item));
  }
  return base::JsonObject{{"items", std::move(items)}};
}

constexpr const char* k_figures = "metrics";  // the scope; nobody gives it to himself

RouteOptions own(Pace pace = Pace::read) {
  RouteOptions options;
  options.access = Access::caller;
  options.pace = pace;
  options.max_body = 16 * 1024;
  return options;
}

void add_session_routes(Router& router, Accounts& accounts, Gate& gate) {
  RouteOptions login;
  login.pace = Pace::login;
  login.max_body = 16 * 1024;
  router.add_async(
      Method::post, "/api/session",
      [&accounts, &gate](Request request, Respond respond) {
        auto body = object_of(request);
        if (!body) return respond(problem(body.trouble(), request));
        SignIn proofs{std::string(body->text("login")), std::string(body->text("password")), std::string(body->text("code")),
                      std::string(body->text("label")), std::string(subscriber(request.peer))};
        auto done = [&gate, request, respond](base::Result<Sessions::Begun> begun) {
          if (!begun) return respond(problem(begun.trouble(), request));
          auto response = json(200, session_json(*begun->caller));
          respond(response.header("set-cookie", gate.session_cookie(begun->secret)).header("cache-control", "no-store"));
        };
        accounts.sign_in(std::move(proofs), std::move(done));
      },
      login);
  router.add(
      Method::get, "/api/session",
      [](const Request& request) { return json(200, session_json(*request.caller)).header("cache-control", "no-store"); },
      own());
  router.add(
      Method::del, "/api/session",
      [&accounts, &gate](const Request& request) {
        const auto ended = accounts.sessions().end(gate.session_secret(request));
        return answer(ended, request).header("set-cookie", gate.ended_cookie());
      },
      own(Pace::write));
  router.add(
      Method::get, "/api/sessions",
      [&accounts](const Request& request) {
        const auto list = accounts.sessions().list(request.caller->login);
        return list ? json(200, passes_json(*list, request.caller->session)) : problem(list.trouble(), request);
      },
      own());
  router.add(
      Method::del, "/api/sessions/{handle}",
      [&accounts](const Request& request) {
        return answer(accounts.sessions().revoke(request.caller->login, request.parameter("handle")), request);
      },
      own(Pace::write));
}

void add_proof_routes(Router& router, Accounts& accounts) {
  router.add_async(
      Method::post, "/api/password",
      [&accounts](Request request, Respond respond) {
        auto body = object_of(request);
        if (!body) return respond(problem(body.trouble(), request));
        auto done = [request, respond](base::Status status) { respond(answer(status, request)); };
        SignIn proofs{request.caller->login, std::string(body->text("old")), {}, {}, std::string(subscriber(request.peer))};
        accounts.change_password(std::move(proofs), std::string(body->text("new")), std::move(done));
      },
      own(Pace::login));
  router.add(
      Method::post, "/api/totp",
      [&accounts](const Request& request) {
        const auto account = accounts.account(request.caller->login);
        if (!account) return problem(account.trouble(), request);
        // A stolen session must not swap the second proof: it is removed by an administrator first.
        if (account->totp)
          return problem(base::refuse("ACCOUNT-TOTP", "已启用动态验证码", "one-time codes are in force already"), request);
        const auto offer = accounts.offer_totp(request.caller->login);
        if (!offer) return problem(offer.trouble(), request);
        return json(200, base::JsonObject{{"secret", offer->secret}, {"uri", offer->uri}})
            .header("cache-control", "no-store");
      },
      own(Pace::write));
  router.add(
      Method::post, "/api/totp/confirm",
      [&accounts](const Request& request) {
        const auto body = object_of(request);
        if (!body) return problem(body.trouble(), request);
        const auto codes = accounts.confirm_totp(request.caller->login, body->text("code"));
        if (!codes) return problem(codes.trouble(), request);
        base::JsonArray items;
        for (const auto& code : *codes) items.emplace_back(code);
        return json(200, base::JsonObject{{"recovery", std::move(items)}}).header("cache-control", "no-store");
      },
      own(Pace::login));
}

void add_token_routes(Router& router, Accounts& accounts) {
  router.add(
      Method::get, "/api/tokens",
      [&accounts](const Request& request) {
        const auto list = accounts.sessions().tokens(request.caller->login);
        return list ? json(200, passes_json(*list, "")) : problem(list.trouble(), request);
      },
      own());
  router.add(
      Method::post, "/api/tokens",
      [&accounts](const Request& request) {
        const auto body = object_of(request);
        if (!body) return problem(body.trouble(), request);
        std::vector<std::string> scopes;
        if (const auto* items = body->at("scopes").if_array())
          for (const auto& item : *items)
            if (const auto* scope = item.if_string()) scopes.push_back(*scope);
        if (std::find(scopes.begin(), scopes.end(), k_figures) != scopes.end())
          return problem(base::refuse("ACCOUNT-TOKEN", "运行指标的令牌由管理员签发",
                                      "a token for the figures is given out by `landglass user token`", k_figures),
                         request);
        const auto expires = base::parse_time(body->text("expires"));
        const auto token = accounts.sessions().issue_token(request.caller->login, body->text("label"), scopes,
                                                           expires.value_or(base::Time{}));
        if (!token) return problem(token.trouble(), request);
        return json(201, base::JsonObject{{"token", *token}}).header("cache-control", "no-store");
      },
      own(Pace::write));
  router.add(
      Method::del, "/api/tokens/{handle}",
      [&accounts](const Request& request) {
        return answer(accounts.sessions().revoke_token(request.caller->login, request.parameter("handle")), request);
      },
      own(Pace::write));
}

bool is_loopback(const Request& request) {
  const bool near = request.peer == "127.0.0.1" || request.peer == "::1" || request.peer == "::ffff:127.0.0.1";
  return near && !request.headers.has("x-forwarded-for");  // a proxy's neighbour is not ours
}

}  // namespace

void add_health_routes(Router& router, Metrics& metrics, std::function<std::string()> ready) {
  router.add(Method::get, "/healthz", [](const Request&) { return text(200, "ok\n").header("cache-control", "no-store"); });
  router.add(Method::get, "/readyz", [ready = std::move(ready)](const Request&) {
    const auto why_not = ready ? ready() : std::string();
    auto response = why_not.empty() ? text(200, "ready\n") : text(503, why_not + "\n");
    return response.header("cache-control", "no-store");
  });
  RouteOptions figures;
  figures.scope = k_figures;
  router.add(
      Method::get, "/metrics",
      [&metrics](const Request& request) {
        if (!is_loopback(request) && !(request.caller && request.caller->has_scope(k_figures))) {
          return problem(base::refuse("AUTH-SCOPE", "无权读取运行指标", "the figures are not for everyone", k_figures),
                         request);
        }
        return text(200, metrics.text(), "text/plain; version=0.0.4; charset=utf-8").header("cache-control", "no-store");
      },
      figures);
}

void add_account_routes(Router& router, Accounts& accounts, Gate& gate) {
  add_session_routes(router, accounts, gate);
  add_proof_routes(router, accounts);
  add_token_routes(router, accounts);
}

}  // namespace landglass::web
