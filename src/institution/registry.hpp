#pragma once
// What may happen, and what follows: the institutions' interpreter. `decide` looks at records and declared facts and says
// what a command becomes; `evolve` follows a change. Neither reads a clock, a random source or a database: what they need of
// the world stands in the Shelf and the arguments.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "institution/behaviour.hpp"
#include "institution/institution.hpp"
#include "institution/pack.hpp"
#include "institution/record.hpp"
#include "log/act.hpp"

namespace landglass::institution {

struct Command {
  std::string id;           // 32 hex digits; the same id is the same command
  std::string institution;  // of a record to be made
  std::string record;       // empty: make one
  std::string action;
  std::string actor;  // "person/…", "party/…", "system"
  std::string post;   // which of his posts a person acts by; empty: any that may
  base::JsonObject fields;
  std::optional<std::uint64_t> expects;  // the record's version that the actor saw
  std::optional<base::Time> as_of;
  bool late_entry = false;  // 补录
  std::string via;          // of a follow-up: the institution whose leaf asked for it; never given from outside
  std::optional<log::LeafSignature> sig;  // already verified
  std::optional<log::Act> statement;      // what `sig` is of, where it was made with the key of a post
  base::JsonObject salts;                 // private field -> base64url of the salt that the signer committed it with
  // Of an act out of a published table (published.hpp): required fields that the table has no column for.
  std::vector<std::string> absent;
};

// What a `signed` action demands: the key of the post, or that and the word of a session besides.
enum class Signing : std::uint8_t { session, post_key };

// The actor of leaves that were read out of published tables: nobody's act is put down to a person.
inline constexpr std::string_view k_importer = "import";

struct Findings;

// Records and kept figures, as of now. The engine's is a write-back cache over the store, a scenario's is a map.
class Shelf {
 public:
  virtual ~Shelf() = default;
  virtual base::Result<Record*> find(std::string_view id) = 0;  // nullptr where there is none
  virtual Record& add(Record record) = 0;
  virtual void touched(Record& record) = 0;
  virtual base::Result<std::int64_t> tally(std::string_view key, bool sealed) = 0;
  virtual void put_tally(std::string_view key, std::int64_t value, bool sealed) = 0;
  virtual base::Result<std::vector<std::string>> index(std::string_view key, bool sealed) = 0;
  virtual void put_index(std::string_view key, const std::vector<std::string>& ids, bool sealed) = 0;
  virtual bool witnessed(const Record& record) = 0;  // its last leaf; true where no witnesses are configured
  virtual base::Result<std::string> file(std::string_view hash) = 0;  // of the vault
};

struct Paper {
  std::string record;
  std::string template_name;
};

// What a command becomes. Commitments are still missing: the engine salts `secrets` and fills Change::commit.
struct Decided {
  log::Tree tree = log::Tree::open;
  log::Change change;
  std::vector<log::Change> effects;
  std::vector<Private> secrets;  // paths as in commitments
  std::vector<Paper> papers;
  std::vector<FollowUp> follow;
  bool hide_actor = false;
};

// One chair an official sits on today.
struct Seat {
  std::string post;
  std::string office;
  std::string region;
  std::vector<std::string> roles;
};

class Registry {
 public:
  Registry(Pack& pack, Shelf& shelf, std::vector<std::shared_ptr<Behaviour>> behaviours);

  base::Result<Decided> decide(const Command& command, base::Time now);
  // The same in a log of imports, for an act known from a published table (published.hpp). With `findings` all checks are
  // looked at and none refuses: for a report.
  base::Result<Decided> decide_published(const Command& command, base::Time now, Findings* findings = nullptr);
  // The same for a deadline that has come: record and timer name.
  base::Result<Decided> decide_due(std::string_view record, std::string_view timer, const std::string& command_id,
                                   base::Time due, base::Time now);

  // Follows one change; `secrets` are its private values by field; index of the leaf for the record's memory.
  void evolve(const log::Change& change, const base::JsonObject& secrets, const std::string& actor, base::Time time,
              base::Time as_of, log::Tree tree, std::uint64_t leaf);

