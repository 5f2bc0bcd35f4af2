#pragma once
// An institution as loaded from its file: docs/formats/institution.md says what each part means.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "law/expression.hpp"
#include "log/leaf.hpp"

namespace landglass::institution {

using law::Expression;

struct Law {
  std::string rule;  // id in the register of rules
  std::vector<std::string> articles;
};

struct Choice {
  std::string key;
  base::Text title;
};

// Who among the posts in charge may read a private field.
struct SeenBy {
  std::string role;
  std::string at;    // a ref field: only posts of the office that it names
  std::string when;  // a boolean field that must hold: a consent
};

// The `of` of a reference to a record of whichever institution.
inline constexpr std::string_view k_any = "any";

struct Field {
  std::string name;
  base::Text title;
  base::Text help;
  std::string type;               // text integer money area ratio date time boolean code ref file list record
  std::string of;                 // ref: institution
  std::string table;              // code: name of a code table of the pack
  std::vector<Choice> values;     // code: given in place
  std::vector<Field> members;     // record
  std::shared_ptr<Field> items;   // list
  std::int64_t max_length = 500;  // characters of text, items of a list
  std::string pattern;
  int drawn = 0;  // so many hexadecimal digits that whoever gives it draws by lot: a form does so in the browser
  std::optional<std::int64_t> min;  // in the unit of the type
  std::optional<std::int64_t> max;
  bool required = false;
  bool is_private = false;
  bool locked = false;
  bool published = false;  // of a file: anybody may open it; else who would read it as a private field
  std::string subject;     // field naming whose value it is, or "self"
  std::vector<std::string> disclose_from;
  int disclose_days = 0;                    // 0: without end
  std::vector<std::string> disclose_until;  // states that end it before its term: repaired, reversed
  std::vector<SeenBy> seen_by;              // empty: every role of the institution
  law::Type value_type;

