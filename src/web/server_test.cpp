#include "web/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/number.hpp"
#include "web/loopback.hpp"
#include "web/problem.hpp"

using namespace landglass;
using namespace landglass::web;
using std::chrono::milliseconds;

namespace {

int status(std::string_view reply) { return reply.size() > 12 ? base::whole_number(reply.substr(9, 3)).value_or(0) : 0; }
std::string body(const std::string& reply) { return reply.substr(std::min(reply.size(), reply.find("\r\n\r\n") + 4)); }

// A feed of given events that ends when told.
class Events final : public Feed {
 public:
  void push(std::string event) {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      held_.push_back(std::make_shared<const std::string>(std::move(event)));
      wake = wake_;
    }
    if (wake) wake();
  }
  bool take(std::vector<std::shared_ptr<const std::string>>& out) override {
    const std::lock_guard lock(mutex_);
    for (auto& one : held_) out.push_back(std::move(one));
    held_.clear();
    return true;
  }
  void on_ready(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    if (wake_)
      ready = true;
    else
      gone = true;
  }
  std::atomic<bool> ready{false}, gone{false};

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<std::shared_ptr<const std::string>> held_;
};

struct Running {
  explicit Running(ServerOptions options = {}) {
    options.limits.first_byte_ms = 400;
    options.limits.head_ms = 300;
    options.limits.body_ms = 300;
    options.limits.idle_ms = 400;
    options.limits.handler_ms = 1'500;  // of a busy machine too
    options.limits.heartbeat_ms = 200;
    Site site;
    auto& router = site.router;
    router.add(Method::get, "/hello", [](const Request&) { return text(200, "hello"); });
    router.add(Method::post, "/echo", [](const Request& request) { return text(200, request.body); });
    RouteOptions small;
    small.max_body = 10;
    router.add(
        Method::post, "/small", [](const Request& request) { return text(200, request.body); }, small);
    RouteOptions large;
    large.max_body = 8 << 20;
    router.add(
        Method::post, "/upload", [](const Request& request) { return text(200, std::to_string(request.body.size())); },
        large);
    router.add(Method::get, "/large", [](const Request&) { return text(200, std::string(3 << 20, 'x')); });
    router.add(Method::get, "/throws", [](const Request&) -> Response { throw std::runtime_error("oops"); });
    router.add_async(Method::post, "/later", [this](Request request, Respond respond) {
      threads.emplace_back([request = std::move(request), respond = std::move(respond)] {
        std::this_thread::sleep_for(milliseconds(50));
        respond(text(200, "later " + request.body));
        respond(text(200, "twice"));
      });
    });
    router.add_async(Method::get, "/dropped", [](Request, Respond) {});
    router.add_async(Method::get, "/never", [this](Request, Respond respond) { never.push_back(std::move(respond)); });
    RouteOptions worker;
    worker.run = Run::worker;
    router.add(
        Method::get, "/worker",
        [this](const Request&) { return text(200, std::this_thread::get_id() == main ? "here" : "elsewhere"); }, worker);
    RouteOptions heavy;
    heavy.run = Run::heavy;
    router.add(
        Method::get, "/case",
        [this](const Request&) {
          std::unique_lock lock(mutex);
          ++cases;
          let_go.wait_for(lock, std::chrono::seconds(10), [this] { return go; });
          return text(200, "case");
        },
        heavy);
    router.add(Method::get, "/live", [this](const Request&) {
      Response response;
      response.feed = events;
      return response;
    });
    site.before_body = [](Request& request, const Route&) -> std::optional<Response> {
      if (request.headers.has("x-refuse")) return problem(base::refuse("AUTH-01", "未登录", "not signed in"), request);
      return std::nullopt;
    };
    site.constant_headers = "x-content-type-options: nosniff\r\n";
    site.metrics = &metrics;
    site.access_log = [this](std::string_view line) {
      const std::lock_guard lock(mutex);
      log += line;
    };
    auto started = Server::start(options, std::move(site));
    if (started)
      server = *std::move(started);
    else
      ADD_FAILURE() << base::explain(started.trouble());
  }
  ~Running() {
    release();
    server.reset();
    for (auto& thread : threads) thread.join();
  }
  void release() {
    const std::lock_guard lock(mutex);
    go = true;
    let_go.notify_all();
  }
  std::string logged() {
    const std::lock_guard lock(mutex);
    return log;
  }

