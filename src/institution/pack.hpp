#pragma once
// A pack: institutions, code tables, calendar, rules and texts of one jurisdiction, as files. Several versions of an
// institution may stand beside each other: a record keeps the one that it began under.

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "institution/institution.hpp"
#include "institution/yaml.hpp"
#include "law/calendar.hpp"

namespace landglass::institution {

struct Rule {  // of the register of rules
  std::string id;
  base::Text title;
  std::string number;  // 国土资发〔2010〕34号
  std::string from;
  std::string until;
  std::string sure;
};

struct CodeTable {
  std::string name;
  std::vector<Choice> values;
  std::map<std::string, std::size_t, std::less<>> place;
  const Choice* find(std::string_view key) const;
};

struct RuleFile {  // of the watch (docs/formats/watch-rule.md), unread: what it says is read by who runs it
  std::string name;
  std::string hash;
  std::string bytes;
  std::string file;                // for messages
  std::optional<base::Date> from;  // of a change that waits, or is proposed: the day from which it is to be in force
};

class Pack {
 public:
  // Loads every institution below `folder`, with rules.yaml and codes/*.yaml; and from `data_folder` what the build makes of
  // published packages: divisions.csv and calendar.yaml (absent: no such table, every year provisional). Refuses
  // PACK-01…PACK-09, naming file, line and key.
  static base::Result<std::unique_ptr<Pack>> load(const std::string& folder, const std::string& data_folder);
  // Adds further versions from their bytes (by hash), as records under them need them. Reading goes on meanwhile.
  base::Status add_version(std::string_view name, std::string_view bytes);
  // Whether these bytes may follow the version in force: they load, every other institution still reads, no table changes
  // its shape, and each running state says keep or move; past the first paper that went out it can only keep. PACK-10.
  // Nothing is loaded by asking.
  base::Result<std::unique_ptr<Institution>> candidate(std::string_view bytes) const;

  const Institution* current(std::string_view name) const;  // for new records; nullptr where none is in force
  const Institution* by_hash(std::string_view hash) const;
  std::vector<const Institution*> versions(std::string_view name) const;  // all that are loaded, the oldest first
  base::Status put_in_force(std::string_view hash);                       // PACK-06 where no such version is loaded
  std::vector<const Institution*> all() const;                            // the current ones, by name
  const std::string& bytes(std::string_view hash) const;                  // of the file

  const Rule* rule(std::string_view id) const;
  const std::map<std::string, Rule, std::less<>>& rules() const { return rules_; }
  std::string cite(const Law& law) const;  // 国土资发〔2010〕34号 第1条
  const CodeTable* table(std::string_view name) const;
  const law::Calendar& calendar() const { return calendar_; }
  const std::vector<Kept>& kept(std::string_view institution) const;
  const std::string& folder() const { return folder_; }
  const std::vector<RuleFile>& rule_files() const { return rule_files_; }  // as they lie in the folder, by name
  // A division that is no more, of former-divisions.csv: valid in what was published in its time.
  bool former_division(std::string_view code) const;
  std::string division_name(std::string_view code) const;  // 福建省福州市…, "" where unknown

 private:
  base::Status link(std::vector<std::pair<Institution, Node>> loaded);
  void keep(const Institution& institution);
  struct Mutex : std::shared_mutex {  // a copy of a pack has its own
    Mutex() = default;
    Mutex(const Mutex&) : std::shared_mutex() {}
  };
  mutable Mutex mutex_;  // of by_hash_, bytes_, current_ and kept_: the sequencer writes, pages read
  std::string folder_;
  std::map<std::string, std::shared_ptr<Institution>, std::less<>>
      by_hash_;  // shared with copies: never changed once linked
  std::map<std::string, std::string, std::less<>> bytes_;
  std::map<std::string, const Institution*, std::less<>> current_;
  std::map<std::string, Rule, std::less<>> rules_;
  std::map<std::string, CodeTable, std::less<>> tables_;
  std::map<std::string, std::vector<Kept>, std::less<>> kept_;
  law::Calendar calendar_;
  std::vector<RuleFile> rule_files_;
};

}  // namespace landglass::institution
