#pragma once
// The education of a generated year: everybody in the administration, in rolls of an office at a session, a thousand people
// at most; and heads and leaders in courses of their own.

#include <string>
#include <vector>

#include "cli/town.hpp"

namespace landglass::cli {

struct YearPlan;

class Schooling {
 public:
  Schooling(Town& town, engine::Engine& engine, const std::vector<Place>& places, const YearPlan& plan);
  // What is held in that month of the year: people are enrolled and coverage set up in the first, video sessions in the
  // third, sixth and tenth, courses in the fourth and ninth.
  base::Status month(int number);

 private:
  struct Office {
    std::string id;
    std::string trainer;  // who enters its rolls
    std::string clerk;    // who confirms them
    std::string region;
    std::vector<std::string> people;
  };
  base::Status enrol();
  base::Status enrol(std::vector<std::string>& into, const std::string& prefix, std::int64_t count);
  base::Status video(int term, int of);
  base::Result<std::string> open(const Office& host, const std::string& course, const char* kind, const char* audience);
  base::Status roll(const Office& office, const std::string& session, const std::vector<std::string>& people,
                    std::size_t from, std::size_t to);
  base::Status close(const Office& host, const std::string& session);
  base::Status courses(bool again);

  Town& town_;
  engine::Engine& engine_;
  const std::vector<Place>& places_;
  const YearPlan& plan_;
  std::vector<Office> offices_;  // some of each place
  Office ministry_;
  std::vector<std::string> heads_;
  std::vector<std::vector<std::string>> leaders_;  // by place
  std::uint64_t commands_ = 0;
};

}  // namespace landglass::cli
