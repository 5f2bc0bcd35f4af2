#include "cli/year_schooling.hpp"

#include <algorithm>
#include <optional>

#include "cli/year.hpp"
#include "log/command_id.hpp"

namespace landglass::cli {

using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t k_roll = 1'000;   // people of one roll, as its institution says
constexpr std::size_t k_batch = 1'000;  // commands that are decided together
constexpr const char* k_schooled[] = {"office-zrzy", "office-jyzx", "office-djzx", "office-cz"};
constexpr const char* k_clerks[] = {"planner", "clerk", "registrar", "finance"};

// The share of the i-th of `of` parts of a whole.
std::size_t share(std::int64_t whole, std::size_t i, std::size_t of) {
  const auto count = static_cast<std::int64_t>(of);
  const auto at = static_cast<std::int64_t>(i);
  return static_cast<std::size_t>(whole * (at + 1) / count - whole * at / count);
}

}  // namespace

Schooling::Schooling(Town& town, engine::Engine& engine, const std::vector<Place>& places, const YearPlan& plan)
    : town_(town), engine_(engine), places_(places), plan_(plan) {
  for (const auto& place : places) {
    for (std::size_t i = 0; i < std::size(k_schooled); ++i)
      offices_.push_back({town.who(place.name, k_schooled[i]),
                          town.who(place.name, "trainer"),
                          town.who(place.name, k_clerks[i]),
                          place.here("350124"),
                          {}});
  }
  const bool nation = places.size() > 1;
  ministry_ =
      nation ? Office{town.who("office-ministry"), town.who("nation-trainer"), town.who("nation-enforcement"), "100000", {}}
             : offices_.front();
}

Status Schooling::month(int number) {
  if (plan_.people == 0) return base::Done{};
  switch (number) {
    case 1: return enrol();
    case 3: return video(0, 3);
    case 4: return courses(false);
    case 6: return video(1, 3);
    case 9: return courses(true);
    case 10: return video(2, 3);
    default: return base::Done{};
  }
}

Status Schooling::enrol(std::vector<std::string>& into, const std::string& prefix, std::int64_t count) {
  std::optional<base::Trouble> trouble;
  for (std::int64_t done = 0; done < count;) {
    for (std::size_t i = 0; i < k_batch && done < count; ++i, ++done) {
      engine::Command command;
      std::array<std::uint8_t, 16> bytes{};
      town_.random().fill(bytes.data(), bytes.size());
      command.id = log::command_id(town_.now(), bytes);
      command.actor = "system";
      command.institution = "person";
      command.fields = {{"key", prefix + std::to_string(done)}};
      engine_.submit(std::move(command), [&](Result<engine::Answer> answer) {
        if (answer)
          into.push_back(answer->record);
        else if (!trouble)
          trouble = answer.trouble();
      });
    }
    town_.settle();
    if (trouble) return *trouble;
  }
  return base::Done{};
}

// Everybody; and of each office how many should attend, at each ninth more than there are people who ever come.
Status Schooling::enrol() {
  const auto year = std::to_string(plan_.year);
  for (std::size_t i = 0; i < offices_.size(); ++i) {
    auto& office = offices_[i];
    LG_CHECK(enrol(office.people, "s" + std::to_string(i) + "-",
                   static_cast<std::int64_t>(share(plan_.people, i, offices_.size()))));
    auto people = static_cast<std::int64_t>(std::max<std::size_t>(1, office.people.size()));
    if (i % std::size(k_schooled) == 0)  // the leaders of the place are entered there
      people += static_cast<std::int64_t>(share(plan_.leaders, i / std::size(k_schooled), places_.size()));
    LG_TRY(auto covered, town_.create(office.trainer, "training-coverage",
                                      {{"region", office.region},
                                       {"office", office.id},
                                       {"year", plan_.year},
                                       {"headcount", i % 9 == 1 ? people * 5 / 4 + 1 : people},
                                       {"ends", year + "-12-31"}}));
  }
  LG_CHECK(enrol(heads_, "head-", plan_.heads));
  leaders_.resize(places_.size());
  for (std::size_t i = 0; i < places_.size(); ++i)
    LG_CHECK(enrol(leaders_[i], "leader-" + std::to_string(i) + "-",
                   static_cast<std::int64_t>(share(plan_.leaders, i, places_.size()))));
  return base::Done{};
}

Result<std::string> Schooling::open(const Office& host, const std::string& course, const char* kind, const char* audience) {
  LG_TRY(const auto session, town_.create(host.trainer, "training-session",
                                          {{"region", host.region},
                                           {"course", course},
                                           {"kind", kind},
                                           {"audience", audience},
                                           {"held_on", base::format_date(base::date_of(town_.now()))}}));
  LG_TRY(const auto opened, town_.act(host.trainer, session.record, "open"));
  return session.record;
}

Status Schooling::roll(const Office& office, const std::string& session, const std::vector<std::string>& people,
                       std::size_t from, std::size_t to) {
  for (; from < to; from += k_roll) {
    JsonArray came;
    for (auto i = from; i < std::min(to, from + k_roll); ++i) came.emplace_back(people[i]);
    LG_TRY(
        const auto entered,
        town_.create(office.trainer, "attendance-roll",
                     {{"region", office.region}, {"session", session}, {"office", office.id}, {"people", std::move(came)}}));
    LG_TRY(const auto confirmed, town_.act(office.clerk, entered.record, "confirm"));
    town_.settle();
  }
  return base::Done{};
}

Status Schooling::close(const Office& host, const std::string& session) {
  LG_TRY(const auto closed, town_.act(host.trainer, session, "close"));
  return base::Done{};
}

// One session of each place; who comes is so shared out over the terms that the year's attendances are exactly those wanted.
Status Schooling::video(int term, int of) {
  for (std::size_t p = 0; p < places_.size(); ++p) {
    const auto first = p * std::size(k_schooled);
    LG_TRY(const auto session,
           open(offices_[first], "廉洁从政视频教育第" + std::to_string(term + 1) + "讲", "video", "staff"));
    for (std::size_t i = first; i < first + std::size(k_schooled); ++i) {
      const auto& office = offices_[i];
      const auto wanted = share(plan_.video, i, offices_.size());
      const auto come =
          share(static_cast<std::int64_t>(wanted), static_cast<std::size_t>(term), static_cast<std::size_t>(of));
      if (come > office.people.size())
        return base::refuse("DEMO-06", "人次多于人数与场次之积", "more attendances than people and sessions give",
                            office.id);
      LG_CHECK(roll(office, session, office.people, 0, come));
    }
    LG_CHECK(close(offices_[first], session));
  }
  return base::Done{};
}

// Heads of bureaus by the ministry, in two classes, a few of them in both; leaders at home.
Status Schooling::courses(bool again) {
  LG_TRY(const auto session, open(ministry_, "地（市）局长廉政集中教育", "course", "bureau-heads"));
  const auto half = heads_.size() / 2;
  const auto twice = static_cast<std::size_t>(plan_.again);
  LG_CHECK(roll(ministry_, session, heads_, again ? half - std::min(half, twice) : 0, again ? heads_.size() : half));
  LG_CHECK(close(ministry_, session));
  for (std::size_t p = 0; again && p < places_.size(); ++p) {
    const auto& host = offices_[p * std::size(k_schooled)];
    LG_TRY(const auto course, open(host, "党风廉政专题教育", "course", "leaders"));
    LG_CHECK(roll(host, course, leaders_[p], 0, leaders_[p].size()));
    LG_CHECK(close(host, course));
  }
  return base::Done{};
}

}  // namespace landglass::cli
