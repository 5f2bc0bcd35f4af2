#include "web/witnesses.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "web/reader_tiles.hpp"
#include "web/witness_exchange.hpp"

namespace landglass::web {
namespace {

using base::Result;
using base::Status;
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::int64_t k_outage_ms = 5'000;

std::int64_t ms_since(Steady::time_point then) {
  return std::chrono::duration_cast<milliseconds>(Steady::now() - then).count();
}

std::string url_of(const log::TrustedWitness& witness) {
  return witness.url + (witness.url.ends_with('/') ? "" : "/") + "add-checkpoint";
}

// One checkpoint that all are asked for.
struct Round {
  std::uint64_t number = 0;
  std::shared_ptr<const engine::Head> head;
  std::optional<Steady::time_point> oldest;  // when the oldest leaf that it is to witness became durable
  Steady::time_point began;
  std::map<std::string, log::NoteSignature> signatures;  // by name in the policy
  bool quorum = false;
};

class WitnessRounds final : public Witnesses {
 public:
  WitnessRounds(WitnessSettings settings, log::Policy policy, engine::Engine& engine, store::Store& store,
                base::Clock& clock, Metrics* metrics)
      : settings_(std::move(settings)),
        policy_(std::move(policy)),
        policy_text_("log " + engine.verifier_key() + "\n" + settings_.policy),
        engine_(engine),
        store_(store),
        clock_(clock),
        metrics_(metrics) {}

