#pragma once
// A record's documents as text, without the values in between: a lot that is bid on is saved with every batch.

#include <string>

#include "institution/institution.hpp"
#include "institution/record.hpp"

namespace landglass::institution {

// A behaviour's state that writes itself as canonical JSON; save() and publish() read that.
class StateText : public BehaviourState {
 public:
  virtual void save_to(std::string& out) const = 0;
  virtual void publish_to(std::string& out) const = 0;
  base::Json save() const final;
  base::Json publish() const final;
};

// canonical(state.save()), canonical(state.publish())
void append_state(std::string& out, const BehaviourState& state);
void append_public_state(std::string& out, const BehaviourState& state);
// canonical(save(record)); where the behaviour's state is kept apart, null stands for it.
void append_saved(std::string& out, const Record& record, bool behaviour_apart);
// What the public may see of an open record of that institution.
void append_public(std::string& out, const Record& record, const Institution& in);
// Whether that is any of this field.
bool is_public(const Field& field, const Record& record);

}  // namespace landglass::institution
