#include "web/security.hpp"

#include <sodium.h>

#include <algorithm>

namespace landglass::web {

std::string security_headers(bool tls) {
  std::string out =
      "x-content-type-options: nosniff\r\n"
      // Not `no-referrer`: under it browsers send `Origin: null` with the forms of our own pages.
      "referrer-policy: same-origin\r\n"
      "x-frame-options: DENY\r\n"
      "cross-origin-opener-policy: same-origin\r\n"
      "permissions-policy: camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()\r\n";
  if (tls) out += "strict-transport-security: max-age=31536000\r\n";
  return out;
}

std::string content_policy() {
  return "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
         "form-action 'self'; frame-ancestors 'none'";
}

bool from_our_pages(const Request& request, const std::vector<std::string>& own, bool must_tell) {
  const auto* site = request.headers.find("sec-fetch-site");
  const auto* origin = request.headers.find("origin");
  if (!site && !origin) return !must_tell;
  if (site && *site != "same-origin") return false;
  if (!origin) return true;
  if (own.empty()) return *origin == (request.secure ? "https://" : "http://") + request.host;
  return std::find(own.begin(), own.end(), *origin) != own.end();
}

std::string cookie_name(std::string_view name, bool tls) { return (tls ? "__Host-" : "") + std::string(name); }

std::string make_cookie(std::string_view name, std::string_view value, bool tls, std::int64_t max_age_s) {
  return cookie_name(name, tls) + "=" + std::string(value) + "; Path=/; Max-Age=" + std::to_string(max_age_s) +
         "; HttpOnly; SameSite=Strict" + (tls ? "; Secure" : "");
}

std::string clear_cookie(std::string_view name, bool tls) { return make_cookie(name, "", tls, 0); }

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace landglass::web
