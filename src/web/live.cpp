#include "web/live.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "web/problem.hpp"

namespace landglass::web {
namespace {

using Instant = std::chrono::steady_clock::time_point;
using Buffer = std::shared_ptr<const std::string>;

class Follower final : public Feed {
 public:
  Follower(std::size_t lag, std::shared_ptr<std::atomic<std::size_t>> count) : lag_(lag), count_(std::move(count)) {}
  ~Follower() override { count_->fetch_sub(1); }

  // False: he was too slow, and is dropped.
  bool push(const Buffer& event) {
    const std::lock_guard lock(mutex_);
    if (ended_) return true;
    const bool fits = waiting_.size() < lag_;
    if (fits) {
      waiting_.push_back(event);
    } else {
      waiting_.clear();
      ended_ = true;
    }
    if (wake_) wake_();
    return fits;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (wake_) wake_();
  }
  bool take(std::vector<Buffer>& out) override {
    const std::lock_guard lock(mutex_);
    for (auto& event : waiting_) out.push_back(std::move(event));
    waiting_.clear();
    return !ended_;
  }
  void on_ready(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    if (wake_ && (!waiting_.empty() || ended_)) wake_();
  }

 private:
  const std::size_t lag_;
  std::shared_ptr<std::atomic<std::size_t>> count_;
  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<Buffer> waiting_;
  bool ended_ = false;
};

struct Kept {
  std::uint64_t number;
  Buffer bytes;
};

struct Topic {
  std::uint64_t number = 0;
  std::deque<Kept> ring;
  Buffer latest;                         // the last state sent
  std::function<std::string()> waiting;  // a state that is not sent yet
  bool ending = false;
  std::vector<std::pair<std::string, std::string>> events;  // name, data: sent at once
  Instant last_state{};
  Instant touched{};
  std::vector<std::weak_ptr<Follower>> followers;
};

}  // namespace

struct Live::Hub {
  LiveOptions options;
  std::string boot;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, Topic, std::less<>> topics;
  std::map<std::string, Instant, std::less<>> due;  // topics with something to send, and when
  std::shared_ptr<std::atomic<std::size_t>> count = std::make_shared<std::atomic<std::size_t>>(0);
  bool stopping = false;
  Counter* sent = nullptr;
  Counter* dropped = nullptr;
  std::thread thread;

  Topic* topic(std::string_view name) {
    auto found = topics.find(name);
    if (found != topics.end()) return &found->second;
    if (topics.size() >= options.topics) forget_idle();
    if (topics.size() >= options.topics) return nullptr;
    return &topics[std::string(name)];
  }

  void forget_idle() {
    for (auto at = topics.begin(); at != topics.end();) {
      std::erase_if(at->second.followers, [](const auto& one) { return one.expired(); });
      const bool idle = at->second.followers.empty() && !due.count(at->first);
      at = idle ? topics.erase(at) : std::next(at);
    }
  }

  void schedule(std::string_view name, Instant when) {
    const auto found = due.find(name);
    if (found == due.end())
      due.emplace(std::string(name), when);
    else if (when < found->second)
      found->second = when;
    else
      return;
    changed.notify_one();
  }

  Buffer keep(Topic& topic, std::string_view name, std::string_view data) {
    auto bytes = std::make_shared<std::string>();
    *bytes += "id: " + boot + "-" + std::to_string(++topic.number) + "\nevent: ";
    for (const char c : name)
      if (c != '\n' && c != '\r') bytes->push_back(c);
    *bytes += "\ndata: ";
    for (const char c : data) {
      if (c == '\r') continue;
      bytes->push_back(c);
      if (c == '\n') *bytes += "data: ";
    }
    *bytes += "\n\n";
    topic.ring.push_back({topic.number, bytes});
    if (topic.ring.size() > options.ring) topic.ring.pop_front();
    return bytes;
  }

  // What of a topic may leave now; says when the rest may.
  std::vector<Buffer> collect(Topic& topic, Instant now, std::optional<Instant>& later) {
    std::vector<Buffer> out;
    const auto gap = std::chrono::milliseconds(options.gap_ms);
    const bool hurry = !topic.events.empty() || topic.ending;
    if (topic.waiting && (hurry || now >= topic.last_state + gap)) {
      topic.latest = keep(topic, "state", topic.waiting());
      out.push_back(topic.latest);
      topic.waiting = nullptr;
      topic.last_state = now;
    } else if (topic.waiting) {
      later = topic.last_state + gap;
    }
    for (const auto& [name, data] : topic.events) out.push_back(keep(topic, name, data));
    topic.events.clear();
    return out;
  }

