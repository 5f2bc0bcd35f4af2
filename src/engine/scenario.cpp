#include "engine/scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "engine/engine.hpp"
#include "institution/load.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Node;
namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::refuse("PACK-03", "无法读取文件", "cannot read the file", path.string());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

base::Time time_of(std::string_view text) {
  if (const auto date = base::parse_date(text)) return base::start_of(*date);
  std::string full(text);
  if (full.size() == 22) full.insert(16, ":00");  // 2011-03-01T09:00+08:00
  return base::parse_time(full).value_or(base::Time{});
}

// A scenario's world: an engine of its own, names for records, and the last answer.
class World {
 public:
  World(std::unique_ptr<institution::Pack> pack, std::vector<std::shared_ptr<institution::Behaviour>> behaviours,
        Coverage& coverage)
      : pack_(std::move(pack)), behaviours_(std::move(behaviours)), coverage_(coverage), clock_(base::Time{}), random_(1) {}

  Status begin(base::Time at) {
    clock_.set(at);
    LG_TRY(store_, store::open_sqlite({":memory:", "", true, 0}));
    Options options;
    options.origin = "scenario.invalid/log";
    options.threaded = false;
    options.anchor_every_ms = 36'500 * base::k_day;
    std::array<std::uint8_t, 32> seed{};
    LG_TRY(engine_, Engine::start(options, *store_, *pack_, behaviours_, clock_, random_,
                                  log::Signer(options.origin, log::KeyKind::log, seed)));
    engine_->listen([this](const std::vector<Published>& events) {
      for (const auto& event : events) note(event.institution, event.action, event.outcome, event.record);
    });
    return base::Done{};
  }

  // One step of a scenario or world; `then` may stand within it. Empty where it went as told, else why not.
  std::string step(const Node& node, const institution::Loading& at, bool must_succeed) {
    if (!node.at("wait").is_absent()) {
      const auto text = std::string(node.text("wait"));
      const auto literal = institution::load_literal(at, node.at("wait"));
      std::int64_t ms = 0;
      if (literal && literal->kind == law::Kind::days) {
        if (literal->day_kind == law::DayKind::working) {
          const auto from = base::date_of(clock_.now());
          ms = base::end_of(pack_->calendar().last_day(from, literal->number, law::DayKind::working)) - clock_.now();
        } else {
          ms = literal->number * base::k_day;
        }
      } else if (text.ends_with("m")) {
        ms = std::strtoll(text.c_str(), nullptr, 10) * base::k_minute;
      } else if (text.ends_with("s")) {
        ms = std::strtoll(text.c_str(), nullptr, 10) * base::k_second;
      } else if (text.ends_with("h")) {
        ms = std::strtoll(text.c_str(), nullptr, 10) * base::k_hour;
      } else {
        return "wait does not read: " + text;
      }
      pass(clock_.now() + ms);
      last_.reset();
    } else if (!node.at("until").is_absent()) {
      const auto until = time_of(node.text("until"));
      if (until <= clock_.now()) return "until is not later than now: " + std::string(node.text("until"));
      pass(until);
      last_.reset();
    } else if (!node.at("find").is_absent()) {
      if (auto why = seek(node); !why.empty()) return why;
    } else if (!node.at("by").is_absent()) {
      auto command = command_of(node);
      if (!command) return base::explain(command.trouble());
      raised_.clear();
      papers_.clear();
      last_ = engine_->call(std::move(*command));
      const auto name = std::string(node.text("as"));
      if (*last_ && !name.empty()) names_[name] = (**last_).record;
      if (*last_) {
        record_ = (**last_).record;
        settle();
      } else if ((*last_).refused()) {
        coverage_.codes.insert((*last_).refusal().code);
      }
      if (must_succeed && node.at("then").is_absent() && !*last_) return base::explain(last_->trouble());
    }
    for (const auto* then : listed(node.at("then"))) {
      if (auto why = expect(*then, at); !why.empty()) return why;
    }
    return {};
  }

