#include "institution/signed_act.hpp"

namespace landglass::institution {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;

Result<log::Act> state_act(const Pack& pack, const std::string& origin, const Institution& in, const Action& action,
                           Command& command, base::Time until, base::Random& random) {
  const auto lane = in.sealed() ? origin + "/sealed" : origin;
  log::Act act{lane,         in.name, command.record,  action.name,   command.id,
               command.post, until,   command.expects, command.as_of, JsonObject{}};
  JsonObject canonical;
  for (const auto& [name, given] : command.fields) {
    const auto* field = in.field(name);
    if (field == nullptr) {
      canonical[name] = act.fields[name] = given;
      continue;
    }
    LG_TRY(auto value, read_field(*field, given, pack));
    canonical[name] = value;
    if (!field->is_private) {
      act.fields[name] = std::move(value);
      continue;
    }
    const auto salt = random.bytes32();
    command.salts[name] = base::to_base64url(salt);
    const auto commitment = log::commitment(salt, lane, command.id, name, value);
    act.fields[name] = JsonObject{{"hidden", base::to_hex(commitment)}};
  }
  command.fields = std::move(canonical);
  return act;
}

Status take_signature(const Json& given, const std::string& origin, Command& command) {
  LG_TRY(auto act, log::read_act(given.at("statement")));
  log::LeafSignature sig{"es256", std::string(given.text("key")), std::string(given.text("bytes"))};
  LG_CHECK(log::verify(act, sig));
  if (act.origin != origin) return base::refuse("EN-18", "签名属于另一日志", "the signature is for another log", "origin");
  if (const auto* salts = given.at("salts").if_object()) command.salts = *salts;
  command.post = act.post;
  command.expects = act.version;
  command.sig = std::move(sig);
  command.statement = std::move(act);
  return base::Done{};
}

const Action& recusal() {
  static const Action k_recuse = [] {
    Action action;
    action.name = "recuse";
    action.title = {"回避", "Stand aside"};
    action.by = {"official"};
    action.give = action.need = {"reason"};
    action.verb = Verb::recuse;
    return action;
  }();
  return k_recuse;
}

const Action* find_action(const Institution& in, std::string_view name) {
  if (in.create.name == name) return &in.create;
  for (const auto& action : in.always) {
    if (action.name == name) return &action;
  }
  for (const auto& state : in.main.states) {
    if (const auto* found = state.find(name)) return found;
  }
  for (const auto& region : in.parallel) {
    for (const auto& state : region.states) {
      if (const auto* found = state.find(name)) return found;
    }
  }
  if (name == recusal().name) return &recusal();
  return nullptr;
}

}  // namespace landglass::institution
