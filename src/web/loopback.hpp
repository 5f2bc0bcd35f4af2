#pragma once
// A blocking client for tests and load on 127.0.0.1: raw bytes out, bytes or one reply in. Nothing here is used by the
// server.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace landglass::web {

class Loopback {
 public:
  explicit Loopback(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) close();
    const int one = 1;
    if (fd_ >= 0) ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  ~Loopback() { close(); }
  Loopback(const Loopback&) = delete;
  Loopback& operator=(const Loopback&) = delete;

  bool connected() const { return fd_ >= 0; }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  // One reply: head and body by its Content-Length (none after HEAD, 204, 304). Empty when the connection ends before one is
  // there.
  std::string reply(bool to_head = false, int timeout_ms = 5'000) {
    while (true) {
      const auto end = held_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const auto at = held_.find("content-length: ");
        const bool bodiless =
            to_head || held_.substr(9, 3) == "304" || held_.substr(9, 3) == "204" || held_.substr(9, 3) == "100";
        const auto length = at < end && !bodiless ? std::strtoull(held_.c_str() + at + 16, nullptr, 10) : 0;
        if (held_.size() >= end + 4 + length) {
          auto one = held_.substr(0, end + 4 + length);
          held_.erase(0, end + 4 + length);
          return one;
        }
      }
      if (!receive(timeout_ms)) return {};
    }
  }
  // Bytes until `mark` stands in them, with it; or all that came before the end or the timeout.
  std::string until(std::string_view mark, int timeout_ms = 5'000) {
    while (true) {
      const auto at = held_.find(mark);
      if (at != std::string::npos) {
        auto text = held_.substr(0, at + mark.size());
        held_.erase(0, at + mark.size());
        return text;
      }
      if (!receive(timeout_ms)) return std::exchange(held_, {});
    }
  }
  std::string all(int timeout_ms = 5'000) {
    while (receive(timeout_ms)) {
    }
    return std::exchange(held_, {});
  }
  // True once the server has closed the connection.
  bool ended(int timeout_ms = 5'000) {
    while (receive(timeout_ms)) {
    }
    return at_end_;
  }
  std::string ask(std::string_view request) { return send(request) ? reply() : std::string(); }
  std::string get(std::string_view path, std::string_view more = {}) {
    return ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n");
  }

 private:
  bool receive(int timeout_ms) {
    if (fd_ < 0) return false;
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, timeout_ms) <= 0) return false;
    char bytes[16 * 1024];
    const auto count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count <= 0) {
      at_end_ = true;
      return false;
    }
    held_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int fd_;
  bool at_end_ = false;
  std::string held_;
};

}  // namespace landglass::web
