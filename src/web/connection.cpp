// One connection: a coroutine that reads requests one after another, has them answered, and writes the answers. The
// coroutine traps of g++ 12.2 (docs/decisions/0050) rule its style: names before co_await, by value, nothing built inside
// the expression.
#include "web/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cstdio>
#include <exception>

#include "base/time.hpp"
#include "web/problem.hpp"

namespace landglass::web {
namespace {

using boost::system::error_code;
constexpr std::size_t k_read_room = 8 * 1024;
constexpr std::size_t k_body_room = 64 * 1024;    // a read, while a body comes
constexpr std::size_t k_out_high = 64 * 1024;     // pipelined answers are written together up to here
constexpr std::size_t k_body_copied = 16 * 1024;  // a larger body is written from where it is, not copied
constexpr std::size_t k_linger_bytes = 256 * 1024;
constexpr std::int64_t k_linger_ms = 1'000;

const Route& no_route() {
  static const Route route{Method::get, "(none)", {}, {}, {}};
  return route;
}

Response not_found(const Request& request) {
  return problem(base::refuse("HTTP-NONE", "没有这个页面", "there is nothing at this address"), request);
}

Response wrong_method(const Request& request, const std::string& allow) {
  if (request.method == Method::options) return no_content().header("allow", allow);
  auto response =
      problem(base::refuse("HTTP-ALLOW", "此地址不接受这种方法", "this address does not take that method"), request);
  return response.header("allow", allow);
}

}  // namespace

// The answer of one request, on its way back to the connection's thread.
struct Connection::Pending {
  std::optional<Response> response;  // of the connection's thread
  std::weak_ptr<Connection> connection;
  std::shared_ptr<Mailbox> mailbox;
  std::atomic<bool> answered{false};

