#include "cli/founding.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "cli/scratch.hpp"
#include "engine/scenario.hpp"
#include "institution/yaml.hpp"
#include "log/command_id.hpp"
#include "store/folder.hpp"

namespace landglass::cli {
namespace {

using base::JsonObject;
using base::Result;
using base::Status;
using institution::Node;

constexpr std::array<std::string_view, 3> k_administrators = {"system-admin", "security-admin", "audit-admin"};

base::Refusal at_step(base::Refusal refusal, const std::string& file, const Node& step) {
  const auto place = file + ":" + std::to_string(step.line);
  refusal.where = refusal.where.empty() ? place : place + ": " + refusal.where;
  return refusal;
}

// Plays the steps of a file in an engine of which nobody is a member yet.
class Founding {
 public:
  Founding(engine::Engine& engine, base::Clock& clock, base::Random& random, std::string file)
      : engine_(engine), clock_(clock), random_(random), file_(std::move(file)) {}

  Status play(const Node& step) {
    if (step.text("by") != "genesis") return no(step, "建制只由 genesis 行事", "a house is founded by genesis alone: by");
    engine::Command command;
    command.actor = "genesis";
    command.id = log::command_id(clock_.now(), random_.bytes32());
    const institution::Institution* in = nullptr;
    if (!step.at("create").is_absent()) {
      command.institution = step.text("create");
      in = engine_.registry().pack().current(command.institution);
      if (in == nullptr) return no(step, "没有这个制度", "there is no such institution: " + command.institution);
    } else {
      const auto on = made_.find(bare(step.text("on")));
      if (on == made_.end())
        return no(step, "只能对本文件设立的记录行事", "not made by this file: on " + std::string(step.text("on")));
      command.record = on->second;
      command.action = step.text("do");
    }
    for (const auto& [name, value] : step.at("with").members) {
      command.fields[name] =
          engine::plain_value(value, in == nullptr ? nullptr : in->field(name), [&](std::string_view one) {
            const auto found = made_.find(one);
            return base::Json(found == made_.end() ? std::string(one) : found->second);
          });
    }
    const auto answer = engine_.call(std::move(command));
    if (answer.refused()) return at_step(answer.refusal(), file_, step);
    if (!answer) return answer.trouble();
    if (const auto name = step.text("as"); !name.empty()) made_.insert_or_assign(std::string(name), answer->record);
    if (answer->record.starts_with("person/")) people_.push_back(answer->record);
    return base::Done{};
  }

  // Who they are, once each of the three administrations lies with one of them and none holds two.
  Result<std::vector<Founded::Person>> people() {
    std::vector<Founded::Person> all;
    std::set<std::string> held;
    for (const auto& actor : people_) {
      LG_TRY(const auto seats, engine_.registry().seats(actor, base::date_of(clock_.now())));
      Founded::Person person{actor, actor.substr(actor.find('/') + 1), {}};
      std::set<std::string> here;
      for (const auto& seat : seats) {
        for (const auto role : k_administrators) {
          if (std::find(seat.roles.begin(), seat.roles.end(), role) != seat.roles.end()) here.emplace(role);
        }
        engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
          const auto post = cache.find(seat.post);
          if (!post || *post == nullptr) return;
          person.post += (person.post.empty() ? "" : "、") + std::string((*post)->fields.text("title"));
        });
      }
      if (here.size() > 1)
        return base::refuse("FOUND-03", "系统、安全、审计三员须由不同的人担任",
                            "system, security and audit administration lie with three different people", actor);
      held.merge(here);
      all.push_back(std::move(person));
    }
    for (const auto role : k_administrators) {
      if (!held.contains(std::string(role)))
        return base::refuse("FOUND-03", "系统、安全、审计三员须齐备",
                            "there must be a system, a security and an audit administrator in post", std::string(role));
    }
    return all;
  }

 private:
  static std::string_view bare(std::string_view name) {
    if (name.starts_with('$')) name.remove_prefix(1);
    return name;
  }
  base::Refusal no(const Node& step, std::string zh, std::string en) const {
    return at_step(base::refuse("FOUND-02", std::move(zh), std::move(en)), file_, step);
  }

