// Whether an act that must be signed is. The signature itself was verified before the one writer saw the command; here is
// what only he knows: that the key is in force for the post, and that the statement is of this act on this record.
#include "institution/decision.hpp"

namespace landglass::institution {

using base::Json;
using base::Status;

Status Decision::check_signature(Act& act) const {
  const auto& command = act.command;
  const auto refuse = [&](const char* code, std::string zh, std::string en, std::string detail = {}) {
    auto refusal = base::refuse(code, std::move(zh), std::move(en), act.action.name, pack_.cite(act.action.law));
    refusal.detail = base::alike(detail);
    return refusal;
  };
  if (!command.sig) return refuse("EN-13", "此行为须以岗位密钥签名", "this act must be signed with the key of the post");
  if (!command.statement) {
    if (registry_.demanded() == Signing::session) return base::Done{};
    return refuse("EN-13", "此行为须以岗位密钥签名，登录状态不足为凭",
                  "this act must be signed with the key of the post: a session does not do");
  }
  const auto& said = *command.statement;
  const auto other = [&](const char* what) {
    return refuse("EN-18", "签名属于另一行为", "the signature is of another act", what);
  };
  if (said.origin.ends_with("/sealed") != act.in.sealed()) return other("origin");
  if (said.institution != act.in.name) return other("institution");
  if (said.record != (act.creating ? std::string() : act.record.id)) return other("record");
  if (said.action != act.action.name) return other("action");
  if (said.command != command.id) return other("command");
  if (said.as_of != command.as_of) return other("as_of");
  if (said.version && *said.version != act.before.version) return other("version");
  if (now_ > said.until)
    return refuse("EN-18", "签名已过期", "the signature is no longer to be taken", base::format_utc(said.until));
  if (said.until - now_ > log::k_longest_act_ms)
    return refuse("EN-18", "签名有效期过长", "the signature would be good for too long", base::format_utc(said.until));
  if (act.seat.post.empty() || said.post != act.seat.post) return other("post");
  LG_TRY(const auto* key, registry_.post_key(command.actor, act.seat.post, command.sig->key));
  if (key == nullptr)
    return refuse("EN-19", "该密钥对此岗位不在有效状态", "this key is not in force for this post", act.seat.post);

  // Every field that was given, and no other: public ones as they will stand, private ones as their commitment. That the
  // commitment is of the value given is seen where it is made (Engine::append).
  if (said.fields.size() != command.fields.size()) return other("fields");
  for (const auto& [name, given] : command.fields) {
    const auto* signed_value = said.fields.find(name);
    if (signed_value == nullptr) return other("fields");
    const auto* field = act.in.field(name);
    if (field != nullptr && field->is_private) {
      if (command.salts.find(name) == nullptr || !signed_value->at("hidden").is_string()) return other("fields");
      continue;
    }
    const auto* stands = field == nullptr ? nullptr : act.record.fields.find(name);
    if (*signed_value != (field == nullptr ? given : stands == nullptr ? Json() : *stands)) return other("fields");
  }
  act.change.outcome["signed"] = log::kept_of(said);
  return base::Done{};
}

}  // namespace landglass::institution
