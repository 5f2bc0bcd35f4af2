#pragma once
// What an expression of an institution sees: the record as it would be, the record as it was, the actor, the time, dated
// parameters and declared facts; each looked up only when asked for.

#include "institution/registry.hpp"

namespace landglass::institution {

class RecordScope : public law::Scope {
 public:
  RecordScope(Registry& registry, const Institution& in, const Record& record, const Record* old, const Command& command,
              const Seat* seat, base::Time now)
      : registry_(registry), in_(in), record_(record), old_(old), command_(command), seat_(seat), now_(now) {}
  base::Result<law::Value> name(std::string_view name) const override;
  base::Result<law::Value> call(std::string_view function, const std::vector<law::Value>& arguments) const override;
  const law::Calendar& calendar() const override { return registry_.pack().calendar(); }
  const Institution& institution() const { return in_; }
  // As it holds on the day, in the region and case of this record.
  base::Result<law::Value> parameter(const Parameter& parameter) const;

 private:
  Registry& registry_;
  const Institution& in_;
  const Record& record_;
  const Record* old_;
  const Command& command_;
  const Seat* seat_;
  base::Time now_;
};

// The same, with one item of a list besides.
class ItemScope final : public law::Scope {
 public:
  ItemScope(const law::Scope& around, const law::Value& item) : around_(around), item_(item) {}
  base::Result<law::Value> name(std::string_view name) const override { return name == "item" ? item_ : around_.name(name); }
  base::Result<law::Value> call(std::string_view function, const std::vector<law::Value>& arguments) const override {
    return around_.call(function, arguments);
  }
  const law::Calendar& calendar() const override { return around_.calendar(); }

 private:
  const law::Scope& around_;
  const law::Value& item_;
};

// Whether figures kept by these fields would tell private words by their names (a company's, that a query looks for): they
// are kept under names that say nothing, so that nothing of a value stays when it is erased. Ids say nothing anyway.
bool tells_private(const Institution& in, const std::vector<std::string>& by);

// A record as a value of expressions.
base::Result<law::Value> value_of(const Record& record, const Institution& in);
base::Result<law::Value> value_of(const Record& record, const Field& field);

}  // namespace landglass::institution
