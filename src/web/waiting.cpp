#include "web/waiting.hpp"

#include <algorithm>
#include <set>

#include "engine/cache.hpp"
#include "engine/columns.hpp"

namespace landglass::web {

using base::Json;
using institution::Action;
using institution::Field;
using institution::Institution;
using institution::State;

namespace {

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

bool is_by(const Action& action, const std::vector<std::string>& roles) {
  return std::any_of(action.by.begin(), action.by.end(), [&](const std::string& who) { return has(roles, who); });
}

// The field of "@field", where it may name this actor.
const Field* naming(const Institution& in, const std::string& who, const std::string& actor) {
  const auto* field = who.starts_with('@') ? in.field(who.substr(1)) : nullptr;
  if (field == nullptr || field->type != "ref" || field->of.empty() || field->of == institution::k_any) return field;
  return actor.starts_with(field->of + "/") ? field : nullptr;
}

// How an act of an institution may be his.
struct Ways {
  bool by_post = false;
  bool by_record = false;  // only the record says
  std::set<std::string> by_column;
  void add(const Institution& in, const Action& action, const Worker& worker) {
    if (!is_task(in, action)) return;
    for (const auto& who : action.by) {
      if (has(worker.roles, who) || (who == "official" && !worker.regions.empty())) {
        by_post = true;
      } else if (const auto* field = naming(in, who, worker.actor)) {
        const bool column = field->type == "ref" && !field->is_private && !field->locked;
        if (column) by_column.insert(engine::column_name(*field));
        by_record = by_record || !column;
      } else if (who == "creator" || (who == "consulted" && !worker.regions.empty()) ||
                 ((who == "party" || who == "person") && worker.actor.starts_with(who + "/"))) {
        by_record = true;
      }
    }
  }
};

base::Status add(store::Reader& reader, const std::string& sql, const std::vector<Json>& bind,
                 std::vector<std::string>& ids) {
  LG_TRY(const auto rows, reader.query(sql + " LIMIT " + std::to_string(k_waiting), bind));
  for (const auto& row : rows) ids.push_back(row[0].as_string());
  return base::Done{};
}

}  // namespace

bool is_task(const Institution& in, const Action& action) {
  if (action.verb != institution::Verb::none || !action.grounds.empty() || action.raise) return false;
  for (const auto& who : action.by) {
    if (who == "anyone" || who == "system" || who.starts_with("via:")) return false;
    if (who == "host") return true;
  }
  const bool ends = std::all_of(action.to.begin(), action.to.end(), [&](const institution::Target& target) {
    const auto* state = in.main.find(target.state);
    return state != nullptr && state->final;
  });
  return !action.to.empty() && !(ends && has(action.need, "reason"));
}

bool works_on(const Institution& in, const std::vector<std::string>& roles) {
  return std::any_of(in.main.states.begin(), in.main.states.end(), [&](const State& state) {
    return std::any_of(state.actions.begin(), state.actions.end(),
                       [&](const Action& action) { return is_by(action, roles); });
  });
}

bool waits_for(const Institution& in, const State& state, const std::vector<std::string>& roles) {
  return std::any_of(state.actions.begin(), state.actions.end(),
                     [&](const Action& action) { return is_task(in, action) && is_by(action, roles); });
}

base::Result<std::vector<std::string>> waiting_records(store::Reader& internal, const Institution& in,
                                                       const Worker& worker) {
  Ways everywhere;
  for (const auto& action : in.always) everywhere.add(in, action, worker);
  for (const auto& region : in.parallel) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) everywhere.add(in, action, worker);
    }
  }
  std::vector<std::string> ids;
  const auto table = engine::Cache::table_of(in.name);
  for (const auto& state : in.main.states) {
    if (state.final && in.parallel.empty()) continue;
    auto ways = everywhere;
    for (const auto& action : state.actions) ways.add(in, action, worker);
    std::vector<Json> bind;
    const auto stands = engine::in_state(in, state.name, bind);
    for (const auto& column : ways.by_column) {
      auto named = bind;
      named.emplace_back(worker.actor);
      LG_CHECK(add(internal,
                   "SELECT id FROM " + table + " WHERE 1 = 1" + stands + " AND " + column + " = ? ORDER BY changed, id",
                   named, ids));
    }
    const auto open = "SELECT id FROM " + table + "_public WHERE 1 = 1" + stands;
    if (ways.by_record) LG_CHECK(add(internal, open + " ORDER BY changed DESC, id", bind, ids));
    if (ways.by_post) {
      const auto here = engine::in_divisions(in, worker.regions, bind);
      LG_CHECK(add(internal, open + here + " ORDER BY changed, id DESC", bind, ids));
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace landglass::web
