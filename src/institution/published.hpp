#pragma once
// Acts known only from what was published about them: a table of notices or results, years later (docs/formats/import.md).
// Who acted, who signed, what lay before the committee is not in such a table, so it is neither asked for nor made up: a
// check that reads what the source does not have is *not checked*, and the leaf says which. What the source has is judged by
// the same checks and dated parameters as an act of today. Only a log that was opened for imports plays by this.

#include <set>
#include <string>
#include <vector>

#include "institution/registry.hpp"
#include "institution/scope.hpp"

namespace landglass::institution {

struct Unchecked {
  std::string code;
  std::vector<std::string> absent;  // what the check reads and the source does not have, as dotted paths; "as_of": no date
};

// What became of the checks of one act and of its effects.
struct Findings {
  std::vector<std::string> held;
  std::vector<base::Refusal> failed;
  std::vector<base::Refusal> warned;  // warnings, and deadlines that had passed when the act was done
  std::vector<Unchecked> unchecked;
  std::vector<std::string> missing;  // required of the act, not given, and the source has a place for it
  std::vector<std::string> absent;   // required of the act, and the source has no place for it
};

// Reads like a RecordScope and remembers what it was asked for and had not. Nothing that a table cannot say is taken as
// said: the state of another record, lists and counts of records, the actor.
class PublishedScope final : public RecordScope {
 public:
  PublishedScope(Registry& registry, const Institution& in, const Record& record, const Record* old, const Command& command,
                 base::Time as_of, bool dated)
      : RecordScope(registry, in, record, old, command, nullptr, as_of), dated_(dated) {}
  base::Result<law::Value> name(std::string_view name) const override;
  // Evaluates; then absent() is what the value would have depended on.
  base::Result<law::Value> evaluate(const law::Expression& expression) const;
  const std::set<std::string>& absent() const { return absent_; }

 private:
  void note_parameter(const Parameter& parameter) const;
  bool dated_;
  mutable std::set<std::string> absent_;
  mutable std::set<std::string, std::less<>> read_;
};

}  // namespace landglass::institution
