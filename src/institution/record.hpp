#pragma once
// A record: what has become of one matter so far. It follows from its leaves and their private values alone.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "institution/behaviour.hpp"
#include "log/leaf.hpp"

namespace landglass::institution {

struct Timer {
  base::Time due;
  std::optional<std::int64_t> left_ms;  // paused: what remains
};

struct Hold {
  std::string by;  // the record that placed it
  base::Text ground;
  std::vector<std::string> actions;  // empty: every action
  std::vector<std::string> deadlines;
};

// Who last did an action, for `not`, take-back and joint acts.
struct Done {
  std::string actor;
  std::string post;
  base::Time time;
};

inline constexpr std::size_t k_kept_leaves = 60;
inline constexpr std::size_t k_kept_acts = 2'000;

struct Record {
  std::string id;
  std::string institution;
  std::string file;  // hash of the file that governs it
  std::uint64_t version = 0;
  std::string state;                            // of the main region
  std::map<std::string, std::string> parallel;  // region -> state
  base::JsonObject fields;                      // public and private; a private value erased reads {"erased": true}
  std::map<std::string, Timer> timers;
  std::vector<Hold> holds;
  std::map<std::string, Done> done;  // action -> last doer
  std::string last_action;
  std::string state_before;  // for take-back
  base::Time created;
  base::Time changed;
  log::Tree tree = log::Tree::open;
  std::uint64_t last_leaf = 0;
  std::vector<std::uint64_t> leaves;  // the newest of its leaves, oldest first, at most k_kept_leaves
  // Its leaves that changed a field or a state, oldest first: from them it is made again as it was (papers). An offer of a
  // lot is none. Past k_kept_acts the oldest falls, and what was printed before it cannot be printed again.
  std::vector<std::uint64_t> acts;
  base::JsonObject joint;            // action -> {"digest", "actors": [..]} while it waits
  base::JsonObject opinions;         // office -> {"opinion", "dissent", "time"}
  base::JsonObject disclosed;        // private field -> instant from which it is open
  std::vector<std::string> recused;  // persons who stand aside (回避)
  std::unique_ptr<BehaviourState> behaviour;

  Record() = default;
  Record(const Record& other);
  Record& operator=(const Record& other);
  Record(Record&&) noexcept = default;
  Record& operator=(Record&&) noexcept = default;

  std::string states() const;  // "sold" or "in-force|mortgage:none|seal:none"
};

struct Institution;
// What one change makes of a record's own fields, states, timers and holds. `in` is the file that governs it; the
// behaviour's state and kept figures are not followed here. Returns whether a field or a state changed. Leaves between that
// changed neither may be left out.
bool follow(Record& record, const Institution* in, const log::Change& change, const base::JsonObject& secrets,
            const std::string& actor, base::Time time, base::Time as_of, std::uint64_t leaf);
// The record as its first leaf begins it, before follow().
Record begin_record(const log::Change& change, const std::string& actor, base::Time as_of, log::Tree tree);

// The internal document: everything, as canonical JSON; load is its exact inverse (behaviour state by its behaviour).
base::Json save(const Record& record);
base::Result<Record> load_record(const base::Json& doc, const Behaviour* behaviour);

}  // namespace landglass::institution