  static void answer(const std::shared_ptr<Pending>& self, Response response) {
    if (self->answered.exchange(true)) return;
    const std::lock_guard lock(self->mailbox->mutex);
    if (!self->mailbox->context) return;
    asio::post(*self->mailbox->context, [self, held = std::move(response)]() mutable {
      self->response = std::move(held);
      if (const auto connection = self->connection.lock()) {
        connection->woken_ = true;
        connection->ready_.cancel();
      }
    });
  }
};

Connection::Connection(Loop& loop, std::unique_ptr<Channel> channel, std::string peer, std::string peer_key, bool proxy)
    : loop_(loop),
      channel_(std::move(channel)),
      peer_(std::move(peer)),
      peer_key_(std::move(peer_key)),
      proxy_(proxy),
      reader_(loop.shared.options.limits.head),
      ready_(loop.context) {
  loop_.connections.insert(this);
}

Connection::~Connection() {
  loop_.connections.erase(this);
  loop_.shared.leave(peer_key_);
}

void Connection::phase(Phase phase, std::int64_t ms) {
  phase_ = phase;
  has_deadline_ = ms >= 0;
  if (has_deadline_) deadline_ = SteadyClock::now() + std::chrono::milliseconds(ms);
}

void Connection::check(SteadyClock::time_point now) {
  if (!has_deadline_ || now < deadline_) return;
  has_deadline_ = false;
  expired_ = true;
  if (phase_ == Phase::writing || phase_ == Phase::ending) return channel_->drop();
  channel_->cancel();
  ready_.cancel();
}

void Connection::drain() {
  if (phase_ == Phase::waiting || phase_ == Phase::opening) channel_->cancel();
  if (streaming_) {  // in whatever phase: it may just be writing
    woken_ = true;
    ready_.cancel();
  }
}

Task<bool> Connection::fill(std::size_t room) {
  if (!out_.empty()) {
    const bool written = co_await flush();
    if (!written) co_return false;
    if (loop_.shared.draining && phase_ == Phase::waiting) co_return false;
  }
  in_.replace(0, in_at_, "");
  in_end_ -= in_at_;
  in_at_ = 0;
  if (in_.size() < in_end_ + room) in_.resize(in_end_ + room);
  const std::size_t count = co_await channel_->read(in_.data() + in_end_, room);
  in_end_ += count;
  co_return count > 0;
}

Task<bool> Connection::finish() {
  if (finished_) co_return true;
  finished_ = true;
  phase(Phase::ending, k_linger_ms);
  const bool done = co_await channel_->finish();
  co_return done;
}

Task<bool> Connection::flush() {
  const auto phase_before = phase_;
  const auto deadline_before = deadline_;
  const bool had_deadline = has_deadline_;
  phase(Phase::writing, loop_.shared.options.limits.write_ms);
  const std::string_view second;
  const std::string_view first = out_;
  const bool written = co_await channel_->write(first, second);
  out_.clear();
  phase_ = phase_before;
  deadline_ = deadline_before;
  has_deadline_ = had_deadline;
  co_return written;
}

Task<void> Connection::run() {
  const auto self = shared_from_this();
  const auto& limits = loop_.shared.options.limits;
  phase(Phase::opening, limits.head_ms);
  const bool opened = co_await channel_->open();
  if (!opened) co_return;
  phase(Phase::waiting, limits.first_byte_ms);
  while (!close_) {
    std::size_t used = 0;
    const auto step = reader_.feed(unread(), used);
    in_at_ += used;
    if (step == RequestReader::Step::head) {
      const bool go_on = co_await serve();
      if (!go_on) break;
      reader_.next();
      phase(Phase::waiting, limits.idle_ms);
    } else if (step == RequestReader::Step::refused) {
      began_ = SteadyClock::now();
      auto& request = reader_.request();
      request.id = loop_.next_id();
      close_ = true;
      Response response = problem(reader_.refusal(), request);
      const bool sent = co_await reply(std::move(response));
      if (sent) co_await linger();
    } else {
      const bool begun = reader_.started() || !unread().empty();
      if (begun && phase_ == Phase::waiting) phase(Phase::reading, limits.head_ms);
      if (!begun && loop_.shared.draining) break;
      const bool filled = co_await fill(k_read_room);
      if (filled) continue;
      if (expired_ && phase_ == Phase::reading) co_await refuse_slow();
      break;
    }
  }
  if (!out_.empty()) {
    const bool flushed = co_await flush();
    if (!flushed) co_return;
  }
  const bool done = co_await finish();
  (void)done;
}

Task<void> Connection::refuse_slow() {
  if (loop_.shared.timeouts) loop_.shared.timeouts->add();
  began_ = SteadyClock::now();
  auto& request = reader_.request();
  request.id = loop_.next_id();
  close_ = true;
  Response response = problem(base::refuse("HTTP-SLOW", "请求发送超时", "the request came too slowly"), request);
  const bool sent = co_await reply(std::move(response));
  if (sent) co_await linger();
}

// Closing while bytes of the client are on their way would reset the connection and lose the answer: read some of them
// first.
Task<void> Connection::linger() {
  const bool flushed = co_await flush();
  if (!flushed) co_return;
  const bool done = co_await finish();
  if (!done) co_return;
  std::size_t drained = 0;
  in_at_ = in_end_ = 0;
  if (in_.size() < k_read_room) in_.resize(k_read_room);
  while (drained < k_linger_bytes) {
    const std::size_t count = co_await channel_->read(in_.data(), k_read_room);
    if (count == 0) break;
    drained += count;
  }
}

Task<bool> Connection::serve() {
  auto& shared = loop_.shared;
  auto& request = reader_.request();
  began_ = SteadyClock::now();
  request.id = loop_.next_id();
  request.peer = peer_;
  request.secure = shared.options.tls.has_value();
  if (proxy_) {
    // The last address is the one that the proxy itself saw.
    const auto forwarded = request.headers.get("x-forwarded-for");
    auto last =
        forwarded.substr(forwarded.find_last_of(", ") == std::string_view::npos ? 0 : forwarded.find_last_of(", ") + 1);
    if (!last.empty() && last.size() < 64) request.peer = std::string(last);
    if (request.headers.get("x-forwarded-proto") == "https") request.secure = true;
  }
  close_ = !request.keep_alive || shared.draining;

  auto match = shared.site.router.match(request.method, request.path);
  std::optional<Response> early;
  if (!match.route) early = match.allow.empty() ? not_found(request) : wrong_method(request, match.allow);
  const Route& route = match.route ? *match.route : no_route();
  request.route = &route;
  request.parameters = std::move(match.parameters);
  if (!early && shared.site.before_body) early = shared.site.before_body(request, route);
  reader_.allow_body(early ? 0 : route.options.max_body);

  if (reader_.has_body()) {
    if (early) {
      close_ = true;  // its body is still on the way, and nobody wants it
    } else {
      const bool complete = co_await read_body();
      if (!complete) co_return false;
    }
  }
  if (!early && shared.site.before_handler) early = shared.site.before_handler(request, route);
  if (!early) {
    if (route.handler && route.options.run == Run::inline_) {
      try {
        early = route.handler(request);
      } catch (const std::exception& error) {
        if (shared.bugs) shared.bugs->add();
        std::fprintf(stderr, "landglass: a handler of %s threw: %s\n", route.pattern.c_str(), error.what());
        early = problem(base::fail("handler threw"), request);
        early->status = 500;
      }
    } else {
      auto pending = std::make_shared<Pending>();
      pending->connection = weak_from_this();
      pending->mailbox = loop_.mailbox;
      call(route, pending);
      const bool answered = co_await await_answer(pending);
      if (answered)
        early = made(*std::move(pending->response), request);
      else
        early = problem(base::fail("the handler did not answer in time", true), request);
      pending->answered = true;
    }
  }
  const bool lingers = close_ && reader_.has_body();
  const auto feed = request.method == Method::head ? nullptr : early->feed;
  Response response = *std::move(early);
  if (response.feed) close_ = true;
  const bool sent = co_await reply(std::move(response));
  if (!sent) co_return false;
  if (feed) co_await stream(feed);
  if (lingers) co_await linger();
  co_return !close_;
}

// What was left to this thread to make.
Response Connection::made(Response response, const Request& request) {
  if (!response.made) return response;
  try {
    return response.made();
  } catch (const std::exception& error) {
    if (loop_.shared.bugs) loop_.shared.bugs->add();
    std::fprintf(stderr, "landglass: an answer could not be made: %s\n", error.what());
    return problem(base::fail("an answer could not be made"), request);
  }
}

Task<bool> Connection::read_body() {
  phase(Phase::reading, loop_.shared.options.limits.body_ms);
  bool invited = !reader_.expects_continue();
  while (true) {
    std::size_t used = 0;
    const auto step = reader_.feed(unread(), used);
    in_at_ += used;
    if (step == RequestReader::Step::done) co_return true;
    if (step == RequestReader::Step::refused) {
      close_ = true;
      Response response = problem(reader_.refusal(), reader_.request());
      const bool sent = co_await reply(std::move(response));
      if (sent) co_await linger();
      co_return false;
    }
    if (!invited && unread().empty()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    invited = true;
    const bool filled = co_await fill(k_body_room);
    if (filled) continue;
    if (expired_) co_await refuse_slow();
    co_return false;
  }
}

// Hands the request to an asynchronous handler or to a worker; whoever holds the promise last without answering, fails it.
void Connection::call(const Route& route, std::shared_ptr<Pending> pending) {
  auto& request = reader_.request();
  // What an answer about the request itself still needs, once the request has moved on to the handler.
  Request gist;
  gist.method = request.method;
  gist.id = request.id;
  gist.route = request.route;
  gist.keep_alive = request.keep_alive;
  for (const auto name : {"accept", "accept-language"})
    if (const auto* value = request.headers.find(name)) gist.headers.add(name, *value);
  if (const auto* lang = request.cookies.find("lang")) gist.cookies.add("lang", *lang);
  Request whole = std::exchange(request, gist);

  struct Promise {
    std::shared_ptr<Pending> pending;
    Request gist;
    ~Promise() {
      if (!pending->answered) Pending::answer(pending, problem(base::fail("a handler gave no answer", true), gist));
    }
  };
  const auto promise = std::make_shared<Promise>();  // never moved: a promise that goes out of scope answers
  promise->pending = std::move(pending);
  promise->gist = std::move(gist);
  Respond respond = [promise](Response response) { Pending::answer(promise->pending, std::move(response)); };
  auto& shared = loop_.shared;
  const auto guarded = [&shared, &route](const auto& work) {
    try {
      work();
    } catch (const std::exception& error) {  // the promise answers 503
      if (shared.bugs) shared.bugs->add();
      std::fprintf(stderr, "landglass: a handler of %s threw: %s\n", route.pattern.c_str(), error.what());
    }
  };
  if (route.options.run == Run::inline_) return guarded([&] { route.async(std::move(whole), std::move(respond)); });
  auto held = std::make_shared<Request>(std::move(whole));
  const bool is_heavy = route.options.run == Run::heavy;
  auto* const under_way = is_heavy ? shared.heavy_gauge : shared.workers_gauge;
  if (under_way) under_way->add(1);
  const bool queued =
      (is_heavy ? shared.heavy : shared.workers).run([held, respond, &route, guarded, under_way, is_heavy, promise] {
        // For who has gone, was told that it takes too long, or was cut off by a stop, no case file is made.
        const bool wanted = !promise->pending->answered && !promise->pending->connection.expired();
        if (!is_heavy || wanted)
          guarded([&] {
            if (route.handler)
              respond(route.handler(*held));
            else
              route.async(std::move(*held), respond);
          });
        if (under_way) under_way->add(-1);
      });
  if (queued) return;
  if (under_way) under_way->add(-1);
  if (!is_heavy) return respond(problem(base::fail("all workers are busy", true), promise->gist));
  respond(problem(base::refuse("HTTP-HEAVY", "案卷、文书和成批数据的制作排队已满，请稍后再取",
                               "too many case files, papers and whole registers are being made: ask again shortly"),
                  promise->gist));
}

Task<bool> Connection::await_answer(std::shared_ptr<Pending> pending) {
  if (!out_.empty()) {
    const bool flushed = co_await flush();
    if (!flushed) close_ = true;
  }
  phase(Phase::handling, loop_.shared.options.limits.handler_ms);
  expired_ = false;
  while (!pending->response && !expired_) {
    error_code ec;
    ready_.expires_at(SteadyClock::time_point::max());
    auto token = asio::redirect_error(as_task, ec);
    co_await ready_.async_wait(token);
  }
  if (expired_ && loop_.shared.timeouts) loop_.shared.timeouts->add();
  expired_ = false;
  has_deadline_ = false;
  woken_ = false;
  co_return pending->response.has_value();
}

Task<bool> Connection::reply(Response response) {
  const auto& request = reader_.request();
  close_ |= response.close;
  const bool bodiless =
      response.status == 204 || response.status == 304 || (response.status >= 100 && response.status < 200);
  const std::string_view body = response.body && !bodiless ? std::string_view(*response.body) : std::string_view();
  const bool sends_body = request.method != Method::head && !bodiless;
  if (response.feed)
    response.header("content-type", "text/event-stream")
        .header("cache-control", "no-store")
        .header("x-accel-buffering", "no");
  const auto& policy = loop_.shared.site.content_policy;
  if (!policy.empty() && !response.headers.has("content-security-policy"))
    response.header("content-security-policy", policy);
  const auto length = response.feed || bodiless ? std::int64_t{-1} : static_cast<std::int64_t>(body.size());
  append_head(out_, response, request.id, loop_.date(), loop_.shared.site.constant_headers, length, close_);
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - began_).count();
  const bool quiet = request.route != nullptr && request.route->options.quiet;
  if (!quiet) loop_.count(request.route, response.status, us, response.refusal);
  if (loop_.shared.site.access_log && !quiet) log(response, sends_body ? body.size() : 0, us);
  if (!sends_body || body.size() <= k_body_copied) {
    if (sends_body) out_ += body;
    if (out_.size() < k_out_high && !response.feed) co_return true;  // written before the next read
    const bool flushed = co_await flush();
    co_return flushed;
  }
  phase(Phase::writing, loop_.shared.options.limits.write_ms);
  const std::string_view head = out_;
  const bool written = co_await channel_->write(head, body);
  out_.clear();
  co_return written;
}

// The reader of a live stream says nothing more; when he is gone, his place is free at once and not at the next heartbeat.
Task<void> Connection::watch_reader() {
  const auto self = shared_from_this();
  char byte[64];
  while (true) {
    const std::size_t count = co_await channel_->read(byte, sizeof byte);
    if (count == 0) break;
  }
  reader_gone_ = true;
  ready_.cancel();
}

Task<void> Connection::stream(std::shared_ptr<Feed> feed) {
  streaming_ = true;
  const auto& limits = loop_.shared.options.limits;
  if (loop_.shared.live_gauge) loop_.shared.live_gauge->add(1);
  const auto weak = weak_from_this();
  const auto mailbox = loop_.mailbox;
  const auto signalled = std::make_shared<std::atomic<bool>>(false);
  feed->on_ready([weak, mailbox, signalled] {
    if (signalled->exchange(true)) return;
    const std::lock_guard lock(mailbox->mutex);
    if (!mailbox->context) return;
    asio::post(*mailbox->context, [weak, signalled] {
      signalled->store(false);
      if (const auto connection = weak.lock()) {
        connection->woken_ = true;
        connection->ready_.cancel();
      }
    });
  });
  asio::co_spawn(loop_.context, watch_reader(), asio::detached);
  std::vector<std::shared_ptr<const std::string>> events;
  bool beat = false;
  while (!reader_gone_) {
    woken_ = false;
    events.clear();
    const bool more = feed->take(events);
    for (const auto& event : events) out_ += *event;
    if (events.empty() && beat) out_ += ":\n\n";
    const bool stopping = loop_.shared.draining;
    if (stopping) out_ += "event: closing\nretry: 2000\ndata: {}\n\n";
    if (!out_.empty()) {
      const bool flushed = co_await flush();
      if (!flushed) break;
    }
    if (!more || stopping) break;
    phase(Phase::live, -1);
    if (woken_ || reader_gone_) continue;
    error_code ec;
    ready_.expires_after(std::chrono::milliseconds(limits.heartbeat_ms));
    auto token = asio::redirect_error(as_task, ec);
    co_await ready_.async_wait(token);
    beat = !ec;
  }
  const std::function<void()> nobody;
  feed->on_ready(nobody);
  if (loop_.shared.live_gauge) loop_.shared.live_gauge->add(-1);
  out_.clear();
  channel_->cancel();
  const bool done = co_await finish();
  (void)done;
}

// No address, no query, no cookie, no path: the route's pattern names what was asked without naming whom it is about.
void Connection::log(const Response& response, std::size_t bytes, std::int64_t us) {
  const auto& request = reader_.request();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto time = base::format_utc({std::chrono::duration_cast<std::chrono::milliseconds>(now).count()});
  std::string line = "{\"time\":\"";
  line += loop_.shared.options.exact_log_time ? time : time.substr(0, 16) + "Z";
  line += "\",\"id\":\"" + request.id + "\",\"method\":\"";
  line += method_name(request.method);
  line += "\",\"route\":\"" + (request.route ? request.route->pattern : std::string("(none)")) + "\",\"status\":";
  line += std::to_string(response.status) + ",\"bytes\":" + std::to_string(bytes) + ",\"us\":" + std::to_string(us);
  if (!response.refusal.empty()) {
    line += ",\"code\":";
    base::append_json_string(line, response.refusal);
  }
  line += "}\n";
  loop_.shared.site.access_log(line);
}

}  // namespace landglass::web
