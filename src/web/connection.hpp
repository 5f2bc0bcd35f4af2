#pragma once
// Inside web/ only (Asio): one thread of connections (Loop), and one connection on it.

#include <array>
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "web/channel.hpp"
#include "web/server.hpp"
#include "web/workers.hpp"

namespace landglass::web {

using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

// How another thread reaches a loop: nothing is posted to one that has ended.
struct Mailbox {
  std::mutex mutex;
  asio::io_context* context = nullptr;
};

class Connection;

// What all connections of the server share.
struct Shared {
  ServerOptions options;
  Site site;
  Workers workers;
  Workers heavy;
  std::atomic<std::size_t> connections{0};
  std::atomic<bool> draining{false};
  std::mutex peers_mutex;
  std::unordered_map<std::string, std::size_t> peers;
  std::string id_prefix;
  Gauge* open_gauge = nullptr;
  Gauge* live_gauge = nullptr;
  Gauge* workers_gauge = nullptr;
  Gauge* heavy_gauge = nullptr;
  Counter* refused_connections = nullptr;
  Counter* bugs = nullptr;
  Counter* timeouts = nullptr;

  Shared(ServerOptions made, Site served)
      : options(std::move(made)),
        site(std::move(served)),
        workers(options.workers, options.worker_queue),
        heavy(options.heavy, options.heavy_queue, 10) {}
  bool admit(const std::string& peer_key);  // no key: a proxy's, of which only the number of all is bounded
  void leave(const std::string& peer_key);
};

struct Loop {
  explicit Loop(Shared& all);
  void watch();  // arms the sweep over deadlines
  void count(const Route* route, int status, std::int64_t us, std::string_view refusal);
  std::string next_id();
  const std::string& date();  // for the Date header, made once a second

  Shared& shared;
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  std::unordered_set<Connection*> connections;
  std::uint64_t requests = 0;
  std::size_t number = 0;

 private:
  struct Figures {
    Histogram* time = nullptr;
    std::unordered_map<int, Counter*> by_status;
  };
  std::unordered_map<const Route*, Figures> figures_;
  std::int64_t date_second_ = -1;
  std::string date_;

 public:
  // Last, so that it ends first: with it end the coroutines that wait in it, and their connections still know the loop.
  asio::io_context context{1};
  Timer sweep{context};
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, std::unique_ptr<Channel> channel, std::string peer, std::string peer_key, bool proxy);
  ~Connection();
  Task<void> run();
  void check(SteadyClock::time_point now);  // of the sweep: is the deadline past?
  void drain();                             // the server stops: end when nothing is in flight
  void cut() { channel_->drop(); }

 private:
  struct Pending;
  enum class Phase { opening, waiting, reading, handling, writing, live, ending };

  void phase(Phase phase, std::int64_t ms);  // ms < 0: without deadline
  Task<bool> fill(std::size_t room);         // more bytes into in_; false when it is over
  Task<bool> flush();
  Task<bool> finish();
  Task<bool> serve();  // one request whose head is read; false ends the connection
  Task<bool> read_body();
  Task<bool> reply(Response response);
  Response made(Response response, const Request& request);
  Task<bool> await_answer(std::shared_ptr<Pending> pending);
  Task<void> stream(std::shared_ptr<Feed> feed);
  Task<void> watch_reader();
  Task<void> linger();
  Task<void> refuse_slow();
  void call(const Route& route, std::shared_ptr<Pending> pending);
  void log(const Response& response, std::size_t bytes, std::int64_t us);
  std::string_view unread() const { return std::string_view(in_).substr(in_at_, in_end_ - in_at_); }

  Loop& loop_;
  std::unique_ptr<Channel> channel_;
  std::string peer_;
  std::string peer_key_;
  bool proxy_;
  RequestReader reader_;
  std::string in_;
  std::size_t in_at_ = 0;  // in_[in_at_, in_end_) is read and not yet used
  std::size_t in_end_ = 0;
  std::string out_;
  Timer ready_;
  Phase phase_ = Phase::opening;
  SteadyClock::time_point deadline_;
  SteadyClock::time_point began_;
  bool has_deadline_ = false;
  bool expired_ = false;
  bool woken_ = false;
  bool reader_gone_ = false;
  bool finished_ = false;
  bool streaming_ = false;
  bool close_ = false;
};

}  // namespace landglass::web
