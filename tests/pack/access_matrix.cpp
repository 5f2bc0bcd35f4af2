// Who may do what, in every institution of the pack and every state: tried through `decide` with a person of each role, a
// party, the machine, nobody in post and a whole other county, and held against what the file says and against access.txt,
// which people have read. `access_matrix packs/cn-land build/data tests/pack/access.txt [--update]`.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "institution/registry.hpp"
#include "institution/sight.hpp"
#include "institution/signed_act.hpp"
#include "institution/verbs.hpp"
#include "text_like.hpp"

using namespace landglass;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using institution::Action;
using institution::Field;
using institution::Institution;
using institution::Record;

namespace {

constexpr std::string_view k_place = "350124";
constexpr std::string_view k_elsewhere = "350123";
const base::Time k_now = base::parse_time("2012-03-01T01:00:00.000Z").value();

class Table final : public institution::Shelf {
 public:
  base::Result<Record*> find(std::string_view id) override {
    const auto place = records_.find(std::string(id));
    return place == records_.end() ? nullptr : &place->second;
  }
  Record& add(Record record) override {
    auto id = record.id;
    return records_.insert_or_assign(std::move(id), std::move(record)).first->second;
  }
  void touched(Record&) override {}
  base::Result<std::int64_t> tally(std::string_view, bool) override { return 0; }
  void put_tally(std::string_view, std::int64_t, bool) override {}
  base::Result<std::vector<std::string>> index(std::string_view key, bool) override {
    const auto place = indexes_.find(std::string(key));
    return place == indexes_.end() ? std::vector<std::string>{} : place->second;
  }
  void put_index(std::string_view key, const std::vector<std::string>& ids, bool) override {
    indexes_[std::string(key)] = ids;
  }
  bool witnessed(const Record&) override { return true; }
  base::Result<std::string> file(std::string_view) override { return base::refuse("FILE-02", "无", "none"); }
  void remove(const std::string& id) { records_.erase(id); }

 private:
  std::map<std::string, Record> records_;
  std::map<std::string, std::vector<std::string>> indexes_;
};

// Stands for a behaviour and adds nothing: what is asked here is the file's.
class Silent final : public institution::Behaviour {
 public:
  explicit Silent(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  bool answers(std::string_view, std::string_view) const override { return false; }
  base::Result<institution::BehaviourOutcome> joins(const Record&, const Record&, const institution::Command&, base::Time,
                                                    institution::Look&) override {
    return institution::BehaviourOutcome{};
  }
  base::Result<institution::BehaviourOutcome> decide(const Record&, const institution::Command&, base::Time,
                                                     institution::Look&) override {
    return institution::BehaviourOutcome{};
  }
  void evolve(Record&, const log::Change&, const JsonObject&, base::Time) override {}
  std::unique_ptr<institution::BehaviourState> load(const Json&) const override { return nullptr; }

 private:
  std::string name_;
};

Json sample(const Field& field, const institution::Pack& pack) {
  if (field.locked) return JsonObject{};
  if (field.type == "integer") return field.min.value_or(1);
  if (field.type == "boolean") return true;
  if (field.type == "money") return base::money_text({field.min.value_or(100)});
  if (field.type == "area") return base::area_text({field.min.value_or(100)});
  if (field.type == "ratio") return "50%";
  if (field.type == "date") return "2012-03-01";
  if (field.type == "time") return "2012-03-01T01:00:00.000Z";
  if (field.type == "file") return std::string(64, '1');
  if (field.type == "ref") return (field.of.empty() ? std::string("party") : field.of) + "/x";
  if (field.type == "list") return JsonArray{sample(*field.items, pack)};
  if (field.type == "code") {
    if (field.table == "divisions") return std::string(k_place);
    if (!field.values.empty()) return field.values.front().key;
    const auto* table = pack.table(field.table);
    return table == nullptr || table->values.empty() ? Json() : Json(table->values.front().key);
  }
  if (field.type == "record") {
    JsonObject object;
    for (const auto& member : field.members) object[member.name] = sample(member, pack);
    return object;
  }
  if (field.type == "json") return JsonObject{};
  return field.pattern.empty() ? std::string("x") : landglass::tests::text_like(field.pattern);
}

Record tried(const Institution& in) {
  Record record;
  record.id = in.name + "/tried";
  record.institution = in.name;
  record.file = in.hash;
  record.tree = in.tree;
  record.version = 1;
  return record;
}

struct House {
  Table table;
  std::unique_ptr<institution::Pack> pack;
  std::unique_ptr<institution::Registry> registry;
  std::map<std::string, std::string> who;  // label -> actor
  std::vector<std::string> roles;

