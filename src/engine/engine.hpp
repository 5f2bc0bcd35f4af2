#pragma once
// One thread decides everything, a batch at a time: timers first, then what waits; one transaction. Another one ends the
// batches, in order, while the next is decided: makes them durable; then the checkpoint; then the answers (decision 0153).
// ARCHITECTURE.md, "The life of one bid", names the files in order.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/cache.hpp"
#include "institution/registry.hpp"
#include "log/checkpoint.hpp"
#include "log/merkle.hpp"
#include "log/note.hpp"
#include "log/witness.hpp"
#include "store/store.hpp"

namespace landglass::engine {

using institution::Command;

// A tree as it stands after a batch: immutable, shared by whoever asks for proofs.
struct Head {
  log::Frontier frontier;
  std::string checkpoint;  // signed note of this size
  std::uint64_t size = 0;
};

// What a command came to. The receipt is made from it when it is asked for.
struct Answer {
  log::Tree tree = log::Tree::open;
  std::uint64_t seq = 0;
  std::string leaf;  // canonical bytes
  std::string record;
  std::uint64_t version = 0;
  std::shared_ptr<const Head> head;  // a checkpoint that covers the leaf
  bool again = false;                // the same command was already answered
};
using Reply = std::function<void(base::Result<Answer>)>;

// A leaf that became durable; listeners run on the sequencer's thread, soon after the answers, and must be quick.
struct Published {
  log::Tree tree = log::Tree::open;
  std::uint64_t seq = 0;
  base::Time time;
  std::string record;
  std::string institution;
  std::string action;
  std::string state;
  std::shared_ptr<const std::string> doc;  // the record's public document after the batch, as JSON; none for sealed ones
  base::JsonObject outcome;
};
using Listener = std::function<void(const std::vector<Published>&)>;

struct Options {
  std::string origin;               // of the open log; the sealed one is "<origin>/sealed"
  std::size_t queue_limit = 4'096;  // one past it: 503 with retry
  std::size_t batch_limit = 1'024;
  std::size_t due_limit = 512;  // timers, and follow-ups, in one batch
  std::size_t due_beside = 48;  // as many where commands come, so that none waits long for a burst of them (decision 0142)
  std::size_t cached_records = 100'000;
  std::int64_t anchor_every_ms = base::k_hour;
  bool witnesses = false;  // configured: finality waits for them
  bool published = false;  // a log of imports (institution/published.hpp); a live log is never opened so, nor the other way
  // Checkpoints of the open log known from elsewhere: witnesses', ours that were given out. Where one says more than the
  // store holds, or another root, the engine does not start (LOG-01, LOG-02).
  std::vector<log::WitnessView> known;
  std::string timed = "auction@";  // begins the name of behaviours that count in seconds
  bool held = false;  // writes nothing, no timer either, until release(): the guard against two histories asks first
  institution::Signing signing = institution::Signing::session;
  bool threaded = true;  // false: the owner calls step(), for imports and simulation
};

// Counters for /metrics; read from any thread.
struct Gauges {
  std::atomic<std::uint64_t> queue{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> leaves{0};
  std::atomic<std::uint64_t> refusals{0};
  std::atomic<std::uint64_t> last_batch{0};
  std::atomic<std::uint64_t> last_commit_us{0};
  std::atomic<std::uint64_t> longest_commit_us{0};
  std::atomic<std::uint64_t> commit_us{0};  // all together
  std::atomic<std::uint64_t> witnessed{0};  // leaves of the open log that a quorum has cosigned
  std::atomic<std::int64_t> timer_lag_ms{0};
  std::atomic<std::int64_t> next_due_ms{0};  // when the next timer is due; 0: none
};

// What is read of a file that is proposed: a rule of the watch that runs beside the others, or an institution over which all
// of them still run; else it is refused.
struct RuleRead {
  std::string name;
  std::vector<std::string> cites;
};
using ReadRule = std::function<base::Result<RuleRead>(const institution::RuleFile& proposed,
                                                      const std::vector<institution::RuleFile>& in_force)>;

class Engine {
 public:
  // Restores the frontiers, checks that the last checkpoint is of this tree, loads the institutions in force. Refuses ENG-01
  // where the store's origin is another, ENG-04 where its key is.
  static base::Result<std::unique_ptr<Engine>> start(Options options, store::Store& store, institution::Pack& pack,
                                                     std::vector<std::shared_ptr<institution::Behaviour>> behaviours,
                                                     base::Clock& clock, base::Random& random, log::Signer signer);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // From any thread. The reply comes on the thread that ends batches, and may not wait for the engine. ENG-02 (a Failure,
  // retryable) where the queue is full or stopping.
  void submit(Command command, Reply reply);
  base::Result<Answer> call(Command command);  // waits for the reply

