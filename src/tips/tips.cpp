#include "tips/tips.hpp"

#include <algorithm>
#include <vector>

#include "base/crypto.hpp"
#include "institution/registry.hpp"
#include "law/locked.hpp"
#include "law/tip_message.hpp"

namespace landglass::tips {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Refusal;
using base::Result;
using base::Status;
using institution::Behaviour;
using institution::BehaviourOutcome;
using institution::Command;
using institution::Look;
using institution::Record;

constexpr const char* k_routing_law = "纪检监察机关处理检举控告工作规则";
constexpr const char* k_secrecy_law = "中华人民共和国监察法 第64条；纪检监察机关处理检举控告工作规则";

// As text, as it came: a document is bytes to a record.
Result<Json> read_document(const Record& record) {
  auto doc = base::parse_json(record.fields.text("document"));
  if (!doc) return base::refuse("LK-01", "不是加密文件", "this is no locked document", "document", k_secrecy_law);
  LG_CHECK(law::check_locked(*doc));
  if (!law::one_length(*doc))
    return base::refuse("TP-11", "内容须填充到统一长度：长短也会泄露",
                        "a message has one length, whatever it says: its length would tell", "document", k_secrecy_law);
  return *std::move(doc);
}

bool is_true(const Record& record, std::string_view field) {
  const auto& value = record.fields.at(field);
  return value.is_bool() && value.as_bool();
}

struct Opener {
  std::string id;
  base::Bytes key;
  Json person;
  std::string region;
  std::string office;
  bool in_force = false;
  bool until_then = false;  // revoked on the day of receipt or since: it was in force when the reporter locked to it
};

// The day that a document came, which is the record's own: it waits for the full hour before it is entered. Without one it
// comes now.
base::Date came_on(const Record& record, std::string_view field, base::Time now) {
  return base::parse_date(record.fields.text(field)).value_or(base::date_of(now));
}

Result<std::vector<Opener>> openers_of(const Record& record, base::Date came, Look& look) {
  std::vector<Opener> out;
  const auto* list = record.fields.at("openers").if_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    LG_TRY(const auto* held, look.record((*list)[i].as_string()));
    if (held == nullptr)
      return base::refuse("TP-12", "没有此受理人", "no such investigator", (*list)[i].as_string(), k_routing_law);
    out.push_back({held->id, base::from_base64url(held->fields.text("key")).value_or(base::Bytes()),
                   held->fields.at("person"), std::string(held->fields.text("region")),
                   std::string(held->fields.text("office")), held->state == "in_force",
                   held->state == "revoked" && base::date_of(held->changed) >= came});
  }
  return out;
}

// Those in whose hands a tip is laid: every one of them must be in force.
Status in_force(const std::vector<Opener>& openers) {
  for (const auto& one : openers) {
    if (!one.in_force && !one.until_then)
      return base::refuse("TP-12", "受理人的公钥未启用", "this investigator's key is not in force", one.id, k_routing_law);
  }
  return base::Done{};
}

// To whom a document had to be locked: all that are in force, and of those revoked since it came whom it names.
std::vector<base::Bytes> keys_of(const std::vector<Opener>& openers, const Json& doc) {
  const auto& named = doc.at("openers").as_array();
  std::vector<base::Bytes> keys;
  for (const auto& one : openers) {
    const bool is_named = std::find(named.begin(), named.end(), Json(base::to_base64url(one.key))) != named.end();
    if (one.in_force || (one.until_then && is_named)) keys.push_back(one.key);
  }
  return keys;
}

std::string highest(const std::vector<Opener>& openers) {
  std::string region;
  for (const auto& one : openers) {
    if (region.empty() || institution::division_within(region, one.region)) region = one.region;
  }
  return region;
}

bool is_for(const Json& doc, std::vector<base::Bytes> keys) {
  std::sort(keys.begin(), keys.end());
  JsonArray wanted;
  for (const auto& key : keys) wanted.emplace_back(base::to_base64url(key));
  return doc.at("openers") == Json(std::move(wanted));
}

Refusal not_for_them(std::string where) {
  return base::refuse("TP-13", "须加密给所选的受理人，不多不少，人数相符",
                      "it is locked to just the investigators it names, and to so many of them", std::move(where),
                      k_routing_law);
}

// A tip about a unit goes to whoever has the unit's place in charge; one about its head to the level above alone, and never
// to a post of the unit itself.
Status routed(const Record& record, const std::vector<Opener>& openers, Look& look) {
  LG_TRY(const auto* unit, look.record(record.fields.text("subject_office")));
  if (unit == nullptr) return base::refuse("TP-14", "没有此单位", "no such unit", "subject_office", k_routing_law);
  const std::string place(unit->fields.text("region"));
  const bool head = is_true(record, "about_head");
  for (const auto& one : openers) {
    if (head && one.office == unit->id)
      return base::refuse("TP-15", "反映单位主要负责人的，不得交本单位",
                          "a tip about the head of a unit never goes to the unit", one.id, k_routing_law);
    if (!institution::division_within(place, one.region))
      return base::refuse("TP-17", "该受理人不管辖此单位", "this investigator has not that unit in his charge", one.id,
                          k_routing_law);
    if (head && one.region == place)
      return base::refuse("TP-16", "反映单位主要负责人的，只交上一级",
                          "a tip about the head of a unit goes to the level above alone", one.id, k_routing_law);
  }
  return base::Done{};
}

