#pragma once
// Stories of a year: what people do about one matter, as a file of steps in the form of a world's (docs/formats/story.md),
// played again and again at different times and places, through the same engine and institutions as everybody's. Between
// its steps a story waits, and others go on.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/town.hpp"
#include "institution/yaml.hpp"

namespace landglass::cli {

class Stories {
 public:
  // Every *.yaml of the folder, by name. Refuses PACK-01, and PACK-02 a step that is none.
  static base::Result<std::unique_ptr<Stories>> load(const std::string& folder, Town& town, engine::Engine& engine);

  bool has(std::string_view name) const { return files_.find(name) != files_.end(); }
  // The worlds beside the county's that a story stands on (who spends, who opens tips), and whether reporters write in it.
  std::vector<std::string> worlds(std::string_view name) const;
  bool has_tips(std::string_view name) const;
  // From `at` on, in a place of the town, which outlives the stories. `number` stands for {n}, and decides what happens only
  // at times.
  void begin(const std::string& name, const Place& place, base::Time at, int number);

  std::optional<base::Time> next() const;  // when the first of those under way goes on
  // That one goes on to its next wait. Refuses what an institution refuses to a step that does not say `may`, with the
  // story's file and line.
  base::Status play();
  std::size_t under_way() const { return waiting_.size(); }
  std::uint64_t acts() const { return acts_; }

 private:
  struct Run {
    const institution::Node* steps = nullptr;
    std::string file;
    const Place* place = nullptr;
    int number = 0;
    std::size_t at = 0;
    std::map<std::string, std::string, std::less<>> names;
  };
  Stories(Town& town, engine::Engine& engine);
  std::string who(const Run& run, std::string_view name) const;
  base::Json value_of(const Run& run, const institution::Node& node, const institution::Field* field) const;
  std::string named(const Run& run, std::string text) const;
  base::Status act(Run& run, const institution::Node& step);
  base::Status find(Run& run, const institution::Node& step);
  base::Result<base::Time> until(const institution::Node& step) const;

  Town& town_;
  engine::Engine& engine_;
  std::map<std::string, institution::Node, std::less<>> files_;
  std::multimap<base::Time, Run> waiting_;
  // Records that changed since the last act of a story: what an effect or the machine made is looked for among them.
  std::shared_ptr<std::vector<std::pair<std::string, std::string>>> fresh_;
  std::uint64_t acts_ = 0;
};

}  // namespace landglass::cli
