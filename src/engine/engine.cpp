#include "engine/engine.hpp"

#include <algorithm>
#include <chrono>
#include <future>

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Decided;
using log::Tree;

constexpr std::string_view k_outbox = "sealed/outbox";
constexpr std::string_view k_in_force = "in-force";
constexpr std::string_view k_last_time = "projection/last-time";

std::string digest_of(const Command& command) {
  const Json body(JsonObject{{"institution", command.institution},
                             {"record", command.record},
                             {"action", command.action},
                             {"actor", command.actor},
                             {"fields", command.fields}});
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(body))));
}

std::string derived_id(std::string_view kind, std::string_view a, std::string_view b) {
  const Json source(JsonArray{kind, a, b});
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(source)))).substr(0, 32);
}

// Full tiles and leaves as the store keeps them; partial tiles are made from leaves.
class StoredTiles final : public log::TileSource {
 public:
  StoredTiles(store::Store& store, Tree tree) : store_(store), tree_(tree) {}
  Result<base::Bytes> tile(const log::TileName& name) override {
    LG_TRY(auto held, store_.tile(tree_, name.level, name.index));
    if (!held) return base::fail("a full tile is not in the store: " + log::tile_path(name));
    return std::move(*held);
  }

 private:
  store::Store& store_;
  Tree tree_;
};
class StoredLeaves final : public log::LeafSource {
 public:
  StoredLeaves(store::Store& store, Tree tree) : store_(store), tree_(tree) {}
  Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override {
    return store_.leaves(tree_, from, count);
  }

 private:
  store::Store& store_;
  Tree tree_;
};

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
      registry_(std::make_unique<institution::Registry>(pack, cache_, std::move(behaviours))) {
  cache_.serve(*registry_);
  lanes_[0].origin = options_.origin;
  lanes_[1].origin = options_.origin + "/sealed";
}

Engine::~Engine() { stop(); }

Result<std::unique_ptr<Engine>> Engine::start(Options options, store::Store& store, institution::Pack& pack,
                                              std::vector<std::shared_ptr<institution::Behaviour>> behaviours,
                                              base::Clock& clock, base::Random& random, log::Signer signer) {
  std::unique_ptr<Engine> engine(
      new Engine(std::move(options), store, pack, std::move(behaviours), clock, random, std::move(signer)));
  LG_CHECK(engine->restore());
  if (engine->options_.threaded) engine->thread_ = std::thread([raw = engine.get()] { raw->run(); });
  return engine;
}

// The files that were in force when the log began stay so until an act puts others there; a changed file on disk waits.
Status Engine::adopt_institutions() {
  LG_TRY(auto held, store_.meta(k_in_force));
  if (held) {
    LG_TRY(auto json, base::parse_json(base::as_text(*held), base::Profile::any));
    for (const auto& [name, hash] : json.as_object()) {
      if (pack_.by_hash(hash.as_string()) == nullptr) {
        LG_TRY(auto bytes, store_.file(hash.as_string()));
        LG_CHECK(pack_.add_version(name, bytes));
      }
      LG_CHECK(pack_.put_in_force(hash.as_string()));
    }
    return store_.shape(Cache::shapes(pack_));
  }
  JsonObject now;
  for (const auto* in : pack_.all()) {
    LG_TRY(auto kept, store_.keep_file(pack_.bytes(in->hash)));
    if (kept != in->hash) return base::fail("a kept institution has another hash: " + in->name);
    now[in->name] = in->hash;
  }
  LG_CHECK(store_.shape(Cache::shapes(pack_)));
  LG_CHECK(store_.begin());
  LG_CHECK(store_.put_meta(k_in_force, base::as_bytes(base::canonical(Json(now)))));
  LG_CHECK(store_.put_meta("open/origin", base::as_bytes(options_.origin)));
  LG_CHECK(store_.put_meta("open/verifier-key", base::as_bytes(verifier_key())));
  return store_.commit();
}

