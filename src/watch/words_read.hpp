#pragma once
// What a query reads that SQLite does not see: places within a document (`$.done.announce.time`) and names of states. They
// are text to SQL, and a version that takes them away would blind the rule as much as one that drops a column.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "institution/institution.hpp"
#include "watch/rule.hpp"

namespace landglass::watch {

struct WordRead {
  std::set<std::string> tables;  // of one of these
  bool in_doc = false;           // a place in its document; else the name of a state
  std::string word;
};

// `tables`: those that it reads.
std::vector<WordRead> words_read(std::string_view sql, const std::set<std::string>& tables);

// Whether a record of this institution has such a place, or state.
bool has_word(const institution::Institution& in, const WordRead& read);

// What `was` had, `is` no longer has, and this rule reads of it; empty: nothing.
std::string word_gone(const Rule& rule, const institution::Institution& was, const institution::Institution& is);

}  // namespace landglass::watch