  void put(const std::string& id, JsonObject fields) {
    const auto name = id.substr(0, id.find('/'));
    const auto* in = pack->current(name);
    Record record;
    record.id = id;
    record.institution = name;
    record.file = in->hash;
    record.state = in->main.initial;
    record.version = 1;
    record.created = k_now;
    record.fields = std::move(fields);
    table.add(std::move(record));
  }
  void seat(const std::string& person, const std::string& office, JsonArray held) {
    put("person/" + person, {{"key", person}});
    put("post/" + person, {{"office", office}, {"roles", std::move(held)}});
    put("appointment/" + person, {{"person", "person/" + person}, {"post", "post/" + person}, {"from", "2007-01-01"}});
    table.put_index("seats|person/" + person, {"appointment/" + person}, false);
  }
  bool build(const std::string& folder, const std::string& data) {
    auto loaded = institution::Pack::load(folder, data);
    if (!loaded) {
      std::fprintf(stderr, "%s\n", base::explain(loaded.trouble()).c_str());
      return false;
    }
    pack = std::move(*loaded);
    std::set<std::string> named;
    for (const auto* in : pack->all()) {
      if (!in->behaviour.empty()) named.insert(in->behaviour);
    }
    std::vector<std::shared_ptr<institution::Behaviour>> behaviours;
    for (const auto& name : named) behaviours.push_back(std::make_shared<Silent>(name));
    registry = std::make_unique<institution::Registry>(*pack, table, std::move(behaviours));
    put("office/here", {{"region", std::string(k_place)}, {"short", "某"}});
    put("office/there", {{"region", std::string(k_elsewhere)}, {"short", "某"}});
    put("party/p", {{"key", "p"}, {"kind", "organisation"}});
    put("person/idle", {{"key", "idle"}});
    JsonArray all;
    for (const auto& role : pack->table("roles")->values) {
      roles.push_back(role.key);
      all.emplace_back(role.key);
      seat(role.key, "office/here", JsonArray{role.key});
      who[role.key] = "person/" + role.key;
    }
    seat("far", "office/there", std::move(all));
    who["party"] = "party/p";
    who["idle"] = "person/idle";
    who["system"] = "system";
    return true;
  }
};

bool lists(const std::vector<std::string>& names, std::string_view wanted) {
  return std::find(names.begin(), names.end(), wanted) != names.end();
}

// What the file promises to this kind of actor.
bool promised(const Action& action, const std::string& label, const House& house) {
  if (lists(action.by, label) || lists(action.by, "anyone")) return true;
  if (label == "party" || label == "system") return false;
  if (lists(action.by, "person")) return true;
  return label != "idle" && lists(action.by, "official") && lists(house.roles, label);
}

// Of a joint act how many, or one for each place: " (together: director + auditor|discipline)".
std::string together(const Action& action) {
  if (action.joint <= 1) return {};
  std::string places;
  for (const auto& place : action.joint_of) {
    std::string either;
    for (const auto& who : place) either += (either.empty() ? "" : "|") + who;
    places += (places.empty() ? "" : " + ") + either;
  }
  return " (together: " + (places.empty() ? std::to_string(action.joint) : places) + ")";
}

struct Trial {
  House& house;
  std::vector<std::string> faults;
  std::map<std::string, std::set<std::string>> rows;  // "institution action: who" -> states

  void fault(const std::string& text) { faults.push_back(text); }

  // Whether the door opens: every other refusal stands behind it.
  // What does not read is refused before, so a sample that is no good shows as a door that is open to all.
  bool let_in(const institution::Command& command) {
    const auto decided = house.registry->decide(command, k_now);
    if (decided) return true;
    if (decided.failed()) return true;  // past permission, where this bare house has nothing to go on with
    return decided.refusal().code != "EN-04";
  }

