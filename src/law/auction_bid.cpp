#include "law/auction_bid.hpp"

namespace landglass::law {

// Written member by member in JCS order: this runs once per bid.
std::string bid_bytes(const Bid& bid) {
  std::string out = "landglass/bid/1\n{";
  if (bid.confirmed) out += "\"confirmed\":true,";
  out += "\"counter\":" + std::to_string(bid.counter) + ",\"lot\":";
  base::append_json_string(out, bid.lot);
  out += ",\"origin\":";
  base::append_json_string(out, bid.origin);
  if (bid.other != 0) out += ",\"other\":" + std::to_string(bid.other);
  out += ",\"plate\":" + std::to_string(bid.plate);
  out += ",\"price\":\"" + base::money_text(bid.price);
  out += "\",\"rule_sheet\":\"" + base::to_hex(bid.rule_sheet) + "\"}";
  return out;
}

base::Json to_json(const Bidding& bidding) {
  return base::JsonObject{{"plate", std::int64_t{bidding.plate}},
                          {"counter", bidding.counter},
                          {"key", base::to_base64url(bidding.key)},
                          {"alg", "es256"},
                          {"sig", base::to_base64url(bidding.signature)}};
}

base::Result<Bidding> parse_bidding(const base::Json& json) {
  const auto wrong = [](std::string_view member) {
    return base::refuse("AU-05", "竞买人信息有误", "the bidder's value is malformed", std::string(member));
  };
  Bidding bidding;
  const auto* plate = json.at("plate").if_int();
  if (!plate || *plate < 1 || *plate > UINT32_MAX) return wrong("plate");
  bidding.plate = static_cast<std::uint32_t>(*plate);
  const auto* counter = json.at("counter").if_int();
  if (!counter || *counter < 1) return wrong("counter");
  bidding.counter = static_cast<std::uint64_t>(*counter);
  auto key = base::from_base64url(json.text("key"));
  if (!key || key->size() != 65) return wrong("key");
  bidding.key = *std::move(key);
  if (json.text("alg") != "es256") return wrong("alg");
  auto signature = base::from_base64url(json.text("sig"));
  if (!signature || signature->size() != 64) return wrong("sig");
  bidding.signature = *std::move(signature);
  return bidding;
}

}  // namespace landglass::law
