#include "institution/rules_cited.hpp"

namespace landglass::institution {

std::set<std::string, std::less<>> rules_cited(const Institution& in) {
  std::set<std::string, std::less<>> rules;
  const auto cite = [&](const Law& law) {
    if (!law.rule.empty()) rules.insert(law.rule);
  };
  const auto of_action = [&](const Action& action) {
    cite(action.law);
    for (const auto& check : action.checks) cite(check.law);
    if (action.raise) cite(action.raise->law);
  };
  const auto of_region = [&](const Region& region) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) of_action(action);
      for (const auto& deadline : state.after) {
        cite(deadline.law);
        if (deadline.raise) cite(deadline.raise->law);
      }
    }
  };
  for (const auto& law : in.basis) cite(law);
  for (const auto& parameter : in.parameters) cite(parameter.basis);
  for (const auto& opening : in.open_to) cite(opening.law);
  of_action(in.create);
  for (const auto& action : in.always) of_action(action);
  of_region(in.main);
  for (const auto& region : in.parallel) of_region(region);
  return rules;
}

std::set<std::string, std::less<>> codes_of(const Institution& in) {
  std::set<std::string, std::less<>> codes;
  const auto of_action = [&](const Action& action) {
    for (const auto& check : action.checks) codes.insert(check.code);
    if (action.raise) codes.insert(action.raise->code);
  };
  const auto of_region = [&](const Region& region) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) of_action(action);
      for (const auto& deadline : state.after) {
        if (deadline.raise) codes.insert(deadline.raise->code);
      }
    }
  };
  of_action(in.create);
  for (const auto& action : in.always) of_action(action);
  of_region(in.main);
  for (const auto& region : in.parallel) of_region(region);
  return codes;
}

}  // namespace landglass::institution
