#pragma once
// Text that clients send besides JSON: percent-coded paths, queries, cookies, forms and multipart bodies (RFC 3986, 6265,
// 7578; the WHATWG form coding). Everything is bounded; what is past a bound or malformed is refused, never repaired.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "web/http.hpp"

namespace landglass::web {

constexpr std::size_t k_max_pairs = 200;  // of a query or form
constexpr std::size_t k_max_cookies = 50;
constexpr std::size_t k_max_parts = 50;  // of a multipart body

// One path segment. nullopt: a broken escape, control characters, or bytes that are not UTF-8.
std::optional<std::string> decode_segment(std::string_view segment);
std::string encode_component(std::string_view text);  // unreserved characters stay, all else %XX

// Refusals: HTTP-QUERY too many pairs, a broken escape, or not UTF-8.
base::Result<Pairs> parse_query(std::string_view text);  // also application/x-www-form-urlencoded
// Cookies that are malformed are left out: they may be another application's.
Pairs parse_cookies(std::string_view header);

struct Part {
  std::string name;
  std::string file;  // name of a file as the client gives it, its folders cut off; empty for a plain field
  std::string type;
  std::string content;
};
// Refusals: HTTP-FORM.
base::Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body);
// The body as fields, of either form coding (files of a multipart body are left out).
base::Result<Pairs> parse_form(const Request& request);

bool is_utf8(std::string_view text);

}  // namespace landglass::web
