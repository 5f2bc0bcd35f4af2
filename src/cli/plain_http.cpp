#include "cli/plain_http.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/number.hpp"

namespace landglass::cli {
namespace {

constexpr std::size_t k_most = std::size_t{64} << 20;

struct Socket {
  int fd = -1;
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
};

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// A body in chunks, put together; nothing where it is cut off.
bool dechunk(std::string_view in, std::string& out) {
  for (;;) {
    const auto end = in.find("\r\n");
    if (end == std::string_view::npos) return false;
    const auto size = std::strtoull(std::string(in.substr(0, end)).c_str(), nullptr, 16);
    in.remove_prefix(end + 2);
    if (size == 0) return true;
    if (in.size() < size + 2) return false;
    out.append(in.substr(0, size));
    in.remove_prefix(size + 2);
  }
}

}  // namespace

base::Result<PlainAnswer> plain_request(std::string_view method, std::string_view url,
                                        const std::vector<std::pair<std::string, std::string>>& headers,
                                        std::string_view body) {
  const auto bad = [&] {
    return base::refuse("CLI-09", "服务地址应为 http://主机:端口", "the server is http://HOST:PORT", std::string(url));
  };
  if (!url.starts_with("http://")) return bad();
  auto rest = url.substr(7);
  const auto slash = rest.find('/');
  const std::string path(slash == std::string_view::npos ? "/" : rest.substr(slash));
  const auto authority = rest.substr(0, slash);
  const auto colon = authority.rfind(':');
  const std::string host(authority.substr(0, colon));
  const std::string port(colon == std::string_view::npos ? "80" : authority.substr(colon + 1));
  if (host.empty() || port.empty()) return bad();

  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0) return bad();
  Socket socket;
  for (const auto* one = found; one != nullptr && socket.fd < 0; one = one->ai_next) {
    Socket tried{::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol)};
    const timeval patience{30, 0};
    ::setsockopt(tried.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(tried.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (tried.fd >= 0 && ::connect(tried.fd, one->ai_addr, one->ai_addrlen) == 0) std::swap(socket.fd, tried.fd);
  }
  ::freeaddrinfo(found);
  if (socket.fd < 0) return base::fail("nobody answers at " + host + ":" + port, true);

  std::string head(method);
  head +=
      " " + path + " HTTP/1.1\r\nhost: " + std::string(authority) + "\r\nconnection: close\r\naccept: application/json\r\n";
  for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
  head += "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
  if (!send_all(socket.fd, head) || !send_all(socket.fd, body)) return base::fail("the server hung up", true);
  std::string all;
  char buffer[16'384];
  for (;;) {
    const auto got = ::recv(socket.fd, buffer, sizeof buffer, 0);
    if (got < 0) return base::fail("the server does not answer", true);
    if (got == 0) break;
    all.append(buffer, static_cast<std::size_t>(got));
    if (all.size() > k_most) return base::fail("the answer is past 64 MiB");
  }
  const auto blank = all.find("\r\n\r\n");
  if (!all.starts_with("HTTP/1.1 ") || blank == std::string::npos) return base::fail("no HTTP answer", true);
  PlainAnswer answer;
  answer.status = base::whole_number(std::string_view(all).substr(9, 3)).value_or(0);
  const auto body_part = std::string_view(all).substr(blank + 4);
  if (all.substr(0, blank).find("ransfer-encoding: chunked") != std::string::npos ||
      all.substr(0, blank).find("RANSFER-ENCODING: chunked") != std::string::npos) {
    if (!dechunk(body_part, answer.body)) return base::fail("the answer was cut off", true);
  } else {
    answer.body = body_part;
  }
  return answer;
}

}  // namespace landglass::cli
