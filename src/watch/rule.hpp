#pragma once
// A rule of the watch: one file of a pack that says when a record is to be looked at (docs/formats/watch-rule.md). It judges
// nobody: what it raises is a question, which an office answers.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "institution/institution.hpp"
#include "institution/pack.hpp"

namespace landglass::watch {

// Whose events make a recheck necessary, and of which subjects.
struct Touch {
  std::string institution;
  std::vector<std::string> actions;  // empty: all; "@create" is the record's first
  std::string via;                   // field of that institution that names the subject; empty: the record itself, or `find`
  std::string find;                  // SQL over :record, giving the subjects' ids
};

struct Threshold {  // a number that the rule compares with: dated, and marked with how sure it is
  std::string name;
  base::Text title;
  institution::Law basis;
  std::string sure;
  struct Value {
    base::Json value;  // fen, whole numbers, days; a ratio in ten-thousandths
    std::optional<base::Date> from;
  };
  std::vector<Value> values;  // the last whose date has come
};

struct Rule {
  std::string name;  // and the file's
  std::string code;  // W-07
  base::Text title;
  base::Text say;     // of one finding; {column} stands for its value
  base::Text clears;  // what would clear it
  institution::Law law;
  std::string severity;  // notice | serious | grave
  bool missing = false;  // it looks for what is not there
  bool off = false;      // kept, and not run: a rule ends by a version of it that says so
  std::string subject;   // the institution whose records it looks at
  std::vector<Threshold> thresholds;
  std::string when;     // SQL over :subject; fires where it gives a row, which is the finding
  std::string recheck;  // SQL over :subject: dates or instants at which time alone may change the answer; may be empty
  std::vector<Touch> touched_by;
  std::vector<std::string> evidence;  // columns of the finding that name records
  std::string asks;                   // the column of evidence that names the office asked; empty: whose turn the subject is
  std::vector<std::pair<std::string, base::Text>> columns;  // titles of the others, as the page shows them
  std::string file;
  std::string hash;  // hex SHA-256 of the file
  int line_when = 0;
  int line_recheck = 0;
};

// The rules of these files, by code. Refuses PACK-01, PACK-02, naming file, line and key.
base::Result<std::vector<Rule>> load_rules(const std::vector<institution::RuleFile>& files, const institution::Pack& pack);

// The threshold's value on a day; null before the first.
const base::Json* value_on(const Threshold& threshold, base::Date today);

}  // namespace landglass::watch
