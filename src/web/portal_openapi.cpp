// The OpenAPI document that the pack gives: every institution's record and acts, and the addresses that all share.
#include <set>

#include "institution/verbs.hpp"
#include "institution/words.hpp"
#include "web/portal.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
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
    if (type == "ref" && !field.of.empty() && field.of != institution::k_any) schema["pattern"] = "^" + field.of + "/";
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
Json object_schema() { return JsonObject{{"type", "object"}}; }
Json text_schema() { return JsonObject{{"type", "string"}}; }
// An object of these texts, all of them there; a name that ends in "?" may be absent.
Json texts_schema(const char* about, const std::vector<std::string>& names) {
  JsonObject properties;
  JsonArray required;
  for (auto name : names) {
    if (name.back() == '?') {
      name.pop_back();
    } else {
      required.emplace_back(name);
    }
    properties[name] = text_schema();
  }
  JsonObject schema{{"type", "object"}, {"description", about}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return Json(std::move(schema));
}

// One operation of an address. Its id is how clients name it.
struct Operation {
  std::string method;
  std::string path;  // what stands in braces is its parameter
  std::string id;
  std::string summary;
  bool open = false;  // nobody need be signed in
  Json body = {};     // schema of a JSON body; null: none
  int status = 200;
  std::string type = "application/json";  // of the answer; empty: it has none
  Json answer = {};
  Json header = {};  // a parameter beside those of the path
};

void add(JsonObject& paths, const Operation& one) {
  JsonObject operation{{"operationId", one.id}, {"summary", one.summary}};
  if (one.open) operation["security"] = JsonArray{};
  JsonArray parameters;
  for (auto at = one.path.find('{'); at != std::string::npos; at = one.path.find('{', at + 1)) {
    const auto name = one.path.substr(at + 1, one.path.find('}', at) - at - 1);
    parameters.push_back(
        JsonObject{{"name", name}, {"in", "path"}, {"required", true}, {"schema", JsonObject{{"type", "string"}}}});
  }
  if (!one.header.is_null()) parameters.push_back(one.header);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!one.body.is_null())
    operation["requestBody"] = JsonObject{{"required", true}, {"content", body_of("application/json", one.body)}};
  Json done = one.type.empty() ? Json(JsonObject{{"description", "Done"}})
                               : answer("OK", one.type.c_str(), one.answer.is_null() ? object_schema() : one.answer);
  operation["responses"] =
      JsonObject{{std::to_string(one.status), std::move(done)}, {"default", component("responses/problem")}};
  auto& item = paths[one.path];
  if (item.is_null()) item = JsonObject{};
  item.as_object()[one.method] = std::move(operation);
}

// Who asks, and his sessions, tokens and proofs (docs/formats/http.md).
void add_accounts(JsonObject& paths) {
  const auto session = component("schemas/session");
  add(paths, {"post", "/api/session", "signIn", "Sign in; the answer sets the cookie", true,
              texts_schema("The proofs", {"login", "password", "code?", "label?"}), 200, "application/json", session});
  add(paths, {"get", "/api/session", "whoAmI", "Who am I", false, {}, 200, "application/json", session});
  add(paths, {"delete", "/api/session", "signOut", "Sign out", false, {}, 204, ""});
  add(paths,
      {"get", "/api/sessions", "sessions", "My sessions", false, {}, 200, "application/json", component("schemas/passes")});
  add(paths, {"delete", "/api/sessions/{handle}", "endSession", "End one of my sessions", false, {}, 204, ""});
  add(paths, {"post", "/api/password", "changePassword", "Another password; ends all sessions", false,
              texts_schema("The old one and the new one", {"old", "new"}), 204, ""});
  add(paths, {"post",
              "/api/totp",
              "offerTotp",
              "A secret for one-time codes, not yet in force",
              false,
              {},
              200,
              "application/json",
              texts_schema("Told once", {"secret", "uri"})});
  add(paths, {"post", "/api/totp/confirm", "confirmTotp", "Put it in force by its first code; answers recovery codes", false,
              texts_schema("The first code", {"code"})});
  add(paths, {"get",
              "/api/tokens",
              "tokens",
              "My machines' tokens",
              false,
              {},
              200,
              "application/json",
              component("schemas/passes")});
  const Json scopes(JsonObject{{"type", "array"}, {"items", text_schema()}});
  add(paths, {"post", "/api/tokens", "issueToken", "A token for a machine, told once", false,
              JsonObject{{"type", "object"},
                         {"required", JsonArray{"label", "scopes", "expires"}},
                         {"properties", JsonObject{{"label", text_schema()},
                                                   {"scopes", scopes},
                                                   {"expires", JsonObject{{"type", "string"}, {"format", "date-time"}}}}}},
              201, "application/json", texts_schema("Told once", {"token"})});
  add(paths, {"delete", "/api/tokens/{handle}", "endToken", "End one of my tokens", false, {}, 204, ""});
}