  std::string expect(const Node& then, const institution::Loading&) {
    if (const auto code = then.text("refused"); !code.empty()) {
      if (!last_) return "nothing was done that could be refused";
      if (*last_) return "expected a refusal " + std::string(code) + ", but it took place";
      if (!last_->refused() || last_->refusal().code != code)
        return "expected " + std::string(code) + ", got " + base::explain(last_->trouble());
      if (const auto detail = then.text("detail");
          !detail.empty() && last_->refusal().detail.find(detail) == std::string::npos) {
        return "expected the detail to say '" + std::string(detail) + "', got " + base::explain(last_->trouble());
      }
      return {};
    }
    if (last_ && !*last_) return base::explain(last_->trouble());
    std::string id = record_;
    if (const auto on = then.text("on"); !on.empty()) id = resolve(on);
    std::string why;
    engine_->inspect([&](institution::Registry& registry, Cache& cache) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) {
        why = "no such record: " + id;
        return;
      }
      why = compare(then, **found, registry);
    });
    if (!why.empty()) return id + ": " + why;
    for (const auto& item : then.at("raised").items) {
      coverage_.codes.insert(item.scalar);
      if (!all_raised_.contains(item.scalar)) return "expected a warning " + item.scalar;
    }
    for (const auto& item : then.at("papers").items) {
      if (!papers_.contains(item.scalar)) return "expected the paper " + item.scalar;
    }
    return {};
  }

 private:
  static std::vector<const Node*> listed(const Node& node) {
    std::vector<const Node*> list;
    if (node.is_sequence()) {
      for (const auto& item : node.items) list.push_back(&item);
    } else if (node.is_mapping()) {
      list.push_back(&node);
    }
    return list;
  }

  std::string resolve(std::string_view name) const {
    const auto found = names_.find(std::string(name));
    return found == names_.end() ? std::string(name) : found->second;
  }

  // Gives a name to the one record that fits: what an effect or the machine made has an id that no scenario can know
  // beforehand.
  std::string seek(const Node& node) {
    const auto wanted = std::string(node.text("find"));
    const auto* in = pack_->current(wanted);
    if (in == nullptr) return "no such institution: " + wanted;
    std::vector<std::string> fits;
    engine_->inspect([&](institution::Registry&, Cache& cache) {
      for (const auto& id : known_[wanted]) {
        const auto found = cache.find(id);
        if (!found || *found == nullptr) continue;
        const auto& record = **found;
        const auto& where = node.at("where").members;
        const bool all = std::all_of(where.begin(), where.end(), [&](const auto& part) {
          if (part.first == "state") return record.state == part.second.scalar;
          const auto* value = record.fields.find(part.first);
          return value != nullptr && *value == value_of(part.second, in->field(part.first));
        });
        if (all) fits.push_back(id);
      }
    });
    if (fits.size() != 1) return "find " + wanted + ": expected one, there are " + std::to_string(fits.size());
    names_[std::string(node.text("as"))] = record_ = fits.front();
    last_.reset();
    return {};
  }

  // Names of records stand with a leading '$' in given values: {scheme: $scheme}.
  Json value_of(const Node& node, const institution::Field* field) const {
    if (node.is_sequence()) {
      base::JsonArray array;
      for (const auto& item : node.items)
        array.push_back(value_of(item, field != nullptr && field->items ? field->items.get() : nullptr));
      return array;
    }
    if (node.is_mapping()) {
      JsonObject object;
      for (const auto& [key, item] : node.members) {
        const institution::Field* member = nullptr;
        if (field != nullptr) {
          for (const auto& one : field->members) {
            if (one.name == key) member = &one;
          }
        }
        object[key] = value_of(item, member);
      }
      return object;
    }
    if (!node.quoted && node.scalar == "null") return Json();
    if (node.scalar.starts_with('$')) {
      const auto dot = node.scalar.find('.');
      return resolve(node.scalar.substr(1, dot == std::string::npos ? std::string::npos : dot - 1));
    }
    if (field != nullptr) {
      if (field->type == "integer" && node.integer()) return *node.integer();
      if (field->type == "boolean") return node.is_true();
      if (field->type == "money" || field->type == "area") {
        const auto literal = institution::load_literal({"scenario"}, node);
        if (literal && literal->kind == law::Kind::money) return base::money_text({literal->number});
        if (literal && literal->kind == law::Kind::area) return base::area_text({literal->number});
      }
      if (field->type == "time") return base::format_utc(time_of(node.scalar));
    } else {
      if (const auto number = node.integer()) return *number;
      if (!node.quoted && (node.scalar == "true" || node.scalar == "false")) return node.is_true();
    }
    return node.scalar;
  }

  Result<Command> command_of(const Node& node) {
    Command command;
    const auto n = std::to_string(++count_);
    command.id = base::to_hex(base::sha256(base::as_bytes("scenario " + n))).substr(0, 32);
    auto by = std::string(node.text("by"));
    by = resolve(by.starts_with('$') ? std::string_view(by).substr(1) : std::string_view(by));
    command.actor = by;
    command.post = node.text("post").empty() ? std::string() : resolve(node.text("post"));
    const institution::Institution* in = nullptr;
    if (const auto create = node.text("create"); !create.empty()) {
      command.institution = create;
      in = pack_->current(create);
      if (in == nullptr) return base::refuse("EN-01", "没有此制度", "no such institution: " + std::string(create));
    } else {
      command.record = resolve(node.text("on").starts_with('$') ? node.text("on").substr(1) : node.text("on"));
      command.action = node.text("do");
      in = pack_->current(command.record.substr(0, command.record.find('/')));
    }
    for (const auto& [key, value] : node.at("with").members) {
      command.fields[key] = value_of(value, in == nullptr ? nullptr : in->field(key));
    }
    if (!node.at("as_of").is_absent()) command.as_of = time_of(node.text("as_of"));
    if (!node.at("version").is_absent())
      command.expects = static_cast<std::uint64_t>(node.at("version").integer().value_or(0));
    command.late_entry = node.at("late_entry").is_true();
    // Officials' keys are tested where signatures are made and verified; here the act counts as signed unless said
    // otherwise.
    if (node.text("signed") != "false") command.sig = log::LeafSignature{"es256", "", ""};
    return command;
  }

  std::string compare(const Node& then, const institution::Record& record, institution::Registry& registry) {
    if (const auto state = then.text("state"); !state.empty() && record.state != state) {
      return "expected state " + std::string(state) + ", is " + record.states();
    }
    for (const auto& [region, state] : then.at("parallel").members) {
      const auto place = record.parallel.find(region);
      if (place == record.parallel.end() || place->second != state.scalar)
        return "expected " + region + ":" + state.scalar + ", is " + record.states();
    }
    const auto* in = registry.institution_of(record);
    const auto same = [&](const JsonObject& fields, const std::string& name, const Node& wanted) -> std::string {
      const auto* value = fields.find(name);
      if (wanted.is_scalar() && !wanted.quoted && wanted.scalar == "absent") {
        return value == nullptr ? std::string() : "expected no " + name + ", is " + base::canonical(*value);
      }
      const auto json = value_of(wanted, in == nullptr ? nullptr : in->field(name));
      if (value != nullptr && *value == json) return {};
      return "expected " + name + " = " + base::canonical(json) + ", is " +
             (value == nullptr ? "absent" : base::canonical(*value));
    };
    for (const auto& [name, wanted] : then.at("fields").members) {
      if (auto why = same(record.fields, name, wanted); !why.empty()) return why;
    }
    if (!then.at("public").is_absent()) {
      const auto open = registry.publish(record);
      const JsonObject fields = open ? open->at("fields").as_object() : JsonObject();
      for (const auto& [name, wanted] : then.at("public").members) {
        if (auto why = same(fields, name, wanted); !why.empty()) return "public: " + why;
      }
    }
    for (const auto& [name, wanted] : then.at("due").members) {
      const auto timer = record.timers.find(name);
      if (wanted.scalar == "absent") {
        if (timer != record.timers.end()) return "expected no deadline " + name;
      } else if (timer == record.timers.end()) {
        return "expected a deadline " + name;
      } else if (wanted.scalar == "paused") {
        if (!timer->second.left_ms) return "expected the deadline " + name + " to be paused";
      } else if (timer->second.left_ms || timer->second.due != time_of(wanted.scalar)) {
        return "expected " + name + " due " + wanted.scalar + ", is " +
               (timer->second.left_ms ? "paused" : base::format_local(timer->second.due));
      }
    }
    if (!then.at("holds").is_absent() &&
        static_cast<std::int64_t>(record.holds.size()) != then.at("holds").integer().value_or(-1)) {
      return "expected " + then.at("holds").scalar + " holds, are " + std::to_string(record.holds.size());
    }
    return {};
  }

  void note(const std::string& institution, const std::string& action, const JsonObject& outcome,
            const std::string& record) {
    known_[institution].insert(record);
    coverage_.actions.insert(institution + "." +
                             action.substr(0, action.find(':') == std::string::npos || action.starts_with("due:")
                                                  ? std::string::npos
                                                  : action.find(':')));
    const auto& json = outcome;
    if (const auto* raise = json.at("raise").if_array()) {
      for (const auto& one : *raise) {
        raised_.insert(std::string(one.text("code")));
        all_raised_.insert(std::string(one.text("code")));
      }
    }
    if (const auto* papers = json.at("papers").if_array()) {
      for (const auto& one : *papers) papers_.insert(one.as_string());
    }
  }

  void settle() {
    for (int i = 0; i < 1'000 && engine_->step(); ++i) {
    }
  }

  // Time passes as it would: every deadline fires at its own instant.
  void pass(base::Time until) {
    raised_.clear();
    papers_.clear();
    settle();
    for (int i = 0; i < 100'000; ++i) {
      const auto due = engine_->next_due();
      if (!due || *due > until) break;
      if (*due > clock_.now()) clock_.set(*due);
      settle();
    }
    clock_.set(until);
    settle();
  }

  std::unique_ptr<institution::Pack> pack_;
  std::vector<std::shared_ptr<institution::Behaviour>> behaviours_;
  Coverage& coverage_;
  base::VirtualClock clock_;
  base::SeededRandom random_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Engine> engine_;
  std::map<std::string, std::string> names_;
  std::map<std::string, std::set<std::string>> known_;  // records by institution
  std::string record_;
  std::optional<Result<Answer>> last_;
  std::set<std::string> raised_;
  std::set<std::string> all_raised_;
  std::set<std::string> papers_;
  int count_ = 0;
};