  void loop() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      if (due.empty()) {
        changed.wait(lock);
        continue;
      }
      auto next = due.begin();
      for (auto at = due.begin(); at != due.end(); ++at)
        if (at->second < next->second) next = at;
      const auto now = std::chrono::steady_clock::now();
      if (next->second > now) {
        const auto when = next->second;
        changed.wait_until(lock, when);
        continue;
      }
      const std::string name = next->first;
      due.erase(next);
      auto& topic = topics[name];
      std::optional<Instant> later;
      const auto out = collect(topic, now, later);
      if (later) due.emplace(name, *later);
      std::vector<std::shared_ptr<Follower>> followers;
      followers.reserve(topic.followers.size());
      std::erase_if(topic.followers, [&](const auto& weak) {
        auto one = weak.lock();
        if (!one) return true;
        followers.push_back(std::move(one));
        return false;
      });
      const bool ending = topic.ending;
      if (ending) {
        topics.erase(name);
        due.erase(name);
      }
      lock.unlock();
      for (const auto& follower : followers) {
        for (const auto& event : out)
          if (!follower->push(event)) {
            if (dropped) dropped->add();
            break;
          }
        if (ending) follower->end();
      }
      if (sent) sent->add(out.size() * followers.size());
      followers.clear();
      lock.lock();
    }
  }
};

Live::Live(LiveOptions options, Metrics* metrics) : hub_(std::make_shared<Hub>()) {
  hub_->options = options;
  base::SystemRandom random;
  std::array<std::uint8_t, 4> boot{};
  random.fill(boot.data(), boot.size());
  hub_->boot = base::to_hex(boot);
  if (metrics) {
    hub_->sent = &metrics->counter("landglass_live_sent_total", "Events handed to followers");
    hub_->dropped = &metrics->counter("landglass_live_dropped_total", "Followers dropped because they were too slow");
  }
  hub_->thread = std::thread([hub = hub_.get()] { hub->loop(); });
}

Live::~Live() {
  {
    const std::lock_guard lock(hub_->mutex);
    hub_->stopping = true;
  }
  hub_->changed.notify_one();
  hub_->thread.join();
  for (auto& [name, topic] : hub_->topics)
    for (auto& weak : topic.followers)
      if (const auto one = weak.lock()) one->end();
}

void Live::state(std::string_view name, std::string data) {
  state(name, std::function<std::string()>([held = std::move(data)] { return held; }));
}

void Live::state(std::string_view name, std::function<std::string()> make) {
  const std::lock_guard lock(hub_->mutex);
  auto* topic = hub_->topic(name);
  if (!topic) return;
  topic->waiting = std::move(make);
  const auto now = std::chrono::steady_clock::now();
  hub_->schedule(name, std::max(now, topic->last_state + std::chrono::milliseconds(hub_->options.gap_ms)));
}

void Live::event(std::string_view name, std::string_view kind, std::string data) {
  const std::lock_guard lock(hub_->mutex);
  auto* topic = hub_->topic(name);
  if (!topic) return;
  topic->events.emplace_back(std::string(kind), std::move(data));
  hub_->schedule(name, std::chrono::steady_clock::now());
}

void Live::end(std::string_view name) {
  const std::lock_guard lock(hub_->mutex);
  const auto found = hub_->topics.find(name);
  if (found == hub_->topics.end()) return;
  found->second.ending = true;
  hub_->schedule(name, std::chrono::steady_clock::now());
}

base::Result<std::shared_ptr<Feed>> Live::follow(std::string_view name, std::string_view last_event_id) {
  auto& hub = *hub_;
  const std::lock_guard lock(hub.mutex);
  const auto full =
      base::refuse("HTTP-LIVE-FULL", "实时通道已满，请稍后重试", "too many live streams, please try again later");
  if (hub.count->load() >= hub.options.followers) return full;
  auto* topic = hub.topic(name);
  if (!topic) return full;
  hub.count->fetch_add(1);
  auto follower = std::make_shared<Follower>(hub.options.lag, hub.count);

  std::uint64_t seen = 0;
  const bool ours = last_event_id.size() > 9 && last_event_id.substr(0, 8) == hub.boot && last_event_id[8] == '-';
  bool resumes = false;
  if (ours) {
    const auto* end = last_event_id.data() + last_event_id.size();
    const auto parsed = std::from_chars(last_event_id.data() + 9, end, seen);
    const auto oldest = topic->ring.empty() ? topic->number + 1 : topic->ring.front().number;
    resumes = parsed.ec == std::errc() && parsed.ptr == end && seen <= topic->number && seen + 1 >= oldest;
  }
  if (resumes) {
    for (const auto& kept : topic->ring)
      if (kept.number > seen) follower->push(kept.bytes);
  } else if (topic->latest) {
    follower->push(topic->latest);
  }
  topic->followers.push_back(follower);
  return std::shared_ptr<Feed>(std::move(follower));
}

std::size_t Live::followers() const { return hub_->count->load(); }

Response follow(Live& live, std::string_view topic, const Request& request) {
  auto feed = live.follow(topic, request.headers.get("last-event-id"));
  if (!feed) return problem(feed.trouble(), request);
  Response response;
  response.feed = *std::move(feed);
  return response;
}

}  // namespace landglass::web
