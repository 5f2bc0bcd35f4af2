#pragma once
// A record's internal document as text, without the values in between: a lot that is bid on is saved with every batch.

#include <string>

#include "institution/record.hpp"

namespace landglass::institution {

// A behaviour's state that can write itself: what save() would give, as canonical JSON.
class StateText {
 public:
  virtual ~StateText() = default;
  virtual void save_to(std::string& out) const = 0;
};

// canonical(state.save())
void append_state(std::string& out, const BehaviourState& state);
// canonical(save(record)); where the behaviour's state is kept apart, null stands for it.
void append_saved(std::string& out, const Record& record, bool behaviour_apart);

}  // namespace landglass::institution
