// What a pack must have and has not.
#include <algorithm>
#include <filesystem>
#include <map>

#include "engine/scenario.hpp"

namespace landglass::engine {
namespace {

namespace fs = std::filesystem;
using institution::Action;
using institution::Institution;

std::vector<const Action*> all_actions(const Institution& in) {
  std::vector<const Action*> list{&in.create};
  for (const auto& action : in.always) list.push_back(&action);
  const auto add = [&](const institution::Region& region) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) list.push_back(&action);
    }
  };
  add(in.main);
  for (const auto& region : in.parallel) add(region);
  return list;
}

bool has_state(const Institution& in, const std::string& state) {
  return in.main.find(state) != nullptr ||
         std::any_of(in.parallel.begin(), in.parallel.end(), [&](const auto& one) { return one.find(state) != nullptr; });
}

// Whether an institution's effects do this somewhere; what a behaviour orders stands in no file.
bool does(const Institution& in, const std::string& action) {
  if (!in.behaviour.empty()) return true;
  for (const auto* one : all_actions(in)) {
    for (const auto& effect : one->effects) {
      if (effect.action == action || effect.kind == institution::EffectKind::create) return true;
    }
    for (const auto& follow : one->follow) {
      if (follow.action == action || !follow.institution.empty()) return true;
    }
  }
  return false;
}

// Why nobody can do an action by this word of its `by`; empty where somebody can.
std::string nobody(const institution::Pack& pack, const Institution& in, const Action& action, const std::string& who) {
  if (who == "system" || who == "anyone" || who == "party" || who == "person" || who == "creator" || who == "consulted" ||
      who == "official")
    return {};
  if (who.starts_with('@')) return in.field(who.substr(1)) != nullptr ? "" : "no field " + who.substr(1);
  if (who.starts_with("via:")) {
    const auto* other = pack.current(who.substr(4));
    if (other == nullptr) return "no institution " + who.substr(4);
    return does(*other, action.name) ? "" : who.substr(4) + " never does it";
  }
  const auto* roles = pack.table("roles");
  return roles == nullptr || roles->find(who) != nullptr ? "" : "no role " + who;
}

}  // namespace