Status Engine::restore() {
  LG_TRY(auto origin, store_.meta("open/origin"));
  if (origin && base::as_text(*origin) != options_.origin) {
    return base::refuse("ENG-01", "存储属于另一日志", "the store belongs to another log",
                        std::string(base::as_text(*origin)));
  }
  LG_CHECK(adopt_institutions());
  for (const auto tree : {Tree::open, Tree::sealed}) {
    auto& lane = lanes_[static_cast<int>(tree)];
    LG_TRY(auto size, store_.leaf_count(tree));
    StoredTiles full(store_, tree);
    StoredLeaves leaves(store_, tree);
    log::DerivedTiles tiles(leaves, full);
    LG_TRY(lane.frontier, log::Frontier::restore(size, tiles));
    checkpoint(lane);
    if (size > 0) empty_ = false;
  }
  // The checkpoint that was last given out must be of this tree: a backup that lost leaves must not write a second history.
  LG_TRY(auto last, store_.meta("open/checkpoint"));
  if (last) {
    LG_TRY(auto note, log::parse_checkpoint(base::as_text(*last)));
    auto& lane = lanes_[0];
    if (note.head.size > lane.frontier.size())
      return base::fail("the store holds fewer leaves than its last checkpoint says");
    StoredTiles full(store_, Tree::open);
    LG_TRY(auto root, lane.frontier.root_of(note.head.size, &full));
    if (root != note.head.root) return base::fail("the tree is not the one that the last checkpoint was signed for");
  }
  LG_TRY(auto time, store_.meta(k_last_time));
  if (time) now_ = base::parse_time(base::as_text(*time)).value_or(base::Time{});
  LG_TRY(auto outbox, store_.meta(k_outbox));
  if (outbox) {
    LG_TRY(auto json, base::parse_json(base::as_text(*outbox), base::Profile::any));
    for (const auto& one : json.as_array()) {
      outbox_.push_back({std::string(one.text("id")),
                         {std::string(one.text("record")), std::string(one.text("action")), one.at("fields").as_object()}});
    }
  }
  next_anchor_ = base::Time{(clock_.now().ms / options_.anchor_every_ms + 1) * options_.anchor_every_ms};
  return base::Done{};
}

void Engine::checkpoint(Lane& lane) {
  auto head = std::make_shared<Head>();
  head->frontier = lane.frontier;
  head->size = lane.frontier.size();
  head->checkpoint = log::sign_checkpoint({lane.origin, head->size, lane.frontier.root(), {}}, signer_).format();
  const std::scoped_lock lock(head_mutex_);
  lane.head = std::move(head);
  lane.grew = false;
}

std::shared_ptr<const Head> Engine::head(Tree tree) const {
  const std::scoped_lock lock(head_mutex_);
  return lanes_[static_cast<int>(tree)].head;
}

void Engine::listen(Listener listener) {
  inspect([&](institution::Registry&, Cache&) { listeners_.push_back(std::move(listener)); });
}

void Engine::submit(Command command, Reply reply) {
  {
    const std::scoped_lock lock(mutex_);
    if (!stopping_ && queue_.size() < options_.queue_limit) {
      queue_.push_back({std::move(command), std::move(reply)});
      gauges_.queue.store(queue_.size(), std::memory_order_relaxed);
      if (queue_.size() == 1) wake_.notify_one();
      return;
    }
  }
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

void Engine::witnessed(std::uint64_t open_size) {
  const std::scoped_lock lock(mutex_);
  witnessed_size_ = std::max(witnessed_size_, open_size);
}

void Engine::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::optional<base::Time> Engine::next_due() {
  if (!due_known_) {
    auto due = store_.next_due();
    LG_ASSERT(due, "the timers do not read");
    next_due_ = *due;
    due_known_ = true;
  }
  return next_due_;
}

void Engine::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (queue_.empty() && looks_.empty() && !stopping_ && outbox_.empty()) {
        const auto due = next_due();
        auto wait_ms = std::max<std::int64_t>(0, std::min<std::int64_t>(next_anchor_ - clock_.now(), 1'000));
        if (due) wait_ms = std::clamp<std::int64_t>(*due - clock_.now(), 0, wait_ms);
        if (wait_ms > 0) wake_.wait_for(lock, std::chrono::milliseconds(wait_ms));
      }
      if (stopping_ && queue_.empty() && looks_.empty()) return;
    }
    step();
  }
}

