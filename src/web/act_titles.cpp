#include "web/act_titles.hpp"

#include <algorithm>
#include <utility>

#include "institution/words.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {
namespace {

using base::Text;
using institution::Action;
using institution::Institution;
using institution::State;

std::string_view main_of(std::string_view states) { return states.substr(0, states.find('|')); }

Text to_be_concurred(const Text& title) { return {title.zh + "（待会同）", title.en + " (to be concurred)"}; }

bool leads(const State& from, const Action& action, std::string_view to) {
  if (action.to.empty()) return from.name == to;
  return std::any_of(action.to.begin(), action.to.end(), [&](const auto& target) { return target.state == to; });
}

// Null where no state has such an act that leads there, or several that are called differently.
const Action* leading_to(const Institution& in, std::string_view name, std::string_view after) {
  const Action* found = nullptr;
  for (const auto& state : in.main.states) {
    const auto* action = state.find(name);
    if (action == nullptr || !leads(state, *action, after)) continue;
    if (found != nullptr && (found->title.zh != action->title.zh || found->title.en != action->title.en)) return nullptr;
    found = action;
  }
  return found;
}

}  // namespace

Text action_title(const Institution& in, std::string_view name) {
  if (auto own = institution::title_of_action(in, name); own.zh != name) return own;
  if (name == "offer") return {"报价", "Offer"};
  if (name == "tick") return {"计时", "Tick"};
  if (name == "wish") return {"愿意继续竞价", "Wishes to go on"};
  if (name == "hold") return {"中止", "Hold"};
  if (name == "lift") return {"解除中止", "Hold lifted"};
  if (name.starts_with("due:")) return {"期限届满", "Deadline passed"};
  if (const auto colon = name.find(":concur"); colon != std::string_view::npos)
    return to_be_concurred(action_title(in, name.substr(0, colon)));
  return {std::string(name), std::string(name)};
}

Text action_title_in(const Institution& in, std::string_view name, std::string_view after, std::string_view before) {
  if (const auto colon = name.find(":concur"); colon != std::string_view::npos)  // the record stays where it is
    return to_be_concurred(action_title_in(in, name.substr(0, colon), {}, before.empty() ? after : before));
  const auto of = [&](std::string_view states) {
    const auto* state = in.main.find(main_of(states));
    return state == nullptr ? nullptr : state->find(name);
  };
  const auto* action = of(before);
  if (action == nullptr) action = leading_to(in, name, main_of(after));
  if (action == nullptr) action = of(after);
  return action == nullptr ? action_title(in, name) : action->title;
}

void TimelineTitles::came_before(const log::Change& change) {
  if (const auto newer = std::exchange(newer_, std::nullopt))
    timeline_[newer->at].as_object()["label"] = both(action_title_in(in_, newer->action, newer->state, change.state));
}

void TimelineTitles::pushed(const log::Change& change) { newer_ = {timeline_.size() - 1, change.action, change.state}; }

}  // namespace landglass::web
