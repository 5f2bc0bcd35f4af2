// What names one record over all registers: for who asked by a record of an institution that `gathers` (a company under
// inspection). The asking is an event with its matter and quota; what is shown is no more than this caller may read anyway.
#include <algorithm>
#include <map>

#include "engine/columns.hpp"
#include "institution/sight.hpp"
#include "watch/watch.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Field;
using institution::Institution;

namespace {

constexpr int k_of_register = 100;  // shown of one register; how many there are is said

struct Naming {
  std::vector<const Field*> single;  // refs of the record itself
  std::vector<const Field*> inside;  // lists that hold such refs
};

Naming naming(const Institution& in, std::string_view kind) {
  Naming found;
  for (const auto& field : in.fields) {
    if (field.locked) continue;
    if (field.type == "ref" && field.of == kind) found.single.push_back(&field);
    if (field.type != "list" || !field.items) continue;
    const auto& members = field.items->members;
    if ((field.items->type == "ref" && field.items->of == kind) ||
        std::any_of(members.begin(), members.end(), [&](const Field& one) { return one.type == "ref" && one.of == kind; }))
      found.inside.push_back(&field);
  }
  return found;
}

bool holds_text(const Json& value, std::string_view wanted) {
  if (const auto* text = value.if_string()) return *text == wanted;
  if (const auto* list = value.if_array())
    return std::any_of(list->begin(), list->end(), [&](const Json& one) { return holds_text(one, wanted); });
  const auto* object = value.if_object();
  return object != nullptr &&
         std::any_of(object->begin(), object->end(), [&](const auto& one) { return holds_text(one.second, wanted); });
}

}  // namespace

std::vector<Section> Portal::gathered(const Request& request, const std::string& id) {
  const auto kind = id.substr(0, id.find('/'));
  struct Row {
    std::string id, states;
    JsonObject fields;
    Text as;  // the field that names it
    base::Time changed;
  };
  std::vector<Section> sections;
  auto names = this->names();
  for (const auto* in : pack_.all()) {
    const auto by = naming(*in, kind);
    if (by.single.empty() && by.inside.empty()) continue;
    std::vector<std::string> ids;
    if (in->sealed()) {
      if (lists_sealed(request, *in).empty()) continue;
      auto rows = sealed_rows(request, *in, "", id, 0, k_of_register + 1);
      if (!rows) continue;
      for (const auto& row : *rows) ids.push_back(row[0].as_string());
    } else {
      std::string where;
      std::vector<Json> bind;
      for (const auto* field : by.single) {
        where += (where.empty() ? "" : " OR ") + engine::column_name(*field) + " = ?";
        bind.emplace_back(id);
      }
      if (!by.inside.empty()) {
        where += std::string(where.empty() ? "" : " OR ") + "instr(doc, ?) > 0";
        bind.emplace_back("\"" + id + "\"");
      }
      auto rows = reader(store::Sight::internal)
                      ->query("SELECT id FROM " + engine::Cache::table_of(in->name) + " WHERE " + where +
                                  " ORDER BY changed DESC, id LIMIT " + std::to_string(k_of_register + 1),
                              bind);
      if (!rows) continue;
      for (const auto& row : *rows) ids.push_back(row[0].as_string());
    }
    std::vector<Row> shown;
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto asking = this->asking(registry, request);
      for (const auto& one : ids) {
        auto found = cache.find(one);
        if (!found || *found == nullptr) continue;
        const auto& record = **found;
        const auto names_it = [&](const Field* field) {
          const auto* value = record.fields.find(field->name);
          return value != nullptr && holds_text(*value, id) &&
                 (in->sealed() || institution::sees(record, *in, *field, asking));
        };
        const Field* as = nullptr;
        for (const auto* list : {&by.single, &by.inside}) {
          for (const auto* field : *list) {
            if (as == nullptr && names_it(field)) as = field;
          }
        }
        if (as != nullptr) shown.push_back({one, record.states(), record.fields, as->title, record.changed});
      }
    });
    if (shown.empty()) continue;
    Section section(in->name, in->title);
    section.column({"记录", "Record"});
    section.column({"在其中为", "Named as"});
    section.column({"状态", "State"});
    section.column({"变更时间", "Changed"});
    for (std::size_t i = 0; i < shown.size() && i < k_of_register; ++i) {
      const auto& one = shown[i];
      section.row({{both(names.or_number(*in, one.fields, one.id)), href_of(one.id), quoted_number(one.id)},
                   {both(one.as)},
                   {state_model(*in, one.states).at("text")},
                   {base::format_local(one.changed).substr(0, 16)}});
    }
    if (shown.size() > k_of_register)
      section.say({"只列出最近变更的 " + std::to_string(k_of_register) + " 条。",
                   "The " + std::to_string(k_of_register) + " that changed last."});
    sections.push_back(std::move(section));
  }
  return sections;
}

JsonArray Portal::gatherers(const Request& request, const Institution& in, const std::string& id) {
  JsonArray list;
  if (!request.caller) return list;
  const auto post = post_of(request);
  for (const auto* other : pack_.all()) {
    const auto& create = other->create;
    const auto by = std::find_if(create.give.begin(), create.give.end(), [&](const std::string& name) {
      const auto* field = other->field(name);
      return field != nullptr && field->type == "ref" && field->of == in.name;
    });
    if (by == create.give.end() || !begun_by(*other, post, request.caller->actor)) continue;
    list.push_back(
        JsonObject{{"label", other->title.zh.starts_with(create.title.zh)
                                 ? both(other->title)
                                 : both(create.title.zh + "：" + other->title.zh, create.title.en + ": " + other->title.en)},
                   {"to", "/new/" + other->name + "?" + *by + "=" + id}});
  }
  return list;
}

}  // namespace landglass::web
