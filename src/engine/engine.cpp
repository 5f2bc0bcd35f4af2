// The queue, the batch and its seal.
#include "engine/engine.hpp"

#include <algorithm>
#include <chrono>
#include <future>

#include "engine/engine_keys.hpp"
#include "engine/engine_upkeep.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Decided;
using log::Tree;

constexpr auto k_note_waits = std::chrono::seconds(1);  // a cosigned checkpoint, for a batch that takes it along

}  // namespace

Engine::Engine(Options options, store::Store& store, institution::Pack& pack,
               std::vector<std::shared_ptr<institution::Behaviour>> behaviours, base::Clock& clock, base::Random& random,
               log::Signer signer)
    : options_(std::move(options)),
      store_(store),
      pack_(pack),
      clock_(clock),
      random_(random),
      signer_(std::move(signer)),
      cache_(store, pack, options_.cached_records),
      registry_(std::make_unique<institution::Registry>(pack, cache_, std::move(behaviours))),
      upkeep_(std::make_unique<Upkeep>()) {
  cache_.serve(*registry_);
  registry_->demand(options_.signing);
  lanes_[0].origin = options_.origin;
  lanes_[1].origin = options_.origin + "/sealed";
  if (options_.held) {
    halt_ = base::refuse("LOG-03", "正在向见证人核对历史，暂不写入",
                         "the witnesses are being asked first: nothing is written yet");
  }
}

Engine::~Engine() { stop(); }

Result<std::unique_ptr<Engine>> Engine::start(Options options, store::Store& store, institution::Pack& pack,
                                              std::vector<std::shared_ptr<institution::Behaviour>> behaviours,
                                              base::Clock& clock, base::Random& random, log::Signer signer) {
  std::unique_ptr<Engine> engine(
      new Engine(std::move(options), store, pack, std::move(behaviours), clock, random, std::move(signer)));
  LG_CHECK(engine->restore());
  if (engine->options_.threaded) {
    engine->ender_ = std::thread([raw = engine.get()] { raw->end_batches(); });
    engine->thread_ = std::thread([raw = engine.get()] { raw->run(); });
  }
  return engine;
}

std::shared_ptr<const Head> Engine::head(Tree tree) const {
  const std::scoped_lock lock(head_mutex_);
  return lanes_[static_cast<int>(tree)].head;
}

void Engine::listen(Listener listener) {
  inspect([&](institution::Registry&, Cache&) { listeners_.push_back(std::move(listener)); });
}

void Engine::submit(Command command, Reply reply) {
  std::optional<base::Refusal> no;
  auto digest = digest_of(command);
  {
    std::unique_lock lock(mutex_);
    no = halt_;
    if (!no && !stopping_ && queue_.size() < options_.queue_limit) {
      queue_.push_back({std::move(command), std::move(reply), std::move(digest), {}, {}});
      gauges_.queue.store(queue_.size(), std::memory_order_relaxed);
      const bool enough = queue_.size() == wanted_;
      lock.unlock();  // to wake somebody takes a while, and others come
      if (enough) wake_.notify_one();
      return;
    }
  }
  if (no) return reply(std::move(*no));
  reply(base::fail("ENG-02 the queue is full: try again shortly", true));
}

Result<Answer> Engine::call(Command command) {
  std::promise<Result<Answer>> promise;
  auto answer = promise.get_future();
  submit(std::move(command), [&promise](Result<Answer> result) { promise.set_value(std::move(result)); });
  if (!options_.threaded) {
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) step();
  }
  return answer.get();
}

void Engine::inspect(std::function<void(institution::Registry&, Cache&)> look) {
  if (!options_.threaded) return look(*registry_, cache_);
  std::promise<void> done;
  {
    const std::scoped_lock lock(mutex_);
    LG_ASSERT(!stopping_ || thread_.joinable(), "inspect of a stopped engine");
    looks_.emplace_back([&](institution::Registry& registry, Cache& cache) {
      look(registry, cache);
      done.set_value();
    });
    wake_.notify_one();
  }
  done.get_future().wait();
}

void Engine::witnessed(std::uint64_t open_size, std::string note) {
  const std::scoped_lock lock(mutex_);
  if (open_size < witnessed_size_) return;
  witnessed_size_ = open_size;
  gauges_.witnessed.store(witnessed_size_, std::memory_order_relaxed);
  if (witnessed_note_.empty()) note_since_ = std::chrono::steady_clock::now();
  witnessed_note_ = std::move(note);
  wake_.notify_one();  // something final may have waited for it
}

void Engine::halt(base::Refusal why) {
  const std::scoped_lock lock(mutex_);
  halt_ = std::move(why);
  final_halt_ = true;
  wake_.notify_one();
}

void Engine::release() {
  const std::scoped_lock lock(mutex_);
  if (!final_halt_) halt_.reset();
  wake_.notify_one();
}

