#pragma once
// HTTP/1.1 as bytes: requests are read by Beast's parser (hidden in wire.cpp), replies are written by us. No sockets here,
// so that a fuzzer drives it.

#include <memory>
#include <string>
#include <string_view>

#include "web/http.hpp"

namespace landglass::web {

struct HeadLimits {
  std::size_t bytes = 16 * 1024;  // request line and header fields together
  std::size_t fields = 100;
  std::size_t target = 8 * 1024;
};

// Reads one request after another from the bytes of one connection.
class RequestReader {
 public:
  enum class Step {
    more,     // give it what remains together with further bytes
    head,     // the head stands in request(); say how long a body may be with allow_body(), then go on
    done,     // the whole request stands in request(); call next() before the next one
    refused,  // refusal() says why; the connection cannot be used further
  };
  explicit RequestReader(HeadLimits limits = {});
  ~RequestReader();

  // Takes from the front of `bytes` and says in `used` how many are done with.
  Step feed(std::string_view bytes, std::size_t& used);
  Request& request();
  void allow_body(std::size_t limit);
  bool started() const;  // some byte of this request came
  bool expects_continue() const;
  bool has_body() const;  // the head announces one
  const base::Refusal& refusal() const;
  void next();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  HeadLimits limits_;
};

// The head of a reply up to and with the blank line. `constant` is text that every reply carries ("name: value\r\n"…);
// `length` < 0 leaves Content-Length out. Control characters in values are dropped: no reply can be split.
void append_head(std::string& out, const Response& response, std::string_view request_id, std::string_view date,
                 std::string_view constant, std::int64_t length, bool close);
std::string http_date(std::int64_t unix_seconds);  // Mon, 23 Nov 2026 01:27:01 GMT

}  // namespace landglass::web
