#include "market/locked_document.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "institution/registry.hpp"
#include "law/locked.hpp"
#include "law/tender_value.hpp"

namespace landglass::market {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Behaviour;
using institution::BehaviourOutcome;
using institution::Command;
using institution::Look;
using institution::Record;

constexpr const char* k_locking_law = "国土资源部令第39号 art. 10, 13";

// As text, as it came: a document is bytes to a record.
Result<Json> read_document(std::string_view text) {
  auto doc = base::parse_json(text);
  if (!doc) return base::refuse("LK-01", "不是加密文件", "this is no locked document", "document");
  LG_CHECK(law::check_locked(*doc));
  return doc;
}

// Locked to exactly those who were announced: to others nobody could open it, to fewer they could open it early.
Status for_openers(const Json& doc, const Record& record, Look& look) {
  LG_TRY(const auto* tender, look.record(record.fields.text("tender")));
  if (tender == nullptr) return base::fail("a locked document without its tender: " + record.id);
  std::vector<base::Bytes> keys;
  const auto* openers = tender->fields.at("openers").if_array();
  for (std::size_t i = 0; openers != nullptr && i < openers->size(); ++i)
    keys.push_back(base::from_base64url((*openers)[i].text("key")).value_or(base::Bytes()));
  std::sort(keys.begin(), keys.end());
  JsonArray wanted;
  for (const auto& key : keys) wanted.emplace_back(base::to_base64url(key));
  if (doc.at("openers") == Json(std::move(wanted)) && doc.at("k") == tender->fields.at("together")) return base::Done{};
  return base::refuse("LK-05", "未按公告的开标人加密", "not locked to the openers who were announced", "document",
                      k_locking_law);
}

// A tender that says another lot, plate or rule sheet, or bears another's signature, is void; it is read out as that.
std::string void_reason(const law::TenderValue& value, const Record& record, std::string_view rule_sheet) {
  const auto key = base::from_base64url(record.fields.text("bid_key"));
  if (value.lot != record.fields.text("lot")) return "lot";
  if (value.rule_sheet != rule_sheet) return "rule_sheet";
  const auto* plate = record.fields.at("plate").if_int();
  if (plate == nullptr || value.plate != *plate) return "plate";
  if (!key || !law::check_tender_signature(value, *key)) return "signature";
  return {};
}

Result<BehaviourOutcome> take_document(const Record& before, const Record& after, Look& look) {
  LG_TRY(const auto doc, read_document(after.fields.text("document")));
  LG_CHECK(for_openers(doc, after, look));
  BehaviourOutcome out;
  // Passed on by an opener: the same document with layers less. Another one takes the place of a tender that was handed in.
  const auto* held = before.fields.find("commitment");
  if (held != nullptr && after.tree == log::Tree::open) {
    LG_TRY(const auto was, read_document(before.fields.text("document")));
    if (doc.text("commitment") != held->as_string() || law::layers_left(doc) >= law::layers_left(was))
      return base::refuse("LK-02", "不是逐层开启后的同一文件", "not the same document with layers less", "document",
                          k_locking_law);
  }
  out.set["commitment"] = doc.at("commitment");
  return out;
}

Result<BehaviourOutcome> open_document(const Record& after, Look& look) {
  const auto salt = base::from_hex(after.fields.text("salt"));
  const auto text = after.fields.text("value");
  if (!salt || salt->size() != 32 || law::lock_commitment(*salt, base::as_bytes(text)) != after.fields.text("commitment"))
    return base::refuse("LK-03", "开启的内容与承诺不符", "what was opened is not what was committed", "value",
                        k_locking_law);
  LG_TRY(const auto* lot, look.record(after.fields.text("lot")));
  if (lot == nullptr) return base::fail("an opened tender without its lot: " + after.id);
  BehaviourOutcome out;
  const auto value = law::parse_tender_value(text);
  const auto reason = value ? void_reason(*value, after, lot->fields.text("rule_sheet_hash")) : std::string("value");
  out.set["valid"] = reason.empty();
  if (!reason.empty()) {
    out.set["void_reason"] = reason;
    return out;
  }
  out.set["price"] = base::money_text(value->price);
  if (!value->undertakings.empty()) out.set["undertakings"] = value->undertakings;
  if (!value->volume.empty()) out.set["volume"] = value->volume;
  return out;
}

class LockedDocument final : public Behaviour {
 public:
  std::string_view name() const override { return "locked@1"; }
  Result<BehaviourOutcome> joins(const Record& before, const Record& after, const Command& command, base::Time,
                                 Look& look) override {
    if (command.fields.find("document") != nullptr) return take_document(before, after, look);
    if (command.fields.find("value") != nullptr) return open_document(after, look);
    return BehaviourOutcome{};
  }
};

}  // namespace

std::shared_ptr<Behaviour> locked_document() { return std::make_shared<LockedDocument>(); }

}  // namespace landglass::market
