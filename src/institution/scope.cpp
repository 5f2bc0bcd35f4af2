#include "institution/scope.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "institution/rules_cited.hpp"
#include "law/codes.hpp"
#include "law/names.hpp"

namespace landglass::institution {
namespace {

using base::Result;
using law::Value;

std::string text_or(const Value& value) { return value.kind == law::Kind::text ? value.text_value : std::string(); }

}  // namespace

bool division_within(std::string_view code, std::string_view region) {
  if (region.empty() || region == "100000") return true;
  while (region.size() > 2 && region.ends_with("00")) region.remove_suffix(2);
  return code.starts_with(region);
}

std::string upper_division(std::string_view code) {
  if (code.size() != 6 || code == "100000") return {};
  if (!code.ends_with("00")) return std::string(code.substr(0, 4)) + "00";
  if (!code.ends_with("0000")) return std::string(code.substr(0, 2)) + "0000";
  return "100000";
}

bool tells_private(const Institution& in, const std::vector<std::string>& by) {
  return std::any_of(by.begin(), by.end(), [&](const std::string& name) {
    const auto* field = in.field(name);
    return field != nullptr && field->is_private && field->type != "ref";
  });
}

Result<Value> value_of(const Record& record, const Field& field) {
  const auto* json = record.fields.find(field.name);
  if (json == nullptr || json->is_null() || (json->is_object() && !json->at("erased").is_null())) return Value::null();
  return law::from_json(*json, field.value_type);
}

Result<Value> value_of(const Record& record, const Institution& in) {
  law::Members members;
  members.reserve(in.fields.size() + 4);
  members.emplace_back("id", Value::text(record.id));
  members.emplace_back("state", Value::text(record.state));
  members.emplace_back("created", Value::date(base::date_of(record.created)));
  for (const auto& [region, state] : record.parallel) members.emplace_back("in_" + region, Value::text(state));
  for (const auto& field : in.fields) {
    LG_TRY(auto value, value_of(record, field));
    members.emplace_back(field.name, std::move(value));
  }
  return Value::record(std::move(members));
}

bool Registry::code_in_force(std::string_view code) const {
  if (rule_codes_.contains(code)) return true;
  const auto all = pack_.all();
  return std::any_of(all.begin(), all.end(), [&](const Institution* in) { return codes_of(*in).contains(code); });
}

Result<Value> RecordScope::parameter(const Parameter& parameter) const {
  const auto day = base::date_of(parameter.at_start && record_.version > 0 ? record_.created : now_);
  std::string region;
  if (const auto* code = record_.fields.find("region"); code != nullptr && code->is_string()) region = code->as_string();
  const ParameterValue* best = nullptr;
  for (const auto& one : parameter.values) {
    if (one.from && day < *one.from) continue;
    if (one.to && *one.to < day) continue;
    if (!one.region.empty() && !region.starts_with(one.region)) continue;
    if (one.when) {
      LG_TRY(auto fits, one.when->evaluate(*this));
      if (!fits.is_true()) continue;
    }
    if (best == nullptr || one.region.size() >= best->region.size()) best = &one;
  }
  return best == nullptr ? Value::null() : best->value;
}

Result<Value> RecordScope::name(std::string_view name) const {
  if (name == "id") return Value::text(record_.id);
  if (name == "state") return Value::text(record_.state);
  if (name == "created") return Value::date(base::date_of(record_.version > 0 ? record_.created : now_));
  if (name == "now") return Value::time(now_);
  if (name == "today") return Value::date(base::date_of(now_));
  if (name == "actor") {
    law::List roles;
    if (seat_ != nullptr) {
      for (const auto& role : seat_->roles) roles.push_back(Value::text(role));
    }
    law::Members members{{"id", Value::text(command_.actor)},
                         {"post", Value::text(seat_ == nullptr ? "" : seat_->post)},
                         {"office", Value::text(seat_ == nullptr ? "" : seat_->office)},
                         {"region", Value::text(seat_ == nullptr ? "" : seat_->region)},
                         {"roles", Value::list(std::move(roles))},
                         {"person", Value::text(command_.actor.starts_with("person/") ? command_.actor : "")}};
    return Value::record(std::move(members));
  }
  if (name == "old") return old_ == nullptr ? Result<Value>(Value::null()) : value_of(*old_, in_);
  if (const auto* field = in_.field(name)) return value_of(record_, *field);
  if (const auto* parameter = in_.parameter(name)) return this->parameter(*parameter);
  if (const auto* fact = in_.fact(name)) return registry_.fact(record_, in_, *fact, &command_, now_);
  if (name.starts_with("in_")) {
    const auto place = record_.parallel.find(std::string(name.substr(3)));
    if (place != record_.parallel.end()) return Value::text(place->second);
  }
  return base::fail("an expression read a name that is not there: " + std::string(name));
}

Result<Value> RecordScope::call(std::string_view function, const std::vector<Value>& arguments) const {
  const auto first = arguments.empty() ? std::string() : text_or(arguments[0]);
  if (function == "within") return Value::boolean(!first.empty() && division_within(first, text_or(arguments[1])));
  if (function == "opens") {
    const auto salt = base::from_hex(text_or(arguments[1]));
    if (!salt || salt->size() != 32) return Value::boolean(false);
    const base::Json preimage(base::JsonArray{"landglass/reserve/1", text_or(arguments[2])});
    return Value::boolean(base::to_hex(base::hmac_sha256(*salt, base::as_bytes(base::canonical(preimage)))) == first);
  }
  if (function == "name_core") return arguments[0].is_null() ? Value::null() : Value::text(law::name_core(first));
  if (function == "uscc_ok") return Value::boolean(law::uscc_valid(first));
  if (function == "above") {
    const auto above = upper_division(first);
    return above.empty() ? Value::null() : Value::text(above);
  }
  if (function == "cited_by") {
    law::List names;
    for (const auto* in : registry_.pack().all()) {
      if (rules_cited(*in).contains(first)) names.push_back(Value::text(in->name));
    }
    return Value::list(std::move(names));
  }
  if (function == "code_in_force") return Value::boolean(!first.empty() && registry_.code_in_force(first));
  if (function == "parcel_code_ok") return Value::boolean(law::parcel_code_valid(first));
  if (function == "parcel_owner") {
    constexpr std::size_t k_owner = 12;  // GB/T 37346: after county, cadastral district and its part
    return law::parcel_code_valid(first) ? Value::text(first.substr(k_owner, 1)) : Value::null();
  }
  if (function == "unit_code_ok") return Value::boolean(law::unit_code_valid(first));
  return base::fail("an expression called what is not there: " + std::string(function));
}

}  // namespace landglass::institution