std::string key_of(std::string_view id) { return std::string(id.substr(id.find('/') + 1)); }

// That it is his who holds the words: nobody else can add to a tip, the platform neither.
Status spoken(const Record& record, const Record& tip, const Json& doc) {
  const auto key = base::from_base64url(tip.fields.text("voice"));
  const auto sig = base::from_base64url(record.fields.text("sig"));
  const auto said = law::tip_voice_bytes(key_of(tip.id), doc.text("commitment"));
  if (key && sig && key->size() == 32 && sig->size() == 64 && base::ed25519_verify(*key, base::as_bytes(said), *sig))
    return base::Done{};
  return base::refuse("TP-18", "不是持有口令者的签名", "not signed by whoever holds the words", "sig", k_secrecy_law);
}

Status fresh(const Json& doc) {
  for (const auto& box : doc.at("boxes").as_array()) {
    if (box.at("left").as_array().size() != box.at("by").as_array().size())
      return base::refuse("LK-02", "加密文件已被开启过", "a layer of the document is off already", "document",
                          k_secrecy_law);
  }
  return base::Done{};
}

// Handed in by the reporter, or locked anew by an investigator who hands it to the level above.
Result<BehaviourOutcome> take_tip(const Record& before, const Record& after, const Command& command, base::Time now,
                                  Look& look) {
  LG_TRY(const auto doc, read_document(after));
  LG_CHECK(fresh(doc));
  const auto came = command.action == "hand-up" ? base::date_of(now) : came_on(after, "received", now);
  LG_TRY(const auto openers, openers_of(after, came, look));
  LG_CHECK(in_force(openers));
  if (auto keys = keys_of(openers, doc); keys.size() != openers.size() || !is_for(doc, std::move(keys)))
    return not_for_them("document");
  LG_CHECK(routed(after, openers, look));
  const auto region = highest(openers);
  if (command.action == "hand-up") {
    const auto was = before.fields.text("region");
    if (region == was || !institution::division_within(was, region))
      return base::refuse("TP-19", "须移交上级", "it is handed to a level above", "openers", k_routing_law);
  } else {
    LG_CHECK(spoken(after, after, doc));
  }
  BehaviourOutcome out;
  out.set["commitment"] = doc.at("commitment");
  out.set["together"] = doc.at("k");
  JsonArray people;
  for (const auto& one : openers) people.push_back(one.person);
  out.set["investigators"] = std::move(people);
  out.set["region"] = region;
  return out;
}

// One of k openers passes on what he peeled: the same document with layers less.
Result<BehaviourOutcome> pass_on(const Record& before, const Record& after) {
  LG_TRY(const auto doc, read_document(after));
  LG_TRY(const auto was, read_document(before));
  if (doc.at("commitment") != was.at("commitment") || law::layers_left(doc) >= law::layers_left(was))
    return base::refuse("LK-02", "不是逐层开启后的同一文件", "not the same document with layers less", "document",
                        k_secrecy_law);
  return BehaviourOutcome{};
}

// A message of either side, to whom of the investigators still has his key. An answer is locked to the reporter too, and to
// any one of them.
Result<BehaviourOutcome> take_message(const Record& after, base::Time now, Look& look) {
  LG_TRY(const auto doc, read_document(after));
  LG_CHECK(fresh(doc));
  LG_TRY(const auto* held, look.record(after.fields.text("tip")));
  if (held == nullptr) return base::refuse("EN-01", "没有此举报", "no such tip", "tip");
  const Record tip = *held;  // looking further may let it go
  LG_TRY(const auto openers, openers_of(tip, came_on(after, "on", now), look));
  const bool reporter = after.fields.text("from") == "reporter";
  if (reporter) LG_CHECK(spoken(after, tip, doc));
  auto keys = keys_of(openers, doc);
  if (keys.empty()) return not_for_them("document");
  const auto* together = tip.fields.at("together").if_int();
  const auto k = reporter && together != nullptr ? std::min(*together, static_cast<std::int64_t>(keys.size())) : 1;
  if (!reporter) keys.push_back(base::from_base64url(tip.fields.text("reply_key")).value_or(base::Bytes()));
  if (doc.at("k") != Json(k) || !is_for(doc, std::move(keys))) return not_for_them("document");
  BehaviourOutcome out;
  out.set["commitment"] = doc.at("commitment");
  return out;
}

class Tips final : public Behaviour {
 public:
  std::string_view name() const override { return "tips@1"; }
  Result<BehaviourOutcome> joins(const Record& before, const Record& after, const Command& command, base::Time now,
                                 Look& look) override {
    if (command.fields.find("document") == nullptr) return BehaviourOutcome{};
    if (command.action == "pass-on") return pass_on(before, after);
    if (!after.fields.text("tip").empty()) return take_message(after, now, look);
    return take_tip(before, after, command, now, look);
  }
};

}  // namespace

std::shared_ptr<Behaviour> tips() { return std::make_shared<Tips>(); }

}  // namespace landglass::tips
