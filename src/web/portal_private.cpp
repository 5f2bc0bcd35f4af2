// What of an open record is not public, for who reads it by his post or because it is his own.
#include "institution/sight.hpp"
#include "institution/verbs.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using institution::Institution;

institution::Asking Portal::asking(institution::Registry& registry, const Request& request) const {
  institution::Asking asking;
  if (!request.caller) return asking;
  asking.actor = request.caller->actor;
  if (auto seats = registry.seats(asking.actor, base::date_of(clock_.now()))) asking.seats = std::move(*seats);
  return asking;
}

Json Portal::doc_for(const Institution& in, const std::string& id, const Request& request) {
  Json doc;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    const auto found = cache.find(id);
    if (!found || *found == nullptr) return;
    const institution::Record record = **found;  // looking further may let a clean record go
    doc = institution::save(record);
    institution::leave_readable(doc.as_object()["fields"].as_object(), record, in, asking(registry, request));
  });
  return doc;
}

Portal::Readable Portal::readable(const Institution& in, const std::string& id, const Request& request) {
  Readable out;
  if (in.sealed()) return out;
  if (!request.caller) {
    for (const auto& field : in.fields) {
      if (field.published) out.files.insert(field.name);
    }
    return out;
  }
  out.actor = request.caller->actor;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    const auto found = cache.find(id);
    if (!found || *found == nullptr) return;
    const institution::Record record = **found;  // looking further may let a clean record go
    const auto asking = this->asking(registry, request);
    for (const auto& field : in.fields) {
      if (field.type == "file" && institution::opens(record, in, field, asking)) out.files.insert(field.name);
      if (!field.is_private || field.locked || field.type == "json" || !institution::sees(record, in, field, asking))
        continue;
      out.names.insert(field.name);
      const auto* value = record.fields.find(field.name);
      if (value != nullptr && !value->is_null()) out.fields[field.name] = *value;
    }
    if (const auto* attached = institution::given_field(in, "attachment");
        attached != nullptr && institution::opens(record, in, *attached, asking))
      out.files.insert(attached->name);
  });
  return out;
}

// `open` are the public fields of the same record: a value that stands there is not said again.
Json Portal::readable_section(const Institution& in, const JsonObject& open, const Readable& own, const std::string& id,
                              const Request& request) {
  JsonArray shown;
  auto names = this->names();
  tell_names(names, own.fields, request);
  names.told_by(own.fields);
  for (const auto& field : in.fields) {
    const auto* value = own.fields.find(field.name);
    if (value == nullptr || open.find(field.name) != nullptr || !whose_name(pack_, own.fields, field.name).empty()) continue;
    if (field.type == "list") list_models(field, *value, shown, names);
    auto model = field.type == "file" ? file_model(field, *value, "/files/" + id + "/" + field.name, true)
                                      : field_model(field, value, true, &names);
    if (!model.is_null()) shown.push_back(std::move(model));
  }
  if (shown.empty()) return Json();
  return JsonObject{
      {"id", "readable"}, {"title", both("不公开，您可以查阅", "Not public, open to you")}, {"fields", std::move(shown)}};
}

}  // namespace landglass::web
