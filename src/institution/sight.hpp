#pragma once
// Who sees what of a record. Pages, papers and scenarios ask here and nowhere else.

#include <string>
#include <vector>

#include "institution/registry.hpp"

namespace landglass::institution {

// Who asks. Without an actor: anybody.
struct Asking {
  std::string actor;
  std::vector<Seat> seats;
};

// Whether he sees the record at all (a sealed one is its own party's), and a private field of it: what the law has opened,
// what is his own, and, for an office that has the record in its charge, what its file says that post may read (seen_by),
// else what a file needs. `newest` is the record as of now.
bool sees(const Record& newest, const Institution& in, const Asking& asking);
bool sees(const Record& newest, const Institution& in, const Field& field, const Asking& asking);

}  // namespace landglass::institution
