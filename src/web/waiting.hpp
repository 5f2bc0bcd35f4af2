#pragma once
// Of an institution's records, which wait for somebody: his tasks, and where to look for them without reading all.

#include <string>
#include <string_view>
#include <vector>

#include "institution/institution.hpp"
#include "store/store.hpp"

namespace landglass::web {

// Something that has to be done moves the matter on. What stops it (a freeze, a default) and what may be done at any time
// are no tasks; they stand on the record's page. A host's calls move nothing and are his task all the same. An act that
// needs a reason and ends the matter (a key revoked, a request refused) is a way out, never what a post has to do.
bool is_task(const institution::Institution& in, const institution::Action& action);

// Whether one of these roles does anything in some state of it.
bool works_on(const institution::Institution& in, const std::vector<std::string>& roles);
// Whether it is for one of these roles to move a record on that stands in this state.
bool waits_for(const institution::Institution& in, const institution::State& state, const std::vector<std::string>& roles);

struct Worker {
  std::string actor;                 // person/… or party/…
  std::vector<std::string> roles;    // of his posts
  std::vector<std::string> regions;  // of his posts: division codes, as in institution::division_within
  std::vector<std::string> offices;  // of his posts
};
inline constexpr int k_waiting =
    200;  // in a round: of each state, with and without a deadline that runs, and of each field that may name him
struct Waiting {
  std::vector<std::string> ids;
  bool more = false;  // in the next round
};

// Open records of an institution that may wait for him, round by round until there are no more. In each state: where his
// posts act, those of his divisions; where a column or the record itself names who acts, those that name him. First those
// whose deadline ends first, and of those for which none runs (any more) what has waited longest. The registry says which of
// them really do.
base::Result<Waiting> waiting_records(store::Reader& internal, const institution::Institution& in, const Worker& worker,
                                      int round = 0);

}  // namespace landglass::web