  bool refers_to(std::string_view institution) const { return type == "ref" && (of == institution || of == k_any); }
};

struct ParameterValue {
  std::string source;  // as written
  law::Value value;
  std::optional<base::Date> from;
  std::optional<base::Date> to;  // inclusive
  std::string region;            // prefix of a division code
  std::optional<Expression> when;
};
struct Parameter {
  std::string name;
  base::Text title;
  Law basis;
  std::string sure;  // found | memory | inferred | design
  bool at_start = false;
  law::Type type;
  std::vector<ParameterValue> values;
};

struct Where {
  std::string field;                // of the other institution, or "state"
  std::vector<std::string> states;  // for "state"
  std::optional<Expression> value;
};
enum class FactKind : std::uint8_t { ref, one, all, count, sum };
struct Fact {
  std::string name;
  base::Text title;  // empty: by what it looks up
  FactKind kind = FactKind::ref;
  std::string field;        // ref: of this record; sum: of the other
  std::string institution;  // of the other record
  std::vector<Where> where;
  std::string key;  // name of the kept figure or index; the same for equal definitions
  law::Type type;
};

struct Check {
  std::string code;
  Expression that;
  base::Text say;
  Law law;
  bool warn = false;
};
struct Target {
  std::optional<Expression> when;
  std::string state;
};
struct Raise {
  std::string code;
  base::Text say;
  Law law;
};
enum class EffectKind : std::uint8_t { act, create, hold, lift };
struct Effect {
  EffectKind kind = EffectKind::act;
  std::string on;           // fact or ref field; create: the field of the acting record that then names what was made
  std::string institution;  // create
  std::string action;
  std::vector<std::pair<std::string, Expression>> with;
  // Hold. Without actions: those that the held institution declares (open_to), else every one. `all` deadlines: those
  // running.
  std::vector<std::string> actions;
  std::vector<std::string> deadlines;
  base::Text ground;
  std::optional<Expression> when;
};
struct Follow {
  std::string all;  // fact: a list, or the one record that it names
  std::string action;
  std::string institution;  // instead: makes a record of it
  std::string each;         // that many: one for each item of this list field, which `with` calls `item`
  std::optional<Expression> when;
  std::vector<std::pair<std::string, Expression>> with;  // over the record that follows from
};
struct Number {
  std::string field;
  std::string format;
  std::string series;
  std::string code;  // certificate | verification | parcel …: made by a function of law
};

// What the office verbs do beyond an ordinary action.
enum class Verb : std::uint8_t {
  none,
  give_back,
  resubmit,
  refer,
  consult,
  opine,
  remind,
  hand_over,
  take_back,
  correct,
  attach,
  pause,
  resume,
  recuse
};

struct Action {
  std::string name;
  base::Text title;
  base::Text about;
  std::vector<std::string> by;
  std::vector<std::string> not_by;
  int joint = 1;
  // One person for each entry, who is one of these; empty: whoever may, so many of them.
  std::vector<std::vector<std::string>> joint_of;
  bool is_signed = false;
  bool hidden = false;            // the actor stands in no leaf: in private fields alone
  std::vector<std::string> give;  // all that may be given, need included
  std::vector<std::string> need;
  std::vector<std::pair<std::string, Expression>> set;
  std::vector<Check> checks;
  bool tells_all = false;  // a refusal names every check that fails, not the first alone
  std::vector<Target> to;
  std::vector<Number> numbers;
  std::vector<std::string> papers;
  std::vector<std::string> restates;  // stand in this act's leaf although they did not change
  std::vector<Effect> effects;
  std::vector<Follow> follow;
  std::optional<Raise> raise;
  bool witnessed = false;
  std::vector<std::string> restart;
  std::vector<std::pair<std::string, Expression>> extends;  // deadline -> days that are added to it
  std::string grounds;
  bool evidence = false;
  Verb verb = Verb::none;
  std::string pause;  // name of the pause for pause and resume
  Law law;
};

struct Deadline {
  std::string name;
  base::Text title;
  std::optional<Expression> at;    // time
  std::optional<law::Value> in;    // days
  std::optional<Expression> from;  // date; default the day the state is entered
  std::string to;
  std::string action;
  std::optional<Raise> raise;
  Law law;
  bool goes_on = false;  // where the state that was left has one of this name, it is the same one
};

struct State {
  std::string name;
  base::Text title;
  std::vector<Action> actions;
  std::vector<Deadline> after;
  std::vector<std::string> correctable;
  bool final = false;
  std::string phase;  // the behaviour's phase, where it takes part
  const Action* find(std::string_view action) const;
};
struct Region {  // a parallel region of the statechart; the main one has no name
  std::string name;
  std::string initial;
  std::vector<State> states;
  const State* find(std::string_view state) const;
};

struct Pause {
  std::string name;
  std::vector<std::string> deadlines;
  std::vector<std::string> by;
  base::Text ground;
  int longest_days = 0;
  std::string paper;
};

// What another institution may do to this one's records: in which states it may attach, and what its hold stops then.
struct Opening {
  std::string institution;
  std::vector<std::string> states;
  std::vector<std::string> actions;    // empty: every one
  std::vector<std::string> deadlines;  // `all`: those running
  Law law;
};
// A hold on the records of this fact holds these actions here as well: a region's gate.
struct HeldWith {
  std::string fact;
  std::vector<std::string> actions;
};

// How its running records stand on one board: columns of states, in their order.
struct Column {
  base::Text title;
  std::vector<std::string> states;
};
struct Board {
  std::vector<Column> columns;
  std::vector<std::string> marks;  // counts among the facts: what marks a card where there is any
};

// What is told to whoever names a record by a number and, with it, what one of its private fields says: its state, and
// whether each of these counts is more than none. Nobody else is told of it, and nobody is told how many.
struct Answers {
  std::vector<std::string> numbers;  // public fields, any of which names the record
  std::string with;                  // the private field
  std::vector<std::string> tells;    // counts among the facts
};

// What becomes of a running record when a new version comes into force: it keeps the file that it began under, or moves.
struct Running {
  bool move = false;
  std::string to;                                        // another state; empty: the same
  std::vector<std::pair<std::string, Expression>> with;  // values of fields that are new
};

struct Institution {
  std::string name;
  base::Text title;
  base::Text about;
  int version = 1;
  base::Date effective;
  std::optional<base::Date> until;
  std::vector<Law> basis;
  std::vector<std::string> rows;
  log::Tree tree = log::Tree::open;
  std::vector<std::string> seen_by;      // of a sealed one: roles that may read its records of their region, @field
  std::vector<std::string> not_seen_by;  // of a sealed one: fields that name whom it is about: he reads nothing of it
  std::string seen_after;                // of a sealed one: the act by which its doer may read it,
  int seen_days = 0;                     // until the end of that many days after
  std::string behaviour;
  std::string id_from;  // field that names the record
  std::string id_prefix;
  std::vector<Parameter> parameters;
  std::vector<Field> fields;        // `region` included where declared
  std::vector<std::string> called;  // public fields that say what a record is called; empty: its number alone
  std::string gathers;              // of a sealed one: a ref; its page shows whatever names the record that it names
  std::vector<Fact> facts;
  Action create;
  Region main;
  std::vector<Region> parallel;
  std::vector<Action> always;
  std::vector<Pause> pauses;
  std::vector<Opening> open_to;
  std::vector<HeldWith> held_with;
  std::optional<Board> board;
  std::optional<Answers> answers;
  std::vector<std::string> slip;           // private fields that the code on a paper slip opens to whoever holds it
  std::optional<Number> documents;         // 文号 of every act that prints a paper and has no number of its own
  std::map<std::string, Running> running;  // by state of the version before; from version 2 on
  int lateness_days = -1;                  // -1: any `as_of` but now is refused
  std::string file;                        // path, for messages
  std::string hash;                        // hex SHA-256 of the file
  law::Schema schema;

  const Field* field(std::string_view name) const;
  const Fact* fact(std::string_view name) const;
  const Parameter* parameter(std::string_view name) const;
  const Pause* pause(std::string_view name) const;
  const Opening* opening(std::string_view institution) const;
  bool sealed() const { return tree == log::Tree::sealed; }
};

// A figure or index that evolve keeps because some file reads it.
struct Kept {
  FactKind kind = FactKind::count;
  std::string key;
  std::string institution;          // whose records it counts
  std::string field;                // sum: the field added up
  std::vector<std::string> by;      // fields of the counted record whose values make the key, in order
  std::vector<std::string> states;  // empty: any
};

}  // namespace landglass::institution
