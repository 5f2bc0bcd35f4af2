// Commands of programs: POST /api/commands, and what is to be signed for one.
#include "institution/signed_act.hpp"
#include "log/leaf.hpp"
#include "web/idempotency.hpp"
#include "web/portal.hpp"
#include "web/problem.hpp"

namespace landglass::web {
using base::Json;

namespace {

// What is there must be of its kind: a version that is left unread would let an old page overwrite a newer record.
base::Status well_formed(const Json& body) {
  const auto no = [](const char* name) {
    return base::refuse("HTTP-MEMBER", "请求内容中此项无法读取", "this member of the body does not read", name);
  };
  if (!body.is_object()) return base::refuse("JSON-01", "请求内容须为 JSON 对象", "the body must be a JSON object");
  for (const auto* name : {"institution", "record", "action", "post", "as_of"})
    if (const auto& one = body.at(name); !one.is_null() && !one.is_string()) return no(name);
  for (const auto* name : {"fields", "signed"})
    if (const auto& one = body.at(name); !one.is_null() && !one.is_object()) return no(name);
  if (const auto& version = body.at("version"); !version.is_null() && (!version.is_int() || version.as_int() < 0))
    return no("version");
  if (const auto as_of = body.text("as_of"); !as_of.empty() && !base::parse_time(as_of)) return no("as_of");
  return base::Done{};
}

}  // namespace

base::Status Portal::take_signature(const Json& given, const Request& request, engine::Command& command) const {
  if (!given.is_null()) return institution::take_signature(given, engine_.options().origin, command);
  command.sig = log::LeafSignature{"session", "", request.caller->session};
  return base::Done{};
}

// POST /api/commands: {institution | record, action, fields, as_of?, version?, post?, signed?}, with an Idempotency-Key.
base::Result<engine::Command> Portal::command_of_json(const Request& request) const {
  LG_TRY(auto body, base::parse_json(request.body));
  LG_CHECK(well_formed(body));
  const auto key = request.headers.get("idempotency-key");
  if (key.empty()) return base::refuse("KEY-FORM", "缺少 Idempotency-Key", "Idempotency-Key is missing", "idempotency-key");
  engine::Command command;
  command.institution = body.text("institution");
  command.record = body.text("record");
  const auto* in =
      pack_.current(command.record.empty() ? command.institution : command.record.substr(0, command.record.find('/')));
  command.id = Idempotency::command_id(request.caller->actor, key, in != nullptr && in->sealed());
  command.action = body.text("action");
  command.actor = request.caller->actor;
  command.post = body.text("post");
  if (const auto* fields = body.at("fields").if_object()) command.fields = *fields;
  if (const auto* version = body.at("version").if_int()) command.expects = static_cast<std::uint64_t>(*version);
  if (const auto as_of = body.text("as_of"); !as_of.empty()) command.as_of = base::parse_time(as_of);
  if (command.action == "offer") return base::refuse("EN-02", "报价请用 /bids", "offers go to /bids", "action");
  if (in != nullptr) LG_CHECK(hold_files(*in, command.fields, request.caller->actor));
  LG_CHECK(take_signature(body.at("signed"), request, command));
  return command;
}

void Portal::api_command(Request request, Respond respond) {
  auto command = command_of_json(request);
  if (!command) return respond(problem(command.trouble(), request));
  this->command(std::move(*command), request, std::move(respond), true);
}

// POST /api/statements: the same body without `signed`; answers what is to be signed for it.
Response Portal::api_statement(const Request& request) {
  auto command = command_of_json(request);
  if (!command) return problem(command.trouble(), request);
  const auto name = command->record.empty() ? command->institution : command->record.substr(0, command->record.find('/'));
  const auto* in = pack_.current(name);
  if (in == nullptr)
    return problem(base::Trouble(base::refuse("EN-01", "没有此制度", "no such institution", name)), request);
  const auto* action = command->record.empty() ? &in->create : institution::find_action(*in, command->action);
  if (action == nullptr)
    return problem(base::Trouble(base::refuse("EN-02", "没有此动作", "no such action", command->action)), request);
  return answer_statement(*in, *action, std::move(*command), request);
}

}  // namespace landglass::web
