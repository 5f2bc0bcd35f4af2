#pragma once
// What every reply and every unsafe request must have: response headers, cookies, the check of origin (docs/decisions/0051).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "web/http.hpp"

namespace landglass::web {

// "name: value\r\n"…, for Site::constant_headers. Strict-Transport-Security only over TLS.
std::string security_headers(bool tls);
// For Site::content_policy; a handler may answer with a policy of its own.
std::string content_policy();

// Does an unsafe request come from a page of ours? `own` are origins such as "https://land.example.gov.cn"; where it is
// empty, the request's scheme and Host. With `must_tell`, a request that says nothing about where it comes from is refused
// too.
bool from_our_pages(const Request& request, const std::vector<std::string>& own, bool must_tell);

// Over TLS the name has the prefix __Host-, which binds the cookie to this host, path / and TLS.
std::string cookie_name(std::string_view name, bool tls);
std::string make_cookie(std::string_view name, std::string_view value, bool tls,
                        std::int64_t max_age_s);  // HttpOnly, SameSite=Strict
std::string clear_cookie(std::string_view name, bool tls);

bool same_secret(std::string_view a, std::string_view b);  // in constant time

}  // namespace landglass::web
