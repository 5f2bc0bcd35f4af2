#pragma once
// A generated year of the nation: how many of each story, where and when, and the education of everybody in the
// administration, out of a file (packs/…/worlds/years). Everything goes through the engine; the report counts it afterwards.

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/stories.hpp"
#include "cli/town.hpp"

namespace landglass::cli {

struct YearPlan {
  struct Line {
    std::string story;
    int count = 0;
    int from = 1, to = 300;  // days of the year in which they begin
  };
  int year = 0;  // 0: whichever; the demonstration's ends today
  int places = 1;
  std::vector<Line> lines;
  std::int64_t video = 0;    // attendances of video education
  std::int64_t people = 0;   // in the administration
  std::int64_t heads = 0;    // of prefecture bureaus, trained together
  std::int64_t leaders = 0;  // of cities and counties
  std::int64_t again = 0;    // of the heads, who come twice: people are not attendances
};
// Refuses PACK-01, PACK-02 what does not read.
base::Result<YearPlan> read_year(const std::string& file);

// One county of each of the first provinces of the table of divisions, under its own code and name; the first as the worlds
// tell it.
std::vector<Place> places_of(const institution::Pack& pack, int count);

// All stories of a plan, each at its time from that first day on. `places` outlives them.
base::Status begin_stories(Stories& stories, const law::Calendar& calendar, const std::vector<Place>& places,
                           const YearPlan& plan, base::Date first);

// From the eve of the year to the day after it. `said` hears what is done; `weekly`, where there is one, is done each week:
// of a year that was watched, two heads of discipline then publish how many warnings it had.
base::Status play_year(Town& town, Stories& stories, const institution::Pack& pack, engine::Engine& engine,
                       const std::vector<Place>& places, const YearPlan& plan, const std::string& worlds,
                       const std::function<void(const std::string&)>& said,
                       const std::function<base::Status()>& weekly = {});

Command generate_command();

}  // namespace landglass::cli
