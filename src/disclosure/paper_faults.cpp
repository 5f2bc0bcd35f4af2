// A template whose fields nothing binds would fail on the day of the act: a pack with one does not load as consistent.

#include <algorithm>
#include <set>

#include "disclosure/archive.hpp"

namespace landglass::disclosure {

using institution::Action;
using institution::FactKind;
using institution::Institution;

namespace {

class Faults {
 public:
  Faults(const institution::Pack& pack, const Templates& templates) : pack_(pack), templates_(templates) {}

  std::vector<std::string> all() {
    for (const auto* in : pack_.all()) {
      std::set<std::string> seen;
      each_action(*in, [&](const Action& action) {
        for (const auto& paper : action.papers) {
          if (seen.insert(action.name + " " + paper).second) printed(*in, action, paper);
        }
      });
    }
    for (const auto& [name, paper] : templates_) {
      for (const auto& bound : paper.bound()) prints(paper, bound);
    }
    return std::move(faults_);
  }

 private:
  void fault(const std::string& where, const std::string& what) { faults_.push_back("PAPER-10 " + where + ": " + what); }
  static std::string at(const Template& paper, int line) { return paper.name() + ".paper:" + std::to_string(line); }

  void printed(const Institution& in, const Action& action, const std::string& name) {
    const auto where = in.name + " " + action.name;
    const auto* paper = templates_.find(name);
    if (paper == nullptr) return fault(where, "there is no template papers/" + name + ".paper");
    const auto* bound = paper->bound(in.name, action.name);
    if (bound == nullptr) return fault(where, name + ".paper has no `from " + in.name + "`");
    std::set<std::string> given{"demonstration"};
    for (const auto& binding : bound->fields) {
      given.insert(binding.field.substr(0, binding.field.find('.')));
      const auto item = binding.field.find('.', binding.field.find('.') + 1);
      if (item != std::string::npos)
        given.insert(binding.field.substr(0, binding.field.find('.')) + binding.field.substr(item));
    }
    for (const auto& field : paper->fields()) {
      const auto dot = field.find('.');
      if (given.contains(field) || (dot != std::string::npos && given.contains(field.substr(dot + 1)))) continue;
      // The items of a list that one expression gives have the members that its field has.
      if (dot != std::string::npos && whole_list(*bound, field.substr(0, dot))) continue;
      fault(where, "nothing binds {{" + field + "}} of " + at(*paper, bound->line));
    }
  }
  static bool whole_list(const Bound& bound, const std::string& name) {
    return std::any_of(bound.fields.begin(), bound.fields.end(), [&](const Binding& one) { return one.field == name; });
  }

  void prints(const Template& paper, const Bound& bound) {
    const auto* in = pack_.current(bound.institution);
    if (in == nullptr) return fault(at(paper, bound.line), "there is no institution " + bound.institution);
    std::set<std::string> acts;
    each_action(*in, [&](const Action& action) {
      if (std::find(action.papers.begin(), action.papers.end(), paper.name()) != action.papers.end())
        acts.insert(action.name);
    });
    if (acts.empty()) return fault(at(paper, bound.line), "no act of " + bound.institution + " prints this paper");
    for (const auto& action : bound.actions) {
      if (!acts.contains(action)) fault(at(paper, bound.line), "the act " + action + " does not print this paper");
    }
    for (const auto& lookup : bound.lookups) {
      if (pack_.current(lookup.institution) == nullptr)
        fault(at(paper, lookup.line), "there is no institution " + lookup.institution);
    }
    const auto schema = paper_schema(*in, bound, pack_);
    for (const auto& lookup : bound.lookups) reads(paper, *in, schema, lookup.source, lookup.line);
    const auto wanted = paper.fields();
    for (const auto& binding : bound.fields) {
      const auto top = binding.field.substr(0, binding.field.find('.'));
      if (std::find(wanted.begin(), wanted.end(), top) == wanted.end())
        fault(at(paper, binding.line), "the template has no {{" + top + "}}");
      if (binding.source != "changes") reads(paper, *in, schema, binding.source, binding.line);
    }
  }

  void reads(const Template& paper, const Institution& in, const law::Schema& schema, const std::string& source, int line) {
    const auto expression = law::Expression::compile(source, schema);
    if (!expression) return fault(at(paper, line), base::explain(expression.trouble()));
    for (const auto& path : expression->reads()) {
      const auto* fact = in.fact(path.substr(0, path.find('.')));
      if (fact == nullptr || fact->kind == FactKind::ref) continue;
      const bool of_now = fact->kind == FactKind::count || fact->kind == FactKind::sum ||
                          std::any_of(fact->where.begin(), fact->where.end(),
                                      [](const institution::Where& where) { return where.field == "state"; });
      if (of_now)
        fault(at(paper, line),
              "the fact " + fact->name + " says what is now, and a paper says what was: name no state in it");
    }
  }

  const institution::Pack& pack_;
  const Templates& templates_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> paper_faults(const institution::Pack& pack, const Templates& templates) {
  return Faults(pack, templates).all();
}

}  // namespace landglass::disclosure
