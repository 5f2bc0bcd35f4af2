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

base::Text code_and_words(const institution::Pack& pack, std::string_view institution, std::string_view code) {
  const auto* in = pack.current(institution);
  const auto say = in == nullptr ? base::Text{} : warned_by(pack, *in, code).say;
  const auto with = [&](const std::string& words) { return std::string(code) + (words.empty() ? "" : " " + words); };
  return {with(say.zh), with(say.en)};
}

}  // namespace landglass::web