std::optional<base::Refusal> Engine::halted() const {
  const std::scoped_lock lock(mutex_);
  return halt_;
}

void Engine::doubt_clock(std::optional<base::Refusal> why) {
  const std::scoped_lock lock(mutex_);
  doubt_ = std::move(why);
  wake_.notify_one();
}

bool Engine::counts_seconds(const Command& command) {
  if (command.record.empty()) return false;
  const auto found = cache_.find(command.record);
  if (!found || *found == nullptr) return false;
  const auto& record = **found;
  const auto* in = pack_.by_hash(record.file);
  if (in == nullptr || !in->behaviour.starts_with(options_.timed)) return false;
  const auto* state = in->main.find(record.state);
  return state != nullptr && !state->phase.empty();
}

// The cosigned checkpoint that waits to be kept, or nothing.
std::string Engine::take_note() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(witnessed_note_, {});
}

void Engine::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  {
    const std::scoped_lock lock(mutex_);
    ended_all_ = true;
    ended_.notify_all();
  }
  if (ender_.joinable()) ender_.join();
}

std::optional<base::Time> Engine::next_due() {
  const auto now = clock_.now();
  if (!due_known_ || (next_due_ && *next_due_ <= now && due_asked_ < *next_due_)) {
    auto due = cache_.next_due(now);
    due_asked_ = now;
    LG_ASSERT(due, "the timers do not read");
    next_due_ = *due;
    due_known_ = true;
    gauges_.next_due_ms.store(next_due_ ? next_due_->ms : 0, std::memory_order_relaxed);
  }
  return next_due_;
}

void Engine::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (queue_.empty() && looks_.empty() && to_tell_.empty() && !stopping_ &&
          (halt_ || !(upkeep_waits() || outbox_ready() || (!outbox_.empty() && sure_size_ != witnessed_size_)))) {
        const auto due = halt_ || doubt_ ? std::nullopt : next_due();
        auto wait_ms = std::max<std::int64_t>(0, std::min<std::int64_t>(next_anchor_ - clock_.now(), 1'000));
        if (halt_) wait_ms = 1'000;
        if (due) wait_ms = std::clamp<std::int64_t>(*due - clock_.now(), 0, wait_ms);
        if (wait_ms > 0) wake_.wait_for(lock, std::chrono::milliseconds(wait_ms));
      }
      if (stopping_ && queue_.empty() && looks_.empty()) break;
    }
    step();
  }
  drain();
  if (const std::scoped_lock lock(mutex_); witnessed_note_.empty()) return;
  step();  // keeps it
  drain();
}

bool Engine::step() {
  std::vector<Waiting> waiting;
  std::deque<std::function<void(institution::Registry&, Cache&)>> looks;
  std::optional<base::Refusal> no;
  bool note_waits = false;
  {
    const std::scoped_lock lock(mutex_);
    plan_batch();
    waiting = take(most_at_once_);
    looks.swap(looks_);
    sure_size_ = witnessed_size_;
    cache_.set_witnessed(sure_size_, options_.witnesses);
    no = halt_;
    doubt_now_ = doubt_;
    note_waits = !witnessed_note_.empty() && (stopping_ || std::chrono::steady_clock::now() - note_since_ >= k_note_waits);
  }
  if (tell()) {
    const std::scoped_lock lock(mutex_);
    no = halt_;  // a listener may have ended all writing
  }
  if (!looks.empty()) drain();  // nobody sees what might be lost
  for (auto& look : looks) look(*registry_, cache_);
  if (no) {
    drain();  // in the order in which they came
    for (auto& one : waiting) one.reply(*no);
    return !looks.empty() || !waiting.empty();
  }
  const auto now = clock_.now();
  const auto due = next_due();
  const bool timely =
      (due && *due <= now && !doubt_now_) || now >= next_anchor_ || outbox_ready() || note_waits || upkeep_waits();
  if (waiting.empty() && !timely) return !looks.empty();
  batch(std::move(waiting));
  return true;
}

