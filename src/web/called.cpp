#include "web/called.hpp"

#include <algorithm>

#include "engine/cache.hpp"
#include "web/portal.hpp"

namespace landglass::web {

using base::Json;
using base::JsonObject;
using base::Text;

constexpr std::string_view k_person = "person";
constexpr int k_depth = 3;  // a warning of an application for a lot of a parcel is called by the parcel

bool names_a_record(const institution::Pack& pack, std::string_view text) {
  const auto slash = text.find('/');
  return slash != std::string_view::npos && text.find(' ') == std::string_view::npos &&
         pack.current(text.substr(0, slash)) != nullptr;
}

bool nameless(const institution::Institution& in, const JsonObject& fields) {
  const auto* name = in.field("name");
  return in.id_from == "key" && name != nullptr && name->is_private && fields.text("name").empty();
}

const institution::Field* kind_of_person(const institution::Institution& in) {
  const auto* kind = in.field("kind");
  if (kind == nullptr || kind->is_private || !nameless(in, {})) return nullptr;
  const auto& values = kind->values;
  const bool tells = std::any_of(values.begin(), values.end(), [](const auto& one) { return one.key == k_person; });
  return tells ? kind : nullptr;
}

bool is_one_person(const institution::Institution& in, const JsonObject& fields) {
  return kind_of_person(in) != nullptr && fields.text("kind") == k_person;
}

namespace {

// "自然人 5012 号（未公开）": what kind, the leaf that registered it, and that there is a name.
Text numbered(const institution::Institution& in, const Text& kind, const Json& doc) {
  const auto* leaves = doc.at("leaves").if_array();
  const auto number = leaves == nullptr || leaves->empty() ? std::string() : " " + std::to_string(leaves->front().as_int());
  const auto& what = kind.empty() ? in.title : kind;
  return {what.zh + (number.empty() ? "" : number + " 号") + std::string(k_not_public),
          what.en + (number.empty() ? "" : " no." + number) + " (not public)"};
}

}  // namespace

Text Names::of(const institution::Institution& in, const JsonObject& fields) {
  // Also where the document at hand tells the name: what it is called is the same on every page.
  const auto* name = in.field("name");
  const bool by_number = in.id_from == "key" && name != nullptr && name->is_private;
  return by_number ? looked_up(in.name + "/" + std::string(fields.text("key")), 0) : joined(in, fields, 0);
}

Text Names::shown(std::string_view id) {
  auto name = of(id);
  if (!name.empty() && name.zh != number_of(id)) return name;
  const auto* in = pack_.current(id.substr(0, id.find('/')));
  const auto number = number_of(id);
  return in == nullptr ? Text{number, number} : Text{in->title.zh + " " + number, in->title.en + " " + number};
}

Text Names::joined(const institution::Institution& in, const JsonObject& fields, int depth) {
  Text name;
  const bool by_number = nameless(in, fields);
  for (const auto& wanted : in.called) {
    if (by_number && wanted == "key") continue;
    const auto* field = in.field(wanted);
    const auto* value = fields.find(wanted);
    if (field == nullptr || value == nullptr || value->is_null()) continue;
    Text part;
    const auto* id = value->if_string();
    if (id != nullptr && (field->type == "ref" || names_a_record(pack_, *id))) {
      part = looked_up(*id, depth + 1);
    } else {
      part = show_value(*field, *value, pack_);
    }
    if (part.zh.empty()) continue;
    name.zh += (name.zh.empty() ? "" : " · ") + part.zh;
    name.en += (name.en.empty() ? "" : " · ") + part.en;
  }
  return name;
}

Text Names::looked_up(std::string_view id, int depth) {
  if (const auto held = known_.find(id); held != known_.end()) return held->second;
  Text name;
  const auto* in = pack_.current(id.substr(0, id.find('/')));
  if (in != nullptr && !in->sealed() && depth <= k_depth) {
    auto rows = open_->query("SELECT doc FROM " + engine::Cache::table_of(in->name) + "_public WHERE id = ?",
                             {Json(std::string(id))});
    if (rows && !rows->empty()) {
      if (const auto doc = base::parse_json((*rows)[0][0].as_string(), base::Profile::any)) {
        if (in->name == "person") name = seat_of(id);
        if (const auto* fields = doc->at("fields").if_object(); fields != nullptr && name.empty()) {
          name = joined(*in, *fields, depth);
          if (nameless(*in, *fields)) name = numbered(*in, name, *doc);
        }
        if (name.empty()) name = {number_of(id), number_of(id)};
      }
    }
  }
  return known_.emplace(std::string(id), std::move(name)).first->second;
}

Text Names::seat_of(std::string_view person) {
  auto rows = open_->query(
      "SELECT p.title, o.name FROM appointment_public a JOIN post_public p ON p.id = a.post LEFT JOIN office_public o ON "
      "o.id = p.office WHERE a.person = ? AND a.state LIKE 'active%' ORDER BY a.changed DESC LIMIT 1",
      {Json(std::string(person))});
  if (!rows || rows->empty() || !(*rows)[0][0].is_string()) return {};
  auto name = (*rows)[0][0].as_string();
  if ((*rows)[0][1].is_string()) name = (*rows)[0][1].as_string() + " " + name;
  return {name, name};
}

std::string_view whose_name(const institution::Pack& pack, const JsonObject& fields, std::string_view field) {
  constexpr std::string_view k_name = "_name";
  if (!field.ends_with(k_name) || fields.text(field).empty()) return {};
  const auto id = fields.text(field.substr(0, field.size() - k_name.size()));
  return names_a_record(pack, id) ? id : std::string_view();
}

void Names::told_by(const JsonObject& fields) {
  for (const auto& [field, value] : fields) {
    if (const auto id = whose_name(pack_, fields, field); !id.empty())
      known_.insert_or_assign(std::string(id), Text{value.as_string(), value.as_string()});
  }
}

Text Names::or_number(const institution::Institution& in, const JsonObject& fields, std::string_view id) {
  auto name = of(in, fields);
  return name.empty() ? Text{number_of(id), number_of(id)} : name;
}

}  // namespace landglass::web