  ~WitnessRounds() override {
    {
      const std::scoped_lock lock(shared_->mutex);
      shared_->owner = nullptr;
    }
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  Status begin() {
    LG_CHECK(take_up());
    count();
    if (settings_.require == Require::none) let_write();
    // The engine keeps its listeners for ever, so this one asks whether we are still there.
    engine_.listen([shared = shared_](const std::vector<engine::Published>&) {
      const std::scoped_lock lock(shared->mutex);
      if (shared->owner != nullptr) shared->owner->grew();
    });
    for (std::size_t i = 0; i < asked_.size(); ++i) threads_.emplace_back([this, i] { work(asked_[i]); });
    return base::Done{};
  }

  std::shared_ptr<const WitnessedHead> witnessed() const override {
    const std::scoped_lock lock(mutex_);
    return witnessed_;
  }
  std::vector<WitnessStanding> standings() const override {
    const std::scoped_lock lock(mutex_);
    std::vector<WitnessStanding> out;
    for (const auto& one : asked_) out.push_back(one.standing);
    return out;
  }
  std::int64_t lag_ms() const override {
    const std::scoped_lock lock(mutex_);
    return lag();
  }
  std::optional<base::Time> outage() const override {
    const std::scoped_lock lock(mutex_);
    const auto behind = witnessed_ == nullptr ? ms_since(began_) : std::max(lag(), stale());
    if (behind < k_outage_ms) return std::nullopt;
    return clock_.now() + -behind;
  }
  std::string policy_text() const override { return policy_text_; }
  std::int64_t clock_off_ms() const override {
    const std::scoped_lock lock(mutex_);
    if (!policy_.wants_witnesses()) return 0;
    for (const int sign : {1, -1}) {
      std::vector<std::string> names;
      std::int64_t least = 0;
      for (const auto& one : asked_) {
        const auto off = one.clock_off_ms * sign;
        if (off <= 0 || !one.answered || ms_since(*one.answered) > 3 * settings_.refresh_ms) continue;
        names.push_back(one.standing.name);
        least = least == 0 ? off : std::min(least, off);
      }
      if (!names.empty() && policy_.quorum_of(names)) return least * sign;
    }
    return 0;
  }

 private:
  struct Asked {
    explicit Asked(const log::TrustedWitness& one) : exchange(one), url(url_of(one)) { standing.name = one.name; }
    WitnessExchange exchange;
    std::string url;
    WitnessStanding standing;
    std::uint64_t round = 0;  // the last one that it cosigned
    bool busy = false;
    int failures = 0;
    Steady::time_point not_before;
    std::optional<Steady::time_point> answered;
    std::int64_t clock_off_ms = 0;
    Counter* errors = nullptr;
  };
  struct Shared {
    std::mutex mutex;
    WitnessRounds* owner = nullptr;
  };

  // The checkpoint that was last witnessed before this start, where it is of this tree and the policy of today holds it.
  Status take_up() {
    shared_->owner = this;
    began_ = Steady::now();
    for (const auto& one : policy_.witnesses()) asked_.emplace_back(one);
    oldest_ = began_;
    LG_TRY(const auto reader, store_.reader(store::Sight::open));
    LG_TRY(const auto held, reader->meta("open/witnessed"));
    if (!held) return base::Done{};
    const auto note = log::parse_checkpoint(base::as_text(*held));
    const auto head = engine_.head(log::Tree::open);
    if (!note || note->head.size > head->size) return base::Done{};
    const auto judged = policy_.judge(*note);
    if (!judged.quorum) return base::Done{};
    ReaderTiles tiles(*reader);
    LG_TRY(const auto root, head->frontier.root_of(note->head.size, &tiles));
    if (root != note->head.root || note->head.size != head->size) {
      // Of a size that is no longer the newest, proofs are made anew in the first round; what was final stays so.
      if (root == note->head.root) engine_.witnessed(note->head.size, note->format());
      return base::Done{};
    }
    auto cosigned = std::make_shared<engine::Head>(*head);
    cosigned->checkpoint = note->format();
    witnessed_ = std::make_shared<WitnessedHead>(
        WitnessedHead{std::move(cosigned), judged.witnesses, judged.latest.value_or(clock_.now())});
    witnessed_when_ = Steady::now();
    oldest_.reset();
    engine_.witnessed(note->head.size, note->format());
    return base::Done{};
  }

  void count() {
    if (metrics_ == nullptr) return;
    seconds_ = &metrics_->histogram("landglass_witness_seconds", "From a leaf's commit to a quorum of cosignatures");
    auto& lag_gauge = metrics_->gauge("landglass_witness_lag_ms", "Age of the oldest leaf that is not witnessed");
    auto& size = metrics_->gauge("landglass_witnessed_size", "Leaves that a quorum of witnesses has cosigned");
    auto& fault = metrics_->gauge("landglass_history_fault", "1: a witness has seen another history, nothing is written");
    std::vector<std::pair<Gauge*, Gauge*>> each;
    for (auto& one : asked_) {
      const Labels labels{{"witness", one.standing.name}};
      one.errors =
          &metrics_->counter("landglass_witness_errors_total", "Requests to a witness that brought nothing", labels);
      each.emplace_back(&metrics_->gauge("landglass_witness_size", "Leaves that a witness has last cosigned", labels),
                        &metrics_->gauge("landglass_witness_up", "1: its last answer was a cosignature", labels));
    }
    metrics_->on_collect([shared = shared_, &lag_gauge, &size, &fault, each] {
      const std::scoped_lock lock(shared->mutex);
      const auto* self = shared->owner;
      if (self == nullptr) return;
      const std::scoped_lock inner(self->mutex_);
      lag_gauge.set(self->lag());
      size.set(self->witnessed_ ? static_cast<std::int64_t>(self->witnessed_->head->size) : 0);
      fault.set(self->faulted_ ? 1 : 0);
      for (std::size_t i = 0; i < each.size(); ++i) {
        each[i].first->set(static_cast<std::int64_t>(self->asked_[i].standing.size));
        each[i].second->set(self->asked_[i].answered && self->asked_[i].standing.trouble.empty() ? 1 : 0);
      }
    });
  }

  // -- under mutex_ --
  std::int64_t lag() const { return oldest_ ? ms_since(*oldest_) : 0; }
  // How long a log that stands still has gone without a fresh cosignature, past the time when one was due.
  std::int64_t stale() const { return std::max<std::int64_t>(0, ms_since(witnessed_when_) - settings_.refresh_ms); }
  bool anyone_busy() const {
    return std::any_of(asked_.begin(), asked_.end(), [](const auto& one) { return one.busy; });
  }
  // A new round may begin once the last one has its quorum, or nobody is at work on it: a slow witness is waited for as long
  // as it is needed, and no longer.
  // Without a quorum the others are asked less often: it is somebody else who is missing.
  std::int64_t pause_ms() const {
    return round_.quorum ? settings_.least_ms : std::max<std::int64_t>(settings_.least_ms, 500);
  }
  bool may_begin() const {
    if (round_.head && !round_.quorum && anyone_busy()) return false;
    if (round_.head && ms_since(round_.began) < pause_ms()) return false;
    return !round_.head || grown_ || ms_since(round_.began) >= settings_.refresh_ms;
  }
  void begin_round() {
    grown_ = false;
    round_ = Round{round_.number + 1, engine_.head(log::Tree::open), oldest_, Steady::now(), {}, false};
  }
  Steady::time_point wake_at(const Asked& one) const {
    if (round_.number > one.round) return std::max(one.not_before, Steady::now() + milliseconds(1));
    if (!round_.quorum && anyone_busy()) return Steady::now() + milliseconds(1'000);  // he wakes us
    const auto next = round_.began + milliseconds(grown_ ? pause_ms() : settings_.refresh_ms);
    return std::max(one.not_before, next);
  }

  void grew() {  // on the sequencer's thread
    const std::scoped_lock lock(mutex_);
    if (!oldest_) oldest_ = Steady::now();
    if (std::exchange(grown_, true)) return;
    wake_.notify_all();
  }

  void work(Asked& one) {
    HttpClient client(settings_.limits);
    const WitnessSend send = [&](const std::string& body) -> Result<log::WitnessAnswer> {
      LG_TRY(auto answer, client.post(one.url, body, [this] {
        const std::scoped_lock lock(mutex_);
        return stopping_;
      }));
      return log::WitnessAnswer{answer.status, std::move(answer.content_type), std::move(answer.body)};
    };
    auto reader = store_.reader(store::Sight::open);
    std::optional<ReaderTiles> tiles;
    if (reader) tiles.emplace(**reader);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const bool ready = !faulted_ && Steady::now() >= one.not_before;
      if (ready && may_begin()) {
        begin_round();
        wake_.notify_all();
      }
      if (!ready || one.round >= round_.number) {
        faulted_ ? wake_.wait(lock) : static_cast<void>(wake_.wait_until(lock, wake_at(one)));
        continue;
      }
      const auto number = round_.number;
      const auto head = round_.head;
      one.busy = true;
      lock.unlock();
      const auto end = one.exchange.ask(*head, tiles ? &*tiles : nullptr, send, clock_);
      lock.lock();
      one.busy = false;
      if (stopping_) break;
      answered(one, number, end);
      wake_.notify_all();
    }
  }

  void answered(Asked& one, std::uint64_t number, const ExchangeEnd& end) {
    using Kind = ExchangeEnd::Kind;
    one.answered = Steady::now();
    one.standing.size = one.exchange.size();
    if (end.kind == Kind::cosigned) {
      one.round = number;
      one.failures = 0;
      one.standing.seen = clock_.now();
      one.standing.trouble.clear();
      one.clock_off_ms = end.clock_off_ms;
      if (std::find(confirmed_.begin(), confirmed_.end(), one.standing.name) == confirmed_.end())
        confirmed_.push_back(one.standing.name);
      let_write();
      if (number == round_.number) cosigned(one.standing.name, end.signature);
      return;
    }
    ++one.standing.errors;
    if (one.errors != nullptr) one.errors->add();
    one.standing.trouble = end.why;
    one.not_before = Steady::now() + milliseconds(retry_after_ms(end, ++one.failures));
    if (end.kind == Kind::fork) {
      fault(base::refuse("LOG-02", "见证人见过的是另一份历史，拒绝写入",
                         "a witness has seen another history of this log; it will not write",
                         one.standing.name + ": " + end.why));
    } else if (end.kind == Kind::ahead && end.size > engine_.head(log::Tree::open)->size) {
      fault(base::refuse("LOG-01", "见证人已见过更长的日志：本机所存是旧副本，拒绝写入",
                         "a witness has seen more of this log than is held here: this is an old copy, and it will not write",
                         one.standing.name + ": " + std::to_string(end.size) + " > " + std::to_string(round_.head->size)));
    }
  }

  void fault(base::Refusal why) {
    if (std::exchange(faulted_, true)) return;
    std::fprintf(stderr, "\nlandglass: NOTHING MORE IS WRITTEN 停止写入: %s\n\n", base::explain(base::Trouble(why)).c_str());
    engine_.halt(std::move(why));
  }

  // The guard: what these witnesses have cosigned since the start is all that they had ever seen of this log.
  void let_write() {
    if (released_ || faulted_) return;
    if (settings_.require == Require::quorum && !policy_.quorum_of(confirmed_)) return;
    released_ = true;
    engine_.release();
  }

  void cosigned(const std::string& name, const log::NoteSignature& signature) {
    round_.signatures[name] = signature;
    std::vector<std::string> names;
    for (const auto& each : round_.signatures) names.push_back(each.first);
    if (!policy_.quorum_of(names)) return;
    auto note = log::parse_checkpoint(round_.head->checkpoint);
    LG_ASSERT(note, "our own checkpoint does not parse");
    for (const auto& each : round_.signatures) note->note.signatures.push_back(each.second);
    auto head = std::make_shared<engine::Head>(*round_.head);
    head->checkpoint = note->format();
    engine_.witnessed(head->size, head->checkpoint);
    const auto size = head->size;
    witnessed_ = std::make_shared<WitnessedHead>(WitnessedHead{std::move(head), std::move(names), clock_.now()});
    witnessed_when_ = Steady::now();
    if (std::exchange(round_.quorum, true)) return;  // one more than needed
    if (round_.oldest && seconds_ != nullptr) {
      seconds_->observe_us(std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - *round_.oldest).count());
    }
    // What came while they were asked is as old as this round's beginning, at most.
    oldest_ = engine_.head(log::Tree::open)->size > size ? std::optional(round_.began) : std::nullopt;
  }

