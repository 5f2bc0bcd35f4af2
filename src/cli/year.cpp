#include "cli/year.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/serve.hpp"
#include "cli/year_answers.hpp"
#include "cli/year_schooling.hpp"
#include "institution/load.hpp"
#include "watch/watch.hpp"

namespace landglass::cli {
namespace {

using base::Result;
using base::Status;
namespace fs = std::filesystem;

base::Date day_of(int year, int day) { return *base::parse_date(std::to_string(year) + "-01-01") + (day - 1); }

// Office hours of the first working day from then on, a little later for each that begins there.
base::Time at_work(const law::Calendar& calendar, base::Date day, int number) {
  while (!calendar.working(day)) ++day.days;
  return base::start_of(day) + 9 * base::k_hour + (number * 7 % 420) * base::k_minute;
}

}  // namespace

Result<YearPlan> read_year(const std::string& file) {
  std::ifstream in(file);
  if (!in) return base::refuse("PACK-03", "没有此年度文件", "no such year", file);
  std::ostringstream text;
  text << in.rdbuf();
  LG_TRY(const auto root, institution::read_yaml(text.str(), file));
  const institution::Loading at{file};
  LG_CHECK(institution::only(at, root, {"year", "places", "stories", "education"}));
  const auto number = [&at](const institution::Node& node, std::string_view key, std::int64_t most) -> Result<std::int64_t> {
    const auto value = node.at(key).integer();
    if (!value || *value < 0 || *value > most)
      return at.bad(node, key, "须为整数，且不超过 " + std::to_string(most),
                    "a whole number is expected, at most " + std::to_string(most));
    return *value;
  };
  YearPlan plan;
  if (!root.at("year").is_absent()) {
    LG_TRY(const auto year, number(root, "year", 2'200));
    plan.year = static_cast<int>(year);
  }
  LG_TRY(const auto places, number(root, "places", 31));
  plan.places = static_cast<int>(places);
  for (const auto& [story, node] : root.at("stories").members) {
    LG_CHECK(institution::only(at, node, {"count", "from", "to"}));
    LG_TRY(const auto count, number(node, "count", 10'000'000));
    LG_TRY(const auto from, number(node, "from", 366));
    const auto to = node.at("to").is_absent() ? Result<std::int64_t>(from) : number(node, "to", 366);
    if (!to) return to.trouble();
    plan.lines.push_back({story, static_cast<int>(count), static_cast<int>(from), static_cast<int>(std::max(from, *to))});
  }
  if (const auto& education = root.at("education"); !education.is_absent()) {
    LG_CHECK(institution::only(at, education, {"video", "people", "heads", "leaders", "again"}));
    LG_TRY(plan.video, number(education, "video", 10'000'000));
    LG_TRY(plan.people, number(education, "people", 10'000'000));
    LG_TRY(plan.heads, number(education, "heads", 1'000));
    LG_TRY(plan.leaders, number(education, "leaders", 31'000));
    LG_TRY(plan.again, number(education, "again", plan.heads));
    if (plan.video > 0 && plan.people == 0)
      return at.bad(education, "people", "有人次就须有人数", "attendances need people");
  }
  return plan;
}

std::vector<Place> places_of(const institution::Pack& pack, int count) {
  std::vector<Place> places;
  const auto* table = pack.table("divisions");
  if (table == nullptr) return places;
  const auto name_of = [&](const std::string& code) {
    const auto* found = table->find(code);
    return found == nullptr ? std::string() : found->title.zh;
  };
  const auto first = [](const std::string& name) { return name.substr(0, 3); };  // a Chinese character
  for (const auto& one : table->values) {
    if (static_cast<int>(places.size()) >= count) break;
    const auto province = one.key.substr(0, 2) + "0000";
    if (one.key.size() != 6 || one.key.ends_with("00") || one.title.zh == "市辖区") continue;
    if (!places.empty() && places.back().name.substr(0, 2) == one.key.substr(0, 2)) continue;
    auto city = one.key.substr(0, 4) + "00";
    if (name_of(city).empty()) city = province;  // of a municipality
    if (name_of(province).empty()) continue;
    Place place{one.key, {{"350124", one.key}, {"350100", city}, {"350000", province}}};
    place.words.emplace_back("闽清县", one.title.zh);
    place.words.emplace_back("福州市", name_of(city));
    place.words.emplace_back("福建省", name_of(province));
    place.words.emplace_back("梅", first(one.title.zh));
    place.words.emplace_back("榕", first(name_of(city)));
    place.words.emplace_back("闽", first(name_of(province)));
    places.push_back(std::move(place));
  }
  return places;
}

Status begin_stories(Stories& stories, const law::Calendar& calendar, const std::vector<Place>& places, const YearPlan& plan,
                     base::Date first) {
  for (const auto& line : plan.lines) {
    if (!stories.has(line.story)) return base::refuse("DEMO-04", "没有此故事", "no such story", line.story);
    for (int i = 0; i < line.count; ++i) {
      const auto day = line.from + static_cast<int>(static_cast<std::int64_t>(line.to - line.from) * i / line.count);
      stories.begin(line.story, places[static_cast<std::size_t>(i) % places.size()], at_work(calendar, first + (day - 1), i),
                    i + 1);
    }
  }
  return base::Done{};
}

namespace {

// In the order of the plan, each once.
std::vector<std::string> worlds_of(const Stories& stories, const YearPlan& plan) {
  std::vector<std::string> all;
  for (const auto& line : plan.lines) {
    for (auto& world : stories.worlds(line.story)) {
      if (std::find(all.begin(), all.end(), world) == all.end()) all.push_back(std::move(world));
    }
  }
  return all;
}

// Beside the stories a roll of tips each evening, whether there are any or not: what reporters send is entered with it.
void with_rolls(Town& town, Stories& stories, base::Date first) {
  const auto roll = std::make_shared<base::Time>(base::start_of(first) + 20 * base::k_hour);
  const auto story_first = [&stories, roll] { return stories.next() && *stories.next() < *roll; };
  town.beside([&stories, roll, story_first] { return story_first() ? stories.next() : std::optional(*roll); },
              [&town, &stories, roll, story_first]() -> Status {
                if (story_first()) return stories.play();
                *roll = *roll + base::k_day;
                return town.give_out_roll();
              });
}

// The register of warnings is sealed; two heads of discipline make public how many the year had, which the machine counts:
// of the nation those of its own ministry, else those of the place.
Status publish_warnings(Town& town, const law::Calendar& calendar, const std::vector<Place>& places, int year) {
  const bool nation = places.size() > 1;
  const auto head = [&](const char* of_nation, const char* of_place) {
    return nation ? town.who(of_nation) : town.who(places.front().name, of_place);
  };
  town.pass(at_work(calendar, day_of(year + 1, 1), 0));
  LG_TRY(const auto proposed, town.create(head("nation-head1", "dischead"), "watch-year", {{"year", year}}));
  LG_TRY(const auto published, town.act(head("nation-head2", "dischead2"), proposed.record, "publish"));
  (void)published;
  return base::Done{};
}

}  // namespace

Status play_year(Town& town, Stories& stories, const institution::Pack& pack, engine::Engine& engine,
                 const std::vector<Place>& places, const YearPlan& plan, const std::string& worlds,
                 const std::function<void(const std::string&)>& said, const std::function<Status()>& weekly) {
  const bool nation = places.size() > 1;
  if (nation) LG_CHECK(town.found(worlds + "/nation.yaml", Place{}));
  for (const auto& place : places) {
    for (const auto* world : {"county", "oversight", "review"}) LG_CHECK(town.found(worlds + "/" + world + ".yaml", place));
    for (const auto& world : worlds_of(stories, plan)) LG_CHECK(town.found(worlds + "/" + world + ".yaml", place));
    if (!nation) continue;
    town.call(place.name + "/sup1", town.who("nation-sup1"));  // the ministry lists, not the province
    town.call(place.name + "/sup2", town.who("nation-sup2"));
  }
  said("founded " + std::to_string(places.size()) + " places");
  LG_CHECK(begin_stories(stories, pack.calendar(), places, plan, day_of(plan.year, 1)));
  const bool tips =
      std::any_of(plan.lines.begin(), plan.lines.end(), [&](const auto& line) { return stories.has_tips(line.story); });
  if (tips) {
    with_rolls(town, stories, day_of(plan.year, 1));
  } else {
    town.beside([&stories] { return stories.next(); }, [&stories] { return stories.play(); });
  }
  Schooling schooling(town, engine, places, plan);
  for (int month = 1; month <= 12; ++month) {
    for (int week = 1; weekly && week < 4; ++week) {
      town.pass(base::start_of(day_of(plan.year, (month - 1) * 28 + week * 7)) + 10 * base::k_hour);
      LG_CHECK(weekly());
    }
    town.pass(base::start_of(day_of(plan.year, month * 28)) + 10 * base::k_hour);
    if (weekly) LG_CHECK(weekly());
    LG_CHECK(schooling.month(month));
    said("month " + std::to_string(month) + ": " + std::to_string(engine.gauges().leaves.load()) + " leaves");
  }
  town.pass(base::start_of(day_of(plan.year + 1, 1)) + 9 * base::k_hour);
  town.beside({}, {});
  return weekly ? publish_warnings(town, pack.calendar(), places, plan.year) : Status(base::Done{});
}

namespace {

struct YearOptions {
  std::string year = "2011";
  std::string folder;
  std::string pack = "packs/cn-land";
  std::int64_t seed = 2011;
  bool unwatched = false;
};

Status generate(const YearOptions& asked) {
  const auto file = fs::exists(asked.year) ? asked.year : asked.pack + "/worlds/years/" + asked.year + ".yaml";
  LG_TRY(auto plan, read_year(file));
  if (plan.year == 0)
    plan.year = base::to_civil(base::date_of(base::SystemClock().now())).year - 1;  // the last that is over
  HouseOptions house;
  house.demo = true;
  house.durable = false;
  house.pack = asked.pack;
  house.folder = asked.folder + "/data";
  house.keys = asked.folder + "/keys";
  house.origin = "demo.landglass.invalid/" + std::to_string(plan.year);
  const auto started = std::chrono::steady_clock::now();
  base::VirtualClock clock(base::start_of(day_of(plan.year, 1)) + -15 * base::k_day);
  base::SystemRandom random;
  LG_TRY(const auto core, open_core(house, clock, random, false));
  if (!core.engine->empty())
    return base::refuse("DEMO-05", "该目录已有日志", "this folder holds a log already", house.folder);
  Town town(*core.engine, *core.store, &clock, static_cast<std::uint64_t>(asked.seed));
  LG_TRY(const auto stories, Stories::load(asked.pack + "/worlds/year", town, *core.engine));
  std::unique_ptr<watch::Watch> watch;
  if (!asked.unwatched) {
    LG_TRY(watch, watch::Watch::open(*core.engine, *core.store, *core.pack, clock));
    town.watched_by([&watch] { return watch->settle(); });
  }
  const auto places = places_of(*core.pack, plan.places);
  std::unique_ptr<Answers> answers;
  std::function<Status()> weekly;
  if (watch) {
    answers = std::make_unique<Answers>(town, *core.store, *watch, places);
    weekly = [&answers] { return answers->look(); };
  }
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(); };
  LG_CHECK(play_year(
      town, *stories, *core.pack, *core.engine, places, plan, asked.pack + "/worlds",
      [&](const std::string& what) { std::fprintf(stderr, "%8.1f s  %s\n", seconds(), what.c_str()); }, weekly));
  const auto leaves = static_cast<unsigned long long>(core.engine->gauges().leaves.load());
  std::printf("%d 年：%llu 条日志，用时 %.1f 秒 / %llu leaves in %.1f s\n  landglass report %d --data %s --keys %s\n",
              plan.year, leaves, seconds(), leaves, seconds(), plan.year, house.folder.c_str(), house.keys.c_str());
  if (watch) {
    const auto raised = static_cast<unsigned long long>(watch->gauges().raised.load());
    std::printf("  预警 %llu 件，另有效能监察卡 / %llu warnings, and cards of terms beside\n", raised, raised);
  }
  return base::Done{};
}

}  // namespace

Command generate_command() {
  auto asked = std::make_shared<YearOptions>();
  Command command{
      "generate", {"演示：生成全国一年的日志", "make a log of a year of the nation, as a demonstration"}, {}, {}, {}};
  command.needs("year", &asked->year, {"年度，或年度文件", "year, or a file of one (docs/formats/story.md)"});
  command.needs("--folder", &asked->folder, {"目录", "folder"})
      .option("--pack", &asked->pack, {"制度包", "pack"})
      .option("--seed", &asked->seed, {"种子", "seed"})
      .option("--unwatched", &asked->unwatched,
              {"不运行预警和效能监察（较快）", "without the watch and its lights (faster)"});
  command.run = [asked] {
    const auto made = generate(*asked);
    return made ? k_done : tell(made.trouble());
  };
  return command;
}

}  // namespace landglass::cli
