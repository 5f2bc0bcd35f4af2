#pragma once
// What a leaf asks of the house itself, and what must not happen within the batch that logged it: a version that comes into
// force changes tables, and an erased value must be gone from the pages of the database. Both are noted in the leaf's own
// transaction and carried out before the next batch; a crash in between finds the note.

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace landglass::engine {

struct Engine::Upkeep {
  std::vector<std::string> proposed;                         // hashes of files whose proposal stands, not loaded yet
  std::vector<std::string> switching;                        // hashes of files whose day has come
  std::vector<std::string> erasing;                          // subjects
  std::vector<std::string> released;                         // pack-changes that wait for their day
  std::map<std::string, std::vector<std::string>> versions;  // institution -> every file ever loaded beside it, oldest first
  base::Time erase_again{};                                  // not before: a reader held the old pages

  // Rules of the watch: name -> every file that was in force, the last one is. Asked for from other threads.
  struct Rules {
    std::vector<std::string> hashes;
    institution::RuleFile now;
  };
  mutable std::mutex rules_mutex;
  std::map<std::string, Rules> rules;
  std::atomic<std::uint64_t> rules_version{1};
  ReadRule read_rule;
  bool changed = false;  // to be written with the batch

  base::Date day;  // from which the change that is looked at is to be in force

  std::set<std::string, std::less<>> codes() const;  // of the rules in force that are not off
  // Whether a proposed file of either kind runs, beside what is in force and beside what was released and waits for its day.
  base::Result<RuleRead> runs(institution::RuleFile rule_file, store::Store& store, Cache& cache) const;
};

}  // namespace landglass::engine
