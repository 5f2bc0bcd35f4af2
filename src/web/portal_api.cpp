// Records as JSON, and the OpenAPI document that the pack gives.
#include <algorithm>
#include <set>

#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Field;
using institution::Institution;

namespace {

Json schema_of(const Field& field) {
  JsonObject schema;
  const auto& type = field.type;
  if (type == "integer") {
    schema["type"] = "integer";
    if (field.min) schema["minimum"] = *field.min;
    if (field.max) schema["maximum"] = *field.max;
  } else if (type == "boolean") {
    schema["type"] = "boolean";
  } else if (type == "list") {
    schema["type"] = "array";
    schema["maxItems"] = field.max_length;
    if (field.items != nullptr) schema["items"] = schema_of(*field.items);
  } else if (type == "record") {
    schema["type"] = "object";
    JsonObject members;
    for (const auto& member : field.members) members[member.name] = schema_of(member);
    schema["properties"] = std::move(members);
    schema["additionalProperties"] = false;
  } else if (type == "json" || field.locked) {
    schema["description"] = "any JSON";
  } else {
    schema["type"] = "string";
    if (type == "text") schema["maxLength"] = field.max_length;
    if (type == "money" || type == "area") schema["pattern"] = "^-?[0-9]+(\\.[0-9]{1,2})?$";
    if (type == "date") schema["format"] = "date";
    if (type == "time") schema["format"] = "date-time";
    if (type == "file") schema["pattern"] = "^[0-9a-f]{64}$";
    if (type == "ref" && !field.of.empty()) schema["pattern"] = "^" + field.of + "/";
    if (!field.values.empty()) {
      JsonArray values;
      for (const auto& value : field.values) values.emplace_back(value.key);
      schema["enum"] = std::move(values);
    }
  }
  schema["title"] = field.title.zh + " / " + field.title.en;
  return Json(std::move(schema));
}

Json component(const std::string& to) { return JsonObject{{"$ref", "#/components/" + to}}; }
Json body_of(const char* type, Json schema) { return JsonObject{{type, JsonObject{{"schema", std::move(schema)}}}}; }
Json answer(const char* what, const char* type, Json schema) {
  return JsonObject{{"description", what}, {"content", body_of(type, std::move(schema))}};
}
Json path_parameter(const std::string& name) {
  return JsonObject{{"name", name}, {"in", "path"}, {"required", true}, {"schema", JsonObject{{"type", "string"}}}};
}

// One GET. The operation's id is how clients name it.
Json get(const char* id, const char* summary, const std::vector<std::string>& parameters, const char* type, Json schema) {
  JsonObject operation{{"operationId", id},
                       {"summary", summary},
                       {"security", JsonArray{}},
                       {"responses", JsonObject{{"200", answer("OK", type, std::move(schema))},
                                                {"default", component("responses/problem")}}}};
  if (!parameters.empty()) {
    JsonArray list;
    for (const auto& name : parameters) list.push_back(path_parameter(name));
    operation["parameters"] = std::move(list);
  }
  return JsonObject{{"get", std::move(operation)}};
}

Json object_schema() { return JsonObject{{"type", "object"}}; }
Json text_schema() { return JsonObject{{"type", "string"}}; }

Json problem_schema() {
  const auto text = text_schema();
  return JsonObject{
      {"type", "object"},
      {"description", "RFC 9457, with the code of the rule that refuses, its law, and both sides of the comparison"},
      {"required", JsonArray{"type", "title", "status", "code"}},
      {"properties",
       JsonObject{{"type", text},
                  {"title", text},
                  {"status", JsonObject{{"type", "integer"}}},
                  {"code", text},
                  {"law", text},
                  {"detail", text},
                  {"where", text},
                  {"instance", text},
                  {"retryable", JsonObject{{"type", "boolean"}}},
                  {"say", JsonObject{{"type", "object"}, {"properties", JsonObject{{"zh", text}, {"en", text}}}}}}}};
}

Json bid_schema() {
  const auto text = text_schema();
  const Json count(JsonObject{{"type", "integer"}, {"minimum", 1}});
  return JsonObject{
      {"type", "object"},
      {"description", "docs/formats/bid.md"},
      {"required", JsonArray{"lot", "plate", "counter", "price", "rule_sheet", "sig"}},
      {"properties",
       JsonObject{
           {"lot", text},
           {"plate", count},
           {"counter", count},
           {"price", JsonObject{{"type", "string"}, {"pattern", "^[0-9]+\\.[0-9]{2}$"}}},
           {"rule_sheet", JsonObject{{"type", "string"}, {"pattern", "^[0-9a-f]{64}$"}}},
           {"confirmed", JsonObject{{"const", true}}},
           {"other", JsonObject{{"type", "integer"}}},
           {"sig", JsonObject{{"type", "object"},
                              {"required", JsonArray{"alg", "key", "bytes"}},
                              {"properties",
                               JsonObject{{"alg", JsonObject{{"const", "es256"}}}, {"key", text}, {"bytes", text}}}}}}}};
}

Json logged_schema() {
  const auto text = text_schema();
  return JsonObject{{"type", "object"},
                    {"description", "What a command came to; index, receipt and proof where it stands in the open log"},
                    {"required", JsonArray{"record", "version", "tree"}},
                    {"properties", JsonObject{{"record", text},
                                              {"version", JsonObject{{"type", "integer"}}},
                                              {"tree", JsonObject{{"enum", JsonArray{"open", "sealed"}}}},
                                              {"index", JsonObject{{"type", "integer"}}},
                                              {"receipt", text},
                                              {"checkpoint", text},
                                              {"leaf", text},
                                              {"proof", JsonObject{{"type", "array"}, {"items", text}}}}}};
}

// The schema of one act, and its name in `commands`.
void add_command(const Institution& in, const Action& action, bool creates, JsonObject& schemas, JsonArray& commands) {
  const auto name = in.name + "." + (creates ? "create" : action.name);
  if (schemas.find(name) != nullptr) return;  // the same act in another state
  JsonObject fields;
  for (const auto& given : action.give) {
    const auto* field = in.field(given);
    fields[given] = field == nullptr ? text_schema() : schema_of(*field);
  }
  JsonArray need;
  std::set<std::string> seen;
  for (const auto& field : action.need) {
    if (seen.insert(field).second) need.emplace_back(field);
  }
  if (creates) {
    for (const auto& field : in.fields) {
      if (field.required && fields.find(field.name) != nullptr && seen.insert(field.name).second)
        need.emplace_back(field.name);
    }
  }
  JsonObject inner{{"type", "object"}, {"properties", std::move(fields)}, {"additionalProperties", false}};
  if (!need.empty()) inner["required"] = std::move(need);
  JsonObject outer{{"fields", std::move(inner)}};
  JsonArray required{"fields"};
  if (creates) {
    outer["institution"] = JsonObject{{"const", in.name}};
    required.emplace_back("institution");
  } else {
    outer["record"] = JsonObject{{"type", "string"}, {"pattern", "^" + in.name + "/"}};
    outer["action"] = JsonObject{{"const", action.name}};
    outer["version"] = JsonObject{{"type", "integer"}};
    required.emplace_back("record");
    required.emplace_back("action");
  }
  std::string about;
  for (const auto& check : action.checks) about += (about.empty() ? "" : "; ") + check.code + " " + check.say.en;
  JsonObject schema{{"type", "object"},
                    {"title", action.title.zh + " / " + action.title.en},
                    {"required", std::move(required)},
                    {"properties", std::move(outer)}};
  if (!about.empty()) schema["description"] = about;
  schemas[name] = std::move(schema);
  commands.push_back(component("schemas/" + name));
}

}  // namespace

