#pragma once
// A behaviour is what is too hot or too delicate for a file: it decides and evolves part of a record, as pure code.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "law/value.hpp"
#include "log/leaf.hpp"

namespace landglass::institution {

struct Record;
struct Command;
struct Institution;

// What a behaviour may look up beyond its own record: another record by its id, a fact that the record's institution
// declares, and a file of the vault. A file is named by its hash, so reading it is no look at the world: the name is the
// value.
class Look {
 public:
  virtual ~Look() = default;
  virtual base::Result<const Record*> record(std::string_view id) = 0;  // nullptr where there is none
  // The ids that a fact `{all: …}` of this record's file lists.
  virtual base::Result<std::vector<std::string>> listed(const Record& record, std::string_view fact) = 0;
  virtual base::Result<law::Value> fact(const Record& record, std::string_view name) = 0;
  virtual base::Result<law::Value> parameter(const Record& record, std::string_view name) = 0;
  virtual base::Result<std::string> file(std::string_view hash) = 0;  // its bytes; refuses where it is not kept
};

// What a leaf asks for and the system then does by itself, one leaf each. `via` says from which institution it follows: a
// file may let an action happen by that way and by no other.
struct FollowUp {
  std::string record;  // empty: makes a record of `institution`
  std::string action;
  base::JsonObject fields;
  std::string institution;
  std::string via;
  std::string id;  // of the command, 32 hex digits; empty: derived from the leaf's command
};

// A behaviour's own state within a record. A value: what it holds follows from the record's leaves and their private values.
class BehaviourState {
 public:
  virtual ~BehaviourState() = default;
  virtual base::Json save() const = 0;     // into the record's internal document
  virtual base::Json publish() const = 0;  // into its public document: nothing private
  // Whether what save() holds must not show in a dump of the store: it is kept beside the document then, sealed.
  virtual bool sealed() const { return false; }
  virtual std::unique_ptr<BehaviourState> copy() const = 0;
};

// A private value of a change, on its way to the vault.
struct Private {
  std::string path;     // as in the commitment: "bidder", "effects/0/winner"
  std::string subject;  // whose it is; empty: the record's
  base::Json value;
};

struct BehaviourOutcome {
  base::JsonObject set;  // public fields
  std::vector<Private> secrets;
  base::JsonObject outcome;
  base::JsonObject due;  // timers, as in log::Change
  std::vector<FollowUp> follow;
  std::string to;           // next state, or empty
  bool hide_actor = false;  // the actor stands in a secret, not in the leaf
  // The change is of this other record, in its own tree, and the one that was asked stays as it is: what would show by its
  // mere existence goes to a sealed record.
  std::string of;
};

class Behaviour {
 public:
  virtual ~Behaviour() = default;
  virtual std::string_view name() const = 0;  // "auction@1"
  // Whether the behaviour answers this action in a state with this phase. One that only joins what the file says answers
  // none, keeps no state, and leaves this, decide, evolve and load as they are.
  virtual bool answers(std::string_view, std::string_view) const { return false; }
  // Called when an ordinary action of a record with this behaviour takes place, before its outcome stands: may add to it or
  // refuse.
  virtual base::Result<BehaviourOutcome> joins(const Record& before, const Record& after, const Command& command,
                                               base::Time now, Look& look) = 0;
  // An action of its own. No I/O, no clock: `now` is the batch's time.
  virtual base::Result<BehaviourOutcome> decide(const Record&, const Command&, base::Time, Look&) {
    return base::fail(std::string(name()) + " answers no action of its own");
  }
  // Whether an act on this record may have become a change of another one (BehaviourOutcome::of).
  virtual bool went_elsewhere(const Record&) const { return false; }
  // Follows a change that took place; `secrets` holds its private values by field path (without "effects/<i>/").
  virtual void evolve(Record&, const log::Change&, const base::JsonObject&, base::Time) {}
  virtual std::unique_ptr<BehaviourState> load(const base::Json&) const { return nullptr; }
};

}  // namespace landglass::institution
