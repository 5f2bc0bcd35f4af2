#include "base/json.hpp"
#include "base/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace landglass::base {
namespace {

// UTF-16 order equals UTF-8 byte order but for the pairs (U+E000..U+FFFF, beyond U+FFFF): surrogates sort below U+E000.
bool name_less(std::string_view a, std::string_view b) {
  const auto both = std::min(a.size(), b.size());
  std::size_t at = 0;
  for (std::uint64_t x = 0, y = 0; at + sizeof x <= both; at += sizeof x) {
    std::memcpy(&x, a.data() + at, sizeof x);
    std::memcpy(&y, b.data() + at, sizeof y);
    if (x != y) break;
  }
  while (at < both && a[at] == b[at]) ++at;
  if (at == both) return a.size() < b.size();
  const auto x = static_cast<std::uint8_t>(a[at]);
  const auto y = static_cast<std::uint8_t>(b[at]);
  if (x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0)) return x >= 0xF0;
  return x < y;
}

// ECMAScript Number::toString, as RFC 8785 §3.2.2.3 requires.
void append_double(std::string& out, double value) {
  LG_ASSERT(std::isfinite(value), "a JSON number must be finite");
  if (value == 0) {
    out += '0';
    return;
  }
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
  std::string digits;
  const char* p = buffer;
  for (; p != end && *p != 'e'; ++p) {
    if (*p != '.') digits += *p;
  }
  int exponent = 0;
  const char* digits_of_exponent = p[1] == '+' ? p + 2 : p + 1;
  std::from_chars(digits_of_exponent, end, exponent);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  if (value < 0) out += '-';
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out.append(digits, 0, static_cast<std::size_t>(point));
    out += '.';
    out.append(digits, static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits, 1);
    }
    out += 'e';
    out += point > 0 ? '+' : '-';
    out += std::to_string(std::abs(point - 1));
  }
}

const Json k_null;

}  // namespace

JsonObject::JsonObject(std::initializer_list<Member> members) {
  members_.reserve(members.size());
  for (const auto& [name, value] : members) {
    LG_ASSERT(insert(name, value), "duplicate name in a JSON object literal");
  }
}

namespace {
constexpr std::size_t k_few = 12;  // members: looked through faster than halved

template <class Members>
auto place_of(Members& members, std::string_view name) {
  return std::lower_bound(members.begin(), members.end(), name,
                          [](const auto& member, std::string_view wanted) { return name_less(member.first, wanted); });
}
// Where the member stands, or the end.
template <class Members>
auto member_of(Members& members, std::string_view name) {
  if (members.size() <= k_few)
    return std::find_if(members.begin(), members.end(), [name](const auto& member) { return member.first == name; });
  const auto place = place_of(members, name);
  return place != members.end() && place->first == name ? place : members.end();
}
}  // namespace

const Json* JsonObject::find(std::string_view name) const {
  const auto place = member_of(members_, name);
  return place != members_.end() ? &place->second : nullptr;
}
Json* JsonObject::find(std::string_view name) {
  const auto place = member_of(members_, name);
  return place != members_.end() ? &place->second : nullptr;
}
Json& JsonObject::operator[](std::string_view name) {
  auto place = place_of(members_, name);
  if (place == members_.end() || place->first != name) place = members_.emplace(place, std::string(name), Json());
  return place->second;
}
bool JsonObject::insert(std::string name, Json value) {
  if (members_.empty() || name_less(members_.back().first, name)) {
    members_.emplace_back(std::move(name), std::move(value));
    return true;
  }
  const auto place = place_of(members_, name);
  if (place != members_.end() && place->first == name) return false;
  members_.emplace(place, std::move(name), std::move(value));
  return true;
}
bool JsonObject::erase(std::string_view name) {
  const auto place = place_of(members_, name);
  if (place == members_.end() || place->first != name) return false;
  members_.erase(place);
  return true;
}
bool JsonObject::operator==(const JsonObject& other) const { return members_ == other.members_; }

Json::Json(std::uint64_t value) : value_(static_cast<std::int64_t>(value)) {
  LG_ASSERT(value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()), "JSON integer past 2^63-1");
}

const Json& JsonObject::at(std::string_view name) const {
  const auto* member = find(name);
  return member == nullptr ? k_null : *member;
}
std::string_view JsonObject::text(std::string_view name) const {
  const auto* text = at(name).if_string();
  return text == nullptr ? std::string_view() : *text;
}

const Json& Json::at(std::string_view name) const {
  const auto* object = if_object();
  return object == nullptr ? k_null : object->at(name);
}
std::string_view Json::text(std::string_view name) const {
  const auto* text = at(name).if_string();
  return text == nullptr ? std::string_view() : *text;
}

// Whether none of eight characters needs an escape: is a control character, a quote or a backslash. A borrow makes others
// look so beside one that is, never alone.
static bool eight_plain(const char* at) {
  constexpr std::uint64_t k_ones = 0x0101010101010101;
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof eight);
  const auto quotes = eight ^ (k_ones * '"');
  const auto slashes = eight ^ (k_ones * '\\');
  const auto found = ((eight - k_ones * 0x20) & ~eight) | ((quotes - k_ones) & ~quotes) | ((slashes - k_ones) & ~slashes);
  return (found & (k_ones * 0x80)) == 0;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr std::string_view k_hex = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;  // of what is not yet written, all that needs no escape goes at once
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (text.size() - i >= 8 && eight_plain(text.data() + i)) i += 8;
    if (i == text.size()) break;
    const char c = text[i];
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += k_hex[byte >> 4];
        out += k_hex[byte & 15];
    }
  }
  out.append(text, plain);
  out += '"';
}

void append_canonical(std::string& out, const Json& value) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_int()) {
    const auto number = value.as_int();
    if (number > k_safe_integer || number < -k_safe_integer) {
      append_double(out, static_cast<double>(number));
    } else {
      char buffer[24];
      out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
    }
  } else if (value.is_double()) {
    append_double(out, value.as_double());
  } else if (value.is_string()) {
    append_json_string(out, value.as_string());
  } else if (value.is_array()) {
    out += '[';
    bool first = true;
    for (const auto& item : value.as_array()) {
      if (!first) out += ',';
      first = false;
      append_canonical(out, item);
    }
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [name, member] : value.as_object()) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, name);
      out += ':';
      append_canonical(out, member);
    }
    out += '}';
  }
}

std::string canonical(const Json& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

}  // namespace landglass::base