  // Without a thread: decides what waits and what is due, once; returns whether anything happened.
  bool step();
  std::optional<base::Time> next_due();

  std::shared_ptr<const Head> head(log::Tree tree) const;
  void listen(Listener listener);  // from then on
  // Runs on the sequencer's thread between batches, when all before is durable and told: for reading records, facts and
  // permissions as of now.
  void inspect(std::function<void(institution::Registry&, Cache&)> look);
  // The witnesses have cosigned the open tree of that size; `note` is the cosigned checkpoint, kept as meta "open/witnessed"
  // with the next batch, at most a second later.
  void witnessed(std::uint64_t open_size, std::string note);
  // Ends all writing, timers too, with this refusal for whoever submits; reading goes on. Only a restart ends it: what was
  // found is a second history. release() ends only what Options::held began.
  void halt(base::Refusal why);
  void release();
  std::optional<base::Refusal> halted() const;
  // While the clock is in doubt no deadline falls, and a lot in a phase that counts in seconds takes no command but this
  // refusal: its silence grows, and past the bound of its rule sheet it freezes itself. All else goes on. Nothing: no doubt.
  void doubt_clock(std::optional<base::Refusal> why);
  void stop();  // finishes the batch under way, refuses the rest

  log::NoteSignature sign(std::string_view text) const {
    return signer_.sign(text);
  }  // of a refusal: a note under the log's key
  std::string verifier_key() const { return signer_.verifier().text(); }
  // The rules of the watch that are in force in this log, whatever lies on disk, by name; and a number that grows whenever
  // another is put in force. From any thread.
  std::vector<institution::RuleFile> rules() const;
  std::uint64_t rules_version() const;
  // Who reads a file that is proposed (pack-change): on the sequencer's thread. Without one no rule can be proposed.
  void read_rules_with(ReadRule read);
  const Gauges& gauges() const { return gauges_; }
  const Options& options() const { return options_; }
  institution::Registry& registry() { return *registry_; }  // only where threaded == false, or within inspect
  bool empty() const { return empty_; }

  // Makes the projections again from log and vault, in one transaction; no other thread may use the store. Refuses LOG-03
  // where a leaf, a tile, the root or a value of the vault is not what the others say; what stood in the tables stands then.
  static base::Result<std::uint64_t> rebuild(const Options& options, store::Store& store, institution::Pack& pack,
                                             std::vector<std::shared_ptr<institution::Behaviour>> behaviours,
                                             const std::function<void(std::uint64_t done, std::uint64_t of)>& progress = {});

 private:
  struct Waiting {
    Command command;
    Reply reply;
    std::string digest;                    // of the request
    std::optional<base::Trouble> trouble;  // found before the batch
    base::JsonObject found;                // fields that the house itself reads out of a file
  };
  struct Told {
    Reply reply;
    base::Result<Answer> answer;
  };
  struct Lane {  // one of the two trees
    std::string origin;
    log::Frontier frontier;
    std::shared_ptr<const Head> head;  // under head_mutex_
    bool grew = false;
  };
  using Heads = std::array<std::shared_ptr<const Head>, 2>;  // of the trees that a batch grew; null of one it did not
  struct Ending {                                            // a batch that was decided and is not yet told
    store::Store::Last last;
    std::array<std::optional<log::Frontier>, 2> grown;  // the trees as they stand with it
    std::vector<Told> told;
    std::vector<Published> events;
  };
  struct Upkeep;   // what a leaf asks of the house itself: versions put in force, values erased
  struct Outbox {  // a follow-up that a leaf asked for and that is not yet done
    std::string id;
    institution::FollowUp what;
    std::uint64_t leaf = 0;  // of the open tree, that ordered it: what is final waits until this is witnessed
    std::string text;        // as it is kept; empty where it never was
    bool first = false;      // of an id that no leaf can have: made of the command that ordered it, since the engine started
  };