  void try_action(const Institution& in, const Action& action, const std::string& state, const std::string& region) {
    const bool creating = state.empty();
    const auto what = in.name + " " + action.name + (creating ? "" : " [" + state + "]");
    institution::Command command;
    command.id = std::string(32, '7');
    if (creating) {
      command.institution = in.name;
    } else {
      command.record = in.name + "/tried";
      command.action = action.name;
    }
    for (const auto& name : action.give) {
      const auto* field = institution::given_field(in, name);
      const bool due = lists(action.need, name) || (creating && (name == "region" || name == in.id_from || field->required));
      if (!due) continue;
      command.fields[name] = sample(*field, *house.pack);
    }
    if (const auto* grounds = action.grounds.empty() ? nullptr : house.pack->table(action.grounds))
      command.fields["ground"] = grounds->values.front().key;
    const bool located = in.field("region") != nullptr && (!creating || lists(action.give, "region"));
    auto record = tried(in);
    record.created = k_now;
    record.state = in.main.initial;
    for (const auto& other : in.parallel) record.parallel[other.name] = other.initial;
    (region.empty() ? record.state : record.parallel[region]) = creating ? in.main.initial : state;
    if (in.field("region") != nullptr) record.fields["region"] = std::string(k_place);
    record.done["@create"] = {"person/creator", "", k_now};
    record.opinions["office/consulted"] = JsonObject{};
    const auto attempt = [&](const std::string& actor, const Record& on) {
      if (!creating) house.table.add(on);
      command.actor = actor;
      const bool in_by = let_in(command);
      house.table.remove(record.id);
      return in_by;
    };
    std::set<std::string> allowed;
    for (const auto& [label, actor] : house.who) {
      const bool may = attempt(actor, record);
      if (may) allowed.insert(label);
      if (may != promised(action, label, house))
        fault(what + ": " + label + (may ? " may, and the file does not say so" : " may not, and the file says so"));
    }
    // All roles of another county together: nothing that lies here is theirs.
    const bool far = attempt("person/far", record);
    const bool open = lists(action.by, "anyone") || lists(action.by, "person") || !located;
    if (far && !open) fault(what + ": another county may");
    // Whom the record is about finds no record, whatever chair he sits in, but for what the file lets him do as that person.
    for (const auto& name : in.not_seen_by) {
      for (const auto& role : house.roles) {
        if (creating || lists(action.by, "@" + name)) continue;
        Record about = record;
        about.fields[name] = in.field(name)->items ? Json(JsonArray{house.who[role]}) : Json(house.who[role]);
        house.table.add(about);
        command.actor = house.who[role];
        const auto decided = house.registry->decide(command, k_now);
        house.table.remove(record.id);
        if (decided || decided.failed() || decided.refusal().code != "EN-01")
          fault(what + ": " + role + ", whom it is about (@" + name + "), is let in");
      }
    }
    for (const auto& word : action.by) {
      if (word.starts_with('@')) {
        Record named = record;
        const auto* field = in.field(word.substr(1));
        for (const std::string actor : {"party/named", "person/named"}) {
          named.fields[word.substr(1)] = field != nullptr && field->type == "list" ? Json(JsonArray{actor}) : Json(actor);
          if (creating) continue;
          if (!attempt(actor, named)) fault(what + ": " + word + " may not, and the file says so");
          named.fields[word.substr(1)] =
              field != nullptr && field->type == "list" ? Json(JsonArray{"party/other"}) : Json("party/other");
          if (attempt(actor, named) && !promised(action, actor.starts_with("party") ? "party" : "idle", house))
            fault(what + ": who is not named as " + word + " may");
        }
      } else if (word.starts_with("via:")) {
        command.via = word.substr(4);
        if (!attempt("system", record)) fault(what + ": " + word + " may not, and the file says so");
        command.via.clear();
      } else if (word == "creator") {
        if (!attempt("person/creator", record)) fault(what + ": its creator may not, and the file says so");
      } else {
        continue;
      }
      allowed.insert(word);
    }
    // Short where it is many: nobody reads forty roles.
    if (std::all_of(house.roles.begin(), house.roles.end(), [&](const auto& role) { return allowed.contains(role); })) {
      for (const auto& role : house.roles) allowed.erase(role);
      const bool everybody = allowed.contains("party") && allowed.contains("idle");
      if (allowed.contains("idle")) allowed.erase("idle");
      if (everybody) allowed.erase("party");
      allowed.insert(everybody ? "ANYBODY" : lists(action.by, "person") ? "ANY PERSON" : "ANY OFFICIAL");
    }
    if (lists(action.by, "consulted")) allowed.insert("consulted");
    std::string list;
    for (const auto& one : allowed) list += (list.empty() ? "" : ", ") + one;
    list += together(action);
    rows[in.name + " " + action.name + ": " + (list.empty() ? "nobody" : list)].insert(creating ? "new"
                                                                                       : region.empty()
                                                                                           ? state
                                                                                           : region + ":" + state);
  }

