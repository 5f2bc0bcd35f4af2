#include "engine/scenario_bidders.hpp"

#include <algorithm>

#include "law/auction_bid.hpp"

namespace landglass::engine {

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

}  // namespace landglass::engine
