#include "web/citations.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

base::Text figure_shown(const institution::ParameterValue& value, const law::Words& words) {
  if (value.value.kind == law::Kind::boolean)
    return value.value.is_true() ? base::Text{"是", "yes"} : base::Text{"否", "no"};
  auto en = law::show(value.value).en;
  if (en.starts_with("1 ") && en.ends_with("days")) en.pop_back();
  if (!value.when) return {value.source, std::move(en)};
  const auto when = value.when->in_words(words);
  return {value.source + "（" + when.zh + "）", en + " (" + when.en + ")"};
}

Citations::Citations(const institution::Pack& pack) {
  for (const auto& [id, rule] : pack.rules()) {
    if (rule.title.en.empty()) continue;
    rules_.emplace(pack.cite({id, {}}), rule.title.en + (rule.number.empty() ? "" : " (" + rule.number + ")"));
  }
  const auto take = [&](const base::Text& text) {
    if (!text.zh.empty() && !text.en.empty()) terms_.emplace(text.zh, text.en);
  };
  for (const auto* in : pack.all()) {
    const auto region = [&](const institution::Region& part) {
      for (const auto& state : part.states) {
        for (const auto& deadline : state.after) {
          take(deadline.title);
          if (deadline.raise) take(deadline.raise->say);
        }
      }
    };
    region(in->main);
    for (const auto& part : in->parallel) region(part);
  }
}

// A card of a term is called by its matter and the term: each part by itself.
std::string Citations::term_in_english(std::string_view text) const {
  constexpr std::string_view k_between = " · ";
  std::string out;
  for (auto rest = text;;) {
    const auto end = rest.find(k_between);
    const auto part = rest.substr(0, end);
    const auto found = terms_.find(part);
    out += found == terms_.end() ? part : std::string_view(found->second);
    if (end == std::string_view::npos) return out;
    out += k_between;
    rest.remove_prefix(end + k_between.size());
  }
}

std::string Citations::found_in_english(const institution::Institution& in, std::string_view found) {
  std::vector<std::pair<std::string_view, std::string_view>> words{
      {" 元", " yuan"}, {" 个工作日", " working days"}, {" 日", " days"}, {"空", "absent"}};
  const auto take = [&](const base::Text& text) {
    if (!text.zh.empty() && !text.en.empty()) words.emplace_back(text.zh, text.en);
  };
  for (const auto& field : in.fields) take(field.title);
  for (const auto& fact : in.facts) take(fact.title);
  for (const auto& parameter : in.parameters) take(parameter.title);
  std::stable_sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  std::string out;
  while (!found.empty()) {
    const auto word =
        std::find_if(words.begin(), words.end(), [&](const auto& one) { return found.starts_with(one.first); });
    if (word != words.end()) {
      out += word->second;
      found.remove_prefix(word->first.size());
    } else {
      out += found.front();
      found.remove_prefix(1);
    }
  }
  return out;
}

std::string Citations::in_english(std::string_view text) const {
  constexpr std::string_view k_article = "条", k_first = "第", k_next = "、第";
  auto rule = text;
  std::string articles;
  // From the end: 第19条、第20条.
  while (rule.ends_with(k_article)) {
    const auto at = rule.rfind(k_first);
    if (at == std::string_view::npos) break;
    const auto number = rule.substr(at + k_first.size(), rule.size() - at - k_first.size() - k_article.size());
    articles = std::string(number) + (articles.empty() ? "" : ", ") + articles;
    rule = rule.substr(0, at);
    if (!rule.ends_with(k_next.substr(0, k_next.size() - k_first.size()))) break;
    rule.remove_suffix(k_next.size() - k_first.size());
  }
  auto found = rules_.find(rule);
  if (found == rules_.end()) {
    found = rules_.find(text);  // a name may end in 条 itself
    articles.clear();
  }
  if (found == rules_.end()) return term_in_english(text);
  if (articles.empty()) return found->second;
  return found->second + (articles.find(',') == std::string::npos ? ", art. " : ", arts. ") + articles;
}

Json Citations::page_in_english(Json model) const {
  if (const auto* text = model.if_string()) return in_english(*text);
  if (model.is_array()) {
    for (auto& item : model.as_array()) item = page_in_english(std::move(item));
  } else if (model.is_object()) {
    for (auto& [name, member] : model.as_object()) member = page_in_english(std::move(member));
  }
  return model;
}

}  // namespace landglass::web
