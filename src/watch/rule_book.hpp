#pragma once
// The rules of a pack with the connection that they run on: what each reads, which sealed records must lie beside, and the
// questions themselves. Pure over its tables: the same rows and the same time give the same findings.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/rule_reader.hpp"
#include "watch/rule.hpp"

namespace landglass::watch {

struct Place {  // what a finding is of, and what a recheck is for
  std::size_t rule = 0;
  std::string subject;
  auto operator<=>(const Place&) const = default;
};
struct Finding {
  base::JsonObject found;             // the row: column -> value
  std::vector<std::string> evidence;  // records it names, the subject first
  std::string asks;                   // the office that answers, where the rule says which
  bool operator==(const Finding&) const = default;
};
using Findings = std::map<Place, Finding>;

class RuleBook {
 public:
  // Prepares every query against the real tables. Refuses PACK-11, naming file, line and key: an unknown table or column, a
  // table that nothing in touched_by names, time that is asked for without a recheck, an evidence column that is not there.
  static base::Result<std::unique_ptr<RuleBook>> open(std::vector<Rule> rules, const institution::Pack& pack,
                                                      std::unique_ptr<store::RuleReader> reader);

  const std::vector<Rule>& rules() const { return rules_; }
  // Sealed institutions that some rule reads or some post may list: their records are put beside.
  const std::vector<const institution::Institution*>& beside() const { return beside_; }
  bool holds(std::string_view institution) const;
  base::Status put(const institution::Institution& in, std::string_view id, std::string_view state, base::Time changed,
                   const base::JsonObject& fields);
  // What a behaviour knows of an open record may be kept sealed: where a rule reads it, it lies beside as well, in the
  // column `behaviour` of the table `<institution>_behaviour`.
  const std::vector<const institution::Institution*>& behaving() const { return behaving_; }
  bool reads_behaviour(std::string_view institution) const;
  base::Status put_behaviour(const institution::Institution& in, std::string_view id, base::Time changed,
                             const base::Json& behaviour);

  // Whether an event of this institution touches any rule: asked for each event of the log, on the sequencer's thread.
  bool listens(const std::string& institution, const std::string& action) const;
  // The subjects of all rules that this event touches.
  base::Result<std::set<Place>> touched(const std::string& institution, const std::string& action,
                                        const std::string& record);
  base::Result<std::optional<Finding>> look(const Place& place, base::Time now);
  // The first instant after `now` at which the answer may be another though nothing happened.
  base::Result<std::optional<base::Time>> recheck(const Place& place, base::Time now);
  // Every rule on every subject; `each` gets what fires. Pages through the tables: a million subjects are no list in memory.
  base::Status all(base::Time now, const std::function<base::Status(const Place&, std::optional<Finding>)>& each);
  base::Result<Findings> batch(base::Time now);

  store::RuleReader& reader() { return *reader_; }

 private:
  struct Prepared {
    std::vector<std::string> columns;
    std::vector<std::string> parameters;
    std::vector<std::string> recheck_parameters;
    std::set<std::pair<std::string, std::string>> reads;
  };
  RuleBook(std::vector<Rule> rules, const institution::Pack& pack, std::unique_ptr<store::RuleReader> reader)
      : rules_(std::move(rules)), pack_(pack), reader_(std::move(reader)) {}
  base::Status define_functions();
  base::Status lay_beside();
  base::Status prepare(const Rule& rule, Prepared& out);
  base::Status check_reads(const Rule& rule, const store::RuleReader::Description& read, int line, const char* key) const;
  base::Status check_words(const Rule& rule, const std::string& sql, const store::RuleReader::Description& read, int line,
                           const char* key) const;
  base::Status check_parameters(const Rule& rule, const store::RuleReader::Description& read, int line, const char* key,
                                bool& timed) const;
  base::Result<std::vector<base::Json>> bind(const Rule& rule, const std::vector<std::string>& names,
                                             const std::string& subject, base::Time now) const;

  std::vector<Rule> rules_;
  std::vector<Prepared> prepared_;
  const institution::Pack& pack_;
  std::unique_ptr<store::RuleReader> reader_;
  std::vector<const institution::Institution*> beside_;
  std::vector<const institution::Institution*> behaving_;
  struct Listening {
    std::size_t rule;
    std::size_t touch;
  };
  std::map<std::string, std::vector<Listening>, std::less<>> listening_;  // by institution
};

// The rules of these files that are not off, each prepared against the tables that the pack's institutions have or would
// have: the refusal that the watch itself would give.
base::Result<std::vector<Rule>> checked_rules(const std::vector<institution::RuleFile>& files,
                                              const institution::Pack& pack);

}  // namespace landglass::watch
