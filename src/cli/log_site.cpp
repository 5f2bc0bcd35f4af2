#include "cli/log_site.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>

namespace landglass::cli {
namespace {

constexpr std::size_t k_largest_file = std::size_t{64} << 20;

struct Dialled {
  explicit Dialled(int descriptor) : fd(descriptor) {}
  ~Dialled() {
    if (fd >= 0) ::close(fd);
  }
  Dialled(const Dialled&) = delete;
  Dialled& operator=(const Dialled&) = delete;
  int fd;
};

}  // namespace

bool is_url(std::string_view source) { return source.starts_with("http://") || source.starts_with("https://"); }

base::Result<LogSite> LogSite::open(std::string_view url) {
  const auto wrong = [&] {
    return base::refuse("HTTP-URL", "只读取本机的 http 地址", "only an http address of this machine is read",
                        std::string(url));
  };
  if (!url.starts_with("http://")) return wrong();
  auto rest = url.substr(7);
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.find(':');
  auto host = std::string(rest.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) != 1 || (ntohl(address.s_addr) >> 24) != 127) return wrong();
  unsigned port = 80;
  if (colon != std::string_view::npos) {
    port = 0;
    for (const char c : rest.substr(colon + 1)) {
      if (c < '0' || c > '9' || port > 65'535) return wrong();
      port = port * 10 + static_cast<unsigned>(c - '0');
    }
  }
  if (port == 0 || port > 65'535) return wrong();
  return LogSite(std::move(host), static_cast<std::uint16_t>(port));
}

// One exchange a connection, closed by the server: no chunks, no state.
base::Result<std::string> LogSite::get(std::string_view path) {
  const auto where = host_ + ":" + std::to_string(port_) + "/" + std::string(path);
  const Dialled socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{30, 0};
  ::setsockopt(socket.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port_);
  ::inet_pton(AF_INET, host_.c_str(), &to.sin_addr);
  if (socket.fd < 0 || ::connect(socket.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return base::fail("no answer from " + where, true);
  const std::string request = "GET /" + std::string(path) + " HTTP/1.1\r\nHost: " + host_ + ":" + std::to_string(port_) +
                              "\r\nAccept: */*\r\nConnection: close\r\n\r\n";
  for (std::size_t sent = 0; sent < request.size();) {
    const auto n = ::send(socket.fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return base::fail("the connection broke: " + where, true);
    sent += static_cast<std::size_t>(n);
  }
  std::string answer;
  char buffer[65'536];
  for (;;) {
    const auto n = ::recv(socket.fd, buffer, sizeof buffer, 0);
    if (n < 0) return base::fail("the connection broke: " + where, true);
    if (n == 0) break;
    answer.append(buffer, static_cast<std::size_t>(n));
    if (answer.size() > k_largest_file) return base::fail("the answer is too large: " + where);
  }
  const auto head_end = answer.find("\r\n\r\n");
  if (head_end == std::string::npos || !answer.starts_with("HTTP/1.1 ")) return base::fail("no HTTP answer: " + where);
  const auto status = answer.substr(9, 3);
  if (status == "429" || status == "503") return base::fail("the server is busy (" + status + "): " + where, true);
  if (status != "200") return base::fail("answered " + status + ": " + where);
  // Cut short, a body would only fail to verify; said here, it is no accusation.
  const auto head = answer.substr(0, head_end);
  for (const auto* name : {"\r\ncontent-length: ", "\r\nContent-Length: "}) {
    const auto at = head.find(name);
    if (at == std::string::npos) continue;
    const auto digits = head.substr(at + 18, head.find('\r', at + 18) - at - 18);
    if (digits != std::to_string(answer.size() - head_end - 4))
      return base::fail("the answer was cut short: " + where, true);
  }
  return answer.substr(head_end + 4);
}

base::Result<std::unique_ptr<verify::LogFiles>> open_log(const std::string& source) {
  if (is_url(source)) {
    LG_TRY(auto site, LogSite::open(source));
    return std::unique_ptr<verify::LogFiles>(std::make_unique<LogSite>(std::move(site)));
  }
  if (!std::filesystem::is_directory(source))
    return base::refuse("VER-LOG", "不是日志目录，也不是地址", "neither a folder of a log nor an address", source);
  return std::unique_ptr<verify::LogFiles>(std::make_unique<verify::LogFolder>(source));
}

}  // namespace landglass::cli
