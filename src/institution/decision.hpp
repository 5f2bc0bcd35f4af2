#pragma once
// One decision under way: a command's own act and the acts that follow from it as effects, in one leaf. Each concept of an
// act (fields, numbers, verbs, entering a state, effects) is a file of its own, decision_*.cpp.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "institution/registry.hpp"
#include "institution/scope.hpp"

namespace landglass::institution {

// And the action: where the digest of a joint act that waits is committed. It is a field of no record.
inline constexpr std::string_view k_joint_path = "joint:";

// What one record undergoes: the command's own act (`main`) or an effect of another.
struct Act {
  const Command& command;
  const Institution& in;
  const Action& action;
  Record record;  // as it would be
  bool creating = false;
  std::string via;  // the institution whose effect this is; empty: the actor's own
  bool main = false;
  Record before = record;
  Seat seat;  // the chair that it is done from
  log::Change change;
  BehaviourOutcome joined;
  // Where it goes: the region moved, from which state to which. `to` stays null where no state is entered.
  const Region* moved = nullptr;
  const State* from = nullptr;
  const State* to = nullptr;

  bool by_machine() const { return command.actor == "system" || command.actor == "genesis"; }
  // Nobody signs for the machine, nor for what follows from another's act.
  bool by_hand() const { return via.empty() && !by_machine(); }
  bool changes_state() const { return to != nullptr && (creating || from != to); }
};

class Decision {
 public:
  Decision(Registry& registry, base::Time now, base::Time as_of)
      : registry_(registry), pack_(registry.pack_), shelf_(registry.shelf_), now_(now), as_of_(as_of) {}

  // An act of a file, with its effects; what came of it is then in `decided`.
  base::Status run(Act act);
  // What a behaviour answers by itself (the hot path): nothing of the file is read but where it goes.
  base::Status answer(Behaviour& behaviour, const Institution& in, const Record& record, const Command& command);
  // A deadline that has come.
  base::Status due(const Institution& in, const Record& record, std::string_view timer, Command command, base::Time due);

  // A running record goes over to the version that is in force, as that says.
  base::Status change_version(const Institution& to, const Record& record, const Command& command);

  Decided decided;

 private:
  friend class DecisionLook;
  base::Status answer_elsewhere(const Command& command, BehaviourOutcome joined);
  RecordScope scope(const Act& act) const;
  base::Status read_fields(Act& act) const;
  base::Status check_signature(Act& act) const;
  base::Status settle(Act& act, base::JsonArray& raised) const;      // set, check, raise
  base::Result<bool> concur(Act& act);                               // true: the act still waits for another person
  std::vector<std::string> takes(const Act& act) const;              // which of the names in `joint` he is
  static void give_anew(const Record& before, log::Change& change);  // what waits for another person waits no more
  base::Status number(Act& act);
  base::Result<std::string> serial(Act& act, const Number& number);
  base::Status draw_plate(Act& act, const Number& number) const;
  base::Status find_target(Act& act) const;
  base::Status extend(Act& act) const;
  base::Status join_behaviour(Act& act) const;
  base::Status perform_verb(Act& act) const;
  base::Status give_back(Act& act) const;
  base::Status resubmit(Act& act) const;
  base::Status take_back(Act& act) const;
  base::Status correct(Act& act) const;
  base::Status recuse(Act& act) const;
  base::Status pause(Act& act) const;
  base::Status resume(Act& act) const;
  void stop_timers(Act& act, const std::vector<std::string>& names) const;
  // Those of them that nothing but what ends keeps standing.
  void restart_timers(Act& act, const std::vector<std::string>& names, std::string_view ending) const;
  void tell_fields(Act& act);  // into the leaf, or as secrets
  base::Status follow_up(const Act& act);
  base::Status follow_by_new(const Act& act, const Follow& follow);
  base::Status stand(Act& act);
  void foresee(const Act& act);
  base::Status effects(const Act& act);
  base::Status effect(const Act& act, const Effect& effect);
  void name_made(const Act& act, const std::string& field, const std::string& id);
  base::Status hold(const Act& act, const Effect& effect, const Institution& other, const Record& there);
  base::Result<std::vector<std::string>> targets(const Act& act, const Effect& effect) const;

  // The deadlines of the state that is entered, and the end of those of the state that is left.
  void enter(const Institution& in, const State* from, const State& to, const Command& command, const Record& record,
             base::JsonObject& due, base::Time at) const;
  // Disclosure of private fields when a state of the main region is entered, for its term.
  void disclose(const Institution& in, const Record& before, const State& entered, log::Change& change) const;
  // Of a deadline: the change that says that it came, whatever else did.
  log::Change passed(const Institution& in, const Record& record, std::string action, base::Time due) const;
  base::Result<bool> due_act(const Institution& in, const Record& record, const Deadline& deadline, Command command,
                             base::Time due, base::JsonArray& raised);
  base::Status due_of_behaviour(Behaviour& behaviour, const Institution& in, const Record& record, std::string_view timer,
                                const Command& command, base::Time due);
  base::Status go(const Institution& in, const Record& record, std::string_view to, const Command& command,
                  log::Change& change, base::Time at) const;

  Registry& registry_;
  const Pack& pack_;
  Shelf& shelf_;
  base::Time now_;
  base::Time as_of_;
  std::map<std::string, Record> pending_;       // records as they would be, so that a second effect sees the first
  std::map<std::string, std::int64_t> issued_;  // series taken in this decision
  int depth_ = 0;
};

// What a behaviour may look up: records as they would be after the effects so far, and what its institution declares.
class DecisionLook final : public Look {
 public:
  DecisionLook(const Decision& decision, const Institution& in) : decision_(decision), in_(in) {}
  base::Result<const Record*> record(std::string_view id) override;
  base::Result<std::vector<std::string>> listed(const Record& record, std::string_view fact) override;
  base::Result<law::Value> fact(const Record& record, std::string_view name) override;
  base::Result<law::Value> parameter(const Record& record, std::string_view name) override;
  base::Result<std::string> file(std::string_view hash) override;

 private:
  const Decision& decision_;
  const Institution& in_;
};

// Whether this deadline of a record stands still for another reason than the one that ends: a hold (by its record), the
// return of the record (by its own), a pause (`pause/<name>`).
bool kept_standing(const Institution& in, const Record& record, std::string_view deadline, std::string_view ending);
// Of no state: the term of a disclosure, a pause that runs, what is left of one that ended.
bool of_a_state(std::string_view timer);
// The hold that forbids this action, or null.
const Hold* hold_on(const Record& record, const std::string& action);
base::Refusal held(const Hold& hold, const std::string& action);
bool contains(const std::vector<std::string>& list, std::string_view wanted);
// Whether this field of the record names the actor: a ref, or one of a list of refs (the handlers of a case).
bool names(const Record& record, std::string_view field, std::string_view actor);
std::string padded(std::int64_t n, int width);
std::string digest_of(const base::JsonObject& fields);

}  // namespace landglass::institution
