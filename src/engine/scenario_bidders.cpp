#include "engine/scenario_bidders.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "law/auction_bid.hpp"
#include "law/locked.hpp"
#include "law/tender_value.hpp"
#include "law/tip_message.hpp"

namespace landglass::engine {
namespace {

base::Hash secret_of(int number) { return base::sha256(base::as_bytes("opener " + std::to_string(number))); }

law::OpenerKey opener(int number) { return law::OpenerKey::from_secret(secret_of(number)); }

}  // namespace

std::string ScenarioBidders::key(const std::string& party) {
  auto& held = keys_[party];
  if (!held) held = std::make_shared<const base::P256Key>(base::P256Key::generate());
  return base::to_base64url(held->public_key());
}

void ScenarioBidders::sign(institution::Command& command, institution::Shelf& shelf, const std::string& origin) {
  const auto application = shelf.find(command.fields.text("application"));
  const auto lot = shelf.find(command.record);
  if (!application || *application == nullptr || !lot || *lot == nullptr) return;
  law::Bid bid;
  bid.origin = origin;
  bid.lot = command.record;
  if (const auto hash = base::from_hex((*lot)->fields.text("rule_sheet_hash"));
      hash && hash->size() == bid.rule_sheet.size())
    std::copy(hash->begin(), hash->end(), bid.rule_sheet.begin());
  if (const auto* plate = (*application)->fields.at("plate").if_int()) bid.plate = static_cast<std::uint32_t>(*plate);
  if (const auto* counter = command.fields.at("counter").if_int()) bid.counter = static_cast<std::uint64_t>(*counter);
  bid.price = base::parse_money(command.fields.text("price")).value_or(base::Money{});
  bid.confirmed = command.fields.at("confirmed").is_bool() && command.fields.at("confirmed").as_bool();
  const auto public_key = key(command.actor);
  const auto signature = keys_.at(command.actor)->sign(base::as_bytes(law::bid_bytes(bid)));
  command.sig = log::LeafSignature{"es256", public_key, base::to_base64url(signature)};
}

base::Status ScenarioBidders::lock(institution::Command& command, institution::Shelf& shelf, const std::string& origin,
                                   base::Money price, const std::string& undertakings) {
  // Of a tender that stands already, lot and application are the record's.
  const auto held = shelf.find(command.record);
  const base::JsonObject of = held && *held != nullptr ? (*held)->fields : command.fields;
  const auto application = shelf.find(of.text("application"));
  if (!application || *application == nullptr) return base::fail("lock: no such application");
  law::TenderValue value;
  if (const auto* plate = (*application)->fields.at("plate").if_int()) value.plate = static_cast<std::uint32_t>(*plate);
  const auto tender = shelf.find(of.text("tender"));
  if (!tender || *tender == nullptr) return base::fail("lock: no such tender");
  value.origin = origin;
  value.lot = of.text("lot");
  value.rule_sheet = (*tender)->fields.text("rule_sheet_hash");
  value.price = price;
  value.undertakings = undertakings;
  key(command.actor);
  value.signature = keys_.at(command.actor)->sign(base::as_bytes(law::tender_bytes(value)));
  std::vector<base::Bytes> openers;
  if (const auto* rows = (*tender)->fields.at("openers").if_array()) {
    for (const auto& row : *rows) openers.push_back(base::from_base64url(row.text("key")).value_or(base::Bytes()));
  }
  const auto* together = (*tender)->fields.at("together").if_int();
  LG_TRY(const auto doc, law::lock(base::as_bytes(base::canonical(law::to_json(value))),
                                   together == nullptr ? 0 : static_cast<std::size_t>(*together), std::move(openers)));
  command.fields["document"] = base::canonical(doc);
  return base::Done{};
}

base::Status ScenarioBidders::open(institution::Command& command, institution::Shelf& shelf, int number) const {
  const auto held = shelf.find(command.record);
  if (!held || *held == nullptr) return base::fail("open: no such record");
  LG_TRY(const auto doc, base::parse_json((*held)->fields.text("document")));
  LG_TRY(const auto next, law::peel(doc, opener(number)));
  LG_TRY(const auto found, law::unlocked(next));
  if (!found) {
    command.fields["document"] = base::canonical(next);
    return base::Done{};
  }
  command.fields["salt"] = base::to_hex(found->salt);
  command.fields["value"] = std::string(base::as_text(found->value));
  return base::Done{};
}

base::Status ScenarioBidders::tip(institution::Command& command, institution::Shelf& shelf, const Tip& tip) {
  const auto reporter = base::sha256(base::as_bytes("reporter"));
  const auto reply = law::OpenerKey::from_secret(reporter).public_key;
  const auto voice = base::Ed25519Key::from_seed(tip.another ? base::sha256(base::as_bytes("another")) : reporter);
  const bool new_tip = command.institution == "tip";
  const bool message = command.institution == "tip-message";
  // Whose openers: those that the command names, or of a message those of its tip.
  base::Json openers = command.fields.at("openers");
  if (message) {
    const auto held = shelf.find(command.fields.text("tip"));
    if (!held || *held == nullptr) return base::fail("tip: no such tip");
    openers = (*held)->fields.at("openers");
  }
  std::vector<base::Bytes> keys;
  const auto* list = openers.if_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto held = shelf.find((*list)[i].as_string());
    if (!held || *held == nullptr) return base::fail("tip: no such opener: " + (*list)[i].as_string());
    if (message && (*held)->state != "in_force") continue;
    keys.push_back(base::from_base64url((*held)->fields.text("key")).value_or(base::Bytes()));
  }
  if (!tip.to.empty()) keys = {opener(base::whole_number(tip.to).value_or(0)).public_key};
  const bool answer = message && command.actor != "system";
  if (answer) keys.push_back(reply);
  auto value = base::to_bytes(tip.text);
  if (!tip.bare) {
    LG_TRY(value, law::tip_value(tip.text));
  }
  LG_TRY(const auto doc, law::lock(value, answer ? 1 : tip.together, std::move(keys)));
  command.fields["document"] = base::canonical(doc);
  if (!new_tip && (!message || answer)) return base::Done{};
  const auto id = new_tip ? command.id : std::string(command.fields.text("tip")).substr(std::string("tip/").size());
  const auto said = law::tip_voice_bytes(id, doc.text("commitment"));
  if (new_tip) {
    const auto known = base::Ed25519Key::from_seed(reporter).public_key();
    command.fields["voice"] = base::to_base64url(known);
    command.fields["reply_key"] = base::to_base64url(reply);
  }
  command.fields["sig"] = base::to_base64url(voice.sign(base::as_bytes(said)));
  return base::Done{};
}

std::string ScenarioBidders::opener_key(int number) { return base::to_base64url(opener(number).public_key); }
std::string ScenarioBidders::opener_secret(int number) { return base::to_base64url(secret_of(number)); }

}  // namespace landglass::engine
