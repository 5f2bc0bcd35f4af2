#pragma once
// Scenarios: the tests that stand beside an institution's file (docs/formats/institution.md, "Scenarios"), played by the
// real engine on a store in memory and a virtual clock.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "institution/behaviour.hpp"
#include "institution/pack.hpp"
#include "institution/yaml.hpp"
#include "store/store.hpp"

namespace landglass::engine {

class Engine;

struct Played {
  std::string file;
  std::string institution;
  std::string name;
  bool passed = false;
  std::string why;  // of a failure: the step and both sides
};

struct Coverage {                 // what the scenarios of a pack touched
  std::set<std::string> actions;  // "land-listing.announce"
  std::set<std::string> codes;    // refused or raised: "LL-03"
};

// Looks at the store of a scenario that passed; what it says is why the scenario fails after all.
using Afterwards = std::function<std::string(store::Store&)>;
// Somebody above the engine who looks on in a scenario and whom a `then` may ask: the watch (docs/formats/watch-rule.md).
class Onlooker {
 public:
  virtual ~Onlooker() = default;
  virtual std::string after_step() = 0;                                 // empty, or why the scenario fails
  virtual std::string expect(const institution::Node& then) const = 0;  // `warned` and `not_warned`
};
using Onlookers = std::function<std::unique_ptr<Onlooker>(Engine&, store::Store&, const institution::Pack&, base::Clock&)>;
using Behaviours = std::function<std::vector<std::shared_ptr<institution::Behaviour>>()>;

// What a step gives, as its field's type takes it; `resolve` says what a $name stands for.
base::Json plain_value(const institution::Node& node, const institution::Field* field,
                       const std::function<base::Json(std::string_view)>& resolve);

// The next statement of an account of these fields, in the form of docs/formats/bank-statement.md (演示: a bank that is
// none). A line is [amount, name, account, reference, bank reference, time?], each as `filled` says; `time_of` reads the
// time.
base::Result<std::string> statement_of(const base::JsonObject& account, const institution::Node& lines, base::Time now,
                                       const std::function<std::string(const std::string&)>& filled,
                                       const std::function<base::Time(const std::string&)>& time_of = {});

// Plays every *.test.yaml below the pack's folder (or the one file named). `load` gives a fresh pack for each scenario.
base::Result<std::vector<Played>> play_scenarios(const std::string& pack_folder, const std::string& data_folder,
                                                 const std::string& only, const Behaviours& behaviours, Coverage& coverage,
                                                 const Afterwards& afterwards = {}, const Onlookers& onlookers = {});

// What a pack must have and has not: an unreachable state, an action or code without a scenario, a cited rule that is
// unknown, an action nobody may do, an effect on what does not exist. One line each, with file and place.
std::vector<std::string> inconsistencies(const institution::Pack& pack, const Coverage& coverage);

}  // namespace landglass::engine
