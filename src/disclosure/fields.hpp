#pragma once
// The fields of a paper, worked out from a record as it was after the act that made the paper: expressions of the template's
// head over the record, what it refers to, the act and who did it. Formatted for people, hidden where the reader may not
// see.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "disclosure/past.hpp"
#include "disclosure/template.hpp"

namespace landglass::disclosure {

inline const base::Text k_hidden{"（不公开）", "(not public)"};
inline const base::Text k_erased{"（已删除）", "(erased)"};

// The action of an institution by its name, wherever in the file it stands: of several, one that prints; nullptr where there
// is none.
const institution::Action* action_named(const institution::Institution& in, std::string_view name);
// `visit` is called with each action of the file, those made by pauses included.
void each_action(const institution::Institution& in, const std::function<void(const institution::Action&)>& visit);

// A value as a paper says it: 215,000,000.00 元, 2019年9月16日, the name of a code.
base::Text format_value(const law::Value& value);
// One field's JSON as a paper says it: a text, {zh, en}, true or false, a list of objects; null where it is not there.
base::Json format_field(const institution::Field& field, const base::Json& value, const institution::Pack& pack);

// What an expression of a template may name: the institution's own names, and
//   act     title, time, on, post_title, office_name, office_short, deciders, law, ground: of the act that makes the paper
//   did     did.<action, '-' as '_'>: time, on, post_title, office_name, office_short of who did it last
//   upper(money) in Chinese capitals, unit_price(money, area) per m², tail(text) after the last '/'
law::Schema paper_schema(const institution::Institution& in, const Bound& bound, const institution::Pack& pack);

class FieldsOfPaper {
 public:
  // `record` as it was after `change`. All live as long as this.
  FieldsOfPaper(institution::Pack& pack, Past& past, const institution::Institution& in, const institution::Record& record,
                const log::Change& change, base::Time as_of);

  // Refuses PAPER-07 an expression that this version of the institution does not carry.
  base::Result<base::JsonObject> all(const Template& paper, const Bound& bound);

 private:
  friend class PaperScope;
  struct Doer {
    std::string post_title, office, office_name, office_short;
    base::Time time;
    bool known = false;
  };
  base::Result<Doer> doer(const institution::Done& done);
  base::Result<law::Value> act();
  base::Result<law::Value> did();
  base::Result<base::Json> changes();
  base::Result<std::string> deciders();
  base::Result<base::Json> one(const std::string& source, const law::Schema& schema, const Bound& bound);
  base::Result<base::Json> at_path(std::string_view path, const Bound& bound, bool& found);
  base::Result<const institution::Record*> looked_up(std::string_view name, const Bound& bound);

  institution::Pack& pack_;
  Past& past_;
  const institution::Institution& in_;
  institution::Record record_;  // with the grounds of this act only
  const log::Change& change_;
  base::Time as_of_;
  institution::Registry registry_;
  institution::Command command_;
  std::map<std::string, std::string, std::less<>> lookups_;  // name -> record id, "" for none
};

}  // namespace landglass::disclosure