  const WitnessSettings settings_;
  const log::Policy policy_;
  const std::string policy_text_;
  engine::Engine& engine_;
  store::Store& store_;
  base::Clock& clock_;
  Metrics* metrics_;
  Histogram* seconds_ = nullptr;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Asked> asked_;
  Round round_;
  std::shared_ptr<const WitnessedHead> witnessed_;
  std::optional<Steady::time_point> oldest_;  // when the oldest leaf became durable that is not witnessed
  Steady::time_point began_;
  Steady::time_point witnessed_when_;
  std::vector<std::string> confirmed_;  // names, once or more often
  bool grown_ = false;
  bool released_ = false;
  bool faulted_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<log::Policy> read_witness_policy(const WitnessSettings& settings, const std::string& log_key) {
  LG_TRY(auto policy, log::Policy::parse("log " + log_key + "\n" + settings.policy));
  for (const auto& witness : policy.witnesses()) {
    const auto checked = check_peer_url(witness.url);
    if (!checked)
      return base::refuse("WIT-02", "见证人没有可用的地址", "the witness has no usable address: https, or http on loopback",
                          witness.name + " " + witness.url);
  }
  if (policy.witnesses().empty()) return base::refuse("WIT-02", "策略中没有见证人", "the policy names no witness");
  return policy;
}

Result<std::unique_ptr<Witnesses>> Witnesses::start(WitnessSettings settings, engine::Engine& engine, store::Store& store,
                                                    base::Clock& clock, Metrics* metrics) {
  LG_TRY(auto policy, read_witness_policy(settings, engine.verifier_key()));
  auto asking = std::make_unique<WitnessRounds>(std::move(settings), std::move(policy), engine, store, clock, metrics);
  LG_CHECK(asking->begin());
  return std::unique_ptr<Witnesses>(std::move(asking));
}

base::Json witnesses_json(const Witnesses& witnesses, std::uint64_t size) {
  base::JsonObject out{{"size", std::to_string(size)}, {"lag_ms", witnesses.lag_ms()}};
  if (const auto held = witnesses.witnessed()) {
    out["witnessed"] = std::to_string(held->head->size);
    out["witnessed_at"] = base::format_utc(held->at);
  }
  if (const auto since = witnesses.outage()) out["outage_since"] = base::format_utc(*since);
  base::JsonArray list;
  for (const auto& one : witnesses.standings()) {
    base::JsonObject item{{"name", one.name}, {"size", std::to_string(one.size)}, {"up", one.seen && one.trouble.empty()}};
    if (one.seen) item["seen"] = base::format_utc(*one.seen);
    if (!one.trouble.empty()) item["trouble"] = one.trouble;
    list.push_back(std::move(item));
  }
  out["witnesses"] = std::move(list);
  return out;
}

}  // namespace landglass::web
