#include "web/warned.hpp"

namespace landglass::web {

Warned warned_by(const institution::Pack& pack, const institution::Institution& in, std::string_view code) {
  Warned known;
  const auto action = [&](const institution::Action& one) {
    if (one.raise && one.raise->code == code) known = {one.raise->say, pack.cite(one.raise->law)};
    for (const auto& check : one.checks) {
      if (check.code == code) known = {check.say, pack.cite(check.law)};
    }
  };
  const auto region = [&](const institution::Region& part) {
    for (const auto& state : part.states) {
      for (const auto& one : state.actions) action(one);
      for (const auto& deadline : state.after) {
        if (deadline.raise && deadline.raise->code == code) known = {deadline.raise->say, pack.cite(deadline.raise->law)};
      }
    }
  };
  action(in.create);
  for (const auto& one : in.always) action(one);
  region(in.main);
  for (const auto& part : in.parallel) region(part);
  return known;
}

}  // namespace landglass::web
