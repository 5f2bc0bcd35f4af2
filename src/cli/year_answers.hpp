#pragma once
// What the people of a played year do about what the watch says: offices explain themselves and answer, inspectors confirm,
// revoke, dismiss or make it a lead, and some of it waits. All by the institutions' own acts; shares are a demonstration's.

#include <string>
#include <string_view>
#include <vector>

#include "cli/town.hpp"
#include "watch/watch.hpp"

namespace landglass::cli {

class Answers {
 public:
  Answers(Town& town, store::Store& store, watch::Watch& watch, const std::vector<Place>& places)
      : town_(town), store_(store), watch_(watch), places_(places) {}
  // Cards of terms and warnings that stand now. A refusal leaves one as it is, for the next time.
  base::Status look();

 private:
  base::Status judge_cards();
  base::Status by_two(const std::string& record, std::string_view action, const std::string& inspector,
                      std::string_view region, base::JsonObject why);
  base::Status answer_warnings();
  // Of the people of an office, who leads it first; and an inspector who is not of that office and has the region in his
  // charge.
  base::Result<std::vector<std::string>> people_of(std::string_view office);
  base::Result<std::string> inspector_of(std::string_view region, std::string_view office);

  Town& town_;
  store::Store& store_;
  watch::Watch& watch_;
  const std::vector<Place>& places_;
};

}  // namespace landglass::cli
