#include "law/tender_value.hpp"

#include <optional>

#include "base/crypto.hpp"

namespace landglass::law {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;

constexpr std::string_view k_tender_format = "landglass/tender/1";
constexpr std::size_t k_members = 9;

base::Refusal not_a_tender(std::string where) {
  return base::refuse("AU-34", "投标内容无法读取", "this is no tender", std::move(where), "国土资源部令第39号 art. 13");
}

JsonObject unsigned_form(const TenderValue& value) {
  return {{"format", k_tender_format},
          {"origin", value.origin},
          {"lot", value.lot},
          {"rule_sheet", value.rule_sheet},
          {"plate", static_cast<std::int64_t>(value.plate)},
          {"price", base::money_text(value.price)},
          {"undertakings", value.undertakings},
          {"volume", value.volume.empty() ? Json() : Json(value.volume)}};
}

}  // namespace

std::string tender_bytes(const TenderValue& value) {
  return std::string(k_tender_format) + "\n" + base::canonical(Json(unsigned_form(value)));
}

Json to_json(const TenderValue& value) {
  auto out = unsigned_form(value);
  out["sig"] = base::to_base64url(value.signature);
  return out;
}

Result<TenderValue> parse_tender_value(std::string_view text) {
  const auto json = base::parse_json(text);
  if (!json || !json->is_object() || json->as_object().size() != k_members || json->text("format") != k_tender_format)
    return not_a_tender("format");
  TenderValue value;
  value.origin = json->text("origin");
  value.lot = json->text("lot");
  value.rule_sheet = json->text("rule_sheet");
  const auto* plate = json->at("plate").if_int();
  if (plate == nullptr || *plate < 1 || *plate > 99'999) return not_a_tender("plate");
  value.plate = static_cast<std::uint32_t>(*plate);
  const auto price = base::parse_money(json->text("price"));
  if (!price || price->fen <= 0) return not_a_tender("price");
  value.price = *price;
  value.undertakings = json->text("undertakings");
  value.volume = json->text("volume");
  if (!value.volume.empty() && (value.volume.size() != 64 || !base::from_hex(value.volume))) return not_a_tender("volume");
  auto signature = base::from_base64url(json->text("sig"));
  if (!signature || signature->size() != 64) return not_a_tender("sig");
  value.signature = std::move(*signature);
  if (base::canonical(to_json(value)) != text) return not_a_tender("canonical");
  return value;
}

Status check_tender_signature(const TenderValue& value, base::BytesView key) {
  const auto parsed = base::P256PublicKey::parse(key);
  const auto bytes = tender_bytes(value);
  if (parsed && parsed->verify(base::as_bytes(bytes), value.signature)) return base::Done{};
  return base::refuse("AU-34", "投标签名不是该投标人的", "the signature is not the tenderer's", "sig",
                      "国土资源部令第39号 art. 13");
}

}  // namespace landglass::law
