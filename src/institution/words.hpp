#pragma once
// What an institution's file calls that which its checks read: fields, numbers, facts and what stands behind them; states
// and codes by their titles, counts with a unit. So a refusal reads without the file beside it.

#include "institution/pack.hpp"
#include "law/expression.hpp"

namespace landglass::institution {

class FileWords final : public law::Words {
 public:
  FileWords(const Pack& pack, const Institution& in) : pack_(pack), in_(in) {}
  base::Text name(std::string_view path) const override;
  base::Text value(std::string_view path, const law::Value& value) const override;
  base::Text call(std::string_view function, const std::vector<base::Text>& arguments, bool held) const override;

 private:
  // One step of a path: what it is called, and what stands there.
  struct Step {
    base::Text name;
    const Field* field = nullptr;
    const Institution* record = nullptr;  // a record of this institution, or a list of them
    bool any = false;                     // a record of whichever
    bool state = false;                   // the state of a record of `record`
    bool counted = false;
    bool list = false;
  };
  Step first(std::string_view name) const;
  Step next(const Step& owner, std::string_view name) const;
  Step last(std::string_view path, base::Text* whole) const;

  const Pack& pack_;
  const Institution& in_;
};

// A fact by its own title, or by what it looks up.
base::Text title_of(const Fact& fact, const Institution& in, const Pack& pack);

// The action of this name somewhere in the file, else the name itself.
base::Text title_of_action(const Institution& in, std::string_view action);

// Who may do an act, by the titles of roles and fields.
base::Text who_may(const Institution& in, const Action& action, const Pack& pack);

// How a joint act is given: by so many people, or by one of each; nothing where one does it alone.
base::Text together(const Institution& in, const Action& action, const Pack& pack);

}  // namespace landglass::institution