Response Portal::api_record(const Request& request) {
  const std::string institution(request.parameter("institution"));
  if (const auto* in = pack_.current(institution); in != nullptr && in->sealed()) {
    const auto id = institution + "/" + std::string(request.parameter("key"));
    auto seen = sealed(request, *in, id);
    if (seen.doc.is_null()) return problem(base::refuse("EN-01", "没有此记录", "no such record", id), request);
    seen.doc.as_object()["related"] = std::move(seen.records);
    return json(200, std::move(seen.doc)).header("cache-control", "no-store");
  }
  auto doc = public_doc(institution, institution + "/" + std::string(request.parameter("key")));
  if (!doc) return problem(doc.trouble(), request);
  return cached(request, json(200, *doc), "no-cache");
}

Response Portal::api_list(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const auto* in = pack_.current(institution);
  if (in == nullptr || in->sealed())
    return problem(base::Trouble(base::refuse("EN-01", "没有此登记簿", "no such register", institution)), request);
  const auto after = std::string(request.query.get("after"));
  auto rows =
      reader(store::Sight::open)
          ->query("SELECT doc FROM " + engine::Cache::table_of(institution) + "_public WHERE id > ? ORDER BY id LIMIT 200",
                  {Json(after)});
  if (!rows) return problem(rows.trouble(), request);
  JsonArray list;
  for (const auto& row : *rows) {
    if (auto doc = base::parse_json(row[0].as_string(), base::Profile::any)) list.push_back(std::move(*doc));
  }
  JsonObject body;
  if (list.size() == 200) body["next"] = "/api/list/" + institution + "?after=" + std::string(list.back().text("id"));
  body["records"] = std::move(list);
  return json(200, Json(std::move(body)));
}