void Engine::batch(std::vector<Waiting> waiting) {
  now_ = std::max(now_, clock_.now());
  const auto must = [](const Status& status, const char* what) {
    if (!status) base::bug(std::string(what) + ": " + base::explain(status.trouble()), __FILE__, __LINE__);
  };
  if (upkeep_waits()) {
    drain();
    must(keep_up(), "what a leaf asked of the house could not be done");
    due_known_ = false;
  }
  consider(waiting);
  // A store that cannot begin has lost nothing: say so to all who wait. Past this point an error is an unknown outcome.
  if (const auto begun = store_.begin(); !begun) {
    // But one that has stopped after an error of the disk takes no batch until it is opened anew: so the process ends, and a
    // restart recovers, instead of answering 503 for ever.
    if (begun.failed() && !begun.failure().retryable)
      base::bug("the store takes no batch: " + base::explain(begun.trouble()), __FILE__, __LINE__);
    drain();
    for (auto& one : waiting) one.reply(begun.trouble());
    return;
  }
  auto since = std::chrono::steady_clock::now();
  std::chrono::duration<double, std::micro> took{};
  in_batch_ = true;
  const bool asked = !waiting.empty();
  quiet_batches_ = asked ? 0 : quiet_batches_ + 1;
  const auto due = next_due();
  if (!doubt_now_ && due && *due <= now_) must(fire_due(now_), "a timer could not be carried out");
  must(drain_outbox(), "a follow-up could not be carried out");
  anchor_if_due();
  Ending ending;
  auto& told = ending.told;
  while (!waiting.empty()) {
    for (auto& one : waiting) told.push_back(decide(std::move(one)));
    took += std::chrono::steady_clock::now() - since;
    waiting = come(told.size());
    since = std::chrono::steady_clock::now();
  }
  gauges_.last_batch.store(told.size(), std::memory_order_relaxed);
  must(seal_batch(ending), "the batch could not be made durable");
  // A store that stopped while it was asked answers nobody: as where it takes no batch, the process ends and a restart
  // recovers.
  if (std::any_of(told.begin(), told.end(), [](const Told& one) { return one.answer.failed(); })) {
    const auto begun = store_.begin();
    if (begun.failed() && !begun.failure().retryable)
      base::bug("the store has stopped: " + base::explain(begun.trouble()), __FILE__, __LINE__);
    if (begun) store_.roll_back();
  }
  took += std::chrono::steady_clock::now() - since;
  if (asked) decide_us_ = took.count() / static_cast<double>(told.size());
  hand_over(std::move(ending));
  cache_.trim();
}

Engine::Told Engine::decide(Waiting one) {
  auto known = already(one.command, one.digest);
  if (!known) return {std::move(one.reply), known.trouble()};
  if (*known) return {std::move(one.reply), std::move(**known)};
  const auto refused = [&](base::Trouble trouble) -> Told {
    gauges_.refusals.fetch_add(1, std::memory_order_relaxed);
    return {std::move(one.reply), std::move(trouble)};
  };
  if (doubt_now_ && counts_seconds(one.command)) return refused(*doubt_now_);
  if (one.trouble) return refused(std::move(*one.trouble));
  auto decided = options_.published  ? registry_->decide_published(one.command, now_)
                 : one.found.empty() ? registry_->decide(one.command, now_)
                                     : decide_with(one);
  if (!decided) return refused(decided.trouble());
  auto answer = append(one.command, *std::move(decided), std::move(one.digest));
  if (!answer) return refused(answer.trouble());
  return {std::move(one.reply), std::move(answer)};
}

Result<Decided> Engine::decide_with(const Waiting& one) {
  auto command = one.command;
  for (const auto& [name, value] : one.found) command.fields[name] = value;
  return registry_->decide(command, now_);
}

Status Engine::seal_batch(Ending& ending) {
  LG_CHECK(cache_.write_back());
  const bool grew = lanes_[0].grew || lanes_[1].grew;
  const bool orders = outbox_changed_ || outbox_done_ != kept_done_;
  if (orders) LG_CHECK(write_outbox());
  const auto note = take_note();
  const bool kept_up = upkeep_->changed;
  LG_CHECK(write_upkeep());
  if (!grew && !orders && !kept_up && note.empty()) {
    store_.roll_back();  // nothing was written: refusals cost no commit
    in_batch_ = false;
    return base::Done{};
  }
  // The time of the last leaf, so that a rebuild finds the same: who was refused after it came later.
  if (grew) LG_CHECK(store_.put_meta(k_last_time, base::as_bytes(base::format_utc(last_time_))));
  // A checkpoint is a function of tree and key, so the one that was given out last is kept with the next batch and needs no
  // commit of its own; a crash in between signs the same bytes again.
  LG_CHECK(store_.put_meta("open/checkpoint", base::as_bytes(head(Tree::open)->checkpoint)));
  if (!note.empty()) LG_CHECK(store_.put_meta("open/witnessed", base::as_bytes(note)));
  LG_TRY(ending.last, store_.hand_over());
  in_batch_ = false;
  due_known_ = false;
  if (grew) empty_ = false;
  for (const auto tree : {Tree::open, Tree::sealed}) {
    auto& lane = lanes_[static_cast<int>(tree)];
    if (std::exchange(lane.grew, false)) ending.grown[static_cast<int>(tree)] = lane.frontier;
  }
  ending.events = std::exchange(published_, {});
  for (auto& event : ending.events) {
    if (event.tree == Tree::open) event.doc = cache_.published(event.record);
  }
  return base::Done{};
}

}  // namespace landglass::engine