// Tips (docs/formats/tips.md): whoever sends them is asked for nothing that would name him.
void add_tips(JsonObject& paths) {
  const auto promise = texts_schema("The hour at which it enters the log, and the log's promise of it", {"hour", "promise"});
  add(paths, {"get", "/api/tips/choices", "tipChoices", "Units, and the investigators that a tip may be locked to", true});
  auto tip = texts_schema("A tip, locked on the device of whoever tells",
                          {"mailbox", "document", "subject_office", "voice", "reply_key", "sig"});
  auto& properties = tip.as_object()["properties"].as_object();
  properties["openers"] = JsonObject{{"type", "array"}, {"items", text_schema()}};
  properties["about_head"] = JsonObject{{"type", "boolean"}};
  for (const auto* name : {"openers", "about_head"}) tip.as_object()["required"].as_array().emplace_back(name);
  add(paths, {"post", "/api/tips", "sendTip", "Send a tip", true, std::move(tip), 200, "application/json", promise});
  add(paths, {"post", "/api/tips/messages", "sendTipMessage", "Go on with the dialogue", true,
              texts_schema("A message, locked and signed likewise", {"mailbox", "document", "sig"}), 200, "application/json",
              promise});
  add(paths,
      {"post", "/api/tips/mailbox", "tipMailbox", "What became of a tip; who has no mailbox gets an answer of the same size",
       true, texts_schema("The secret that the twelve words give", {"mailbox"})});
  add(paths,
      {"get", "/api/tips/desk/{key}", "tipOfDesk", "The documents of a tip, for an investigator who opened it today"});
}

// What anybody may read.
void add_public(JsonObject& paths) {
  const auto get = [&](const char* path, const char* id, const char* summary, const char* type, Json schema) {
    add(paths, {"get", path, id, summary, true, {}, 200, type, std::move(schema)});
  };
  get("/api/records/{institution}/{key}", "record",
      "A public record, with what else the caller reads of it as `private`; a sealed one for those whom its file names and "
      "whose it is",
      "application/json", object_schema());
  const Json bytes(JsonObject{{"type", "string"}, {"format", "binary"}});
  get("/files/{institution}/{key}/{field}", "fileOfRecord", "The file that a field holds, for whom its institution opens it",
      "application/octet-stream", bytes);
  get("/files/{institution}/{key}/{leaf}/{field}", "fileOfAct", "A file that one act handed in", "application/octet-stream",
      bytes);
  get("/api/list/{institution}", "list", "Public records, 200 at a time; `next` is the address of those that follow",
      "application/json", object_schema());
  get("/csv/{institution}", "csv", "A public register as a table", "text/csv", text_schema());
  get("/open-data.json", "openData",
      "Catalogue of all public registers as files, with licence, SHA-256 and the size of the log", "application/json",
      object_schema());
  get("/open-data/{institution}.json", "openDataJson",
      "A public register as one file of at most 50,000 records; `next` follows", "application/json", object_schema());
  get("/open-data/{institution}.csv", "openDataCsv", "The same as a table", "text/csv", text_schema());
  get("/open-data/{institution}.zip", "openDataZip", "Table, JSON, licence and catalogue in one zip", "application/zip",
      bytes);
  get("/api/calendar", "calendar", "Days off and made-up working days as published, and the thresholds of the lights",
      "application/json", object_schema());
  get("/feed", "feed", "The newest changes as Atom; ids end in the index of the leaf", "application/atom+xml",
      text_schema());
  get("/feed.json", "feedJson", "The newest changes as JSON Feed 1.1; ids are indexes of leaves", "application/feed+json",
      object_schema());
  get("/report/{year}.json", "report", "The work report of a year: figures, their queries, the leaves behind them",
      "application/json", object_schema());
  get("/report/{year}.pdf", "reportSheet", "The same as a sheet", "application/pdf",
      JsonObject{{"type", "string"}, {"format", "binary"}});
  get("/live/{key}", "live", "The state of a lot as server-sent events; Last-Event-ID resumes", "text/event-stream",
      text_schema());
  get("/receipt/{index}", "receipt", "Receipt of a leaf", "application/json", object_schema());
  get("/openings/{index}", "openings", "Openings of a leaf that the public may have", "application/json",
      JsonObject{{"type", "array"}, {"items", object_schema()}});
  get("/checkpoint", "checkpoint", "Signed checkpoint of the open log, as far as witnessed", "text/plain", text_schema());
  get("/checkpoint/logged", "checkpointLogged", "The newest signed checkpoint, witnessed or not", "text/plain",
      text_schema());
  get("/tile/{path}", "tile", "A tile or a bundle of leaves (C2SP tlog-tiles): `{level}/{number}`, `entries/{number}`",
      "application/octet-stream", JsonObject{{"type", "string"}, {"format", "binary"}});
  get("/policy", "policy", "Keys of the log and its witnesses, for a verifier", "text/plain", text_schema());
  get("/words", "words", "What each file of an institution, by its digest, calls the keys in leaves; no part of any proof",
      "application/json", object_schema());
  get("/i/{institution}/file", "institutionFile", "The file of an institution that is in force", "text/plain",
      text_schema());
  add(paths, {"post", "/api/certificates", "certificate",
              "Do number and holder of a certificate go together, how does it stand, and is it mortgaged or seized", true,
              texts_schema("What stands on the paper", {"number", "holder"}), 200, "application/json",
              JsonObject{{"type", "object"},
                         {"required", JsonArray{"match", "state", "told"}},
                         {"properties", JsonObject{{"match", JsonObject{{"type", "boolean"}}},
                                                   {"state", text_schema()},
                                                   {"told", object_schema()}}}}});
}

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
                  {"that", text},
                  {"where", text},
                  {"instance", text},
                  {"retryable", JsonObject{{"type", "boolean"}}},
                  {"also", JsonObject{{"type", "array"}, {"items", JsonObject{{"type", "object"}}}}},
                  {"say", JsonObject{{"type", "object"}, {"properties", JsonObject{{"zh", text}, {"en", text}}}}},
                  {"why", JsonObject{{"type", "object"}, {"properties", JsonObject{{"zh", text}, {"en", text}}}}}}}};
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

