#pragma once
// What an act is called. One name may mean another act in another state: an application that is declined on its receipt was
// not accepted, one that is declined in the review has failed it.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "institution/institution.hpp"
#include "log/leaf.hpp"

namespace landglass::web {

base::Text action_title(const institution::Institution& in, std::string_view name);  // in whichever state
// `after` is where the record stood after it, `before` where it stood before; empty where that is not known: of acts of this
// name it is the one that leads to `after` then, and where several do, the one of that state.
base::Text action_title_in(const institution::Institution& in, std::string_view name, std::string_view after,
                           std::string_view before = {});

// Of a timeline that is made from the newest act to the oldest: each older one says where the record stood before the newer.
class TimelineTitles {
 public:
  TimelineTitles(const institution::Institution& in, base::JsonArray& timeline) : in_(in), timeline_(timeline) {}
  void came_before(const log::Change& change);  // each, shown or not: names the act that was pushed last
  void pushed(const log::Change& change);       // as the last element of the timeline

 private:
  struct Newer {
    std::size_t at = 0;
    std::string action, state;
  };
  const institution::Institution& in_;
  base::JsonArray& timeline_;
  std::optional<Newer> newer_;
};

}  // namespace landglass::web
