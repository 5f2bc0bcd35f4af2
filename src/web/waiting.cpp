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
  bool by_kind = false;  // of any party, or any person: the record need not name him
  std::set<std::string> by_column;
  std::set<std::string> by_record;  // what a record says somewhere of whom it waits for: himself, or his office
  void add(const Institution& in, const Action& action, const Worker& worker) {
    if (!is_task(in, action)) return;
    for (const auto& who : action.by) {
      if (has(worker.roles, who) || (who == "official" && !worker.regions.empty())) {
        by_post = true;
      } else if (const auto* field = naming(in, who, worker.actor)) {
        const bool column = field->type == "ref" && !field->is_private && !field->locked;
        column ? by_column.insert(engine::column_name(*field)) : by_record.insert(worker.actor);
      } else if (who == "creator") {
        by_record.insert(worker.actor);
      } else if (who == "consulted") {
        by_record.insert(worker.offices.begin(), worker.offices.end());
      } else if ((who == "party" || who == "person") && worker.actor.starts_with(who + "/")) {
        by_kind = true;
      }
    }
  }
};

// Of one way one round: a table's rows under a condition.
class Sweep {
 public:
  Sweep(store::Reader& reader, int number) : reader_(reader), number_(number) {}

  base::Status add(const std::string& table, const std::string& where, const std::vector<Json>& bind) {
    // The ticks of a sale are no deadline of anybody's.
    static const std::string k_runs = "SELECT min(due) FROM timers WHERE record = r.id AND name NOT IN ('tick', 'settle')";
    const auto from = " FROM " + table + " AS r WHERE 1 = 1" + where;
    LG_CHECK(take("SELECT id" + from + " AND (" + k_runs + ") IS NULL ORDER BY changed, id", bind));
    return take("SELECT id" + from + " AND (" + k_runs + ") IS NOT NULL ORDER BY (" + k_runs + "), id", bind);
  }

  Waiting found;

 private:
  base::Status take(const std::string& sql, const std::vector<Json>& bind) {
    LG_TRY(const auto rows,
           reader_.query(sql + " LIMIT " + std::to_string(k_waiting + 1) + " OFFSET " + std::to_string(number_ * k_waiting),
                         bind));
    for (std::size_t i = 0; i < rows.size() && i < k_waiting; ++i) found.ids.push_back(rows[i][0].as_string());
    found.more = found.more || rows.size() > k_waiting;
    return base::Done{};
  }

  store::Reader& reader_;
  int number_;
};

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

base::Result<Waiting> waiting_records(store::Reader& internal, const Institution& in, const Worker& worker, int round) {
  Ways everywhere;
  for (const auto& action : in.always) everywhere.add(in, action, worker);
  for (const auto& region : in.parallel) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) everywhere.add(in, action, worker);
    }
  }
  Sweep one(internal, round);
  const auto table = engine::Cache::table_of(in.name);
  const auto open = table + "_public";  // which alone is found by state
  for (const auto& state : in.main.states) {
    if (state.final && in.parallel.empty()) continue;
    auto ways = everywhere;
    for (const auto& action : state.actions) ways.add(in, action, worker);
    std::vector<Json> bind;
    const auto stands = engine::in_state(in, state.name, bind);
    for (const auto& column : ways.by_column) {
      auto named = bind;
      named.emplace_back(worker.actor);
      LG_CHECK(one.add(table, stands + " AND " + column + " = ?", named));
    }
    if (ways.by_kind) {
      LG_CHECK(one.add(open, stands, bind));
    } else if (!ways.by_record.empty()) {
      auto named = bind;
      std::string says;
      for (const auto& whom : ways.by_record) {
        says += (says.empty() ? "" : " OR ") + std::string("instr(doc, ?) > 0");
        named.emplace_back('"' + whom + '"');
      }
      LG_CHECK(
          one.add(open, stands + " AND id IN (SELECT id FROM " + table + " WHERE id = r.id AND (" + says + "))", named));
    }
    if (ways.by_post) {
      const auto here = engine::in_divisions(in, worker.regions, bind);
      LG_CHECK(one.add(open, stands + here, bind));
    }
  }
  auto& ids = one.found.ids;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return std::move(one.found);
}

}  // namespace landglass::web
