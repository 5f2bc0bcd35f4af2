#pragma once
// Runs the rules after what was published, on a connection of its own, and raises, clears and proposes through
// engine.submit like anybody else: the sequencer notes which record changed and does no more. What stands is a function of
// the tables and the time; a start looks at everything, so nothing the watch remembers has to be kept.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/time.hpp"
#include "engine/engine.hpp"
#include "watch/inbox.hpp"
#include "watch/lights.hpp"
#include "watch/rule_book.hpp"

namespace landglass::watch {

// The institutions that hold what the watch says: a warning is sealed, a card of a missed term is open.
inline constexpr std::string_view k_warning = "warning";
inline constexpr std::string_view k_card = "efficacy-card";

struct Gauges {  // read from any thread
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> looks{0};
  std::atomic<std::uint64_t> raised{0};
  std::atomic<std::uint64_t> cleared{0};
  std::atomic<std::uint64_t> refused{0};  // what the watch asked for and did not get
  std::atomic<std::uint64_t> busy_us{0};
  std::atomic<std::uint64_t> longest_us{0};  // of one round
  std::atomic<bool> ready{false};            // the first look at everything is over
};

struct Heard {  // institution -> all its acts, else these
  struct Acts {
    bool all = false;
    std::set<std::string> some;
  };
  std::mutex mutex;
  std::map<std::string, Acts, std::less<>> acts;
};

class Watch {
 public:
  // `silent`: looks and raises nothing (tests, benchmarks).
  static base::Result<std::unique_ptr<Watch>> open(engine::Engine& engine, store::Store& store,
                                                   const institution::Pack& pack, base::Clock& clock, bool silent = false);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void run();            // on a thread of its own, until stop()
  void stop();           // before the engine stops
  base::Status begin();  // looks at everything; run() does it first
  // Without a thread: all that waits and all that is due, until nothing is left to say.
  base::Status settle();

  // Records of a sealed institution for a list, newest first, by their ids: of these divisions (as in
  // institution::division_within; none: of all), in a state ("": any), with a text in some public column. From any thread.
  struct Asked {
    std::string institution;
    std::vector<std::string> regions;
    std::string state;
    std::string text;
    int offset = 0;
    int limit = 50;
  };
  base::Result<std::vector<std::string>> listed(const Asked& asked);
  // Sealed records of any institution that are this person's or party's (a field that `seen_by` names holds him), the newest
  // first, at most so many. From any thread.
  base::Result<std::vector<std::string>> own(const std::string& actor, std::size_t limit);

  const Findings& findings() const { return findings_; }   // without a thread only
  RuleBook& book() { return *book_; }                      // likewise
  std::shared_ptr<const std::vector<Rule>> rules() const;  // that run now; from any thread
  const Gauges& gauges() const { return *gauges_; }

 private:
  struct Known {  // a warning that stands
    std::string id;
    std::string state;
    std::string digest;
  };
  Watch(engine::Engine& engine, store::Store& store, const institution::Pack& pack, base::Clock& clock, bool silent)
      : engine_(engine), store_(store), pack_(pack), clock_(clock), silent_(silent) {}
  base::Status take_rules();  // those in force: the book anew, and whom the listener hears
  base::Status load_sealed();
  base::Status take_over(const std::vector<std::string>& records);
  base::Status round(Inbox::Taken taken);
  base::Status look_at(const Place& place, base::Time now);
  base::Status judge(const Place& place, const std::optional<Finding>& finding);
  base::Status raise(const Place& place, const Finding& finding, const std::string& digest, std::size_t before);
  base::Status tell(engine::Command command);
  void answer_questions();
  using Ids = base::Result<std::vector<std::string>>;
  Ids answered(const std::function<Ids()>& look);
  Ids look_up(const Asked& asked);
  Ids look_up_own(const std::string& actor, std::size_t limit);
  void plan(const Place& place, std::optional<base::Time> at);
  std::optional<base::Time> next() const;
  base::Result<base::JsonObject> said(const Place& place, const Finding& finding, const std::string& digest);

  engine::Engine& engine_;
  store::Store& store_;
  const institution::Pack& pack_;
  base::Clock& clock_;
  bool silent_ = false;
  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();  // shared with the listener, which outlives the watch
  std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();  // and so is what it listens to
  std::shared_ptr<Gauges> gauges_ = std::make_shared<Gauges>();
  std::uint64_t rules_version_ = 0;
  std::unique_ptr<RuleBook> book_;
  mutable std::mutex shown_mutex_;
  std::shared_ptr<const std::vector<Rule>> shown_;
  std::unique_ptr<Lights> lights_;
  Findings findings_;
  std::map<std::pair<std::string, std::string>, std::vector<Known>> standing_;  // (rule's code, subject)
  std::map<Place, base::Time> planned_;
  std::set<std::pair<base::Time, Place>> due_;
  std::optional<base::Time> again_;  // something could not be said: everything is looked at again then
  base::Date seen_;  // the day of the last round: a threshold that came into force since asks for a look at everything
  std::thread thread_;
};

}  // namespace landglass::watch