bool Engine::step() {
  std::vector<Waiting> waiting;
  std::deque<std::function<void(institution::Registry&, Cache&)>> looks;
  {
    const std::scoped_lock lock(mutex_);
    const auto count = std::min(queue_.size(), options_.batch_limit);
    waiting.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      waiting.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    looks.swap(looks_);
    gauges_.queue.store(queue_.size(), std::memory_order_relaxed);
    cache_.set_witnessed(witnessed_size_, options_.witnesses);
  }
  for (auto& look : looks) look(*registry_, cache_);
  const auto now = clock_.now();
  const auto due = next_due();
  const bool timely = (due && *due <= now) || now >= next_anchor_ || !outbox_.empty();
  if (waiting.empty() && !timely) return !looks.empty();
  batch(std::move(waiting));
  return true;
}

void Engine::batch(std::vector<Waiting> waiting) {
  now_ = std::max(now_, clock_.now());
  // A store that cannot begin has lost nothing: say so to all who wait. Past this point an error is an unknown outcome.
  if (const auto begun = store_.begin(); !begun) {
    for (auto& one : waiting) one.reply(begun.trouble());
    return;
  }
  in_batch_ = true;
  const auto must = [](const Status& status, const char* what) {
    if (!status) base::bug(std::string(what) + ": " + base::explain(status.trouble()), __FILE__, __LINE__);
  };
  must(fire_due(now_), "a timer could not be carried out");
  must(drain_outbox(), "a follow-up could not be carried out");
  anchor_if_due();
  std::vector<Told> told;
  told.reserve(waiting.size());
  for (auto& one : waiting) {
    auto known = already(one.command);
    if (!known) {
      told.push_back({std::move(one.reply), known.trouble()});
      continue;
    }
    if (*known) {
      told.push_back({std::move(one.reply), std::move(**known)});
      continue;
    }
    auto answer = execute(one.command, registry_->decide(one.command, now_));
    if (!answer) gauges_.refusals.fetch_add(1, std::memory_order_relaxed);
    told.push_back({std::move(one.reply), std::move(answer)});
  }
  must(seal_batch(), "the batch could not be made durable");
  for (auto& one : told) {
    if (one.answer) {
      auto& answer = *one.answer;
      answer.head = lanes_[static_cast<int>(answer.tree)].head;
    }
    one.reply(std::move(one.answer));
  }
  publish();
  cache_.trim();
}

Status Engine::seal_batch() {
  LG_CHECK(cache_.write_back());
  const bool grew = lanes_[0].grew || lanes_[1].grew;
  if (outbox_changed_) {
    JsonArray list;
    for (const auto& one : outbox_) {
      list.push_back(
          JsonObject{{"id", one.id}, {"record", one.what.record}, {"action", one.what.action}, {"fields", one.what.fields}});
    }
    LG_CHECK(store_.put_meta(k_outbox, base::as_bytes(base::canonical(Json(std::move(list))))));
  }
  if (!grew && !outbox_changed_) {
    store_.roll_back();  // nothing was written: refusals cost no commit
    in_batch_ = false;
    return base::Done{};
  }
  outbox_changed_ = false;
  LG_CHECK(store_.put_meta(k_last_time, base::as_bytes(base::format_utc(now_))));
  // A checkpoint is a function of tree and key, so the one that was given out last is kept with the next batch and needs no
  // commit of its own; a crash in between signs the same bytes again.
  LG_CHECK(store_.put_meta("open/checkpoint", base::as_bytes(lanes_[0].head->checkpoint)));
  const auto before = std::chrono::steady_clock::now();
  LG_CHECK(store_.commit());
  const auto took = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - before).count());
  gauges_.last_commit_us.store(took, std::memory_order_relaxed);
  if (took > gauges_.longest_commit_us.load(std::memory_order_relaxed))
    gauges_.longest_commit_us.store(took, std::memory_order_relaxed);
  gauges_.batches.fetch_add(1, std::memory_order_relaxed);
  in_batch_ = false;
  due_known_ = false;
  empty_ = false;
  for (auto& lane : lanes_) {
    if (lane.grew) checkpoint(lane);
  }
  return base::Done{};
}

