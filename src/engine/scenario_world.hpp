#pragma once
// A scenario's world: an engine of its own on a store in memory and a virtual clock, names for records, the last answer.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "engine/scenario.hpp"
#include "engine/scenario_bidders.hpp"
#include "institution/load.hpp"

namespace landglass::engine {

// The mappings of a list, or the one that stands alone.
std::vector<const institution::Node*> listed(const institution::Node& node);
base::Time time_of(std::string_view text);  // a date, or an instant to the minute or second

class World {
 public:
  World(std::unique_ptr<institution::Pack> pack, std::vector<std::shared_ptr<institution::Behaviour>> behaviours,
        Coverage& coverage)
      : pack_(std::move(pack)), behaviours_(std::move(behaviours)), coverage_(coverage), clock_(base::Time{}), random_(1) {}

  // On a store of its own in `folder`, which is empty.
  base::Status begin(base::Time at, const std::string& folder);
  // Where `left` stood when it was left; `folder` holds a copy of its store.
  base::Status go_on(const World& left, const std::string& folder);
  void leave();  // closes engine and store: what stands is in the folder
  void demand(institution::Signing signing) { engine_->registry().demand(signing); }
  // The file says `watched: true`; who plays it without a watch gives no onlookers.
  void look_on(const Onlookers& onlookers) {
    watched_ = true;
    if (onlookers) onlooker_ = onlookers(*engine_, *store_, *pack_, clock_);
  }
  // One step of a scenario or world; `then` may stand within it. Empty where it went as told, else why not.
  std::string step(const institution::Node& node, const institution::Loading& at, bool must_succeed);
  store::Store& store() { return *store_; }

 private:
  std::string wait(const institution::Node& node, const institution::Loading& at);
  std::string act(const institution::Node& node, bool must_succeed);
  std::string send_again(Command command, const Answer& first);
  std::string keep_file(const institution::Node& node);
  const Head& seen_head() const;  // of the open log, as it stood when first asked for since time last passed
  std::string seek(const institution::Node& node);
  std::string keep(const institution::Node& lines, const std::string& name);
  std::string bank(const institution::Node& lines, Command& command);  // scenario_bank.cpp
  std::string filled(std::string text);
  void fill(base::Json& value) const;  // '{name.field}', alone: that field of that record, whatever its type
  std::string expect(const institution::Node& then);
  std::string expect_refusal(const institution::Node& then, std::string_view code) const;
  std::string compare(const institution::Node& then, const institution::Record& record, institution::Registry& registry);
  std::string compare_due(const institution::Node& then, const institution::Record& record) const;
  std::string resolve(std::string_view name) const;
  base::Json value_of(const institution::Node& node, const institution::Field* field) const;
  base::Result<Command> command_of(const institution::Node& node);
  void note(const Published& event);
  base::Status open(const std::string& folder);
  void settle();
  void pass(base::Time until);

  std::unique_ptr<institution::Pack> pack_;
  std::vector<std::shared_ptr<institution::Behaviour>> behaviours_;
  Coverage& coverage_;
  base::VirtualClock clock_;
  base::SeededRandom random_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Engine> engine_;
  bool watched_ = false;
  std::unique_ptr<Onlooker> onlooker_;
  mutable std::shared_ptr<const Head> seen_head_;
  std::optional<base::Result<Answer>> last_;
  struct Memory {  // what a scenario that goes on from a world knows of it
    std::map<std::string, std::string> names;
    std::map<std::string, std::set<std::string>> known;  // records by institution
    std::string record;
    std::set<std::string> raised;
    std::set<std::string> all_raised;
    std::set<std::string> papers;
    ScenarioBidders bidders;
    int count = 0;
    base::Time now;  // when it was left
  };
  Memory memory_;
};

}  // namespace landglass::engine
