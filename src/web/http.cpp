#include "web/http.hpp"

#include <algorithm>
#include <array>

namespace landglass::web {
namespace {

constexpr std::array<std::pair<std::string_view, Method>, 7> k_methods{{{"GET", Method::get},
                                                                        {"HEAD", Method::head},
                                                                        {"POST", Method::post},
                                                                        {"PUT", Method::put},
                                                                        {"PATCH", Method::patch},
                                                                        {"DELETE", Method::del},
                                                                        {"OPTIONS", Method::options}}};

}  // namespace

std::string_view method_name(Method method) {
  for (const auto& [name, value] : k_methods)
    if (value == method) return name;
  return "?";
}

std::optional<Method> method_of(std::string_view name) {
  for (const auto& [known, value] : k_methods)
    if (known == name) return value;
  return std::nullopt;
}

const std::string* Pairs::find(std::string_view name) const {
  for (const auto& [key, value] : pairs_)
    if (key == name) return &value;
  return nullptr;
}

std::string_view Pairs::get(std::string_view name) const {
  const auto* value = find(name);
  return value ? std::string_view(*value) : std::string_view();
}

std::size_t Pairs::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(pairs_.begin(), pairs_.end(), [&](const Pair& p) { return p.first == name; }));
}

void Pairs::set(std::string_view name, std::string value) {
  for (auto& [key, held] : pairs_)
    if (key == name) {
      held = std::move(value);
      return;
    }
  add(std::string(name), std::move(value));
}

bool Caller::has_scope(std::string_view scope) const {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

Language Request::language() const {
  if (const auto* chosen = cookies.find("lang")) return *chosen == "en" ? Language::en : Language::zh;
  // The first of zh and en that stands in Accept-Language wins; clients list them by preference.
  const auto accepted = headers.get("accept-language");
  const auto zh = accepted.find("zh");
  const auto en = accepted.find("en");
  return en != std::string_view::npos && en < zh ? Language::en : Language::zh;
}

bool Request::wants_html() const { return headers.get("accept").find("text/html") != std::string_view::npos; }

std::string_view reason(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 425: return "Too Early";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

Response text(int status, std::string body, std::string_view type) {
  Response response;
  response.status = status;
  response.header("content-type", std::string(type));
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

Response html(int status, std::string body) { return text(status, std::move(body), "text/html; charset=utf-8"); }

Response json(int status, const base::Json& value) { return text(status, base::canonical(value), "application/json"); }

Response redirect(std::string location, int status) {
  Response response;
  response.status = status;
  response.header("location", std::move(location));
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

}  // namespace landglass::web