Result<std::optional<Answer>> Engine::already(const Command& command) {
  LG_TRY(auto seen, store_.seen(command.id));
  if (!seen) return std::optional<Answer>();
  if (seen->digest != digest_of(command)) {
    return base::refuse("ENG-03", "同一请求号下内容不同", "the same id with another body or actor", command.id);
  }
  LG_TRY(auto leaves, store_.leaves(seen->tree, seen->seq, 1));
  if (leaves.empty()) return base::fail("a command was seen whose leaf is not there");
  LG_TRY(auto leaf, log::decode(leaves[0]));
  Answer answer;
  answer.tree = seen->tree;
  answer.seq = seen->seq;
  answer.leaf = std::move(leaves[0]);
  answer.record = leaf.change.record;
  answer.version = leaf.change.version;
  answer.again = true;
  return std::optional<Answer>(std::move(answer));
}

Result<Answer> Engine::execute(const Command& command, const Result<Decided>& decided) {
  if (!decided) return decided.trouble();
  return append(command, *decided);
}

Result<Answer> Engine::append(const Command& command, Decided decided) {
  auto& lane = lanes_[static_cast<int>(decided.tree)];
  log::Leaf leaf;
  leaf.origin = lane.origin;
  leaf.seq = lane.frontier.size();
  leaf.time = now_;
  leaf.as_of = command.as_of.value_or(now_);
  leaf.command = command.id;
  if (!decided.hide_actor) {
    leaf.actor = command.actor;
    leaf.sig = command.sig;
  }
  struct Kept {
    std::string path;
    std::string subject;
    std::array<std::uint8_t, 32> salt;
    std::string json;
    std::size_t change;
    std::string field;
  };
  std::vector<Kept> secrets;
  secrets.reserve(decided.secrets.size());
  std::vector<JsonObject> opened(decided.effects.size() + 1);
  for (auto& secret : decided.secrets) {
    Kept kept{secret.path, secret.subject, random_.bytes32(), base::canonical(secret.value), 0, secret.path};
    if (secret.path.starts_with("effects/")) {
      const auto slash = secret.path.find('/', 8);
      kept.change = 1 + static_cast<std::size_t>(std::stoul(secret.path.substr(8, slash - 8)));
      kept.field = secret.path.substr(slash + 1);
    }
    const auto commitment = log::commitment(kept.salt, lane.origin, command.id, secret.path, secret.value);
    auto& change = kept.change == 0 ? decided.change : decided.effects[kept.change - 1];
    change.commit[kept.field] = base::to_hex(commitment);
    opened[kept.change][kept.field] = std::move(secret.value);
    secrets.push_back(std::move(kept));
  }
  leaf.change = std::move(decided.change);
  leaf.effects = std::move(decided.effects);
  LG_TRY(auto bytes, log::encode(leaf));
  // From here nothing refuses: what the store cannot take ends the process, and a restart finds the last whole batch.
  const auto must = [](const Status& status) {
    if (!status) base::bug("the store took no leaf: " + base::explain(status.trouble()), __FILE__, __LINE__);
  };
  must(store_.put_leaf(decided.tree, leaf.seq, bytes));
  for (const auto& secret : secrets)
    must(store_.put_secret(decided.tree, leaf.seq, secret.path, secret.subject, secret.salt, secret.json));
  must(store_.put_seen(command.id, {decided.tree, leaf.seq, digest_of(command)}));
  lane.frontier.append(log::leaf_hash(bytes));
  for (const auto& tile : lane.frontier.take_full_tiles())
    must(store_.put_tile(decided.tree, tile.level, tile.index, tile.hashes));
  lane.grew = true;

  registry_->evolve(leaf.change, opened[0], command.actor, leaf.time, leaf.as_of, decided.tree, leaf.seq);
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    registry_->evolve(leaf.effects[i], opened[i + 1], command.actor, leaf.time, leaf.as_of, decided.tree, leaf.seq);
  }
  for (std::size_t i = 0; i < decided.follow.size(); ++i) {
    outbox_.push_back({derived_id("follow", command.id, std::to_string(i)), std::move(decided.follow[i])});
    outbox_changed_ = true;
  }
  const auto tell = [&](const log::Change& change) {
    published_.push_back({decided.tree, leaf.seq, leaf.time, change.record, change.institution, change.action, change.state,
                          Json(), change.outcome});
  };
  tell(leaf.change);
  for (const auto& effect : leaf.effects) tell(effect);
  gauges_.leaves.fetch_add(1, std::memory_order_relaxed);

  Answer answer;
  answer.tree = decided.tree;
  answer.seq = leaf.seq;
  answer.leaf = std::move(bytes);
  answer.record = leaf.change.record;
  answer.version = leaf.change.version;
  return answer;
}

