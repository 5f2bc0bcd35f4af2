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

// Whether he may open the file that a field names, its bytes: of one that its institution publishes whoever sees the record,
// of all others who would read the field if it were private. Of what an open record names everybody reads the digest.
bool opens(const Record& newest, const Institution& in, const Field& field, const Asking& asking);
// Takes out of a record's document what he does not read.
void leave_readable(base::JsonObject& fields, const Record& newest, const Institution& in, const Asking& asking);

// Whether a sealed record is about him, as its file says (not_seen_by): to him it is as if it were not there, whatever post
// he holds. An act that the file gives him as that person (a challenge, an appeal) stays his.
bool kept_from(const Record& record, const Institution& in, std::string_view actor, const Action* act = nullptr);
base::Refusal no_such(const std::string& record);  // EN-01, the same whether it is not there or not for him

// Whether he reads a sealed record by what its file says: whose it is, which posts read it (seen_by), who entered his
// reading of it in the log and how lately (seen_after).
bool reads_sealed(const Record& record, const Institution& in, const Asking& asking, base::Date today);

}  // namespace landglass::institution