// OpenAPI 3.1, from the pack: every institution's record and every action with its fields.
Response Portal::openapi(const Request& request) {
  JsonObject schemas;
  JsonArray commands;
  for (const auto* in : pack_.all()) {
    JsonObject properties;
    for (const auto& field : in->fields) properties[field.name] = schema_of(field);
    schemas[in->name] = JsonObject{
        {"type", "object"}, {"title", in->title.zh + " / " + in->title.en}, {"properties", std::move(properties)}};
    add_command(*in, in->create, true, schemas, commands);
    for (const auto& action : in->always) add_command(*in, action, false, schemas, commands);
    const auto region = [&](const institution::Region& part) {
      for (const auto& state : part.states) {
        for (const auto& action : state.actions) add_command(*in, action, false, schemas, commands);
      }
    };
    region(in->main);
    for (const auto& part : in->parallel) region(part);
  }
  schemas["problem"] = problem_schema();
  schemas["bid"] = bid_schema();
  schemas["logged"] = logged_schema();
  const JsonObject key{
      {"name", "Idempotency-Key"},
      {"in", "header"},
      {"required", true},
      {"description", "The same key with the same body is the same command, and is answered as the first time"},
      {"schema", text_schema()}};
  const auto post = [](const char* id, const char* summary, JsonArray parameters, Json schema) {
    JsonObject operation{
        {"operationId", id},
        {"summary", summary},
        {"requestBody", JsonObject{{"required", true}, {"content", body_of("application/json", std::move(schema))}}},
        {"responses", JsonObject{{"200", answer("Logged; with its proof", "application/json", component("schemas/logged"))},
                                 {"default", component("responses/problem")}}}};
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    return Json(JsonObject{{"post", std::move(operation)}});
  };
  JsonObject paths;
  paths["/api/records/{institution}/{key}"] =
      get("record", "A public record", {"institution", "key"}, "application/json", object_schema());
  paths["/api/list/{institution}"] = get("list", "Public records, 200 at a time; `next` is the address of those that follow",
                                         {"institution"}, "application/json", object_schema());
  paths["/csv/{institution}"] = get("csv", "A public register as a table", {"institution"}, "text/csv", text_schema());
  paths["/feed"] =
      get("feed", "The newest changes as Atom; ids end in the index of the leaf", {}, "application/atom+xml", text_schema());
  paths["/feed.json"] = get("feedJson", "The newest changes as JSON Feed 1.1; ids are indexes of leaves", {},
                            "application/feed+json", object_schema());
  paths["/live/{key}"] = get("live", "The state of a lot as server-sent events; Last-Event-ID resumes", {"key"},
                             "text/event-stream", text_schema());
  paths["/receipt/{index}"] = get("receipt", "Receipt of a leaf", {"index"}, "application/json", object_schema());
  paths["/openings/{index}"] = get("openings", "Openings of a leaf that the public may have", {"index"}, "application/json",
                                   JsonObject{{"type", "array"}, {"items", object_schema()}});
  paths["/checkpoint"] = get("checkpoint", "Signed checkpoint of the open log", {}, "text/plain", text_schema());
  paths["/api/commands"] =
      post("command", "Do an act, or make a record", JsonArray{Json(key)}, JsonObject{{"oneOf", std::move(commands)}});
  paths["/bids/{key}"] = post("bid", "A signed offer; (lot, plate, counter) names it, sent again it is answered again",
                              JsonArray{path_parameter("key")}, component("schemas/bid"));
  JsonObject document{
      {"openapi", "3.1.0"},
      {"info", JsonObject{{"title", options_.name.zh + " " + options_.name.en},
                          {"version", "1"},
                          {"license", JsonObject{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", JsonArray{JsonObject{{"url", "/"}}}},
      {"security", JsonArray{JsonObject{{"token", JsonArray{}}}, JsonObject{{"session", JsonArray{}}}}},
      {"paths", std::move(paths)},
      {"components",
       JsonObject{{"schemas", std::move(schemas)},
                  {"responses", JsonObject{{"problem", answer("Refused, or not possible now", "application/problem+json",
                                                              component("schemas/problem"))}}},
                  {"securitySchemes",
                   JsonObject{{"token", JsonObject{{"type", "http"}, {"scheme", "bearer"}}},
                              {"session", JsonObject{{"type", "apiKey"}, {"in", "cookie"}, {"name", "session"}}}}}}}};
  return cached(request, json(200, Json(std::move(document))), "no-cache");
}

}  // namespace landglass::web
