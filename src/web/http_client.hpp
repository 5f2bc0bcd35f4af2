#pragma once
// One HTTP exchange after another with one other server, for the log's requests to its witnesses. Blocking: its owner has a
// thread for it. Keeps the connection alive between exchanges. libcurl, hidden in http_client.cpp.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace landglass::web {

struct ClientAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
};

struct ClientLimits {
  std::int64_t connect_ms = 1'000;
  std::int64_t total_ms = 3'000;  // from the first try to connect to the last byte
  std::size_t body = 64 * 1024;   // of the answer; one that is longer is a failure
};

// Refuses HTTP-URL what is neither https nor http on loopback: what a witness says must not be said by whoever stands
// between.
base::Status check_peer_url(std::string_view url);

class HttpClient {
 public:
  explicit HttpClient(ClientLimits limits = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // No redirect is followed, no proxy taken from the environment, the certificate is checked against the system's
  // authorities. A status is an answer, whichever it is; failures are retryable. `give_up` is asked a few times a second.
  base::Result<ClientAnswer> post(const std::string& url, std::string_view body, const std::function<bool()>& give_up = {});

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace landglass::web
