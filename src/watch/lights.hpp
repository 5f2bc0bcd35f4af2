#pragma once
// The lights of every term that any institution sets (效能监察): which office is late, computed from records and calendar by
// law/lights, for all institutions and naming none. A card is opened, raised and ended by the machine; whether it stands, a
// person says after hearing the office (packs/cn-land/watch/efficacy-card.yaml).
//
// A term is a deadline that counts days (`in:`), has no consequence of its own (`to`, `do`) and stands in a state that some
// post can move on from. A day that a contract agreed on (`at:`) is the parties' and no office's.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "law/lights.hpp"
#include "store/store.hpp"

namespace landglass::watch {

struct Matter {  // one term of one record that has not ended
  std::string record;
  std::string deadline;
  base::Text title;
  institution::Law law;
  std::string role;  // whose turn it is
  base::Date due;
  bool paused = false;
};

// The role whose turn it is in this state: of the first act by a post that moves the matter on, or that any post may do
// there; empty where none may.
std::string turn_of(const institution::State& state);
// Of a record as it stands; `in` is the file that governs it, `doc` its internal document.
std::vector<Matter> matters_of(const institution::Institution& in, const base::Json& doc);
// The institution has a state with a term, and in which states.
std::set<std::string> states_with_terms(const institution::Institution& in);
law::Light light_of(const Matter& matter, base::Date today, const law::Calendar& calendar, const law::LightThresholds& by);

class Lights {
 public:
  using Tell = std::function<base::Status(engine::Command)>;
  Lights(const institution::Pack& pack, store::Reader& reader, Tell tell);

  bool listens(std::string_view institution) const { return terms_.contains(std::string(institution)); }
  base::Status begin(base::Time now);  // every card that stands, every record in a state with a term
  base::Status look(const std::string& record, base::Time now);
  // A card changed: by a person, or by what tell() sent.
  base::Status follow_card(const std::string& card);
  base::Status due(base::Time now);
  std::optional<base::Time> next() const;
  // Of the offices that hold the role, the one whose division is the record's own or the nearest above it; `rather` among
  // equals.
  base::Result<std::string> office_of(const std::string& role, std::string_view region, const std::string& rather = {});

 private:
  struct Card {
    std::string id;
    std::string state;
    bool ended = false;
  };
  using Key = std::pair<std::string, std::string>;  // record, deadline
  base::Status bring_to(const Matter& matter, law::Light light);
  base::Status end(const Card& card, base::Time now);
  law::LightThresholds thresholds(base::Date today) const;
  void plan(const std::string& record, std::optional<base::Time> at);
  base::Result<base::Json> document(const std::string& record);

  const institution::Pack& pack_;
  store::Reader& reader_;
  Tell tell_;
  std::map<std::string, std::set<std::string>> terms_;  // institution -> states
  std::map<Key, Card> cards_;                           // the newest that is not over
  std::set<std::pair<Key, base::Date>> over_;           // and the days whose card is
  std::map<std::string, std::set<std::string>> of_record_;
  std::map<std::string, base::Time> planned_;
  std::set<std::pair<base::Time, std::string>> due_;
};

}  // namespace landglass::watch