Json session_schema() {
  return texts_schema("Who is signed in; `csrf` goes with every unsafe request", {"login", "actor", "csrf"});
}

Json passes_schema() {
  const Json one(JsonObject{{"type", "object"},
                            {"required", JsonArray{"handle", "label", "created", "expires"}},
                            {"properties", JsonObject{{"handle", text_schema()},
                                                      {"label", text_schema()},
                                                      {"created", text_schema()},
                                                      {"expires", text_schema()},
                                                      {"seen", text_schema()},
                                                      {"scopes", JsonObject{{"type", "array"}, {"items", text_schema()}}},
                                                      {"current", JsonObject{{"type", "boolean"}}}}}});
  return JsonObject{{"type", "object"},
                    {"required", JsonArray{"items"}},
                    {"properties", JsonObject{{"items", JsonObject{{"type", "array"}, {"items", one}}}}}};
}

Json statement_schema() {
  return JsonObject{{"type", "object"},
                    {"description", "What is to be signed for a command: docs/formats/act.md"},
                    {"required", JsonArray{"key", "statement"}},
                    {"properties", JsonObject{{"key", text_schema()},
                                              {"salts", object_schema()},
                                              {"session", JsonObject{{"type", "boolean"}}},
                                              {"statement", object_schema()}}}};
}

// The schema of one act, and its name in `commands`.
void add_command(const Institution& in, const Action& action, const institution::Pack& pack, bool creates,
                 JsonObject& schemas, JsonArray& commands) {
  const auto name = in.name + "." + (creates ? "create" : action.name);
  if (schemas.find(name) != nullptr) return;  // the same act in another state
  JsonObject fields;
  for (const auto& given : action.give) {
    fields[given] = schema_of(*institution::given_field(in, given));
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
  std::string about = institution::together(in, action, pack).en;
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

// OpenAPI 3.1, from the pack: every institution's record and every action with its fields.
Response Portal::openapi(const Request& request) {
  JsonObject schemas;
  JsonArray commands;
  for (const auto* in : pack_.all()) {
    JsonObject properties;
    for (const auto& field : in->fields) properties[field.name] = schema_of(field);
    schemas[in->name] = JsonObject{
        {"type", "object"}, {"title", in->title.zh + " / " + in->title.en}, {"properties", std::move(properties)}};
    add_command(*in, in->create, pack_, true, schemas, commands);
    for (const auto& action : in->always) add_command(*in, action, pack_, false, schemas, commands);
    const auto region = [&](const institution::Region& part) {
      for (const auto& state : part.states) {
        for (const auto& action : state.actions) add_command(*in, action, pack_, false, schemas, commands);
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
  schemas["session"] = session_schema();
  schemas["passes"] = passes_schema();
  schemas["statement"] = statement_schema();
  const Json command(JsonObject{{"oneOf", std::move(commands)}});
  JsonObject paths;
  add_public(paths);
  add_accounts(paths);
  add_tips(paths);
  add(paths, {"post", "/api/commands", "command", "Do an act, or make a record", false, command, 200, "application/json",
              component("schemas/logged"), Json(key)});
  add(paths, {"post", "/api/statements", "statement", "What is to be signed for a command, before it is sent", false,
              command, 200, "application/json", component("schemas/statement"), Json(key)});
  add(paths,
      {"post", "/bids/{key}", "bid", "A signed offer; (lot, plate, counter) names it, sent again it is answered again",
       false, component("schemas/bid"), 200, "application/json", component("schemas/logged")});
  add(paths, {"post",
              "/api/files",
              "file",
              "Keep a file; a field of type file is then given its hash",
              false,
              {},
              201,
              "application/json",
              JsonObject{{"type", "object"},
                         {"required", JsonArray{"hash", "bytes"}},
                         {"properties", JsonObject{{"hash", text_schema()}, {"bytes", JsonObject{{"type", "integer"}}}}}}});
  paths["/api/files"].as_object()["post"].as_object()["requestBody"] =
      JsonObject{{"required", true},
                 {"content", body_of("application/octet-stream", JsonObject{{"type", "string"}, {"format", "binary"}})}};
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