  // May this actor do this now? Done, or the refusal that a page shows beside the button. Checks that need given fields are
  // left out.
  base::Status may(const Record& record, const Action& action, const std::string& actor, const std::string& post,
                   base::Time now);
  std::vector<const Action*> actions_of(const Record& record) const;
  base::Result<std::vector<Seat>> seats(std::string_view actor, base::Date today);
  // The record of the key that this person has in force for this post; nullptr where there is none.
  base::Result<const Record*> post_key(std::string_view person, std::string_view post, std::string_view key);
  // Refuses who stands aside from this record, and whose declared interest it touches.
  base::Status impartial(const Record& record, const std::string& actor, const std::string& action);
  void demand(Signing signing) { signing_ = signing; }
  Signing demanded() const { return signing_; }

  // The codes of the rules of the watch that are in force; and whether one of them, or a check or warning of an institution
  // in force, has this code.
  void rules_in_force(std::set<std::string, std::less<>> codes) { rule_codes_ = std::move(codes); }
  bool code_in_force(std::string_view code) const;

  // Private values that were erased: the record says so from now on, as it will after a rebuild.
  void erase_values(Record& record, const std::vector<std::string>& fields);
  // Begins to keep figures that a new version reads: for a record that stands already.
  void count_for(const std::vector<Kept>& kept, const Record& record);

  const Institution* institution_of(const Record& record) const;
  Behaviour* behaviour(std::string_view name) const;
  // What the public may see of a record, or nullopt for a sealed one.
  std::optional<base::Json> publish(const Record& record) const;
  bool append_public(std::string& out, const Record& record) const;  // the same as canonical JSON
  base::Result<law::Value> fact(const Record& record, const Institution& in, const Fact& fact, const Command* command,
                                base::Time now);
  // A hold on a record that this one shares (held_with), or none.
  base::Result<std::optional<Hold>> shared_hold(const Record& record, const Institution& in, const std::string& action,
                                                const Command* command, base::Time now);
  // The ids that a fact `{all: …}` of the record's file lists; none where there is no such fact.
  base::Result<std::vector<std::string>> listed(const Record& record, std::string_view fact, base::Time now);
  const Pack& pack() const { return pack_; }
  Pack& pack() { return pack_; }

 private:
  friend class RecordScope;
  friend class Decision;      // one decision under way
  friend class DecisionLook;  // what a behaviour may see of it
  friend class PublishedDecision;
  base::Result<Decided> decide_new(const Command& command, base::Time now);
  base::Result<law::Value> any_record(const Record& record);
  base::Status permit(const Record& record, const Institution& in, const Action& action, const std::string& actor,
                      const std::string& post, const std::string& via, base::Date today, Seat* used);
  struct Share {  // what a record adds to a kept figure; nothing where the key is empty
    std::string key;
    std::int64_t by = 0;
    bool sealed = false;
  };
  struct Shares {
    std::string record;
    std::vector<std::pair<const Kept*, Share>> figures;
  };
  Share share(const Kept& kept, const Record& record) const;
  Shares shares(const Record& record) const;
  void count(const Shares& before, const Shares& after);  // `before` of a new record: empty
  void count_one(const Kept& kept, const Share& share, const std::string& record, int sign);
  std::string kept_key(const Kept& kept, const Record& record) const;

  Pack& pack_;
  Shelf& shelf_;
  Signing signing_ = Signing::session;
  std::set<std::string, std::less<>> rule_codes_;  // of the watch, in force
  std::map<std::string, std::shared_ptr<Behaviour>, std::less<>> behaviours_;
  std::map<std::string, std::vector<Kept>, std::less<>> own_kept_;  // what permission itself reads
};

// A given field against its definition; refuses EN-09 naming field and reason. Returns the canonical value.
base::Result<base::Json> read_field(const Field& field, const base::Json& value, const Pack& pack);
bool division_within(std::string_view code, std::string_view region);
std::string upper_division(std::string_view code);  // "" above the nation

}  // namespace landglass::institution