  engine::Engine& engine_;
  base::Clock& clock_;
  base::Random& random_;
  std::string file_;
  std::map<std::string, std::string, std::less<>> made_;  // name in the file -> record
  std::vector<std::string> people_;
};

// Without divisions no division is known and every office would be refused for its own; without the days no term is counted.
Status data_stands(const std::string& folder) {
  for (const auto* name : {"divisions.csv", "calendar.yaml"}) {
    const auto path = std::filesystem::path(folder) / name;
    if (std::filesystem::exists(path)) continue;
    return base::refuse("FOUND-04", "缺少区划和日历数据：以 --data 指明其目录，或先由 ./dev build 生成",
                        "divisions and calendar are missing: name their folder with --data, or have ./dev build make them",
                        path.string());
  }
  return base::Done{};
}

}  // namespace

Result<Founded> found_house(const HouseOptions& options, const std::string& file) {
  LG_CHECK(empty_folder(options.folder));
  LG_CHECK(data_stands(options.data));
  std::ifstream in(file, std::ios::binary);
  if (!in) return base::fail("cannot read " + file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  LG_TRY(const auto root, institution::read_yaml(text, file));
  const auto& steps = root.at("given").items;
  if (steps.empty()) return base::refuse("FOUND-01", "建制文件没有步骤", "the file has no steps under `given`", file);
  Scratch scratch(beside(options.folder, "founding"));
  Founded founded;
  {
    base::SystemClock clock;
    base::SystemRandom random;
    auto house = options;
    house.folder = scratch.folder();
    LG_TRY(auto core, open_core(house, clock, random, false));
    Founding founding(*core.engine, clock, random, file);
    for (const auto& step : steps) LG_CHECK(founding.play(step));
    LG_TRY(founded.people, founding.people());
    founded.origin = options.origin;
    LG_TRY(founded.leaves, core.store->leaf_count(log::Tree::open));
    core.engine->stop();
  }
  LG_CHECK(scratch.keep_as(options.folder));
  return founded;
}

Command found_command() {
  struct Asked {
    HouseArguments house;
    std::string file;
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  Command command{"found",
                  {"建制：新日志自平台单位与系统、安全、审计三员始",
                   "begin a log: the office of the platform and its three administrators"},
                  {},
                  {},
                  {}};
  command.needs(
      "file", &asked->file,
      {"建制文件，仿 packs/cn-land/worlds/founding.yaml", "file in the form of packs/cn-land/worlds/founding.yaml"});
  add_house_options(command, asked->house);
  command.option("--origin", &asked->house.origin, {"日志名，此后不变", "name of the log, for good"})
      .option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    const auto founded = found_house(*options, asked->file);
    if (!founded) return tell(founded.trouble(), asked->json);
    if (asked->json) {
      base::JsonArray people;
      for (const auto& one : founded->people)
        people.push_back(JsonObject{{"actor", one.actor}, {"key", one.key}, {"post", one.post}});
      std::printf("%s\n", base::canonical(
                              base::Json(JsonObject{
                                  {"origin", founded->origin}, {"leaves", founded->leaves}, {"people", std::move(people)}}))
                              .c_str());
      return k_done;
    }
    std::printf("%s: %llu 条 leaves → %s\n", founded->origin.c_str(), static_cast<unsigned long long>(founded->leaves),
                options->folder.c_str());
    for (const auto& one : founded->people) {
      std::printf("  %s（%s）: landglass user add %s --actor %s\n", one.actor.c_str(), one.post.c_str(), one.key.c_str(),
                  one.actor.c_str());
    }
    std::printf(
        "为各人设登录账户（如上），再运行 landglass serve；其余单位、岗位、人员由系统管理员在页面设立，安全管理员复核\n"
        "give each an account as above, then run `landglass serve`: offices, posts and people are set up in the pages by "
        "the\n"
        "system administrator and confirmed by the security administrator\n");
    return k_done;
  };
  return command;
}

}  // namespace landglass::cli
