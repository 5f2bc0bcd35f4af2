#include "log/act.hpp"

#include "base/crypto.hpp"

namespace landglass::log {
namespace {

using base::Json;
using base::JsonObject;

constexpr std::string_view k_domain = "landglass/act/1\n";
constexpr std::string_view k_concur = ":concur";  // of an act that still waits for another person

base::Refusal odd(std::string where) {
  return base::refuse("ACT-01", "不是规范的签名内容", "not a statement of an act", std::move(where));
}

bool is_hidden(const Json& value) {
  const auto* object = value.if_object();
  return object != nullptr && object->size() == 1 && object->begin()->first == "hidden";
}

}  // namespace

Json to_json(const Act& act) {
  JsonObject json{
      {"action", act.action}, {"command", act.command}, {"fields", act.fields}, {"institution", act.institution},
      {"origin", act.origin}, {"post", act.post},       {"record", act.record}, {"until", base::format_utc(act.until)}};
  if (act.version) json["version"] = *act.version;
  if (act.as_of) json["as_of"] = base::format_utc(*act.as_of);
  return Json(std::move(json));
}

base::Result<Act> read_act(const Json& json) {
  const auto* object = json.if_object();
  if (object == nullptr) return odd("statement");
  Act act;
  const auto text = [&](const char* name, std::string& into) {
    const auto* value = json.at(name).if_string();
    if (value != nullptr) into = *value;
    return value != nullptr;
  };
  for (const auto& [name, into] : {std::pair{"action", &act.action},
                                   {"command", &act.command},
                                   {"institution", &act.institution},
                                   {"origin", &act.origin},
                                   {"post", &act.post},
                                   {"record", &act.record}}) {
    if (!text(name, *into)) return odd(name);
  }
  const auto* fields = json.at("fields").if_object();
  if (fields == nullptr) return odd("fields");
  act.fields = *fields;
  const auto until = base::parse_time(json.text("until"));
  if (!until) return odd("until");
  act.until = *until;
  if (const auto& version = json.at("version"); !version.is_null()) {
    if (version.if_int() == nullptr || *version.if_int() < 0) return odd("version");
    act.version = static_cast<std::uint64_t>(*version.if_int());
  }
  if (const auto& as_of = json.at("as_of"); !as_of.is_null()) {
    act.as_of = base::parse_time(json.text("as_of"));
    if (!act.as_of) return odd("as_of");
  }
  // One spelling only: what was read must be what is signed.
  if (base::canonical(to_json(act)) != base::canonical(json)) return odd("statement");
  return act;
}

std::string message_of(const Act& act) { return std::string(k_domain) + base::canonical(to_json(act)); }

base::Status verify(const Act& act, const LeafSignature& sig) {
  const auto no = [](const char* why) {
    auto refusal = base::refuse("ACT-02", "签名不符", "the signature does not fit", "sig");
    refusal.detail = base::alike(why);
    return refusal;
  };
  if (sig.alg != "es256") return no("alg");
  const auto point = base::from_base64url(sig.key);
  const auto bytes = base::from_base64url(sig.bytes);
  if (!point || !bytes) return no("base64url");
  const auto key = base::P256PublicKey::parse(*point);
  if (!key) return no("key");
  if (!key->verify(base::as_bytes(message_of(act)), *bytes)) return no("bytes");
  return base::Done{};
}

Json kept_of(const Act& act) {
  JsonObject kept{{"fields", act.fields}, {"post", act.post}, {"until", base::format_utc(act.until)}};
  if (act.version) kept["version"] = *act.version;
  if (act.as_of) kept["as_of"] = base::format_utc(*act.as_of);
  return Json(std::move(kept));
}

base::Result<std::optional<Act>> act_of(const Leaf& leaf) {
  const auto& kept = leaf.change.outcome.at("signed");
  if (kept.is_null()) return std::optional<Act>();
  if (!kept.is_object()) return odd("signed");
  JsonObject json = kept.as_object();
  auto action = leaf.change.action;
  if (action.ends_with(k_concur)) action.resize(action.size() - k_concur.size());
  json["action"] = action;
  json["command"] = leaf.command;
  json["institution"] = leaf.change.institution;
  json["origin"] = leaf.origin;
  json["record"] = leaf.change.version == 1 ? std::string() : leaf.change.record;
  LG_TRY(auto act, read_act(Json(std::move(json))));
  return std::optional<Act>(std::move(act));
}

base::Status check_signed(const Leaf& leaf) {
  LG_TRY(const auto act, act_of(leaf));
  if (!act) return base::Done{};
  if (!leaf.sig) return odd("sig");
  LG_CHECK(verify(*act, *leaf.sig));
  const auto& change = leaf.change;
  const auto otherwise = [&](const std::string& what) {
    auto refusal = base::refuse("ACT-03", "叶子与所签内容不符", "the leaf says otherwise than was signed", what);
    refusal.detail = base::alike(change.record);
    return refusal;
  };
  if (leaf.time > act->until) return otherwise("until");
  if (act->version && *act->version + 1 != change.version) return otherwise("version");
  if (act->as_of && *act->as_of != leaf.as_of) return otherwise("as_of");
  if (change.outcome.text("post") != act->post) return otherwise("post");
  // What was given and left the record as it was stands in neither; what stands must be what was given.
  for (const auto& [name, value] : act->fields) {
    if (is_hidden(value)) {
      const auto* commitment = change.commit.find(name);
      if (commitment != nullptr && *commitment != value.at("hidden")) return otherwise(name);
    } else if (const auto* set = change.set.find(name); set != nullptr && *set != value) {
      return otherwise(name);
    }
  }
  return base::Done{};
}

}  // namespace landglass::log