std::vector<std::string> inconsistencies(const institution::Pack& pack, const Coverage& coverage) {
  std::vector<std::string> list;
  std::map<std::string, std::string> first;  // the file in which a code stands first
  for (const auto* in : pack.all()) {
    const auto code = [&](const std::string& name) {
      if (!coverage.codes.contains(name)) list.push_back(in->file + ": " + name + " has no scenario");
      if (const auto& other = first.emplace(name, in->file).first->second; other != in->file)
        list.push_back(in->file + ": " + name + " stands in " + other + " too: a code means one thing");
    };
    const auto cite = [&](const institution::Law& law, const std::string& where) {
      if (!law.rule.empty() && pack.rule(law.rule) == nullptr)
        list.push_back(in->file + ": " + where + ": the rule " + law.rule + " is not in rules.yaml");
    };
    if (in->rows.empty()) list.push_back(in->file + ": row: which system it serves is not said");
    for (const auto& law : in->basis) cite(law, "basis");
    for (const auto& opening : in->open_to) cite(opening.law, "open_to." + opening.institution);
    for (const auto& parameter : in->parameters) cite(parameter.basis, "parameters." + parameter.name);
    const auto actions_of = [&](const institution::Region& region, const auto& each) {
      for (const auto& state : region.states) {
        for (const auto& action : state.actions) each(action, &state, region);
      }
    };
    // A word that no post holds shuts out whom the file meant, and nobody is told.
    const auto reads = [&](const std::string& role, const std::string& where) {
      const auto* roles = pack.table("roles");
      if (!role.empty() && !role.starts_with('@') && roles != nullptr && roles->find(role) == nullptr)
        list.push_back(in->file + ": " + where + ": seen_by: no role " + role);
    };
    for (const auto& role : in->seen_by) reads(role, "seen_by");
    for (const auto& field : in->fields) {
      for (const auto& one : field.seen_by) reads(one.role, field.name);
    }
    const auto names = all_actions(*in);
    for (const auto& fact : in->facts) {
      const auto* other = pack.current(fact.institution);
      for (const auto& where : fact.where) {
        for (const auto& state : where.states) {
          if (other != nullptr && !has_state(*other, state))
            list.push_back(in->file + ": facts." + fact.name + ": " + fact.institution + " has no state " + state);
        }
      }
    }
    const auto check_action = [&](const institution::Action& action) {
      cite(action.law, action.name);
      for (const auto& who : action.by) {
        if (const auto why = nobody(pack, *in, action, who); !why.empty())
          list.push_back(in->file + ": " + action.name + ": nobody may do it as " + who + ": " + why);
      }
      for (const auto& earlier : action.not_by) {
        if (std::none_of(names.begin(), names.end(), [&](const Action* one) { return one->name == earlier; }))
          list.push_back(in->file + ": " + action.name + ": not: no action " + earlier);
      }
      if (action.raise) {
        cite(action.raise->law, action.name + "." + action.raise->code);
        code(action.raise->code);
      }
      for (const auto& check : action.checks) {
        cite(check.law, action.name + "." + check.code);
        code(check.code);
      }
      if (action.verb == institution::Verb::none && !coverage.actions.contains(in->name + "." + action.name)) {
        list.push_back(in->file + ": the action " + action.name + " has no scenario");
      }
      for (const auto& effect : action.effects) {
        const std::string target = effect.kind == institution::EffectKind::create ? effect.institution : std::string();
        if (!target.empty() && pack.current(target) == nullptr)
          list.push_back(in->file + ": " + action.name + ": no institution " + target);
      }
      for (const auto& follow : action.follow) {
        if (!follow.institution.empty() && pack.current(follow.institution) == nullptr)
          list.push_back(in->file + ": " + action.name + ": no institution " + follow.institution);
      }
      for (const auto& paper : action.papers) {
        if (!fs::exists(fs::path(pack.folder()) / "papers" / (paper + ".paper"))) {
          list.push_back(in->file + ": " + action.name + ": no template papers/" + paper + ".paper");
        }
      }
      if (!action.grounds.empty() && pack.table(action.grounds) == nullptr) {
        list.push_back(in->file + ": " + action.name + ": no code table " + action.grounds);
      }
    };
    check_action(in->create);
    for (const auto& action : in->always) check_action(action);
    std::vector<const institution::Region*> regions{&in->main};
    for (const auto& region : in->parallel) regions.push_back(&region);
    for (const auto* region : regions) {
      actions_of(*region, [&](const institution::Action& action, const institution::State*, const institution::Region&) {
        check_action(action);
      });
      std::set<std::string> reached{region->initial};
      if (region == &in->main) {
        for (const auto& target : in->create.to) reached.insert(target.state);
      }
      for (bool grew = true; grew;) {
        grew = false;
        for (const auto& state : region->states) {
          if (!reached.contains(state.name)) continue;
          const auto reach = [&](const std::string& to) {
            if (!to.empty() && reached.insert(to).second) grew = true;
          };
          for (const auto& action : state.actions) {
            for (const auto& target : action.to) reach(target.state);
          }
          for (const auto& deadline : state.after) reach(deadline.to);
          for (const auto& action : in->always) {
            for (const auto& target : action.to) reach(target.state);
          }
          if (!state.phase.empty()) {
            for (const auto& other : region->states) reach(other.name);  // the behaviour says where it goes
          }
        }
      }
      for (const auto& state : region->states) {
        if (!reached.contains(state.name)) list.push_back(in->file + ": the state " + state.name + " cannot be reached");
        if (!state.final && state.actions.empty() && state.after.empty() && state.phase.empty() && in->always.empty()) {
          list.push_back(in->file + ": the state " + state.name + " is a dead end that is not final");
        }
        for (const auto& action : state.actions) {
          for (const auto& target : action.to) {
            if (region->find(target.state) == nullptr)
              list.push_back(in->file + ": " + action.name + ": no state " + target.state);
          }
        }
        for (const auto& deadline : state.after) {
          if (!deadline.to.empty() && region->find(deadline.to) == nullptr)
            list.push_back(in->file + ": " + deadline.name + ": no state " + deadline.to);
          // A number that a law sets, or that was chosen, is a dated parameter that says how sure it is.
          if (deadline.in && deadline.in->number != 0)
            list.push_back(in->file + ": " + deadline.name + ": its term is a number of the file, not a parameter");
          cite(deadline.law, deadline.name);
          if (deadline.raise) cite(deadline.raise->law, deadline.name + "." + deadline.raise->code);
          if (deadline.raise) code(deadline.raise->code);
        }
      }
    }
    for (const auto& field : in->fields) {
      if (!field.of.empty() && field.type == "ref" && field.of != institution::k_any && pack.current(field.of) == nullptr)
        list.push_back(in->file + ": " + field.name + ": no institution " + field.of);
      for (const auto& one : field.seen_by) {
        const auto* roles = pack.table("roles");
        if (roles != nullptr && roles->find(one.role) == nullptr)
          list.push_back(in->file + ": " + field.name + ": seen_by: no role " + one.role);
        const auto* office = in->field(one.at);
        if (!one.at.empty() && (office == nullptr || office->type != "ref"))
          list.push_back(in->file + ": " + field.name + ": seen_by: no ref field " + one.at);
        const auto* consent = in->field(one.when);
        if (!one.when.empty() && (consent == nullptr || consent->type != "boolean"))
          list.push_back(in->file + ": " + field.name + ": seen_by: no boolean field " + one.when);
      }
      if (!field.table.empty() && pack.table(field.table) == nullptr)
        list.push_back(in->file + ": " + field.name + ": no code table " + field.table);
    }
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace landglass::engine