  Metrics metrics;
  std::shared_ptr<Events> events = std::make_shared<Events>();
  std::vector<std::thread> threads;
  std::vector<Respond> never;
  std::thread::id main = std::this_thread::get_id();
  std::mutex mutex;
  std::condition_variable let_go;
  bool go = false;
  int cases = 0;  // begun
  std::string log;
  std::unique_ptr<Server> server;
};

bool soon(const std::function<bool()>& holds) {
  for (int i = 0; i < 400 && !holds(); ++i) std::this_thread::sleep_for(milliseconds(5));
  return holds();
}

}  // namespace

TEST(Server, AnswersManyRequestsOnOneConnection) {
  Running running;
  Loopback client(running.server->port());
  for (int i = 0; i < 50; ++i) {
    const auto reply = client.get("/hello");
    ASSERT_EQ(status(reply), 200) << reply;
    EXPECT_EQ(body(reply), "hello");
    EXPECT_NE(reply.find("\r\nx-content-type-options: nosniff\r\n"), std::string::npos);
    EXPECT_NE(reply.find("\r\nx-request-id: "), std::string::npos);
  }
  EXPECT_EQ(running.server->connections(), 1u);
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
  Running running;
  Loopback client(running.server->port());
  std::string burst;
  for (int i = 0; i < 200; ++i) {
    const auto number = std::to_string(i);
    burst += "POST /" + std::string(i % 10 == 3 ? "later" : "echo") +
             " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(number.size()) + "\r\n\r\n" + number;
    if (i == 49) i = 149;  // a hundred requests
  }
  ASSERT_TRUE(client.send(burst));
  for (int i = 0; i < 200; ++i) {
    const auto reply = client.reply();
    ASSERT_EQ(body(reply), (i % 10 == 3 ? "later " : "") + std::to_string(i)) << reply;
    if (i == 49) i = 149;
  }
}