  Engine(Options options, store::Store& store, institution::Pack& pack,
         std::vector<std::shared_ptr<institution::Behaviour>> behaviours, base::Clock& clock, base::Random& random,
         log::Signer signer);
  base::Status restore();
  base::Status adopt_institutions();
  // Between batches, after a leaf asked for it: engine_upkeep.cpp.
  base::Status restore_upkeep();
  base::Status adopt_rules();
  base::Status put_rule_in_force(const institution::Record& change);
  base::Status consider_rule(Waiting& one, std::string_view bytes);
  base::Status rule_that_runs(std::string_view bytes);
  base::Status read_proposal(Waiting& one);
  base::Status read_again(const Command& command);
  base::Result<std::unique_ptr<institution::Institution>> version_that_fits(const std::string& bytes);
  bool upkeep_waits() const;
  base::Status keep_up();
  base::Status load_proposed();
  base::Status put_versions_in_force();
  base::Status erase_subjects();
  static bool to_consider(const Command& command);
  void consider(std::vector<Waiting>& waiting);
  base::Result<institution::Decided> decide_with(const Waiting& one);
  base::Status note_upkeep(const log::Change& change);
  base::Status write_upkeep();
  void run();
  void plan_batch();
  std::vector<Waiting> take(std::size_t most);
  std::vector<Waiting> come(std::size_t decided);
  void batch(std::vector<Waiting> waiting);
  Told decide(Waiting one);
  void hand_over(Ending ending);
  void end(Ending ending);
  void end_batches();
  void drain();
  bool tell();  // whether there was anything to tell
  base::Status fire_due(base::Time now);
  base::Status drain_outbox();
  base::Status write_outbox();
  bool waits_for_witnesses(const Outbox& one) const;
  std::size_t due_now() const;
  bool outbox_ready() const { return !outbox_.empty() && outbox_waits_ != sure_size_; }
  base::Result<Answer> execute(const Command& command, base::Result<institution::Decided> decided);
  base::Result<Answer> append(const Command& command, institution::Decided decided, std::string digest);
  log::Tree tree_of(const Command& command) const;
  bool went_elsewhere(const Command& command);
  base::Result<std::optional<Answer>> already(const Command& command, const std::string& digest);
  base::Status seal_batch(Ending& ending);
  std::string take_note();
  bool counts_seconds(const Command& command);
  std::shared_ptr<const Head> sign(const Lane& lane, log::Frontier frontier);
  Heads sign(std::array<std::optional<log::Frontier>, 2> grown);
  Heads take_signed();  // of the batch that ends, once the sequencer has it
  void anchor_if_due();

  Options options_;
  store::Store& store_;
  institution::Pack& pack_;
  base::Clock& clock_;
  base::Random& random_;
  log::Signer signer_;
  Cache cache_;
  std::unique_ptr<institution::Registry> registry_;
  Lane lanes_[2];
  base::Time now_;
  base::Time last_time_;  // of a leaf, since the engine started
  base::Time next_anchor_;
  std::deque<Outbox> outbox_;
  bool outbox_changed_ = false;                // the list that is kept says something else
  std::uint64_t outbox_done_ = 0;              // the first of that list, which stand in outbox_ no more
  std::uint64_t kept_done_ = 0;                // as many as is kept
  std::optional<std::uint64_t> outbox_waits_;  // all of it waits for more than this witnessed size
  std::unique_ptr<Upkeep> upkeep_;
  std::vector<Published> published_;
  std::vector<Listener> listeners_;
  bool empty_ = true;
  bool in_batch_ = false;
  int quiet_batches_ = 0;  // since a command came
  std::optional<base::Time> next_due_;
  bool due_known_ = false;
  base::Time due_asked_;  // when next_due_ was asked for: past that it may be too early, never too late

  mutable std::mutex head_mutex_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> queue_;
  std::deque<Ending> endings_;                     // decided, the oldest first
  std::deque<Heads> signed_;                       // of these and of the one under way, as far as they are
  std::deque<std::vector<Published>> to_tell_;     // of batches that ended, for the listeners
  std::size_t being_ended_ = 0;                    // callers who wait for these and for the one under way
  bool ending_ = false;                            // one is under way
  bool ended_all_ = false;                         // none will come
  std::condition_variable ended_;                  // one was, or came
  double decide_us_ = 0;                           // a caller of the last batch
  std::atomic<std::uint64_t> usual_commit_us_{0};  // in good moments (decision 0199)
  std::size_t in_flight_ = 0;  // callers of late: those of the last batch and those who waited while it was under way
  std::size_t wanted_ = 1;     // the sequencer sleeps until so many wait
  bool halves_ = false;        // one half of them is decided while the other is made durable
  std::size_t most_at_once_ = ~std::size_t{0};  // in a batch: the half that the other half does not wait for
  std::optional<std::chrono::steady_clock::time_point> gather_until_;  // no batch waits longer for callers
  std::deque<std::function<void(institution::Registry&, Cache&)>> looks_;
  std::uint64_t witnessed_size_ = 0;
  std::uint64_t sure_size_ = 0;                       // the same, as of this step
  std::string witnessed_note_;                        // not yet kept
  std::chrono::steady_clock::time_point note_since_;  // since when it waits to be kept
  std::optional<base::Refusal> halt_;
  bool final_halt_ = false;
  std::optional<base::Refusal> doubt_;
  std::optional<base::Refusal> doubt_now_;  // as of this step
  bool stopping_ = false;
  Gauges gauges_;
  std::thread thread_;
  std::thread ender_;
};

}  // namespace landglass::engine
