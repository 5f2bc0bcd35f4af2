#include "web/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>

namespace landglass::web {
namespace {

struct UrlDelete {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

bool is_loopback_host(std::string_view host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace

base::Status check_peer_url(std::string_view url) {
  const std::unique_ptr<CURLU, UrlDelete> parsed(curl_url());
  const auto read = curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), CURLU_DISALLOW_USER);
  const auto scheme = read == CURLUE_OK ? part_of(parsed.get(), CURLUPART_SCHEME) : std::string();
  if (scheme == "https") return base::Done{};
  if (scheme == "http" && is_loopback_host(part_of(parsed.get(), CURLUPART_HOST))) return base::Done{};
  return base::refuse("HTTP-URL", "地址须为 https，本机可用 http", "the address must be https, or http on loopback",
                      std::string(url));
}

struct HttpClient::Handle {
  CURL* curl = nullptr;
  curl_slist* headers = nullptr;
  ClientLimits limits;
  std::string body;
  const std::function<bool()>* give_up = nullptr;

  static std::size_t take(const char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& held = *static_cast<Handle*>(self);
    if (held.body.size() + size * count > held.limits.body) return 0;  // ends the exchange
    held.body.append(bytes, size * count);
    return size * count;
  }
  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& held = *static_cast<const Handle*>(self);
    return held.give_up != nullptr && *held.give_up && (*held.give_up)() ? 1 : 0;
  }
};

HttpClient::HttpClient(ClientLimits limits) : handle_(std::make_unique<Handle>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  auto& held = *handle_;
  held.limits = limits;
  held.curl = curl_easy_init();
  LG_ASSERT(held.curl != nullptr, "libcurl gives no handle");
  held.headers = curl_slist_append(nullptr, "Content-Type: text/plain; charset=utf-8");
  held.headers = curl_slist_append(held.headers, "Expect:");  // a small body is sent at once
  const auto set = [&held](CURLoption option, auto value) {
    LG_ASSERT(curl_easy_setopt(held.curl, option, value) == CURLE_OK, "libcurl lacks an option");
  };
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_ms));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total_ms));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_USERAGENT, "landglass");
  set(CURLOPT_HTTPHEADER, held.headers);
  set(CURLOPT_WRITEFUNCTION, &Handle::take);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&held));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Handle::progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&held));
}

HttpClient::~HttpClient() {
  curl_easy_cleanup(handle_->curl);
  curl_slist_free_all(handle_->headers);
}

base::Result<ClientAnswer> HttpClient::post(const std::string& url, std::string_view body,
                                            const std::function<bool()>& give_up) {
  LG_CHECK(check_peer_url(url));
  auto& held = *handle_;
  held.body.clear();
  held.give_up = &give_up;
  curl_easy_setopt(held.curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(held.curl, CURLOPT_POST, 1L);
  curl_easy_setopt(held.curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(held.curl, CURLOPT_POSTFIELDS, body.data());
  const auto done = curl_easy_perform(held.curl);
  held.give_up = nullptr;
  if (done == CURLE_WRITE_ERROR) return base::fail("the answer is longer than " + std::to_string(held.limits.body), true);
  if (done != CURLE_OK) return base::fail(curl_easy_strerror(done), true);
  ClientAnswer answer;
  long status = 0;
  curl_easy_getinfo(held.curl, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  const char* type = nullptr;
  curl_easy_getinfo(held.curl, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) answer.content_type = type;
  answer.body = std::move(held.body);
  return answer;
}

}  // namespace landglass::web