// A world's steps, after those of the worlds it includes; it begins when the innermost one says.
struct Ground {
  base::Time at;
  std::vector<Node> steps;
};
Status read_world(const fs::path& folder, const std::string& name, int depth, Ground& ground) {
  if (depth > 16) return base::refuse("PACK-03", "世界文件互相包含", "worlds include each other", name);
  LG_TRY(auto text, read_file(folder / name));
  LG_TRY(auto world, institution::read_yaml(text, name));
  LG_CHECK(institution::only({name}, world, {"at", "include", "given"}));
  if (const auto inner = world.text("include"); !inner.empty())
    LG_CHECK(read_world(folder, std::string(inner), depth + 1, ground));
  if (!world.at("at").is_absent()) {
    if (ground.at.ms > 0)
      return base::refuse("PACK-03", "世界的起点已定", "the world it includes says when it begins", name);
    ground.at = time_of(world.text("at"));
  }
  const auto& steps = world.at("given").items;
  ground.steps.insert(ground.steps.end(), steps.begin(), steps.end());
  return base::Done{};
}

}  // namespace

Result<std::vector<Played>> play_scenarios(const std::string& pack_folder, const std::string& data_folder,
                                           const std::string& only, const Behaviours& behaviours, Coverage& coverage) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(pack_folder)) {
    const auto path = entry.path().string();
    if (path.ends_with(".test.yaml") && (only.empty() || path.find(only) != std::string::npos))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Played> played;
  for (const auto& path : files) {
    LG_TRY(auto text, read_file(path));
    LG_TRY(auto root, institution::read_yaml(text, path.filename().string()));
    const institution::Loading at{path.filename().string()};
    LG_CHECK(institution::only(at, root, {"institution", "world", "scenarios"}));
    for (const auto& scenario : root.at("scenarios").items) {
      LG_CHECK(institution::only(at, scenario, {"name", "at", "world", "given", "when", "then", "steps", "law"}));
      const auto name = scenario.text("world").empty() ? root.text("world") : scenario.text("world");
      Ground world;
      if (!name.empty()) LG_CHECK(read_world(pack_folder, std::string(name), 0, world));
      Played one{path.string(), std::string(root.text("institution")), std::string(scenario.text("name")), false, {}};
      LG_TRY(auto pack, institution::Pack::load(pack_folder, data_folder));
      World here(std::move(pack), behaviours(), coverage);
      const auto start = time_of(scenario.text("at"));
      // The world's people were there a month before; a world may say another instant.
      LG_CHECK(here.begin(world.at.ms == 0 ? start + -30 * base::k_day : world.at));
      int number = 0;
      for (const auto& step : world.steps) {
        ++number;
        if (one.why = here.step(step, at, true); !one.why.empty()) {
          one.why = "world, step " + std::to_string(number) + " (line " + std::to_string(step.line) + "): " + one.why;
          break;
        }
      }
      const auto run = [&](const Node& node, bool must, const char* what) {
        if (!one.why.empty()) return;
        one.why = here.step(node, at, must);
        if (!one.why.empty()) one.why = std::string(what) + " at line " + std::to_string(node.line) + ": " + one.why;
      };
      if (one.why.empty() && !scenario.at("at").is_absent()) {
        Node until;
        until.form = Node::Form::mapping;
        Node value;
        value.form = Node::Form::scalar;
        value.scalar = std::string(scenario.text("at"));
        until.members.emplace_back("until", value);
        run(until, true, "start");
      }
      for (const auto& step : scenario.at("given").items) run(step, true, "given");
      if (scenario.at("when").is_mapping()) run(scenario.at("when"), false, "when");
      for (const auto& step : scenario.at("when").items) run(step, false, "when");
      for (const auto& step : scenario.at("steps").items) run(step, true, "step");
      if (one.why.empty()) {
        Node then;
        then.form = Node::Form::mapping;
        then.line = scenario.at("then").line;
        then.members.emplace_back("then", scenario.at("then"));
        run(then, false, "then");
      }
      one.passed = one.why.empty();
      played.push_back(std::move(one));
    }
  }
  return played;
}

