#pragma once
// What a tenderer locks: his price and what he undertakes, signed with the key of his application. docs/formats/tender.md is
// the contract.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace landglass::law {

struct TenderValue {
  std::string origin;      // of the log
  std::string lot;         // the record that was announced
  std::string rule_sheet;  // its SHA-256, hex
  std::uint32_t plate = 0;
  base::Money price;
  std::string undertakings;
  std::string volume;     // SHA-256 of the bound volume, hex, where there is one
  base::Bytes signature;  // P-256, r‖s, 64 bytes
  bool operator==(const TenderValue&) const = default;
};

// "landglass/tender/1\n" and the RFC 8785 form of the value without its signature.
std::string tender_bytes(const TenderValue& value);
base::Json to_json(const TenderValue& value);
// Refuses AU-34 what is no such value, or not in its canonical form: a commitment is of bytes.
base::Result<TenderValue> parse_tender_value(std::string_view text);
// AU-34 where the signature is not of this key (uncompressed P-256 point).
base::Status check_tender_signature(const TenderValue& value, base::BytesView key);

}  // namespace landglass::law
