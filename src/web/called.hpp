#pragma once
// What a record is called where its number would tell nobody anything: the values of the public fields that its institution
// names (`called`), as people read them; of a reference what the record is called that it names. Whose name is private (a
// party, an official without a post) is told apart by the number of the leaf that registered him, not by a key that says who
// he is or says nothing (decision 0181).

#include <map>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "institution/pack.hpp"
#include "web/readers.hpp"

namespace landglass::web {

inline constexpr std::string_view k_not_public = "（未公开）";  // ends what is called by a number because it has a name

// For one request: what was looked up once is not looked up again. Sealed records are called by nothing here.
class Names {
 public:
  Names(const institution::Pack& pack, Readers::Lease open) : pack_(pack), open_(std::move(open)) {}

  // Empty where the file says nothing, or nothing of it is there.
  base::Text of(const institution::Institution& in, const base::JsonObject& fields);
  // Of an open record by its id; empty where there is none.
  base::Text of(std::string_view id) { return looked_up(id, 0); }
  // Of any id on a page, sealed ones too: what the record is called, or else of which register it is and its number.
  base::Text shown(std::string_view id);
  // What it is called, or else the number.
  base::Text or_number(const institution::Institution& in, const base::JsonObject& fields, std::string_view id);
  // Who reads this document reads the names in it: whom a reference of it means is called by his (`winner`, `winner_name`).
  void told_by(const base::JsonObject& fields);
  // Who may read this record's private name is told it.
  void tell(std::string_view id, std::string_view name) {
    known_.insert_or_assign(std::string(id), base::Text{std::string(name), std::string(name)});
  }

 private:
  base::Text joined(const institution::Institution& in, const base::JsonObject& fields, int depth);
  base::Text seat_of(std::string_view person);  // office and post: the name of an official is nobody's to read
  base::Text looked_up(std::string_view id, int depth);

  const institution::Pack& pack_;
  Readers::Lease open_;
  std::map<std::string, base::Text, std::less<>> known_;
};

// The part of an id that is the record's number, to be read; of a random one its beginning, for nobody reads the rest.
inline std::string number_of(std::string_view id) {
  const auto number = id.substr(id.find('/') + 1);
  if (number.size() < 24 || number.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::string(number);
  return std::string(number.substr(0, 8)) + "…";
}
// A number that people quote, below what the record is called; empty of a key in letters or a random one.
inline std::string quoted_number(std::string_view id) {
  auto number = number_of(id);
  const bool figures = !number.empty() && number.front() >= '0' && number.front() <= '9';
  return figures && id.ends_with(number) ? number : std::string();
}
// Whose name a field of a document is: the reference beside it; empty where it is none.
std::string_view whose_name(const institution::Pack& pack, const base::JsonObject& fields, std::string_view field);
// A record that goes by a key because its name is private, where this document does not tell it.
bool nameless(const institution::Institution& in, const base::JsonObject& fields);
// Of such a register the kind that is a natural person, where it tells kinds apart; else null. What names him is not
// gathered for a stranger, on his page or by a search: nobody asks what one person has (decision 0186).
const institution::Field* kind_of_person(const institution::Institution& in);
bool is_one_person(const institution::Institution& in, const base::JsonObject& fields);
// Whether a text is the id of a record of one of the pack's institutions.
bool names_a_record(const institution::Pack& pack, std::string_view text);

}  // namespace landglass::web