std::vector<std::string> inconsistencies(const institution::Pack& pack, const Coverage& coverage) {
  std::vector<std::string> list;
  for (const auto* in : pack.all()) {
    const auto cite = [&](const institution::Law& law, const std::string& where) {
      if (!law.rule.empty() && pack.rule(law.rule) == nullptr)
        list.push_back(in->file + ": " + where + ": the rule " + law.rule + " is not in rules.yaml");
    };
    for (const auto& law : in->basis) cite(law, "basis");
    for (const auto& parameter : in->parameters) cite(parameter.basis, "parameters." + parameter.name);
    const auto actions_of = [&](const institution::Region& region, const auto& each) {
      for (const auto& state : region.states) {
        for (const auto& action : state.actions) each(action, &state, region);
      }
    };
    const auto check_action = [&](const institution::Action& action) {
      cite(action.law, action.name);
      for (const auto& check : action.checks) {
        cite(check.law, action.name + "." + check.code);
        if (!coverage.codes.contains(check.code)) list.push_back(in->file + ": " + check.code + " has no scenario");
      }
      if (action.verb == institution::Verb::none && !coverage.actions.contains(in->name + "." + action.name)) {
        list.push_back(in->file + ": the action " + action.name + " has no scenario");
      }
      for (const auto& effect : action.effects) {
        const std::string target = effect.kind == institution::EffectKind::create ? effect.institution : std::string();
        if (!target.empty() && pack.current(target) == nullptr)
          list.push_back(in->file + ": " + action.name + ": no institution " + target);
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
        if (in->sealed() && !state.after.empty())
          list.push_back(in->file + ": " + state.name + ": a sealed institution keeps no timers");
        for (const auto& deadline : state.after) {
          if (!deadline.to.empty() && region->find(deadline.to) == nullptr)
            list.push_back(in->file + ": " + deadline.name + ": no state " + deadline.to);
          if (deadline.raise && !coverage.codes.contains(deadline.raise->code))
            list.push_back(in->file + ": " + deadline.raise->code + " has no scenario");
        }
      }
    }
    for (const auto& field : in->fields) {
      if (!field.of.empty() && field.type == "ref" && pack.current(field.of) == nullptr)
        list.push_back(in->file + ": " + field.name + ": no institution " + field.of);
      if (!field.table.empty() && pack.table(field.table) == nullptr)
        list.push_back(in->file + ": " + field.name + ": no code table " + field.table);
    }
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace landglass::engine