  // Who reads a sealed record by his chair, and that whom it is about does not.
  void try_sight(const Institution& in) {
    auto record = tried(in);
    if (in.field("region") != nullptr) record.fields["region"] = std::string(k_place);
    for (const auto& role : house.roles) {
      institution::Asking asking{house.who[role], {}};
      if (auto seats = house.registry->seats(asking.actor, base::date_of(k_now))) asking.seats = std::move(*seats);
      const auto reads = [&](const Record& of) {
        return institution::reads_sealed(of, in, asking, base::date_of(k_now)) || institution::sees(of, in, asking);
      };
      if (reads(record) != lists(in.seen_by, role)) fault(in.name + ": " + role + " reads otherwise than the file says");
      for (const auto& name : in.not_seen_by) {
        Record about = record;
        about.fields[name] = in.field(name)->items ? Json(JsonArray{asking.actor}) : Json(asking.actor);
        if (reads(about)) fault(in.name + ": " + role + " reads what is about himself (@" + name + ")");
        for (const auto& field : in.fields) {
          if (institution::sees(about, in, field, asking))
            fault(in.name + ": " + role + " reads " + field.name + " about himself");
        }
      }
    }
  }

  void try_all(const Institution& in) {
    if (in.sealed()) try_sight(in);
    try_action(in, in.create, "", "");
    const auto of = [&](const institution::Region& region) {
      for (const auto& state : region.states) {
        for (const auto& action : state.actions) try_action(in, action, state.name, region.name);
      }
    };
    of(in.main);
    for (const auto& region : in.parallel) of(region);
    const auto running =
        std::find_if(in.main.states.begin(), in.main.states.end(), [](const auto& one) { return !one.final; });
    if (running == in.main.states.end()) return;
    for (const auto& action : in.always) try_action(in, action, running->name, "");
    // A file may have an act of this name of its own, as experts who were drawn have.
    if (running->find(institution::recusal().name) == nullptr) try_action(in, institution::recusal(), running->name, "");
  }
};

std::string written(const House& house, const Trial& trial) {
  std::string out =
      "# Who may do what: tried, not copied. `tests/pack/access_matrix packs/cn-land build/data tests/pack/access.txt "
      "--update`\n"
      "# A line: institution, action, who; in which states. ANY OFFICIAL: whoever holds a post here. Recusal is tried "
      "everywhere.\n";
  for (const auto* in : house.pack->all()) {
    out += "\n" + in->name + (in->sealed() ? " (sealed)" : "") + "\n";
    if (in->sealed()) {
      std::string seen;
      for (const auto& word : in->seen_by) seen += " " + word;
      if (!in->seen_after.empty()) seen += " whoever did " + in->seen_after;
      out += "  seen by:" + (seen.empty() ? " whose it is" : seen) + "\n";
      std::string kept;
      for (const auto& name : in->not_seen_by) kept += " @" + name;
      if (!kept.empty()) out += "  not seen, nor acted on, by:" + kept + ", whatever post he holds\n";
    }
    for (const auto& [row, states] : trial.rows) {
      if (!row.starts_with(in->name + " ")) continue;
      std::string list;
      for (const auto& state : states) list += (list.empty() ? "" : " ") + state;
      out += "  " + row.substr(in->name.size() + 1) + "  [" + list + "]\n";
    }
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "access_matrix <pack> <data> <access.txt> [--update]\n");
    return 2;
  }
  House house;
  if (!house.build(argv[1], argv[2])) return 2;
  Trial trial{house, {}, {}};
  for (const auto* in : house.pack->all()) trial.try_all(*in);
  for (const auto& fault : trial.faults) std::fprintf(stderr, "FAULT  %s\n", fault.c_str());
  const auto now = written(house, trial);
  std::ifstream file(argv[3], std::ios::binary);
  const std::string before{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (argc > 4 && std::string_view(argv[4]) == "--update") {
    std::ofstream(argv[3], std::ios::binary) << now;
    return trial.faults.empty() ? 0 : 1;
  }
  if (now != before) {
    const auto lines_of = [](const std::string& text) {
      std::multiset<std::string> lines;
      std::string line;
      std::string under;
      for (std::istringstream in(text); std::getline(in, line);) {
        if (!line.empty() && line[0] != ' ') under = line;
        if (line.starts_with("  ")) lines.insert(under + line);
      }
      return lines;
    };
    const auto then_lines = lines_of(before);
    const auto now_lines = lines_of(now);
    for (const auto& line : then_lines) {
      if (!now_lines.contains(line)) std::fprintf(stderr, "- %s\n", line.c_str());
    }
    for (const auto& line : now_lines) {
      if (!then_lines.contains(line)) std::fprintf(stderr, "+ %s\n", line.c_str());
    }
    std::fprintf(stderr, "access differs from what was reviewed: read the lines, then --update\n");
    return 1;
  }
  std::printf("%zu rows as reviewed, %zu faults\n", trial.rows.size(), trial.faults.size());
  return trial.faults.empty() ? 0 : 1;
}
