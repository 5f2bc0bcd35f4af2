#pragma once
// What stands in Chinese in the log or in a citation, on an English page: the files of the pack have both languages of it. A
// rule keeps its Chinese number, by which it is found; what people wrote stays as they wrote it.

#include <map>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "institution/pack.hpp"

namespace landglass::web {

// A dated figure of a file: as it is written there, and in English units; under which condition, in its file's words.
base::Text figure_shown(const institution::ParameterValue& value, const law::Words& words);

class Citations {
 public:
  explicit Citations(const institution::Pack& pack);
  // 规定（国土资源部令第39号）第19条 → Provisions (国土资源部令第39号), art. 19; anything else as it is.
  std::string in_english(std::string_view text) const;
  // Every text of a localised model that is a citation or the name of a term and nothing else.
  base::Json page_in_english(base::Json model) const;
  // What a warning found, as the machine put it together: names of fields, facts and figures, and units.
  static std::string found_in_english(const institution::Institution& in, std::string_view found);

 private:
  std::string term_in_english(std::string_view text) const;
  std::map<std::string, std::string, std::less<>> rules_;  // as cited without articles, to English
  std::map<std::string, std::string, std::less<>> terms_;  // names of deadlines, and what is said when they pass
};

}  // namespace landglass::web
