#include "web/gate.hpp"

#include "web/problem.hpp"
#include "web/security.hpp"
#include "web/uri.hpp"

namespace landglass::web {

Gate::Gate(Accounts& accounts, GateOptions options, base::Clock& clock)
    : accounts_(accounts), options_(std::move(options)), clock_(clock), cookie_(cookie_name("session", options_.tls)) {}

void Gate::attach(Site& site) {
  site.constant_headers = security_headers(options_.tls);
  site.content_policy = content_policy();
  site.before_body = [this](Request& request, const Route& route) { return before_body(request, route); };
  site.before_handler = [this](Request& request, const Route& route) { return before_handler(request, route); };
}

std::string Gate::session_cookie(std::string_view secret) const {
  return make_cookie("session", secret, options_.tls, 12 * 3600);
}
std::string Gate::ended_cookie() const { return clear_cookie("session", options_.tls); }
std::string_view Gate::session_secret(const Request& request) const { return request.cookies.get(cookie_); }

std::optional<Response> Gate::before_body(Request& request, const Route& route) {
  const auto authorization = request.headers.get("authorization");
  const bool by_token = authorization.starts_with("Bearer ");
  if (route.options.quiet)
    request.caller = nullptr;
  else if (by_token)
    request.caller = accounts_.sessions().find_token(authorization.substr(7));
  else if (const auto secret = session_secret(request); !secret.empty())
    request.caller = accounts_.sessions().find(secret);

  const auto pace = static_cast<std::uint32_t>(route.options.pace);
  const auto& bucket = options_.paces.at(pace);
  // Guessing at sign-in is counted by address, whatever session the guesser brings.
  const bool by_session = request.caller && route.options.pace != Pace::login;
  const std::string who = by_session ? "c/" + request.caller->login : "a/" + std::string(subscriber(request.peer));
  if (const auto wait = rates_.draw(who, pace, bucket, clock_.now().ms); wait > 0) {
    const auto seconds = std::to_string((wait + 999) / 1000);
    auto response = problem(base::refuse("HTTP-RATE", "请求过于频繁，请过 " + seconds + " 秒再试",
                                         "too many requests, please try again in " + seconds + " s"),
                            request);
    return response.header("retry-after", seconds);
  }
  if (by_token && !request.caller && !route.options.quiet) {
    return problem(base::refuse("AUTH-TOKEN", "令牌无效或已过期", "the token is unknown or has expired"), request);
  }
  if (by_token && route.options.access == Access::caller && !request.caller->has_scope(route.options.scope)) {
    return problem(
        base::refuse("AUTH-SCOPE", "令牌的范围不包括此操作", "the token's scope does not cover this", route.options.scope),
        request);
  }
  // What is open to all shows its owner more: only a token that may read, or act, for him shows it too.
  if (by_token && route.options.access == Access::open && request.caller && !request.caller->has_scope("read") &&
      !request.caller->has_scope("act") && !request.caller->has_scope(route.options.scope))
    request.caller = nullptr;
  if (route.options.access == Access::caller && !request.caller) {
    if (request.wants_html() && is_safe(request.method)) {
      auto back = request.path;
      for (const auto& [name, value] : request.query)
        back += (back == request.path ? "?" : "&") + encode_component(name) + "=" + encode_component(value);
      return redirect(options_.login_page + "?next=" + encode_component(back));
    }
    return problem(base::refuse("AUTH-NONE", "请先登录", "please sign in first"), request);
  }
  if (!is_safe(request.method) && !by_token && !route.options.origin_free) {
    const bool has_cookie = request.caller != nullptr;
    if (!from_our_pages(request, options_.origins, has_cookie)) {
      return problem(
          base::refuse("HTTP-ORIGIN", "请求来源不是本站页面", "the request does not come from a page of this site"),
          request);
    }
  }
  return std::nullopt;
}

std::optional<Response> Gate::before_handler(Request& request, const Route& route) {
  const bool by_cookie = request.caller && !request.caller->session.empty();
  if (is_safe(request.method) || !by_cookie || route.options.origin_free) return std::nullopt;
  std::string token(request.headers.get("x-csrf-token"));
  if (token.empty()) {
    if (const auto fields = parse_form(request)) token = std::string(fields->get("csrf"));
  }
  if (same_secret(token, request.caller->csrf)) return std::nullopt;
  return problem(
      base::refuse("HTTP-CSRF", "页面已过期，请刷新后重试", "the page has expired, please reload it and try again"),
      request);
}

std::string safe_next(std::string_view next) {
  // "//host" and "/\host" are other sites to a browser.
  if (next.empty() || next[0] != '/' || next.starts_with("//") || next.find('\\') != std::string_view::npos) return "/";
  return decode_segment(next) ? std::string(next) : "/";
}

}  // namespace landglass::web