TEST(Server, ReadsChunkedAndLargeBodiesAndInvitesThem) {
  Running running;
  Loopback client(running.server->port());
  EXPECT_EQ(body(client.ask(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")),
            "abcde");
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_EQ(status(client.reply()), 100);
  EXPECT_EQ(body(client.ask("xyz")), "xyz");
  const std::string large(5 << 20, 'u');
  EXPECT_EQ(body(client.ask("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(large.size()) +
                            "\r\n\r\n" + large)),
            std::to_string(large.size()));
  EXPECT_EQ(body(client.get("/large")).size(), 3u << 20);
  EXPECT_EQ(status(client.get("/hello")), 200);
}

TEST(Server, RefusesABodyPastTheRoutesLimitWithoutReadingIt) {
  Running running;
  Loopback client(running.server->port());
  const std::string large(300'000, 'u');
  const auto reply = client.ask("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + large);
  EXPECT_EQ(status(reply), 413);
  EXPECT_NE(reply.find("\"code\":\"HTTP-BODY\""), std::string::npos);
  EXPECT_NE(reply.find("\r\nconnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(client.ended());
  Loopback other(running.server->port());
  EXPECT_EQ(status(other.ask("POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n")), 413);
}

TEST(Server, RefusesMalformedAndOversizeHeadsAndCloses) {
  Running running;
  for (const auto& [bytes, expected] : std::vector<std::pair<std::string, int>>{
           {"nonsense\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\n\r\n", 400},
           {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
           {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
           {"GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", 431},
           {"GET /" + std::string(40'000, 'x'), 431}}) {
    Loopback client(running.server->port());
    const auto reply = client.ask(bytes);
    EXPECT_EQ(status(reply), expected) << bytes.substr(0, 40) << "\n" << reply;
    EXPECT_TRUE(client.ended());
  }
}

TEST(Server, KnowsPathFromMethodAndAnswersHead) {
  Running running;
  Loopback client(running.server->port());
  EXPECT_EQ(status(client.get("/nowhere")), 404);
  const auto reply = client.get("/echo");
  EXPECT_EQ(status(reply), 405);
  EXPECT_NE(reply.find("\r\nallow: POST\r\n"), std::string::npos);
  ASSERT_TRUE(client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
  const auto head = client.reply(true);
  EXPECT_NE(head.find("\r\ncontent-length: 5\r\n"), std::string::npos);
  EXPECT_EQ(status(client.ask("OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 204);
  EXPECT_EQ(body(client.get("/hello")), "hello");
}

TEST(Server, EndsASlowLorisWith408AndAnIdleConnectionSilently) {
  Running running;
  Loopback slow(running.server->port());
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(slow.send("GET /hello HTTP/1.1\r\n"));
  std::thread drip([&] {
    for (int i = 0; i < 20; ++i) {
      std::this_thread::sleep_for(milliseconds(40));
      if (!slow.send("X: y\r\n")) break;
    }
  });
  EXPECT_EQ(status(slow.reply()), 408);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2'000));
  drip.join();
  Loopback mute(running.server->port());
  EXPECT_TRUE(mute.ended());
  Loopback idle(running.server->port());
  EXPECT_EQ(status(idle.get("/hello")), 200);
  EXPECT_EQ(idle.all(), "");
  EXPECT_TRUE(idle.ended());
  Loopback slow_body(running.server->port());
  EXPECT_EQ(status(slow_body.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")), 408);
  EXPECT_TRUE(soon([&] { return running.server->connections() == 0; }));
}

TEST(Server, AnswersFromOtherThreadsAndForHandlersThatDoNot) {
  Running running;
  Loopback client(running.server->port());
  EXPECT_EQ(body(client.ask("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok")), "later ok");
  EXPECT_EQ(body(client.get("/worker")), "elsewhere");
  EXPECT_EQ(status(client.get("/dropped")), 503);
  EXPECT_EQ(status(client.get("/never")), 503);
  EXPECT_EQ(status(client.get("/throws")), 500);
  for (auto& respond : running.never) respond(text(200, "too late"));
  EXPECT_EQ(body(client.get("/hello")), "hello");
  EXPECT_EQ(running.metrics.counter("landglass_http_bugs_total", "").value(), 1u);
}

TEST(Server, RefusesBeforeTheBodyAndKeepsTheConnectionWhereThereIsNone) {
  Running running;
  Loopback client(running.server->port());
  EXPECT_EQ(status(client.get("/hello", "X-Refuse: 1\r\n")), 401);
  EXPECT_EQ(status(client.get("/hello")), 200);
  EXPECT_EQ(status(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nX-Refuse: 1\r\nContent-Length: 5\r\n\r\nabcde")), 401);
  EXPECT_TRUE(client.ended());
}

TEST(Server, LimitsConnectionsInAllAndPerPeer) {
  ServerOptions options;
  options.limits.per_peer = 3;
  Running running(options);
  std::vector<std::unique_ptr<Loopback>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Loopback>(running.server->port()));
    ASSERT_EQ(status(clients.back()->get("/hello")), 200);
  }
  Loopback fourth(running.server->port());
  EXPECT_EQ(status(fourth.reply()), 503);
  clients.pop_back();
  EXPECT_TRUE(soon([&] { return running.server->connections() == 2; }));
  Loopback fifth(running.server->port());
  EXPECT_EQ(status(fifth.get("/hello")), 200);
}

TEST(Server, AProxyBringsManyClientsOverOneAddress) {
  ServerOptions options;
  options.limits.per_peer = 1;
  options.trust_forwarded = true;
  Running running(options);
  Loopback first(running.server->port()), second(running.server->port());
  EXPECT_EQ(status(first.get("/hello", "X-Forwarded-For: 203.0.113.1\r\n")), 200);
  EXPECT_EQ(status(second.get("/hello", "X-Forwarded-For: 203.0.113.2\r\n")), 200);
}

TEST(Server, StreamsEventsWithAHeartbeatAndNoticesAReaderWhoLeaves) {
  Running running;
  Loopback client(running.server->port());
  ASSERT_TRUE(client.send("GET /live HTTP/1.1\r\nHost: a\r\n\r\n"));
  const auto head = client.until("\r\n\r\n");
  EXPECT_NE(head.find("content-type: text/event-stream"), std::string::npos) << head;
  EXPECT_EQ(head.find("content-length"), std::string::npos);
  running.events->push("data: 1\n\n");
  EXPECT_EQ(client.until("\n\n"), "data: 1\n\n");
  EXPECT_EQ(client.until("\n\n"), ":\n\n");
  running.events->push("data: 2\n\n");
  EXPECT_EQ(client.until("\n\n"), "data: 2\n\n");
  client.close();
  EXPECT_TRUE(soon([&] { return running.events->gone.load(); }));
  EXPECT_TRUE(soon([&] { return running.server->connections() == 0; }));
}

TEST(Server, StopsGracefully) {
  Running running;
  Loopback live(running.server->port());
  ASSERT_TRUE(live.send("GET /live HTTP/1.1\r\nHost: a\r\n\r\n"));
  live.until("\r\n\r\n");
  Loopback idle(running.server->port());
  EXPECT_EQ(status(idle.get("/hello")), 200);
  Loopback busy(running.server->port());
  ASSERT_TRUE(busy.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"));
  std::this_thread::sleep_for(milliseconds(20));
  const auto begin = std::chrono::steady_clock::now();
  running.server->stop(5'000);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2'000));
  const auto reply = busy.reply();
  EXPECT_EQ(body(reply), "later ok") << reply;
  EXPECT_EQ(live.all(), "event: closing\nretry: 2000\ndata: {}\n\n");
  EXPECT_TRUE(idle.ended());
  EXPECT_FALSE(Loopback(running.server->port()).connected());
}

TEST(Server, NobodysActWaitsBehindCaseFilesAndOnePastTheirQueueIsToldSo) {
  ServerOptions options;
  options.workers = 1;
  options.heavy = 1;
  options.heavy_queue = 2;
  Running running(options);
  std::vector<std::unique_ptr<Loopback>> readers;
  const auto ask = [&] {
    readers.push_back(std::make_unique<Loopback>(running.server->port()));
    readers.back()->send("GET /case HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  const auto begun = [&] {
    const std::lock_guard lock(running.mutex);
    return running.cases;
  };
  const auto under_way = [&](int count) {
    return soon([&] {
      return running.metrics.text().find("landglass_http_lane{lane=\"heavy\"} " + std::to_string(count)) !=
             std::string::npos;
    });
  };
  ask();
  ASSERT_TRUE(soon([&] { return begun() == 1; }));
  ask();
  ask();
  ASSERT_TRUE(under_way(3)) << "one is made, two wait";
  Loopback clerk(running.server->port());
  EXPECT_EQ(body(clerk.get("/worker")), "elsewhere");
  const auto past = clerk.get("/case");
  EXPECT_EQ(past.substr(0, 12), "HTTP/1.1 503");
  EXPECT_NE(past.find("retry-after: 2"), std::string::npos);
  EXPECT_NE(past.find("application/problem+json"), std::string::npos);
  EXPECT_NE(past.find("HTTP-HEAVY"), std::string::npos);
  running.release();
  EXPECT_TRUE(under_way(0));
  EXPECT_EQ(body(clerk.get("/case")), "case");
}

TEST(Server, NoCaseFileIsMadeForWhoHasGone) {
  ServerOptions options;
  options.heavy = 1;
  Running running(options);
  const auto begun = [&] {
    const std::lock_guard lock(running.mutex);
    return running.cases;
  };
  Loopback first(running.server->port());
  first.send("GET /case HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(soon([&] { return begun() == 1; }));
  Loopback second(running.server->port());
  EXPECT_EQ(status(second.get("/case")), 503) << "told after handler_ms, behind the first";
  running.release();
  EXPECT_TRUE(
      soon([&] { return running.metrics.text().find("landglass_http_lane{lane=\"heavy\"} 0") != std::string::npos; }));
  EXPECT_EQ(begun(), 1);
}

TEST(Server, LogsWithoutPersonalData) {
  Running running;
  Loopback client(running.server->port());
  client.get("/hello?name=%E5%BC%A0%E4%B8%89", "Cookie: session=secret\r\n");
  EXPECT_TRUE(soon([&] { return !running.logged().empty(); }));
  const auto line = running.logged();
  EXPECT_NE(line.find("\"route\":\"/hello\",\"status\":200"), std::string::npos) << line;
  EXPECT_EQ(line.find("name"), std::string::npos);
  EXPECT_EQ(line.find("secret"), std::string::npos);
  EXPECT_EQ(line.find("127.0.0.1"), std::string::npos);
  EXPECT_EQ(line.substr(25, 3), "Z\",") << "time to the minute: " << line;
}

TEST(Server, RefusesPlainHttpOnOtherAddressesThanLoopback) {
  ServerOptions options;
  options.address = "0.0.0.0";
  const auto started = Server::start(options, {});
  ASSERT_TRUE(started.refused());
  EXPECT_EQ(started.refusal().code, "HTTP-PLAIN");
}

TEST(Server, ServesManyConnectionsOnTwoThreads) {
  ServerOptions options;
  options.threads = 2;
  Running running(options);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      Loopback client(running.server->port());
      for (int i = 0; i < 100; ++i) right += body(client.get("/hello")) == "hello";
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
  EXPECT_EQ(running.metrics.counter("landglass_http_requests_total", "", {{"route", "/hello"}, {"status", "200"}}).value(),
            800u);
}
