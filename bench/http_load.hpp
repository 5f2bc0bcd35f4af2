#pragma once
// Load over HTTP keep-alive on loopback: prebuilt requests, one in flight per connection (or more, pipelined), a histogram
// of latencies. epoll, so that one thread plays a thousand clients and leaves the cores to what is measured.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace landglass::bench {

// Nanoseconds in buckets of 1/16 of a power of two: a percentile is right to 6 %.
class Latencies {
 public:
  void add(std::int64_t ns) {
    ++buckets_[index(static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 1)))];
    ++count_;
    longest_ = std::max(longest_, ns);
  }
  void merge(const Latencies& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    longest_ = std::max(longest_, other.longest_);
  }
  std::uint64_t count() const { return count_; }
  double ms(double quantile) const {
    auto left = static_cast<std::uint64_t>(quantile * static_cast<double>(count_));
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      if (buckets_[i] > left) return static_cast<double>(upper(i)) / 1e6;
      left -= buckets_[i];
    }
    return static_cast<double>(longest_) / 1e6;
  }

 private:
  static std::size_t index(std::uint64_t ns) {
    if (ns < 16) return static_cast<std::size_t>(ns);
    const auto power = static_cast<std::size_t>(63 - __builtin_clzll(ns));
    return (power - 3) * 16 + ((ns >> (power - 4)) & 15);
  }
  static std::uint64_t upper(std::size_t at) {
    if (at < 16) return at;
    return (16 + (at & 15) + 1) << (at / 16 - 1);
  }
  std::array<std::uint64_t, 61 * 16> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t longest_ = 0;
};

struct Load {
  std::uint16_t port = 0;
  std::size_t connections = 64;
  std::size_t threads = 1;
  std::size_t in_flight = 1;  // per connection; above 1 they are pipelined
  std::int64_t longest_ms = 2'000;
  // The n-th request of a connection, whole; it must stay where it is until answered. Empty: this connection has no more.
  std::function<std::string_view(std::size_t connection, std::size_t n)> request;
  // Optional: each answer as it came (head and body), for receipts to be checked afterwards.
  std::function<void(std::size_t connection, std::size_t n, std::string_view answer)> answered;
};

struct Loaded {
  std::uint64_t answers = 0;
  std::uint64_t not_2xx = 0;
  std::uint64_t broken = 0;  // connections that ended early, or answers that could not be read
  double seconds = 0;
  Latencies latencies;
  double per_second() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
};

namespace load_detail {

using Clock = std::chrono::steady_clock;

struct Client {
  int fd = -1;
  std::size_t number = 0;
  std::size_t asked = 0;
  std::size_t told = 0;
  bool no_more = false;
  bool wants_write = false;
  std::string out;
  std::string in;
  std::deque<Clock::time_point> sent;
};

// Length of the first answer in `bytes`, 0 where it is not whole yet. Needs Content-Length, as our answers have.
inline std::size_t answer_size(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  const auto head = bytes.substr(0, end);
  std::size_t length = 0;
  for (const std::string_view name : {"\r\ncontent-length: ", "\r\nContent-Length: "})
    if (const auto at = head.find(name); at != std::string_view::npos)
      std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  return bytes.size() >= end + 4 + length ? end + 4 + length : 0;
}

inline void play(const Load& load, std::size_t first, std::size_t step, Loaded& total) {
  const int poll = ::epoll_create1(0);
  std::vector<Client> clients;
  for (auto i = first; i < load.connections; i += step) clients.emplace_back().number = i;
  std::size_t open = 0;
  const auto drop = [&](Client& client, bool early) {
    if (client.fd < 0) return;
    ::close(client.fd);
    client.fd = -1;
    --open;
    if (early) ++total.broken;
  };
  const auto write = [&](Client& client) {
    while (!client.out.empty()) {
      const auto count = ::send(client.fd, client.out.data(), client.out.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EAGAIN) break;
      if (count <= 0) return drop(client, true);
      client.out.erase(0, static_cast<std::size_t>(count));
    }
    const bool wants = !client.out.empty();
    if (wants != client.wants_write) {
      epoll_event event{};
      event.events = EPOLLIN | (wants ? std::uint32_t{EPOLLOUT} : 0u);
      event.data.ptr = &client;
      ::epoll_ctl(poll, EPOLL_CTL_MOD, client.fd, &event);
      client.wants_write = wants;
    }
  };
  const auto ask = [&](Client& client) {
    while (!client.no_more && client.sent.size() < load.in_flight) {
      const auto request = load.request(client.number, client.asked);
      if (request.empty()) {
        client.no_more = true;
        break;
      }
      ++client.asked;
      client.sent.push_back(Clock::now());
      client.out += request;
    }
    if (client.no_more && client.sent.empty()) return drop(client, false);
    write(client);
  };
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(load.port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (auto& client : clients) {
    client.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    ::setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ++open;
    if (::connect(client.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      drop(client, true);
      continue;
    }
    ::fcntl(client.fd, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &client;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, client.fd, &event);
  }
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::milliseconds(load.longest_ms);
  for (auto& client : clients)
    if (client.fd >= 0) ask(client);
  std::array<epoll_event, 256> events;
  std::array<char, 64 * 1024> bytes;
  while (open > 0 && Clock::now() < end) {
    const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count; ++i) {
      auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (client.fd < 0) continue;
      if (events[static_cast<std::size_t>(i)].events & EPOLLOUT) write(client);
      if (client.fd < 0 || !(events[static_cast<std::size_t>(i)].events & ~std::uint32_t{EPOLLOUT})) continue;
      const auto received = ::recv(client.fd, bytes.data(), bytes.size(), 0);
      if (received < 0 && errno == EAGAIN) continue;
      if (received <= 0) {
        drop(client, true);
        continue;
      }
      client.in.append(bytes.data(), static_cast<std::size_t>(received));
      std::size_t used = 0;
      while (!client.sent.empty()) {
        const auto rest = std::string_view(client.in).substr(used);
        const auto size = answer_size(rest);
        if (size == 0) break;
        total.latencies.add(
            std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - client.sent.front()).count());
        client.sent.pop_front();
        ++total.answers;
        if (rest.substr(8, 2) != " 2") ++total.not_2xx;
        if (load.answered) load.answered(client.number, client.told, rest.substr(0, size));
        ++client.told;
        used += size;
      }
      client.in.erase(0, used);
      ask(client);
    }
  }
  total.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  for (auto& client : clients)
    if (client.fd >= 0) ::close(client.fd);
  ::close(poll);
}

}  // namespace load_detail

// `request` and `answered` are called from the load's threads, for one connection always from the same.
inline Loaded run_load(const Load& load) {
  std::vector<Loaded> parts(std::max<std::size_t>(1, load.threads));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < parts.size(); ++i)
    threads.emplace_back([&, i] { load_detail::play(load, i, parts.size(), parts[i]); });
  for (auto& thread : threads) thread.join();
  Loaded total;
  for (const auto& part : parts) {
    total.answers += part.answers;
    total.not_2xx += part.not_2xx;
    total.broken += part.broken;
    total.seconds = std::max(total.seconds, part.seconds);
    total.latencies.merge(part.latencies);
  }
  return total;
}

}  // namespace landglass::bench