// In order of (due, record, name). What they do may make others due; those wait for the next batch, which comes at once.
Status Engine::fire_due(base::Time now) {
  LG_TRY(auto due, store_.timers_due(now, options_.due_limit));
  if (!due.empty()) gauges_.timer_lag_ms.store(now - due.front().due, std::memory_order_relaxed);
  for (const auto& timer : due) {
    LG_TRY(auto* record, cache_.find(timer.record));
    if (record == nullptr) return base::fail("a timer of no record: " + timer.record);
    const auto current = record->timers.find(timer.name);
    if (current == record->timers.end() || current->second.left_ms || current->second.due != timer.due) continue;
    Command command;
    command.id = derived_id("due", timer.record + "|" + timer.name,
                            base::format_utc(timer.due) + "#" + std::to_string(record->version));
    command.record = timer.record;
    command.action = "due:" + timer.name;
    command.actor = "system";
    command.as_of = timer.due;
    auto decided = registry_->decide_due(timer.record, timer.name, command.id, timer.due, now);
    if (!decided) return decided.trouble();
    auto answer = append(command, std::move(*decided));
    if (!answer) return answer.trouble();
  }
  return base::Done{};
}

Status Engine::drain_outbox() {
  const auto count = std::min(outbox_.size(), options_.due_limit);
  for (std::size_t i = 0; i < count; ++i) {
    Command command;
    command.id = outbox_[i].id;
    command.record = outbox_[i].what.record;
    command.action = outbox_[i].what.action;
    command.actor = "system";
    command.fields = outbox_[i].what.fields;
    LG_TRY(auto known, already(command));
    if (known) continue;
    auto answer = execute(command, registry_->decide(command, now_));
    // A refusal of the machine to itself is an institution that does not fit: it shows in the metrics and in the log of the
    // process.
    if (!answer) {
      if (answer.failed()) return answer.trouble();
      gauges_.refusals.fetch_add(1, std::memory_order_relaxed);
      std::fprintf(stderr, "landglass: a follow-up was refused: %s %s: %s\n", command.record.c_str(), command.action.c_str(),
                   base::explain(answer.trouble()).c_str());
    }
  }
  if (count > 0) {
    outbox_.erase(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(count));
    outbox_changed_ = true;
  }
  return base::Done{};
}

