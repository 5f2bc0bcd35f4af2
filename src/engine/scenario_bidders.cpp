#include "engine/scenario_bidders.hpp"

#include <algorithm>

#include "law/auction_bid.hpp"
#include "law/locked.hpp"
#include "law/tender_value.hpp"

namespace landglass::engine {
namespace {

law::OpenerKey opener(int number) {
  return law::OpenerKey::from_secret(base::sha256(base::as_bytes("opener " + std::to_string(number))));
}

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

std::string ScenarioBidders::opener_key(int number) { return base::to_base64url(opener(number).public_key); }

}  // namespace landglass::engine
