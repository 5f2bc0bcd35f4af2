#include "log/receipt.hpp"

#include <algorithm>

namespace landglass::log {
namespace {

constexpr std::string_view k_format = "landglass/receipt/1";

base::Refusal not_a_receipt(std::string where) {
  return base::refuse("RCPT-01", "不是回执", "this is not a receipt", std::move(where));
}

}  // namespace

base::Json opening_json(const Opening& opening) {
  return base::JsonObject{{"path", opening.path}, {"salt", base::to_hex(opening.salt)}, {"value", opening.value}};
}

base::Result<Opening> parse_opening(const base::Json& json) {
  const auto* object = json.if_object();
  if (object == nullptr || object->size() != 3 || object->find("value") == nullptr) return not_a_receipt("opening");
  const auto salt = base::from_hex(json.text("salt"));
  if (json.text("path").empty() || !salt || salt->size() != 32) return not_a_receipt("opening");
  return Opening{std::string(json.text("path")), *salt, json.at("value")};
}

std::string Receipt::format() const {
  std::string out;
  out.reserve(leaf.size() * 5 / 4 + 2'048);
  out += "{\"format\":";
  base::append_json_string(out, k_format);
  out += ",\"leaf\":";
  base::append_json_string(out, leaf);
  if (!openings.empty()) {
    char before = '[';
    out += ",\"openings\":";
    for (const auto& opening : openings) {
      out += before;
      base::append_canonical(out, opening_json(opening));
      before = ',';
    }
    out += ']';
  }
  out += ",\"proof\":";
  base::append_json_string(out, proof.format());
  out += "}\n";
  return out;
}

base::Result<Receipt> parse_receipt(std::string_view bytes) {
  if (bytes.size() > k_max_receipt_bytes) return not_a_receipt("more than 4 MiB");
  const auto json = base::parse_json(bytes, base::Profile::leaf);
  if (!json) return not_a_receipt(base::explain(json.trouble()));
  if (json->text("format") != k_format) return not_a_receipt("format");
  const auto* object = json->if_object();
  const auto known = [](const auto& member) {
    return member.first == "format" || member.first == "leaf" || member.first == "openings" || member.first == "proof";
  };
  if (!std::all_of(object->begin(), object->end(), known)) return not_a_receipt("unknown member");
  Receipt receipt;
  receipt.leaf = json->text("leaf");
  if (receipt.leaf.empty()) return not_a_receipt("leaf");
  auto proof = parse_tlog_proof(json->text("proof"));
  if (!proof) return not_a_receipt(base::explain(proof.trouble()));
  receipt.proof = std::move(*proof);
  if (const auto& openings = json->at("openings"); !openings.is_null()) {
    if (!openings.is_array()) return not_a_receipt("openings");
    for (const auto& item : openings.as_array()) {
      LG_TRY(auto opening, parse_opening(item));
      receipt.openings.push_back(std::move(opening));
    }
  }
  return receipt;
}

}  // namespace landglass::log
