// 回避: who stood aside from a record does nothing more on it, and neither does an official whose declared interest the
// record touches. Exact only: the party or the matter that he declared is named by the record, or by a record that it names.
#include <algorithm>
#include <functional>

#include "institution/registry.hpp"

namespace landglass::institution {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;

constexpr std::size_t k_most_named = 100;

void each_text(const Json& value, const std::function<void(const std::string&)>& tell) {
  if (const auto* text = value.if_string()) {
    tell(*text);
  } else if (const auto* list = value.if_array()) {
    for (const auto& item : *list) each_text(item, tell);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [name, item] : *object) each_text(item, tell);
  }
}

// Ids of the pack's records among the fields' values.
std::vector<std::string> named_in(const Pack& pack, const JsonObject& fields) {
  std::vector<std::string> ids;
  for (const auto& [name, value] : fields) {
    each_text(value, [&](const std::string& text) {
      const auto slash = text.find('/');
      if (slash == std::string::npos || slash > 63 || text.size() > 200 || ids.size() >= k_most_named) return;
      if (pack.current(text.substr(0, slash)) != nullptr) ids.push_back(text);
    });
  }
  return ids;
}

}  // namespace

Status Registry::impartial(const Record& record, const std::string& actor, const std::string& action) {
  if (!actor.starts_with("person/")) return base::Done{};
  if (std::find(record.recused.begin(), record.recused.end(), actor) != record.recused.end())
    return base::refuse("EN-20", "您已回避此事项", "you stand aside from this matter", action);
  // In his own cause he is a party and not an official: his declaration, the question that he is asked.
  if (record.institution == "interest" || record.fields.text("person") == actor) return base::Done{};
  LG_TRY(const auto interests, shelf_.index("interests|" + actor, true));
  if (interests.empty()) return base::Done{};
  auto touched = named_in(pack_, record.fields);
  const auto near = touched.size();
  touched.push_back(record.id);
  for (std::size_t i = 0; i < near; ++i) {
    LG_TRY(const auto* one, shelf_.find(touched[i]));
    if (one == nullptr) continue;
    const auto further = named_in(pack_, one->fields);
    touched.insert(touched.end(), further.begin(), further.end());
  }
  for (const auto& id : interests) {
    LG_TRY(const auto* interest, shelf_.find(id));
    if (interest == nullptr) continue;
    for (const auto* field : {"party", "matter"}) {
      const auto declared = interest->fields.text(field);
      if (declared.empty() || std::find(touched.begin(), touched.end(), declared) == touched.end()) continue;
      const auto* in = institution_of(*interest);
      const auto law = in == nullptr || in->basis.empty() ? Law{} : in->basis.front();
      auto refusal = base::refuse("EN-20", "此事项涉及您申报的利益关系，应当回避：请办理“回避”",
                                  "an interest that you declared is touched: stand aside (recuse)", action, pack_.cite(law));
      refusal.detail = {"回避", "recuse"};
      return refusal;
    }
  }
  return base::Done{};
}

}  // namespace landglass::institution