// At fixed times, whatever happened or did not: chaff among the sealed rows and a salted root of the sealed tree in the open
// one.
void Engine::anchor_if_due() {
  if (now_ < next_anchor_) return;
  const auto at = base::Time{now_.ms / options_.anchor_every_ms * options_.anchor_every_ms};
  next_anchor_ = at + options_.anchor_every_ms;
  if (pack_.current("sealed-anchor") == nullptr) return;
  const auto chaff = random_.bytes32();
  const auto status = store_.put_chaff(1 + chaff[0] % 16);
  if (!status) base::bug("no chaff: " + base::explain(status.trouble()), __FILE__, __LINE__);
  Command command;
  command.id = derived_id("anchor", options_.origin, base::format_utc(at));
  command.institution = "sealed-anchor";
  command.actor = "system";
  const auto& sealed = lanes_[1];
  command.fields["at"] = base::format_utc(at);
  command.fields["sealed_root"] = std::to_string(sealed.frontier.size()) + ":" + base::to_hex(sealed.frontier.root());
  const auto known = already(command);
  if (known && *known) return;
  const auto answer = execute(command, registry_->decide(command, now_));
  if (!answer)
    std::fprintf(stderr, "landglass: the sealed tree could not be anchored: %s\n", base::explain(answer.trouble()).c_str());
}

void Engine::publish() {
  if (published_.empty()) return;
  auto events = std::exchange(published_, {});
  if (listeners_.empty()) return;
  for (auto& event : events) {
    if (event.tree == Tree::sealed) continue;
    const auto record = cache_.find(event.record);
    if (record && *record != nullptr) {
      if (auto doc = registry_->publish(**record)) event.doc = std::move(*doc);
    }
  }
  for (auto& listener : listeners_) listener(events);
}

Result<std::uint64_t> Engine::rebuild(const Options& options, store::Store& store, institution::Pack& pack,
                                      std::vector<std::shared_ptr<institution::Behaviour>> behaviours) {
  base::SystemClock clock;
  base::SystemRandom random;
  Engine engine(options, store, pack, std::move(behaviours), clock, random,
                log::Signer(options.origin, log::KeyKind::log, std::array<std::uint8_t, 32>{}));
  LG_CHECK(engine.adopt_institutions());
  LG_CHECK(store.drop_projections());
  std::uint64_t events = 0;
  base::Time last;
  constexpr std::uint64_t k_chunk = 4'096;
  for (const auto tree : {Tree::open, Tree::sealed}) {
    LG_TRY(auto size, store.leaf_count(tree));
    for (std::uint64_t from = 0; from < size; from += k_chunk) {
      LG_TRY(auto leaves, store.leaves(tree, from, k_chunk));
      LG_CHECK(store.begin());
      for (const auto& bytes : leaves) {
        LG_TRY(auto leaf, log::decode(bytes));
        const auto follow = [&](const log::Change& change, const std::string& prefix) -> Status {
          JsonObject opened;
          for (const auto& [path, commitment] : change.commit) {
            LG_TRY(auto secret, store.secret(tree, leaf.seq, prefix + path));
            opened[path] = secret ? secret->value : Json(JsonObject{{"erased", true}});
          }
          engine.registry_->evolve(change, opened, leaf.actor, leaf.time, leaf.as_of, tree, leaf.seq);
          return base::Done{};
        };
        LG_CHECK(follow(leaf.change, ""));
        for (std::size_t i = 0; i < leaf.effects.size(); ++i)
          LG_CHECK(follow(leaf.effects[i], "effects/" + std::to_string(i) + "/"));
        if (leaf.time > last) last = leaf.time;
        Command body;
        body.institution = leaf.change.version == 1 ? leaf.change.institution : std::string();
        LG_CHECK(store.put_seen(leaf.command, {tree, leaf.seq, ""}));
        ++events;
      }
      LG_CHECK(engine.cache_.write_back());
      LG_CHECK(store.put_meta(k_last_time, base::as_bytes(base::format_utc(last))));
      LG_CHECK(store.commit());
      engine.cache_.trim();
    }
  }
  return events;
}

}  // namespace landglass::engine
