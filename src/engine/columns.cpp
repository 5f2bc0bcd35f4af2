#include "engine/columns.hpp"

#include <algorithm>

#include "engine/cache.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using institution::Field;
using institution::Institution;

constexpr std::int64_t k_words = 500;  // characters: what lists are searched by, not what somebody wrote at length

bool is_column(const Field& field) {
  return field.type != "list" && field.type != "record" && field.type != "json" && !field.locked;
}
bool is_number(const Field& field) {
  return field.type == "integer" || field.type == "money" || field.type == "area" || field.type == "boolean";
}
Json column_of(const Field& field, const Json* value) {
  if (value == nullptr || value->is_null() || value->is_object()) return Json();
  if (field.type == "money" || field.type == "area") {
    const auto* text = value->if_string();
    const auto number = text == nullptr ? std::nullopt : base::parse_money(*text);
    return number ? Json(number->fen) : Json();
  }
  if (value->is_bool()) return Json(value->as_bool() ? 1 : 0);
  return *value;
}

// A private text by which the file looks up records of its own kind: a rule of the watch that asks whom else it fits asks by
// it too. What is public and short stands in the index of lists.
bool is_sought(const Institution& in, const Field& field) {
  return field.type == "text" && field.is_private &&
         std::any_of(in.facts.begin(), in.facts.end(), [&](const institution::Fact& fact) {
           return fact.institution == in.name &&
                  (fact.kind == institution::FactKind::all || fact.kind == institution::FactKind::one) &&
                  std::any_of(fact.where.begin(), fact.where.end(),
                              [&](const institution::Where& where) { return where.field == field.name; });
         });
}

}  // namespace

std::string column_name(const Field& field) {
  for (const auto* taken : {"id", "version", "state", "doc", "changed"}) {
    if (field.name == taken) return "field_" + field.name;
  }
  return field.name;
}

std::vector<const Field*> column_fields(const Institution& in) {
  std::vector<const Field*> fields;
  fields.reserve(in.fields.size());
  for (const auto& field : in.fields) {
    if (is_column(field)) fields.push_back(&field);
  }
  return fields;
}

std::vector<Json> columns_of(const std::vector<const Field*>& fields, const base::JsonObject& values) {
  std::vector<Json> columns;
  columns.reserve(fields.size());
  for (const auto* field : fields) columns.push_back(column_of(*field, values.find(field->name)));
  return columns;
}

store::TableShape shape_of(const Institution& in) {
  // Lists begin with the newest, of all or of a division. Not where a behaviour changes the same record many times a second:
  // an index that moves with each change would be written with each batch of its bids.
  store::TableShape table{Cache::table_of(in.name), {}, in.behaviour.empty()};
  for (const auto& field : in.fields) {
    const bool region = field.name == "region";
    const bool words = field.type == "text" && !field.is_private && field.max_length <= k_words;
    if (is_column(field)) {
      table.columns.push_back({column_name(field), is_number(field), field.type == "ref" || region || is_sought(in, field),
                               table.newest && (region || words)});
    }
  }
  return table;
}

std::string in_state(const Institution& in, const std::string& state, std::vector<Json>& bind) {
  bind.emplace_back(state);
  if (in.parallel.empty()) return " AND state = ?";
  // "main|region:state": of the parallel regions stands behind the bar, and '}' is the character after it.
  bind.emplace_back(state + "|");
  bind.emplace_back(state + "}");
  return " AND (state = ? OR (state > ? AND state < ?))";
}

// By LIKE, so that the index by state is taken, which holds the division too, and not that by division.
std::string in_divisions(const Institution& in, const std::vector<std::string>& regions, std::vector<Json>& bind) {
  if (in.field("region") == nullptr) return "";
  std::string where;
  std::vector<Json> codes;
  for (auto region : regions) {
    if (region.empty() || region == "100000") return "";
    while (region.size() > 2 && region.ends_with("00")) region.resize(region.size() - 2);
    where += (where.empty() ? "" : " OR ") + std::string("region LIKE ?");
    codes.emplace_back(region + "%");
  }
  bind.insert(bind.end(), codes.begin(), codes.end());
  return where.empty() ? "" : " AND (region IS NULL OR region = '' OR " + where + ")";
}

}  // namespace landglass::engine
